"""Real weeks of a world, one after the other, as the solver is asked about them. Pure.

What the weeks share (bells, ways, limits, whoever there is) is read once: a leave of
eight weeks looks at twenty of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from common.ids import LessonId, SchoolId
from scheduler.catalogue.availability import WHOLE_DAY
from scheduler.catalogue.bell_book import BellBook
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.calendar import CalendarDay, Term, TermDay, term_day
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import (
    ClassGroup,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.world import World
from scheduler.held import school_with
from scheduler.repair.dated import (
    SOON,
    WEEKDAYS,
    DatedWeek,
    InMinutes,
    in_minutes,
    stream_of,
)
from scheduler.solver import problem as solver
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import (
    Busy,
    PeriodTime,
    Placement,
    Problem,
    Resource,
    Stream,
)
from scheduler.solver.space import Space
from scheduler.term.days import special_days
from scheduler.term.taken import Taken, WeekBells
from scheduler.term.weekly import media_seats_of, subject_times_of, ways_of, weights_of


@dataclass(frozen=True)
class _Days:
    """What the schools of a district do on the dates of one week."""

    sites: tuple[solver.Site, ...]
    busy: tuple[Busy, ...]


class DatedWeeks:
    def __init__(self, world: World, term: Term, now: datetime) -> None:
        self._world, self._term, self._now = world, term, now
        zone = ZoneInfo(find(world, District, term.district).zone)
        self._soon = (now + SOON).astimezone(zone)
        self._special: dict[date, list[CalendarDay]] = defaultdict(list)
        for row in special_days(world, term):
            self._special[row.day].append(row)
        self._book = BellBook(world)
        self._bells: dict[int, WeekBells] = {}
        self._taken: dict[int, dict[tuple[SchoolId, int], list[Busy]]] = {}
        self._days_known: dict[date, _Days] = {}

    def week(
        self,
        monday: date,
        lessons: Iterable[Lesson],
        *,
        hit: frozenset[LessonId] = frozenset(),
        guests: Sequence[Lesson] = (),
    ) -> DatedWeek:
        """`lessons`: all unfinished ones of the seven days, of whatever course. `hit`:
        those that cannot stay where they are: they may lie outside every candidate."""
        free: list[Lesson] = []
        fixed: list[Lesson] = []
        for one in lessons:
            (free if self._may_move(one) else fixed).append(one)
        made = self._build(monday, free, fixed, guests)
        placed = {
            lesson.id
            for placement, lesson in made.movable.items()
            if lesson.id in hit or made.space.find(placement) is not None
        }
        stray = [one for one in free if one.id not in placed]
        if not stray:
            return made
        kept = [one for one in free if one.id in placed]
        return self._build(monday, kept, [*fixed, *stray], guests)

    def _may_move(self, lesson: Lesson) -> bool:
        course = self._world.get(Course, lesson.course)
        ours = course is not None and course.term == self._term.id
        return ours and lesson.starts_at > self._now

    def _build(
        self,
        monday: date,
        free: Sequence[Lesson],
        fixed: Sequence[Lesson],
        guests: Sequence[Lesson],
    ) -> DatedWeek:
        streams, movable = self._streams(free)
        visiting = {
            one.id: stream_of(self._world, f"guest.{one.id}", [one]) for one in guests
        }
        days = self._days(monday)
        problem = replace(
            self._whoever,
            sites=days.sites,
            streams=(*streams, *visiting.values()),
            busy=(*days.busy, *(b for lesson in fixed for b in self._held(lesson))),
        )
        return DatedWeek(monday, Space(problem), movable, visiting)

    @cached_property
    def _whoever(self) -> Problem:
        """All that is the same on any date."""
        world, district = self._world, self._term.district
        return Problem(
            sites=(),
            rooms=tuple(
                solver.Room(r.id, r.school, r.name, r.kind) for r in world.all(SiteRoom)
            ),
            teachers=tuple(
                solver.Teacher(t.id, t.school, t.name) for t in world.all(Teacher)
            ),
            class_groups=tuple(
                solver.ClassGroup(c.id, c.school, c.name) for c in world.all(ClassGroup)
            ),
            streams=(),
            travel=ways_of(world),
            media_seats=media_seats_of(world, district),
            subject_times=subject_times_of(world, district),
            weights=weights_of(world, district),
        )

    # ---- lessons ------------------------------------------------------------------

    def _streams(
        self, lessons: Sequence[Lesson]
    ) -> tuple[list[Stream], dict[Placement, Lesson]]:
        alike: dict[tuple[object, ...], list[InMinutes]] = defaultdict(list)
        for lesson in lessons:
            one = in_minutes(lesson)
            length = one.time.end - one.time.start
            key = (lesson.course, lesson.teacher, lesson.site_rooms, length)
            alike[key].append(one)
        streams: list[Stream] = []
        movable: dict[Placement, Lesson] = {}
        for number, group in enumerate(alike.values()):
            name = f"{group[0].lesson.course}.{number}"
            stream = stream_of(self._world, name, [one.lesson for one in group])
            streams.append(stream)
            for one in group:
                place = Placement(stream.id, one.weekday, one.time.start)
                movable.setdefault(place, one.lesson)
        return streams, movable

    def _held(self, lesson: Lesson) -> Iterator[Busy]:
        """A lesson that stays, as taken times of everybody in it."""
        one, stream = in_minutes(lesson), stream_of(self._world, "fixed", [lesson])
        home = school_with(self._world, Resource("room", lesson.master_room))
        for resource in dict.fromkeys(r for r, _ in holdings(stream)):
            yield Busy(
                resource, one.weekday, one.time, "closed", lesson.title, site=home
            )

    # ---- the days -----------------------------------------------------------------

    def _days(self, monday: date) -> _Days:
        if monday not in self._days_known:
            schools = self._world.all(School)
            over = tuple(self._over(monday))
            runs = {school.id: self._runs(school.id, monday) for school in schools}
            self._days_known[monday] = _Days(
                tuple(
                    self._site(school, runs[school.id], monday) for school in schools
                ),
                tuple(
                    busy
                    for school in runs
                    for busy in (
                        *self._taken_on(school, runs[school]),
                        *(
                            Busy(Resource("site", school), day, time, "closed", "")
                            for day, time in over
                        ),
                    )
                ),
            )
        return self._days_known[monday]

    def _runs(self, school: SchoolId, monday: date) -> dict[int, TermDay]:
        """What the dates run at a school; holidays and days outside the term are
        missing."""
        found: dict[int, TermDay] = {}
        for weekday in WEEKDAYS:
            day = monday + timedelta(days=weekday - 1)
            special = self._special.get(day, ())
            runs = term_day(self._term, day, special, school)
            if runs is not None:
                found[weekday] = runs
        return found

    def _site(
        self, school: School, runs: dict[int, TermDay], monday: date
    ) -> solver.Site:
        """With the bells of each date; a make-up day has those of the weekday it
        runs."""
        bells: dict[int, tuple[PeriodTime, ...]] = {}
        windows: dict[int, tuple[Minutes, ...]] = {}
        for weekday, run in runs.items():
            day = monday + timedelta(days=weekday - 1)
            if ringing := self._week_bells(run.week).on(school.id, day, run.weekday):
                bells[weekday] = ringing
            if hours := self._book.windows(school.id, run.weekday):
                windows[weekday] = hours
        uplink = school.uplink_bps and school.uplink_bps // 1000
        return solver.Site(school.id, school.name, bells, windows, uplink)

    def _taken_on(self, school: SchoolId, runs: dict[int, TermDay]) -> Iterator[Busy]:
        for weekday, run in runs.items():
            bit = 1 << (run.week - 1)
            for busy in self._taken_in(run.week).get((school, run.weekday), ()):
                if busy.weeks & bit:
                    yield (
                        busy
                        if weekday == run.weekday
                        else replace(busy, weekday=weekday)
                    )

    def _taken_in(self, week: int) -> dict[tuple[SchoolId, int], list[Busy]]:
        """By school and weekday."""
        if week not in self._taken:
            found: dict[tuple[SchoolId, int], list[Busy]] = defaultdict(list)
            taken = Taken(self._world, self._term, week, self._week_bells(week))
            for busy in taken.own():
                held = busy.resource
                home = SchoolId(held.id) if held.kind == "site" else None
                school = home or school_with(self._world, held)
                found[school, busy.weekday].append(busy)
            self._taken[week] = found
        return self._taken[week]

    def _week_bells(self, week: int) -> WeekBells:
        if week not in self._bells:
            self._bells[week] = WeekBells(self._world, self._term, week, self._book)
        return self._bells[week]

    def _over(self, monday: date) -> Iterator[tuple[int, Minutes]]:
        """The minutes of each weekday that are past, or too near."""
        soon = self._soon
        for weekday in WEEKDAYS:
            day = monday + timedelta(days=weekday - 1)
            if day < soon.date():
                yield weekday, WHOLE_DAY
            elif day == soon.date():
                yield weekday, Minutes(0, max(1, soon.hour * 60 + soon.minute))
