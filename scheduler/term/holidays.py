"""The official holidays of mainland China, and the working days made up for them.

The State Council's notices name the dates of a year at the end of the year before, and
never say which weekday's lessons a make-up day runs: schools decide. What is not
published yet is told, never guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import chinese_calendar

ZONES = frozenset(
    {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"}
)
"""Where these holidays hold."""


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """`stands_for`: of a make-up day, the day off that it was probably given for."""

    day: date
    kind: Literal["holiday", "make_up"]
    name: str
    stands_for: date | None = None


@dataclass(frozen=True, slots=True)
class UnknownDays:
    """Days of a year whose arrangement nobody has published or we do not have."""

    first: date
    last: date


def official_days(first: date, last: date) -> list[OfficialDay]:
    """Those from `first` to `last`, both included, of the years that are known."""
    # A make-up day stands for a day off on the other side of the range, too.
    around = timedelta(days=31)
    named = list(_named(first - around, last + around))
    stands_for = _pairs(named)
    return [
        OfficialDay(d.day, d.kind, d.name, stands_for.get(d.day))
        for d in named
        if first <= d.day <= last
    ]


def unknown_days(first: date, last: date) -> list[UnknownDays]:
    """The stretches of `first` to `last` that lie in years without data."""
    found: list[UnknownDays] = []
    for year in range(first.year, last.year + 1):
        if not _is_known(year):
            begin = max(first, date(year, 1, 1))
            found.append(UnknownDays(begin, min(last, date(year, 12, 31))))
    return found


def _is_known(year: int) -> bool:
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _named(first: date, last: date) -> Iterator[OfficialDay]:
    for year in range(first.year, last.year + 1):
        if not _is_known(year):
            continue
        day, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        while day <= end:
            off, name = chinese_calendar.get_holiday_detail(day)
            if name is not None:
                kind: Literal["holiday", "make_up"] = "holiday" if off else "make_up"
                yield OfficialDay(day, kind, chinese_calendar.Holiday(name).chinese)
            day += timedelta(days=1)


def _pairs(named: Iterable[OfficialDay]) -> dict[date, date]:
    """Make-up day -> day off in lieu, in order within each holiday of a year."""
    make_ups: dict[tuple[int, str], list[date]] = defaultdict(list)
    in_lieu: dict[tuple[int, str], list[date]] = defaultdict(list)
    for one in named:
        if one.kind == "make_up":
            make_ups[one.day.year, one.name].append(one.day)
        elif chinese_calendar.is_in_lieu(one.day):
            in_lieu[one.day.year, one.name].append(one.day)
    return {
        day: off
        for key, days in make_ups.items()
        for day, off in zip(days, in_lieu[key], strict=False)
    }
