"""Terms and special days: from (week, weekday) to dates and back.

Weeks are counted from the Monday of week 1, never by ISO week. A make-up day 调休
carries the term week and weekday whose lessons it runs, because no public notice says
so; a school may override its district.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, NewType, Self
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from common.errors import ParseError
from common.ids import DistrictId, SchoolId
from scheduler.catalogue.bells import Weekday
from scheduler.catalogue.value import Day, IdRule, Name, ShortText, Value, wrong
from scheduler.catalogue.weeks import LAST_WEEK, TermWeek, runs_in

TermId = NewType("TermId", str)
_EARLY_DAYS = 31
"""A term may begin before its week 1, with days on which no lessons run."""


class Term(Value):
    id: Annotated[TermId, IdRule]
    district: Annotated[DistrictId, IdRule]
    name: Name
    week_1: Day
    """Monday of week 1."""
    first_day: Day
    last_day: Day

    @field_validator("week_1")
    @classmethod
    def _is_a_monday(cls, day: date) -> date:
        if day.isoweekday() != 1:
            raise wrong("请填第一周的星期一", "week 1 must be named by its Monday")
        return day

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        if not self.week_1 <= self.last_day or not self.first_day <= self.last_day:
            raise wrong(
                "学期的结束要晚于开始，请改正日期",
                "a term must end after it begins; correct the dates",
                "last_day",
            )
        if (self.week_1 - self.first_day).days > _EARLY_DAYS:
            raise wrong(
                "开始日期比第一周早太多，请核对这两个日期",
                "begins long before its week 1; check the two dates",
                "first_day",
            )
        if (self.last_day - self.week_1).days >= LAST_WEEK * 7:
            raise wrong(
                "一个学期最多 60 周，请改正日期",
                "a term has at most 60 weeks; correct the dates",
                "last_day",
            )
        return self

    @property
    def weeks(self) -> int:
        """The number of its last week."""
        return self.week_of(self.last_day)

    def week_of(self, day: date) -> int:
        """1 for the week of `week_1`; days before it give 0 or less."""
        return (day - self.week_1).days // 7 + 1

    def date_of(self, week: int, weekday: int) -> date:
        return self.week_1 + timedelta(days=(week - 1) * 7 + weekday - 1)


class CalendarDay(Value):
    """A day that does not run by its own weekday. `school` None: whole district."""

    district: Annotated[DistrictId, IdRule]
    day: Day
    kind: Literal["holiday", "make_up"]
    school: Annotated[SchoolId, IdRule] | None = None
    runs_week: TermWeek | None = None
    runs_weekday: Weekday | None = None
    name: ShortText = ""

    @model_validator(mode="after")
    def _make_up_says_what_runs(self) -> Self:
        says = (self.runs_week is not None, self.runs_weekday is not None)
        if says != (self.kind == "make_up",) * 2:
            raise wrong(
                "调休上课日要写明执行第几周、星期几的课；放假日不写",
                "a make-up day names the term week and weekday it runs, a holiday none",
                "runs_week" if says[0] != (self.kind == "make_up") else "runs_weekday",
            )
        return self


@dataclass(frozen=True, slots=True)
class TermDay:
    """Which lessons run: those of this weekday in this term week."""

    week: int
    weekday: int


def term_day(
    term: Term, day: date, special: Iterable[CalendarDay], school: SchoolId
) -> TermDay | None:
    """Whose lessons run at `school` on `day`; None: no lessons. `special`: what
    `scheduler.term.days.special_days` gives."""
    if not term.first_day <= day <= term.last_day:
        return None
    found = _special_day(special, day, term.district, school)
    if found is None:
        week = term.week_of(day)
        return TermDay(week, day.isoweekday()) if week >= 1 else None
    if found.runs_week is None or found.runs_weekday is None:
        return None
    return TermDay(found.runs_week, found.runs_weekday)


def _special_day(
    special: Iterable[CalendarDay], day: date, district: DistrictId, school: SchoolId
) -> CalendarDay | None:
    here = [
        s
        for s in special
        if s.day == day and s.district == district and s.school in (None, school)
    ]
    return max(here, key=lambda s: s.school is not None, default=None)


def dates_of(
    term: Term,
    weeks: str,
    weekday: int,
    special: Iterable[CalendarDay],
    school: SchoolId,
) -> Iterator[tuple[date, TermDay]]:
    """Every date of the term on which a weekly lesson takes place, in order."""
    for day, runs in days_of(term, special, school):
        if runs.weekday == weekday and runs_in(weeks, runs.week):
            yield day, runs


def days_of(
    term: Term, special: Iterable[CalendarDay], school: SchoolId
) -> Iterator[tuple[date, TermDay]]:
    """Every date of the term on which lessons run at `school`, in order."""
    by_day: dict[date, list[CalendarDay]] = defaultdict(list)
    for row in special:
        by_day[row.day].append(row)
    for offset in range((term.last_day - term.first_day).days + 1):
        day = term.first_day + timedelta(days=offset)
        runs = term_day(term, day, by_day.get(day, ()), school)
        if runs is not None:
            yield day, runs


def moment(day: date, minute: int, zone: str) -> datetime:
    """UTC moment of a local minute (1440 is the next midnight).

    A local time that a clock change skips has no moment: ParseError(`no_such_time`);
    of one that happens twice the first is taken.
    """
    naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    local = naive.replace(tzinfo=ZoneInfo(zone))
    utc = local.astimezone(UTC)
    if utc.astimezone(local.tzinfo).replace(tzinfo=None) != naive:
        raise ParseError(
            "no_such_time",
            zh=f"{naive:%Y-%m-%d %H:%M} 在时区 {zone} 不存在（夏令时切换），请改时间",
            en=f"{naive:%Y-%m-%d %H:%M} does not exist in {zone} (clock change)",
        )
    return utc


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
