"""A large made-up district, as rows: for what must stay fast or hold at any size."""

from collections.abc import Iterator

from scheduler.catalogue.availability import ClosedTime, LocalLesson, SchoolDay, Travel
from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom
from scheduler.catalogue.organisation import (
    ClassGroup,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World

_STARTS = (500, 550, 610, 660, 840, 890, 940)


def big_world(schools: int, *, master_every: int = 5) -> World:
    """About 25 rows a school; every `master_every`th teaches the others around it."""
    world = World()
    world.put(_district())
    for number in range(schools):
        world.put(_school(number, is_master=number % master_every == 0))
    for number in range(schools):
        if number % master_every == 0:
            points = range(number + 1, min(number + master_every, schools))
            world.put(_courses(number, points))
    return world


def _district() -> Iterator[Value]:
    yield District.model_validate({"id": "d", "name": "大区"})
    yield Term.model_validate(
        {
            "id": "term",
            "district": "d",
            "name": "学期",
            "week_1": "2026-08-31",
            "first_day": "2026-09-01",
            "last_day": "2027-01-29",
        }
    )


def _school(number: int, *, is_master: bool) -> Iterator[Value]:
    id, late = f"s{number}", 5 * (number % 4)
    kind = "centre" if is_master else "teaching_point"
    rows: list[tuple[type[Value], dict[str, object]]] = [
        (School, {"id": id, "district": "d", "name": f"学校{number}", "kind": kind}),
        (SiteRoom, {"id": f"{id}-room", "school": id, "name": "教室", "kind": "both"}),
        (ClassGroup, {"id": f"{id}-class", "school": id, "name": "全校班"}),
        (Teacher, {"id": f"{id}-teacher", "school": id, "name": "老师"}),
        (
            BellSchedule,
            {"id": f"{id}-bells", "school": id, "name": "作息", "weekdays": _WORKDAYS},
        ),
        (
            SchoolDay,
            {
                "id": f"{id}-day",
                "school": id,
                "weekdays": _WORKDAYS,
                "start_minute": 450,
                "end_minute": 1020,
            },
        ),
        (
            ClosedTime,
            {
                "id": f"{id}-closed",
                "title": "班会",
                "school": id,
                "weekdays": {5},
                "start_minute": 930,
                "end_minute": 1020,
            },
        ),
    ]
    if number:
        way = {"from_school": "s0", "to_school": id, "minutes": 30}
        rows.append((Travel, way))
    for period, start in enumerate(_STARTS, 1):
        yield Period.model_validate(
            {
                "bell_schedule": f"{id}-bells",
                "number": period,
                "start_minute": start + late,
                "end_minute": start + late + 40,
            }
        )
    for weekday in range(1, 6):
        rows.append((LocalLesson, _local(id, weekday, 1, "class_group", "class")))
        rows.append((LocalLesson, _local(id, weekday, 2, "teacher", "teacher")))
    for kind_of_row, fields in rows:
        yield kind_of_row.model_validate(fields)


_WORKDAYS = {1, 2, 3, 4, 5}


def _local(
    school: str, weekday: int, period: int, field: str, who: str
) -> dict[str, object]:
    return {
        "id": f"{school}-{who}-{weekday}",
        "title": "语文",
        "weekday": weekday,
        "period": period,
        field: f"{school}-{who}",
    }


def _courses(master: int, points: range) -> Iterator[Value]:
    for number in range(2):
        id = f"c{master}-{number}"
        yield Course.model_validate(
            {
                "id": id,
                "term": "term",
                "stage": "小学",
                "subject": ("音乐", "美术")[number],
                "grade": "三年级",
                "teacher": f"s{master}-teacher",
                "master_room": f"s{master}-room",
                "lessons_a_week": 2,
                "weeks": ("all", "odd")[number],
            }
        )
        for point in points:
            row = {"course": id, "site_room": f"s{point}-room"}
            yield CourseRoom.model_validate({**row, "class_group": f"s{point}-class"})
