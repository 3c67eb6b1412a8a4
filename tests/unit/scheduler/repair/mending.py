"""A small term with two masters and two teaching points, to mend weeks of."""

from datetime import UTC, date, datetime, timedelta

from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom, Lesson
from scheduler.catalogue.organisation import (
    ClassGroup,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.repair.dated import monday_of
from scheduler.repair.moved import At

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STARTS = {1: 500, 2: 550, 3: 610, 4: 660, 5: 840, 6: 890}
LENGTH = 40


def _school(name: str, kind: str) -> list[Value]:
    bells = f"{name}-bells"
    return [
        School(id=name, district="dingyuan", name=name, kind=kind),
        BellSchedule(
            id=bells, school=name, name="作息", weekdays=frozenset(range(1, 6))
        ),
        *(
            Period(bell_schedule=bells, number=n, start_minute=s, end_minute=s + 40)
            for n, s in STARTS.items()
        ),
    ]


def _course(name: str, teacher: str, room: str) -> list[Value]:
    fields = {
        "id": name,
        "term": "autumn",
        "stage": "小学",
        "subject": "音乐",
        "grade": "三年级",
        "teacher": teacher,
        "master_room": room,
        "lessons_a_week": 2,
    }
    return [
        Course.model_validate(fields),
        *(
            CourseRoom(course=name, site_room=f"{p}-room", class_group=f"{p}-class")
            for p in ("huli", "feixi")
        ),
    ]


def world(*more: Value) -> World:
    made = World()
    made.put(
        [
            District(id="dingyuan", name="定远县"),
            *_school("centre", "centre"),
            *_school("huli", "teaching_point"),
            *_school("feixi", "teaching_point"),
            SiteRoom(id="master-1", school="centre", name="一", kind="master"),
            SiteRoom(id="master-2", school="centre", name="二", kind="master"),
            SiteRoom(id="huli-room", school="huli", name="湖里"),
            SiteRoom(id="feixi-room", school="feixi", name="费西"),
            ClassGroup(id="huli-class", school="huli", name="全校班"),
            ClassGroup(id="feixi-class", school="feixi", name="全校班"),
            Teacher(id="wang", school="centre", name="王老师"),
            Teacher(id="li", school="centre", name="李老师"),
            Term(
                id="autumn",
                district="dingyuan",
                name="2026 秋",
                week_1=date(2026, 8, 31),
                first_day=date(2026, 9, 1),
                last_day=date(2027, 1, 22),
            ),
            *_course("music", "wang", "master-1"),
            *_course("song", "li", "master-2"),
            *more,
        ]
    )
    return made


def term(of: World) -> Term:
    return of.all(Term)[0]


def lesson(course: str, day: date, start: int, **fields: object) -> Lesson:
    """A lesson in Shanghai's minutes of `day`."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    teacher, room = ("wang", "master-1") if course == "music" else ("li", "master-2")
    plain: dict[str, object] = {
        "id": f"les-{course}-{day}-{start}",
        "session": f"ses-{course}-{day}-{start}",
        "course": course,
        "title": "三年级音乐",
        "teacher": teacher,
        "master_room": room,
        "receiving_rooms": ("huli-room", "feixi-room"),
        "starts_at": begin + timedelta(minutes=start),
        "ends_at": begin + timedelta(minutes=start + LENGTH),
        "zone": "Asia/Shanghai",
        "day": day,
    }
    return Lesson.model_validate({**plain, **fields})


def weeks(*lessons: Lesson) -> dict[date, list[Lesson]]:
    found: dict[date, list[Lesson]] = {}
    for one in lessons:
        found.setdefault(monday_of(one.day), []).append(one)
    return found


def at(days: int, period: int) -> At:
    """A period of the week of `MONDAY`, days counted from it."""
    return At(MONDAY + timedelta(days=days), STARTS[period])
