"""Courses, their rooms and classes, their weekly times."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from scheduler.catalogue.bell_book import BellBook
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom, Slot
from scheduler.catalogue.organisation import District, School, SiteRoom
from scheduler.catalogue.weeks import last_week
from scheduler.catalogue.world import Contradiction, World
from scheduler.contradictions.fit import Fit, hours_text


def contradictions(world: World, book: BellBook) -> Iterator[Contradiction]:
    rooms: dict[str, list[CourseRoom]] = defaultdict(list)
    for one in world.all(CourseRoom):
        rooms[one.course].append(one)
    fit = Fit(world, book)
    for course in world.all(Course):
        yield from chain(
            _master(world, course),
            _weeks(world, course),
            _classes(course, rooms[course.id]),
            _times(world, fit, course, rooms[course.id]),
        )
    yield from _course_rooms(world)
    yield from _slots(world, book)


def _master(world: World, course: Course) -> Iterator[Contradiction]:
    room = world.get(SiteRoom, course.master_room)
    if room and room.kind == "receiving":
        yield Contradiction(
            (course, room),
            "master_room",
            f"“{room.name}”是接收教室，不能主讲；请换教室或改它的类别",
            f"{room.id} is a receiving room; choose a master room",
        )


def _weeks(world: World, row: Course | Slot) -> Iterator[Contradiction]:
    course = row if isinstance(row, Course) else world.get(Course, row.course)
    term = course and world.get(Term, course.term)
    last = last_week(row.weeks)
    if term and last is not None and last > term.weeks:
        yield Contradiction(
            (row, term),
            "weeks",
            f"学期“{term.name}”只有 {term.weeks} 周，没有第{last}周，请改周次",
            f"term {term.id} has {term.weeks} weeks, not {last}; change the weeks",
        )


def _classes(course: Course, rooms: list[CourseRoom]) -> Iterator[Contradiction]:
    seen: dict[str, CourseRoom] = {}
    for one in rooms:
        if one.class_group is None:
            continue
        if one.class_group == course.master_class:
            yield Contradiction(
                (one, course),
                "class_group",
                f"班级 {one.class_group} 已在主讲教室上这门课，请改班级",
                f"class {one.class_group} sits in the master room; name another",
            )
        elif (other := seen.setdefault(one.class_group, one)) is not one:
            yield Contradiction(
                (one, other),
                "class_group",
                f"班级 {one.class_group} 已在教室 {other.site_room} 上这门课，请改班级",
                f"class {one.class_group} already sits in {other.site_room};"
                " name another",
            )


def _course_rooms(world: World) -> Iterator[Contradiction]:
    for one in world.all(CourseRoom):
        room = world.get(SiteRoom, one.site_room)
        course = world.get(Course, one.course)
        if course and course.master_room == one.site_room:
            yield Contradiction(
                (one, course),
                "site_room",
                "主讲教室不能同时是接收教室，请换一间",
                "the master room cannot receive its own lesson; choose another",
            )
        elif room and room.kind == "master":
            yield Contradiction(
                (one, room),
                "site_room",
                f"“{room.name}”只能主讲；请换教室或把它的类别改为两用",
                f"{room.id} is a master room only; choose another or make it both",
            )
        if course and room and (lost := _zones(world, course, room)):
            yield Contradiction((one, course), "site_room", *lost)


def _zones(world: World, course: Course, room: SiteRoom) -> tuple[str, str] | None:
    """Minutes of two schools are compared as they are: their clocks must agree."""
    master = world.get(SiteRoom, course.master_room)
    term = world.get(Term, course.term)
    schools = [world.get(School, r.school) for r in (master, room) if r]
    found = [world.get(District, s.district) for s in schools if s]
    zones = [d.zone for d in found if d]
    if len(zones) < 2 or zones[0] == zones[1] or term is None:
        return None
    days = (term.week_1, term.last_day)
    if [_offset(d, zones[0]) for d in days] == [_offset(d, zones[1]) for d in days]:
        return None
    return (
        f"时区 {zones[1]} 与主讲学校的 {zones[0]} 不同，钟点对不上；"
        "请把两个区县写成同一个时区",
        f"its zone {zones[1]} differs from the master school's {zones[0]}; give both"
        " districts one zone",
    )


def _offset(day: date, zone: str) -> timedelta | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset()


def _times(
    world: World, fit: Fit, course: Course, rooms: list[CourseRoom]
) -> Iterator[Contradiction]:
    master = world.get(SiteRoom, course.master_room)
    term = world.get(Term, course.term)
    if master is None or term is None:
        return
    starts = fit.starts(course, term, master.school)
    if not starts:
        return
    days = {weekday for weekday, _ in starts}
    if course.lessons_a_week > len(days):
        yield Contradiction(
            (course,),
            "lessons_a_week",
            f"一周 {course.lessons_a_week} 节，但每天最多一节，主讲学校一周只有"
            f" {len(days)} 天上课；请减少周课时",
            f"{course.lessons_a_week} lessons a week, at most one a day, but the master"
            f" school teaches on {len(days)} days; ask for fewer",
        )
    common = starts & fit.fitting(course, term, master.school, starts)
    if not common:
        hours = hours_text(fit.hours(master.school, term))
        yield Contradiction(
            (course,),
            "lesson_minutes",
            f"一节 {course.lesson_minutes} 分钟，主讲学校的在校时间（{hours}）里"
            "放不下；请改课长、约定时间或作息",
            f"{course.lesson_minutes} minutes fit into no school hours of the master"
            f" school ({hours}); change the length, the starts or the bells",
        )
        return
    yield from _receivers(world, fit, course, term, rooms, common)


def _receivers(
    world: World,
    fit: Fit,
    course: Course,
    term: Term,
    rooms: list[CourseRoom],
    common: frozenset[tuple[int, int]],
) -> Iterator[Contradiction]:
    missing = False
    left = common
    for one in rooms:
        room = world.get(SiteRoom, one.site_room)
        hours = fit.hours(room.school, term) if room else {}
        if room is None or not hours:
            continue
        fits = fit.fitting(course, term, room.school, common)
        left &= fits
        if not fits:
            missing = True
            text = hours_text(hours)
            yield Contradiction(
                (one, course),
                "site_room",
                f"“{room.name}”所在学校的在校时间（{text}）放不下主讲学校的任何一节"
                f"（{course.lesson_minutes} 分钟）；请改作息、在校时间或课长，或换教室",
                f"no lesson of the master school ({course.lesson_minutes} minutes)"
                f" fits into the hours at {room.school} ({text}); change bells, school"
                " hours or the length, or choose another room",
            )
    if rooms and not left and not missing:
        yield Contradiction(
            (course,),
            "master_room",
            "各接收学校没有一个共同的时间能上这门课；请改作息或在校时间，或分成两门课",
            "there is no time that suits all receiving schools; change bells or school"
            " hours, or make two courses of it",
        )


def _slots(world: World, book: BellBook) -> Iterator[Contradiction]:
    for slot in world.all(Slot):
        yield from _weeks(world, slot)
        course = world.get(Course, slot.course)
        room = course and world.get(SiteRoom, course.master_room)
        unknown = room and slot.period and slot.period not in book.numbers(room.school)
        if slot.start_minute is None and unknown:
            yield Contradiction(
                (slot,),
                "period",
                f"主讲学校的作息表里没有第{slot.period}节，请改节次或补作息表",
                f"the master school's bells have no period {slot.period}; change it"
                " or add it to the bells",
            )
