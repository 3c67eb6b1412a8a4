"""Rows as a table has them, put beside the small district."""

from collections.abc import Mapping

from scheduler.catalogue.kinds import BY_NAME
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from tests.unit.scheduler.district import DISTRICT

Row = tuple[str, Mapping[str, object]]


def world(*rows: Row) -> World:
    """The small district, with more rows or with other ones of the same key."""
    made = World()
    made.put(DISTRICT)
    made.put(value(*one) for one in rows)
    return made


def value(kind: str, fields: Mapping[str, object]) -> Value:
    return BY_NAME[kind].value.model_validate(fields)


def district(id: str, **more: object) -> Row:
    return ("district", {"id": id, "name": id, **more})


def bells(id: str, school: str, *, weekdays: set[int] | None = None) -> Row:
    fields = {"id": id, "school": school, "name": id}
    return ("bell_schedule", {**fields, "weekdays": weekdays or {1, 2, 3, 4, 5}})


def period(schedule: str, number: int, start: int, minutes: int = 40) -> Row:
    return (
        "period",
        {
            "bell_schedule": schedule,
            "number": number,
            "start_minute": start,
            "end_minute": start + minutes,
        },
    )


def local(id: str, **fields: object) -> Row:
    plain: dict[str, object] = {"id": id, "title": "语文", "weekday": 1}
    return ("local_lesson", {**plain, **fields})


def at(start: int, end: int) -> dict[str, object]:
    return {"start_minute": start, "end_minute": end}


def hours(id: str, school: str, start: int, end: int) -> Row:
    fields = {"id": id, "school": school, "weekdays": {1, 2, 3, 4, 5}}
    return ("school_day", {**fields, **at(start, end)})


def course(**other: object) -> Row:
    plain = {
        "id": "music-3",
        "term": "2026-autumn",
        "stage": "小学",
        "subject": "音乐",
        "grade": "三年级",
        "teacher": "wang",
        "master_room": "master",
    }
    return ("course", {**plain, **other})
