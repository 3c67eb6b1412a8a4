"""Which lessons a calendar shows, and in which words. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common.ids import SiteRoomId
from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.course import KIND_ZH, Course, CourseRoom, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import (
    ClassGroup,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import DEFAULT_ZONE
from scheduler.catalogue.world import World
from scheduler.exchange.icalendar_out import CalendarHead, Event
from scheduler.exchange.links import CalendarLink, Stamped

BACK = timedelta(weeks=4)
_AHEAD = timedelta(days=180)
_NEXT_TERM = timedelta(days=60)
# Beside the lesson's id, so that it stays when the server moves.
_DOMAIN = "lessons.tongke"
_FORMAT = "1"
"""Changes when equal lessons are written differently."""


@dataclass(frozen=True)
class Wanted:
    """What to ask the database for, and what the calendar is called."""

    head: CalendarHead
    first: date
    last: date
    teacher: str = ""
    rooms: tuple[SiteRoomId, ...] = ()
    here: frozenset[SiteRoomId] | None = None
    """Rooms that are named as the place; None: the master room."""
    courses: frozenset[str] | None = None
    """None: of any course."""


def wanted(world: World, link: CalendarLink, now: datetime) -> Wanted:
    """Raises NotFoundError when the target is not there any more."""
    match link.what:
        case "teacher":
            teacher = find(world, Teacher, link.target)
            head, first, last = _frame(world, teacher.school, teacher.name, now)
            return Wanted(head, first, last, teacher=teacher.id)
        case "room":
            room = find(world, SiteRoom, link.target)
            school = find(world, School, room.school)
            name = f"{school.name} {room.name}"
            head, first, last = _frame(world, room.school, name, now)
            return Wanted(
                head, first, last, rooms=(room.id,), here=frozenset((room.id,))
            )
        case "class":
            return _of_class(world, find(world, ClassGroup, link.target), now)
        case "school":
            school = find(world, School, link.target)
            rooms = [r.id for r in world.all(SiteRoom) if r.school == school.id]
            head, first, last = _frame(world, school.id, school.name, now)
            return Wanted(head, first, last, rooms=tuple(rooms), here=frozenset(rooms))


def _of_class(world: World, group: ClassGroup, now: datetime) -> Wanted:
    """Where the class sits: the master room of its own courses, receiving rooms."""
    own = [c for c in world.all(Course) if c.master_class == group.id]
    rooms = {c.master_room for c in own}
    courses: set[str] = {c.id for c in own}
    for one in world.all(CourseRoom):
        if one.class_group == group.id:
            rooms.add(one.site_room)
            courses.add(one.course)
    school = find(world, School, group.school)
    head, first, last = _frame(world, group.school, f"{school.name} {group.name}", now)
    return Wanted(
        *(head, first, last),
        rooms=tuple(sorted(rooms)),
        here=frozenset(rooms),
        courses=frozenset(courses),
    )


def _frame(
    world: World, school: str, name: str, now: datetime
) -> tuple[CalendarHead, date, date]:
    """From four weeks back to the end of the term, or of the next one when that is
    near."""
    district = world.get(District, find(world, School, school).district)
    zone = district.zone if district else DEFAULT_ZONE
    today = local_day(now, zone)
    ends = [
        term.last_day
        for term in world.all(Term)
        if term.first_day <= today + _NEXT_TERM and term.last_day >= today
    ]
    last = max(ends, default=today + _AHEAD)
    return CalendarHead(f"{name} 同步课堂", zone), today - BACK, last


def events(
    world: World, wanted: Wanted, lessons: Iterable[tuple[Lesson, Stamped]]
) -> list[Event]:
    return [
        _event(world, wanted, lesson, stamped)
        for lesson, stamped in lessons
        if wanted.courses is None or lesson.course in wanted.courses
    ]


def fingerprint(head: CalendarHead, events: Sequence[Event]) -> str:
    """Equal for equal calendars: they need not be written to be compared."""
    facts = repr((_FORMAT, head, events))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _event(world: World, wanted: Wanted, lesson: Lesson, stamped: Stamped) -> Event:
    course = world.get(Course, lesson.course)
    teacher = world.get(Teacher, lesson.teacher)
    here = [
        room
        for room in lesson.site_rooms
        if (wanted.here is None and room == lesson.master_room)
        or (wanted.here is not None and room in wanted.here)
    ]
    title = f"{lesson.title} {teacher.name if teacher else ''}".rstrip()
    categories = [KIND_ZH[course.kind], course.subject] if course else []
    return Event(
        uid=f"{lesson.id}@{_DOMAIN}",
        # Cancelling does not change the lesson itself.
        sequence=lesson.version - 1 + stamped.cancelled,
        stamp=stamped.changed_at,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        # Some programs do not show STATUS.
        summary=f"【已取消】{title}" if stamped.cancelled else title,
        location="、".join(_place(world, room) for room in here),
        description="\n".join(_description(world, lesson)),
        categories=categories,
        cancelled=stamped.cancelled,
    )


def _description(world: World, lesson: Lesson) -> Iterator[str]:
    yield f"主讲：{_place(world, lesson.master_room)}"
    if lesson.receiving_rooms:
        rooms = "、".join(_place(world, room) for room in lesson.receiving_rooms)
        yield f"接收：{rooms}"
    week = f"第{lesson.week}周" if lesson.week else ""
    when = " ".join(part for part in (week, lesson.period) if part)
    if when:
        yield when
    if lesson.chapter:
        yield lesson.chapter


def _place(world: World, id: SiteRoomId) -> str:
    room = world.get(SiteRoom, id)
    school = room and world.get(School, room.school)
    return f"{school.name} {room.name}" if room and school else id
