"""One real week as the solver is asked about it: dated lessons instead of weekly
ones, with the holidays, make-up days and bells of its very dates. Pure.

Lessons that share course, teacher, rooms and length are one stream, so that a course
still meets at most once a day. What has begun, belongs to another term, or lies where
no candidate is (a lesson outside the bells) stays, and is a taken time for the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from common.ids import LessonId, SiteRoomId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.course import Course, CourseRoom, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import (
    ClassGroupId,
)
from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.catalogue.world import World
from scheduler.held import school_with
from scheduler.repair.event import Absence
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import (
    Busy,
    Placement,
    Problem,
    Receiver,
    Resource,
    Stream,
    StreamId,
)
from scheduler.solver.space import Space

SOON = timedelta(minutes=15)
"""A lesson is not moved to a time nearer than this: nobody would hear of it."""
WEEKDAYS = range(1, 8)


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
    space: Space
    movable: Mapping[Placement, Lesson]
    guests: Mapping[LessonId, Stream]

    @property
    def problem(self) -> Problem:
        return self.space.problem

    @cached_property
    def placements(self) -> frozenset[Placement]:
        return frozenset(self.movable)

    def day(self, weekday: int) -> date:
        return self.monday + timedelta(days=weekday - 1)

    def busy_of(self, absence: Absence) -> tuple[Busy, ...]:
        """The absence as taken times of this week."""
        return tuple(
            Busy(absence.resource, weekday, absence.time, "closed", absence.reason)
            for weekday in WEEKDAYS
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


def is_party(world: World, resource: Resource, lesson: Lesson) -> bool:
    """As `in parties`, without looking at everybody: a week has thousands."""
    if resource.kind == "teacher":
        return lesson.teacher == resource.id
    if resource.kind == "room":
        return resource.id in lesson.site_rooms
    if resource.kind == "site":
        rooms = (Resource("room", room) for room in lesson.site_rooms)
        return any(school_with(world, room) == resource.id for room in rooms)
    return resource in parties(world, lesson)


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
