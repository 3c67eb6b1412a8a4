"""A term week of the world, as the solver is asked about it. Pure.

The bells are those that each school rings on the dates of that week, so that a
seasonal or exam schedule is seen; everything else is the whole term's, with its week
patterns. Only those who take part in a course of the term are in the problem.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from common.ids import DistrictId, SchoolId
from scheduler.availability import ClosedTime, LocalLesson, SchoolDay, Travel
from scheduler.bells import (
    BellSchedule,
    BellScheduleId,
    Minutes,
    Period,
    read_starts,
    schedule_on,
)
from scheduler.calendar import LAST_WEEK, Term, runs_in
from scheduler.course import Course, CourseRoom, Slot
from scheduler.organisation import ClassGroup, District, School, SiteRoom, Teacher
from scheduler.solver import problem as solver
from scheduler.solver.problem import (
    Busy,
    PeriodTime,
    Placement,
    Problem,
    Receiver,
    Resource,
    Site,
    Stream,
    StreamId,
    Weights,
    weeks_mask,
)
from scheduler.wishes import SubjectTime, Weighting
from scheduler.world import Caution, World

WEEKDAYS = range(1, 8)


@dataclass(frozen=True)
class Weekly:
    """`warnings`: what was left out of the problem, and why."""

    problem: Problem
    warnings: tuple[Caution, ...]


def weekly_problem(
    world: World,
    term: Term,
    week: int,
    *,
    locks: Iterable[Placement] = (),
    published: Iterable[Placement] = (),
) -> Weekly:
    """The courses of `term`, each a stream of the same id, with the bells of `week`.

    Locks and published placements of courses that are not in the term are left out
    with a warning."""
    made = _Week(world, term, week)
    streams = tuple(made.streams())
    known = {stream.id for stream in streams}
    schools = made.schools_of(streams)
    taking_part = made.resources_of(streams, schools)
    busy = [b for b in made.busy() if b.resource in taking_part]
    problem = Problem(
        sites=tuple(made.site(world_school) for world_school in schools),
        rooms=tuple(made.rooms(taking_part)),
        teachers=tuple(made.teachers(taking_part)),
        class_groups=tuple(made.class_groups(taking_part)),
        streams=streams,
        busy=tuple(busy),
        locks=frozenset(made.of_known("固定", locks, known)),
        published=frozenset(made.of_known("已发布", published, known)),
        travel={(t.from_school, t.to_school): t.minutes for t in world.all(Travel)},
        media_seats=_media_seats(world, term.district),
        subject_times=tuple(made.subject_times()),
        weights=weights_of(world, term.district),
    )
    return Weekly(problem, tuple(made.warnings))


def upwards(world: World, district: DistrictId) -> Iterator[District]:
    """A district, the one it belongs to, and so on."""
    seen: set[DistrictId] = set()
    here = world.get(District, district)
    while here is not None and here.id not in seen:
        seen.add(here.id)
        yield here
        here = world.get(District, here.parent) if here.parent else None


def weights_of(world: World, district: DistrictId) -> Weights:
    """The weighting of the district or of the nearest above it, else the usual."""
    found = (world.get(Weighting, d.id) for d in upwards(world, district))
    return next((w.weights for w in found if w is not None), Weights())


def _media_seats(world: World, district: DistrictId) -> int | None:
    found = (d.media_seats for d in upwards(world, district))
    return next((seats for seats in found if seats is not None), None)


class WeekBells:
    """The bells of all schools on the seven dates of one term week."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self._days = {day: term.date_of(week, day) for day in WEEKDAYS}
        self._schedules: dict[SchoolId, list[BellSchedule]] = defaultdict(list)
        for schedule in world.all(BellSchedule):
            self._schedules[schedule.school].append(schedule)
        self._periods: dict[BellScheduleId, list[PeriodTime]] = defaultdict(list)
        for p in world.all(Period):
            time = PeriodTime(p.number, p.start_minute, p.end_minute)
            self._periods[p.bell_schedule].append(time)
        self._known: dict[SchoolId, dict[int, tuple[PeriodTime, ...]]] = {}

    def of(self, school: SchoolId) -> dict[int, tuple[PeriodTime, ...]]:
        """Periods of each weekday on which any ring, in order of time."""
        if school not in self._known:
            rings = {day: self._on(school, day) for day in WEEKDAYS}
            self._known[school] = {day: all for day, all in rings.items() if all}
        return self._known[school]

    def time(self, school: SchoolId, weekday: int, number: int) -> Minutes | None:
        """When a period is, None when no bell of that weekday has it."""
        for period in self.of(school).get(weekday, ()):
            if period.number == number:
                return Minutes(period.start, period.end)
        return None

    def _on(self, school: SchoolId, weekday: int) -> tuple[PeriodTime, ...]:
        here = self._schedules.get(school, [])
        schedule = schedule_on(here, school, self._days[weekday])
        periods = self._periods[schedule.id] if schedule else []
        return tuple(sorted(periods, key=lambda p: (p.start, p.number)))


class _Week:
    """One translation; `warnings` grows while it goes on."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self._world = world
        self._term = term
        self._week = week
        self.bells = WeekBells(world, term, week)
        self.warnings: list[Caution] = []
        self._windows: dict[SchoolId, list[SchoolDay]] = defaultdict(list)
        for day in world.all(SchoolDay):
            self._windows[day.school].append(day)

    # ---- who takes part -----------------------------------------------------------

    def streams(self) -> Iterator[Stream]:
        receivers: dict[str, list[Receiver]] = defaultdict(list)
        for one in self._world.all(CourseRoom):
            receivers[one.course].append(Receiver(one.site_room, one.class_group))
        for course in self._world.all(Course):
            if course.term == self._term.id:
                yield Stream(
                    id=StreamId(course.id),
                    title=course.name,
                    subject=course.subject,
                    teacher=course.teacher,
                    master_room=course.master_room,
                    receivers=tuple(receivers[course.id]),
                    lessons=course.lessons_a_week,
                    minutes=course.lesson_minutes,
                    master_class=course.master_class,
                    kind=course.kind,
                    weeks=weeks_mask(course.weeks),
                    common_starts=read_starts(course.common_starts),
                    displaces_local=course.displaces_local,
                )

    def schools_of(self, streams: Iterable[Stream]) -> list[School]:
        ids: dict[SchoolId, None] = {}
        for stream in streams:
            for room in (stream.master_room, *(r.room for r in stream.receivers)):
                ids[self._get_room(room).school] = None
        found = (self._world.get(School, id) for id in ids)
        return [school for school in found if school is not None]

    def resources_of(
        self, streams: Iterable[Stream], schools: Iterable[School]
    ) -> frozenset[Resource]:
        found = {Resource("site", school.id) for school in schools}
        for stream in streams:
            groups = [stream.master_class, *(r.class_group for r in stream.receivers)]
            rooms = [stream.master_room, *(r.room for r in stream.receivers)]
            found.add(Resource("teacher", stream.teacher))
            found.update(Resource("room", room) for room in rooms)
            found.update(Resource("class", group) for group in groups if group)
        return frozenset(found)

    def site(self, school: School) -> Site:
        windows: dict[int, list[Minutes]] = defaultdict(list)
        for day in self._windows.get(school.id, []):
            for weekday in day.weekdays:
                windows[weekday].append(day.time)
        return Site(
            id=school.id,
            name=school.name,
            bells=self.bells.of(school.id),
            windows={
                day: tuple(sorted(times, key=lambda t: t.start))
                for day, times in sorted(windows.items())
            },
            uplink_kbps=school.uplink_bps and school.uplink_bps // 1000,
        )

    def rooms(self, wanted: frozenset[Resource]) -> Iterator[solver.Room]:
        for room in self._world.all(SiteRoom):
            if Resource("room", room.id) in wanted:
                yield solver.Room(room.id, room.school, room.name, room.kind)

    def teachers(self, wanted: frozenset[Resource]) -> Iterator[solver.Teacher]:
        for one in self._world.all(Teacher):
            if Resource("teacher", one.id) in wanted:
                yield solver.Teacher(one.id, one.school, one.name)

    def class_groups(self, wanted: frozenset[Resource]) -> Iterator[solver.ClassGroup]:
        for one in self._world.all(ClassGroup):
            if Resource("class", one.id) in wanted:
                yield solver.ClassGroup(one.id, one.school, one.name)

    # ---- when they cannot ---------------------------------------------------------

    def busy(self) -> Iterator[Busy]:
        """Local lessons, closed times and the lessons of other terms."""
        return chain(self._local_lessons(), self._closed_times(), self._other_terms())

    def _local_lessons(self) -> Iterator[Busy]:
        for lesson in self._world.all(LocalLesson):
            if lesson.term not in (None, self._term.id):
                continue
            school = school_of(self._world, lesson)
            time = self._time(lesson, school)
            if time is None:
                self._warn_no_period(lesson)
                continue
            held = (
                ("teacher", lesson.teacher),
                ("class", lesson.class_group),
                ("room", lesson.site_room),
            )
            for kind, id in held:
                if id is not None:
                    yield Busy(
                        Resource(kind, id),  # type: ignore[arg-type]
                        lesson.weekday,
                        time,
                        "local",
                        lesson.title,
                        weeks_mask(lesson.weeks),
                        school,
                    )

    def _time(self, lesson: LocalLesson, school: SchoolId) -> Minutes | None:
        if lesson.start_minute is not None and lesson.end_minute is not None:
            return Minutes(lesson.start_minute, lesson.end_minute)
        return self.bells.time(school, lesson.weekday, lesson.period or 0)

    def _warn_no_period(self, lesson: LocalLesson) -> None:
        self.warnings.append(
            Caution(
                (lesson,),
                f"本地课“{lesson.title}”（{lesson.id}）没有算进去：第{self._week}周"
                f"星期{lesson.weekday}的作息表没有第{lesson.period}节，请补作息表",
                f"local lesson {lesson.id} is not counted: the bells of weekday"
                f" {lesson.weekday} in week {self._week} have no period"
                f" {lesson.period}; add it to the bell schedule",
            )
        )

    def _closed_times(self) -> Iterator[Busy]:
        for closed in self._world.all(ClosedTime):
            if closed.term not in (None, self._term.id):
                continue
            for weekday in sorted(closed.weekdays):
                yield Busy(
                    _closed_resource(closed),
                    weekday,
                    closed.time,
                    "closed",
                    closed.title,
                    weeks_mask(closed.weeks),
                )

    def _other_terms(self) -> Iterator[Busy]:
        """What courses of another term (a county's beside its city's) have taken."""
        terms = {t.id: t for t in self._world.all(Term) if t.id != self._term.id}
        rooms: dict[str, list[CourseRoom]] = defaultdict(list)
        for one in self._world.all(CourseRoom):
            rooms[one.course].append(one)
        for slot in self._world.all(Slot):
            course = self._world.get(Course, slot.course)
            term = course and terms.get(course.term)
            weeks = self._weeks_of(slot, term) if term else 0
            if course and weeks:
                yield from self._taken(course, slot, weeks, rooms[course.id])

    def _weeks_of(self, slot: Slot, other: Term) -> int:
        """The weeks of our term in which a slot of another one takes place."""
        found = 0
        for week in range(1, LAST_WEEK + 1):
            day = self._term.date_of(week, slot.weekday)
            if not max(self._term.first_day, other.first_day) <= day:
                continue
            if day > min(self._term.last_day, other.last_day):
                break
            if runs_in(slot.weeks, other.week_of(day)):
                found |= 1 << (week - 1)
        return found

    def _taken(
        self, course: Course, slot: Slot, weeks: int, rooms: Iterable[CourseRoom]
    ) -> Iterator[Busy]:
        school = self._get_room(course.master_room).school
        time = self._slot_time(slot, school)
        if time is None:
            return
        held = {
            Resource("teacher", course.teacher),
            Resource("room", course.master_room),
            *(Resource("room", one.site_room) for one in rooms),
            *(Resource("class", o.class_group) for o in rooms if o.class_group),
        }
        if course.master_class:
            held.add(Resource("class", course.master_class))
        for resource in sorted(held):
            yield Busy(
                resource, slot.weekday, time, "closed", course.name, weeks, school
            )

    def _slot_time(self, slot: Slot, school: SchoolId) -> Minutes | None:
        if slot.start_minute is not None and slot.end_minute is not None:
            return Minutes(slot.start_minute, slot.end_minute)
        return self.bells.time(school, slot.weekday, slot.period or 0)

    # ---- wishes and plans ---------------------------------------------------------

    def subject_times(self) -> Iterator[solver.SubjectTime]:
        ours = {d.id for d in upwards(self._world, self._term.district)}
        for wish in self._world.all(SubjectTime):
            if wish.district in ours:
                yield solver.SubjectTime(wish.subject, wish.time, wish.cost)

    def of_known(
        self, word: str, placements: Iterable[Placement], known: set[StreamId]
    ) -> Iterator[Placement]:
        for placement in placements:
            if placement.stream in known:
                yield placement
                continue
            self.warnings.append(
                Caution(
                    (),
                    f"课程 {placement.stream} 不在这个学期，它的{word}时间没有算进去",
                    f"course {placement.stream} is not in this term; its time is"
                    " not counted",
                )
            )

    def _get_room(self, id: str) -> SiteRoom:
        room = self._world.get(SiteRoom, id)
        if room is None:
            raise LookupError(f"no site room {id}")
        return room


def school_of(world: World, lesson: LocalLesson) -> SchoolId:
    """Where a local lesson is: by its room, else its class, else its teacher."""
    for kind, id in (
        (SiteRoom, lesson.site_room),
        (ClassGroup, lesson.class_group),
        (Teacher, lesson.teacher),
    ):
        row = world.get(kind, id) if id else None
        if isinstance(row, SiteRoom | ClassGroup | Teacher):
            return row.school
    raise LookupError(f"local lesson {lesson.id} is nowhere")


def _closed_resource(closed: ClosedTime) -> Resource:
    if closed.school:
        return Resource("site", closed.school)
    if closed.site_room:
        return Resource("room", closed.site_room)
    if closed.teacher:
        return Resource("teacher", closed.teacher)
    return Resource("class", closed.class_group or "")
