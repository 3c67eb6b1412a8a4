"""Values as cells, such that the importer reads back the same values. Pure.

For each reader of `importer.fields` there is one way to write and one hint.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.catalogue.bells import clock_text, day_zh
from scheduler.catalogue.kinds import BY_VALUE
from scheduler.catalogue.value import Value
from scheduler.importer.fields import (
    Choice,
    Reader,
    read_bandwidth,
    read_day,
    read_number,
    read_starts_cell,
    read_text,
    read_time,
    read_weekday,
    read_weekdays,
    read_weeks,
    read_yes_or_no,
)
from scheduler.importer.sheet import Column, Sheet

WEEKDAYS = tuple(day_zh(weekday) for weekday in range(1, 8))
WEEKS = {"all": "每周", "odd": "单周", "even": "双周"}


@dataclass(frozen=True)
class Clock:
    """Minutes from midnight, to 1440."""

    minute: int

    def __str__(self) -> str:
        return clock_text(self.minute)


Shown = str | int | date | Clock
"""`str()` of it is what a CSV holds; a workbook holds the typed value."""


def weekdays_text(weekdays: frozenset[int]) -> str:
    """`周一至周五`, else `周一、周三`."""
    days = sorted(weekdays)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0] - 1]}至{WEEKDAYS[days[-1] - 1]}"
    return "、".join(WEEKDAYS[day - 1] for day in days)


def bandwidth_text(bps: int) -> str:
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if bps and bps % size == 0:
            return f"{bps // size}{unit}"
    return str(bps)


@dataclass(frozen=True)
class Way:
    """How cells of one reader are written and explained; `choices` are offered as a
    list, `strict` ones only."""

    write: Callable[[Any], Shown]
    hint: str = ""
    choices: tuple[str, ...] = ()
    strict: bool = True


_WAYS: Mapping[Reader, Way] = {
    read_text: Way(str),
    read_number: Way(int, "整数"),
    read_day: Way(lambda day: day, "日期，如 2026-09-01"),
    read_time: Way(Clock, "时间，如 08:20"),
    read_weekday: Way(lambda day: WEEKDAYS[day - 1], "星期几", WEEKDAYS),
    read_weekdays: Way(weekdays_text, "如 周一至周五；空：每天"),
    read_weeks: Way(
        lambda weeks: WEEKS.get(weeks, weeks),
        "每周、单周、双周，或周次如 1-8,10",
        tuple(WEEKS.values()),
        strict=False,
    ),
    read_starts_cell: Way(str, "星期@时间，如 1@10:00,3@14:00"),
    read_yes_or_no: Way(lambda yes: "是" if yes else "否", "是 或 否", ("是", "否")),
    read_bandwidth: Way(bandwidth_text, "带宽，如 20M"),
}


def way_of(column: Column) -> Way:
    """Raises KeyError for a reader that nothing is written for."""
    if isinstance(column.read, Choice):
        back = {code: zh for zh, code in column.read.words.items()}
        hint = "从列表中选一个：" + "、".join(back.values())
        return Way(back.__getitem__, hint, tuple(back.values()))
    return _WAYS[column.read]


def hint_of(sheet: Sheet, column: Column) -> str:
    target = (sheet.kind.refers or {}).get(column.field)
    if target is not None:
        return f"{BY_VALUE[target].zh}的编号"
    if column.field == "id":
        return "编号：字母、数字和 . _ -，不能重复，填好后不要再改"
    return way_of(column).hint


def cell_of(column: Column, value: Value) -> Shown:
    """Empty for what is not given."""
    field = getattr(value, column.field)
    return "" if field is None or field == "" else way_of(column).write(field)
