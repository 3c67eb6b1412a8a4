"""A term week of the world, as the solver is asked about it. Pure.

The bells are those that each school rings on the dates of that week, so that a
seasonal or exam schedule is seen; everything else is the whole term's, with its week
patterns. Only those who take part in a course of the term are in the problem.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from common.ids import DistrictId, SchoolId
from scheduler.catalogue.availability import Travel
from scheduler.catalogue.bells import read_starts
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom
from scheduler.catalogue.organisation import ClassGroup, School, SiteRoom, Teacher
from scheduler.catalogue.wishes import SubjectTime, Weighting, Weights
from scheduler.catalogue.world import Caution, World, upwards
from scheduler.held import school_with
from scheduler.solver import problem as solver
from scheduler.solver.problem import (
    Placement,
    Problem,
    Receiver,
    Resource,
    Site,
    Stream,
    StreamId,
    weeks_mask,
)
from scheduler.term.taken import WEEKDAYS, Taken, WeekBells


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
    taking_part = made.resources_of(streams)
    sites = {Resource("site", school.id) for school in schools}
    concerned = taking_part | sites
    taken = Taken(world, term, week, made.bells)
    busy = [b for b in taken.all() if b.resource in concerned]
    problem = Problem(
        sites=tuple(made.site(school) for school in schools),
        rooms=tuple(made.rooms(taking_part)),
        teachers=tuple(made.teachers(taking_part)),
        class_groups=tuple(made.class_groups(taking_part)),
        streams=streams,
        busy=tuple(busy),
        locks=frozenset(made.of_known("固定", locks, known)),
        published=frozenset(made.of_known("已发布", published, known)),
        travel=ways_of(world),
        media_seats=media_seats_of(world, term.district),
        subject_times=subject_times_of(world, term.district),
        weights=weights_of(world, term.district),
    )
    return Weekly(problem, (*taken.warnings, *made.warnings))


def weights_of(world: World, district: DistrictId) -> Weights:
    """The weighting of the district or of the nearest above it, else the usual."""
    found = (world.get(Weighting, d.id) for d in upwards(world, district))
    return next((w.weights for w in found if w is not None), Weights())


def ways_of(world: World) -> dict[tuple[SchoolId, SchoolId], int]:
    return {(t.from_school, t.to_school): t.minutes for t in world.all(Travel)}


def subject_times_of(
    world: World, district: DistrictId
) -> tuple[solver.SubjectTime, ...]:
    ours = {d.id for d in upwards(world, district)}
    return tuple(
        solver.SubjectTime(wish.subject, wish.time, wish.cost)
        for wish in world.all(SubjectTime)
        if wish.district in ours
    )


def media_seats_of(world: World, district: DistrictId) -> int | None:
    found = (d.media_seats for d in upwards(world, district))
    return next((seats for seats in found if seats is not None), None)


class _Week:
    """One translation; `warnings` grows while it goes on."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self._world = world
        self._term = term
        self.bells = WeekBells(world, term, week)
        self.warnings: list[Caution] = []

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
        """Where the rooms are, and where the people belong."""
        ids: dict[SchoolId, None] = {}
        for held in sorted(self.resources_of(streams)):
            ids[school_with(self._world, held)] = None
        found = (self._world.get(School, id) for id in sorted(ids))
        return [school for school in found if school is not None]

    def resources_of(self, streams: Iterable[Stream]) -> frozenset[Resource]:
        found: set[Resource] = set()
        for stream in streams:
            groups = [stream.master_class, *(r.class_group for r in stream.receivers)]
            rooms = [stream.master_room, *(r.room for r in stream.receivers)]
            found.add(Resource("teacher", stream.teacher))
            found.update(Resource("room", room) for room in rooms)
            found.update(Resource("class", group) for group in groups if group)
        return frozenset(found)

    def site(self, school: School) -> Site:
        book = self.bells.book
        windows = {day: book.windows(school.id, day) for day in WEEKDAYS}
        return Site(
            id=school.id,
            name=school.name,
            bells=self.bells.of(school.id),
            windows={day: times for day, times in windows.items() if times},
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

    # ---- plans ---------------------------------------------------------

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
