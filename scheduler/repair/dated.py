"""One real week as the solver is asked about it: dated lessons instead of weekly
ones, with the holidays, make-up days and bells of its very dates. Pure.

Lessons that share course, teacher, rooms and length are one stream, so that a course
still meets at most once a day. What has begun, belongs to another term, or lies where
no candidate is (a lesson outside the bells) stays, and is a taken time for the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from common.ids import LessonId, SchoolId, SiteRoomId
from scheduler.catalogue.availability import WHOLE_DAY
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.calendar import Term, TermDay, term_day
from scheduler.catalogue.course import Course, CourseRoom, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import (
    ClassGroup,
    ClassGroupId,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.catalogue.world import World
from scheduler.held import school_with
from scheduler.repair.event import Absence
from scheduler.solver import problem as solver
from scheduler.solver.problem import (
    Busy,
    PeriodTime,
    Placement,
    Problem,
    Receiver,
    Resource,
    Stream,
    StreamId,
)
from scheduler.solver.space import Space, holdings
from scheduler.term.days import special_days
from scheduler.term.taken import Taken, WeekBells
from scheduler.term.weekly import weekly_problem

SOON = timedelta(minutes=15)
"""A lesson is not moved to a time nearer than this: nobody would hear of it."""
_WEEKDAYS = range(1, 8)


@dataclass(frozen=True, slots=True)
class InMinutes:
    """A lesson of the week in minutes of its local day; part minutes count whole."""

    lesson: Lesson
    weekday: int
    time: Minutes


@dataclass(frozen=True)
class DatedWeek:
    """`movable`: which lesson each placement is. `guests`: streams of lessons of
    other weeks that look for a place here."""

    monday: date
    problem: Problem
    movable: Mapping[Placement, Lesson]
    guests: Mapping[LessonId, Stream]

    @cached_property
    def placements(self) -> frozenset[Placement]:
        return frozenset(self.movable)

    def day(self, weekday: int) -> date:
        return self.monday + timedelta(days=weekday - 1)

    def busy_of(self, absence: Absence) -> tuple[Busy, ...]:
        """The absence as taken times of this week."""
        return tuple(
            Busy(absence.resource, weekday, absence.time, "closed", absence.reason)
            for weekday in _WEEKDAYS
            if absence.covers(self.day(weekday))
        )


def monday_of(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def sunday_of(monday: date) -> date:
    return monday + timedelta(days=6)


def in_minutes(lesson: Lesson) -> InMinutes:
    start, end = lesson.local_times()
    begin = start.hour * 60 + start.minute
    minutes = int(-(-(end - start).total_seconds() // 60))
    last = min(begin + minutes, MINUTES_A_DAY)
    return InMinutes(lesson, lesson.day.isoweekday(), Minutes(begin, last))


def parties(world: World, lesson: Lesson) -> frozenset[Resource]:
    """Everybody in a lesson, their schools included."""
    held = {resource for resource, _ in holdings(stream_of(world, "", [lesson]))}
    rooms = {school_with(world, r) for r in held if r.kind == "room"}
    return frozenset(held | {Resource("site", school) for school in rooms})


def dated_week(
    world: World,
    term: Term,
    monday: date,
    lessons: Iterable[Lesson],
    now: datetime,
    *,
    hit: frozenset[LessonId] = frozenset(),
    guests: Sequence[Lesson] = (),
) -> DatedWeek:
    """`lessons`: all unfinished ones of the seven days, of whatever course. `hit`:
    those that cannot stay where they are: they may lie outside every candidate."""
    week = _Week(world, term, monday, now)
    free = [one for one in lessons if week.may_move(one)]
    fixed = [one for one in lessons if not week.may_move(one)]
    made = week.build(free, fixed, guests)
    space = Space(made.problem)
    placed = {
        lesson.id
        for placement, lesson in made.movable.items()
        if lesson.id in hit or space.find(placement) is not None
    }
    stray = [one for one in free if one.id not in placed]
    if not stray:
        return made
    kept = [one for one in free if one.id in placed]
    return week.build(kept, [*fixed, *stray], guests)


def stream_of(world: World, name: str, group: Sequence[Lesson]) -> Stream:
    """Lessons that are alike in all but their time."""
    lesson, time = group[0], in_minutes(group[0]).time
    course = find(world, Course, lesson.course)
    return Stream(
        id=StreamId(name),
        title=lesson.title,
        subject=course.subject,
        teacher=lesson.teacher,
        master_room=lesson.master_room,
        receivers=tuple(
            Receiver(room, _class_in(world, lesson, room))
            for room in lesson.receiving_rooms
        ),
        lessons=len(group),
        minutes=time.end - time.start,
        master_class=course.master_class,
        kind=course.kind,
        displaces_local=course.displaces_local,
    )


def _class_in(world: World, lesson: Lesson, room: SiteRoomId) -> ClassGroupId | None:
    found = world.get(CourseRoom, lesson.course, room)
    return found.class_group if found else None


class _Week:
    def __init__(self, world: World, term: Term, monday: date, now: datetime) -> None:
        self._world, self._term, self._monday = world, term, monday
        self._special = special_days(world, term)
        zone = ZoneInfo(find(world, District, term.district).zone)
        self._now, self._soon = now, (now + SOON).astimezone(zone)
        self._bells: dict[int, WeekBells] = {}
        self._taken: dict[int, dict[SchoolId, list[Busy]]] = {}

    def may_move(self, lesson: Lesson) -> bool:
        course = self._world.get(Course, lesson.course)
        ours = course is not None and course.term == self._term.id
        return ours and lesson.starts_at > self._now

    def build(
        self, free: Sequence[Lesson], fixed: Sequence[Lesson], guests: Sequence[Lesson]
    ) -> DatedWeek:
        streams, movable = self._streams(free)
        visiting = {
            one.id: stream_of(self._world, f"guest.{one.id}", [one]) for one in guests
        }
        schools = [school.id for school in self._world.all(School)]
        busy = [
            *(b for school in schools for b in self._days(school)),
            *(b for lesson in fixed for b in self._held(lesson)),
        ]
        usual = self._usual
        problem = Problem(
            sites=tuple(self._site(school) for school in self._world.all(School)),
            rooms=tuple(
                solver.Room(r.id, r.school, r.name, r.kind)
                for r in self._world.all(SiteRoom)
            ),
            teachers=tuple(
                solver.Teacher(t.id, t.school, t.name) for t in self._world.all(Teacher)
            ),
            class_groups=tuple(
                solver.ClassGroup(c.id, c.school, c.name)
                for c in self._world.all(ClassGroup)
            ),
            streams=(*streams, *visiting.values()),
            busy=tuple(busy),
            travel=usual.travel,
            media_seats=usual.media_seats,
            subject_times=usual.subject_times,
            weights=usual.weights,
        )
        return DatedWeek(self._monday, problem, movable, visiting)

    @cached_property
    def _usual(self) -> Problem:
        """For the ways, limits and weights, which are the same on any date."""
        number = max(1, self._term.week_of(self._monday))
        return weekly_problem(self._world, self._term, number).problem

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

    def _runs(self, school: SchoolId, weekday: int) -> TermDay | None:
        """What the date runs at a school: None on a holiday or outside the term."""
        day = self._monday + timedelta(days=weekday - 1)
        return term_day(self._term, day, self._special, school)

    def _site(self, school: School) -> solver.Site:
        """With the bells of each date: none on holidays; a make-up day has those of
        the weekday it runs."""
        bells: dict[int, tuple[PeriodTime, ...]] = {}
        windows: dict[int, tuple[Minutes, ...]] = {}
        for weekday in _WEEKDAYS:
            runs = self._runs(school.id, weekday)
            if runs is None:
                continue
            day = self._monday + timedelta(days=weekday - 1)
            rings = self._week_bells(runs.week)
            if ringing := rings.on(school.id, day, runs.weekday):
                bells[weekday] = ringing
            if hours := rings.book.windows(school.id, runs.weekday):
                windows[weekday] = hours
        uplink = school.uplink_bps and school.uplink_bps // 1000
        return solver.Site(school.id, school.name, bells, windows, uplink)

    def _days(self, school: SchoolId) -> Iterator[Busy]:
        """What the school has on each date that runs, and the minutes that are over."""
        for weekday in _WEEKDAYS:
            runs = self._runs(school, weekday)
            if runs is not None:
                yield from self._taken_on(school, runs, weekday)
            if (over := self._over(weekday)) is not None:
                yield Busy(Resource("site", school), weekday, over, "closed", "")

    def _taken_on(
        self, school: SchoolId, runs: TermDay, weekday: int
    ) -> Iterator[Busy]:
        bit = 1 << (runs.week - 1)
        for busy in self._taken_in(runs.week).get(school, ()):
            if busy.weekday == runs.weekday and busy.weeks & bit:
                yield replace(busy, weekday=weekday, weeks=solver.EVERY_WEEK)

    def _taken_in(self, week: int) -> dict[SchoolId, list[Busy]]:
        if week not in self._taken:
            found: dict[SchoolId, list[Busy]] = defaultdict(list)
            taken = Taken(self._world, self._term, week, self._week_bells(week))
            for busy in taken.own():
                held = busy.resource
                home = SchoolId(held.id) if held.kind == "site" else None
                found[home or school_with(self._world, held)].append(busy)
            self._taken[week] = found
        return self._taken[week]

    def _week_bells(self, week: int) -> WeekBells:
        if week not in self._bells:
            self._bells[week] = WeekBells(self._world, self._term, week)
        return self._bells[week]

    def _over(self, weekday: int) -> Minutes | None:
        """The minutes of a day that are past, or too near."""
        day, soon = self._monday + timedelta(days=weekday - 1), self._soon
        if day < soon.date():
            return WHOLE_DAY
        if day > soon.date():
            return None
        return Minutes(0, max(1, soon.hour * 60 + soon.minute))
