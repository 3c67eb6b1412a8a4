"""Bell schedules: each school rings its own, and only minutes compare them.

A minute is counted from local midnight, 0..1440; an interval is [start, end): a
lesson that ends at 10:00 does not meet one that starts at 10:00.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, NewType, Self

from pydantic import Field, model_validator

from common.errors import NotFoundError
from common.ids import SchoolId
from scheduler.catalogue.sweep import first_clashes
from scheduler.catalogue.value import (
    MINUTES_A_DAY,
    Day,
    IdRule,
    Name,
    ShortText,
    Value,
    wrong,
)

BellScheduleId = NewType("BellScheduleId", str)

EVERY_DAY = frozenset(range(1, 8))
DAYS_ZH = "一二三四五六日"
Weekday = Annotated[int, Field(ge=1, le=7)]
"""ISO: Monday is 1."""


class Period(Value):
    """One lesson time of a bell schedule, such as 第3节 10:00-10:40."""

    bell_schedule: Annotated[BellScheduleId, IdRule]
    number: int = Field(ge=1, le=20)
    name: ShortText = ""
    start_minute: int = Field(ge=0, lt=MINUTES_A_DAY)
    end_minute: int = Field(gt=0, le=MINUTES_A_DAY)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_minute <= self.start_minute:
            raise wrong(
                "结束时间要晚于开始时间，且不能跨过午夜",
                "a period must end after it starts, on the same day",
                "end_minute",
            )
        return self

    @property
    def title(self) -> str:
        return self.name or f"第{self.number}节"


class BellSchedule(Value):
    """Valid from `first_day` to `last_day` (both included; None is open) on
    `weekdays`. The schedule with the shortest range and fewest weekdays wins, so that
    an exam day needs one more row and no change of the others."""

    id: Annotated[BellScheduleId, IdRule]
    school: Annotated[SchoolId, IdRule]
    name: Name
    first_day: Day | None = None
    last_day: Day | None = None
    weekdays: frozenset[Weekday] = EVERY_DAY

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise wrong(
                "结束日期早于开始日期，请改正其中一个",
                "the last day lies before the first day; correct one of them",
                "last_day",
            )
        return self

    def covers(self, day: date, weekday: int) -> bool:
        return (
            (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
            and weekday in self.weekdays
        )

    @property
    def width(self) -> tuple[int, int]:
        """Days and weekdays; of two that are valid the narrower one rings."""
        first, last = self.first_day or date.min, self.last_day or date.max
        return ((last - first).days, len(self.weekdays))


@dataclass(frozen=True, slots=True)
class Minutes:
    """[start, end) of one local day."""

    start: int
    end: int

    def overlap(self, other: "Minutes") -> int:
        """Minutes that both share, 0 when they only touch."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def schedule_on(
    schedules: Iterable[BellSchedule],
    school: SchoolId,
    day: date,
    weekday: int | None = None,
) -> BellSchedule | None:
    """The bells that ring at `school` on `day`, None when none do. `weekday`: whose
    lessons run; a make-up Saturday that runs a Wednesday rings like one."""
    here = [s for s in schedules if s.school == school]
    for wanted in (weekday or day.isoweekday(), day.isoweekday()):
        valid = [s for s in here if s.covers(day, wanted)]
        if valid:
            return min(valid, key=lambda s: (s.width, s.id))
    return None


def minutes_of(periods: Iterable[Period], number: int) -> Minutes:
    """The time of a period. Raises NotFoundError(`no_such_period`)."""
    for period in periods:
        if period.number == number:
            return Minutes(period.start_minute, period.end_minute)
    raise NotFoundError(
        "no_such_period",
        zh=f"当天作息表中没有第{number}节，请改节次或补作息表",
        en=f"the bells of that day have no period {number}",
    )


def touched(periods: Iterable[Period], lesson: Minutes) -> list[int]:
    """Numbers of the local periods a lesson cuts into, in order of time."""
    hit = [
        p for p in periods if lesson.overlap(Minutes(p.start_minute, p.end_minute)) > 0
    ]
    return [p.number for p in sorted(hit, key=lambda p: p.start_minute)]


def clashing_periods(periods: Sequence[Period]) -> list[tuple[Period, Period]]:
    """Pairs of neighbours of one schedule that overlap or repeat a number."""
    in_time = sorted(periods, key=lambda p: (p.start_minute, p.number))
    return [
        (a, b)
        for a, b in pairwise(in_time)
        if b.start_minute < a.end_minute or b.number <= a.number
    ]


def clashing_schedules(
    schedules: Iterable[BellSchedule],
) -> list[tuple[BellSchedule, BellSchedule]]:
    """Pairs of one school that are equally specific and share a day: each schedule
    with the first that it clashes with."""
    equal: dict[tuple[SchoolId, tuple[int, int]], list[BellSchedule]]
    equal = defaultdict(list)
    for schedule in schedules:
        equal[schedule.school, schedule.width].append(schedule)
    return [
        pair
        for of_one in equal.values()
        for pair in first_clashes(of_one, _dates, _share_a_weekday)
    ]


def _dates(schedule: BellSchedule) -> tuple[date, date]:
    return schedule.first_day or date.min, schedule.last_day or date.max


def _share_a_weekday(a: BellSchedule, b: BellSchedule) -> bool:
    return bool(a.weekdays & b.weekdays)


def read_clock(text: str) -> int:
    """`10:05`, `10：05` or `24:00` as minutes. Raises ValueError."""
    hour, colon, minute = text.strip().replace("：", ":").partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ValueError(f"not a time of day: {text}")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > MINUTES_A_DAY:
        raise ValueError(f"not a time of day: {text}")
    return total


def weekday_zh(weekday: int) -> str:
    """`星期一`, for a sentence."""
    return "星期" + DAYS_ZH[weekday - 1]


def day_zh(weekday: int) -> str:
    """`周一`, where there is little room."""
    return "周" + DAYS_ZH[weekday - 1]


def clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_starts(text: str) -> tuple[tuple[int, int], ...]:
    """Agreed starts such as `1@10:00,3@14:00` as (weekday, minute), in order of the
    week. Raises ValueError."""
    found: set[tuple[int, int]] = set()
    for part in re.split(r"[,，、;；\s]+", text.strip()):
        if not part:
            continue
        weekday, at, clock = part.replace("＠", "@").partition("@")
        if not at or weekday not in tuple("1234567"):
            raise ValueError(f"not a weekday and a time: {part}")
        minute = read_clock(clock)
        if minute == MINUTES_A_DAY:
            raise ValueError(f"no lesson starts at 24:00: {part}")
        found.add((int(weekday), minute))
    return tuple(sorted(found))


def starts_text(starts: Iterable[tuple[int, int]]) -> str:
    """The normal form that `read_starts` reads back."""
    return ",".join(f"{day}@{clock_text(minute)}" for day, minute in sorted(starts))
