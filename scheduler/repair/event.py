"""What went wrong: somebody or something is away for some days. Pure."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from common.ids import ID_PATTERN
from scheduler.catalogue.availability import WHOLE_DAY, EndMinute, StartMinute
from scheduler.catalogue.bells import EVERY_DAY, Minutes, Weekday
from scheduler.catalogue.value import Day, ShortText, Value, wrong
from scheduler.solver.problem import Resource, ResourceKind

What = Literal["teacher", "site_room", "school", "class_group"]
_RESOURCE: dict[What, ResourceKind] = {
    "teacher": "teacher",
    "site_room": "room",
    "school": "site",
    "class_group": "class",
}
LONGEST_DAYS = 200
"""A whole term and its holidays."""


class Absence(Value):
    """`what` is away from `first_day` to `last_day`, both included, on `weekdays`; with
    minutes only between these of every day (a lost period), without them all day."""

    what: What
    id: Annotated[str, Field(pattern=ID_PATTERN)]
    first_day: Day
    last_day: Day
    weekdays: frozenset[Weekday] = EVERY_DAY
    start_minute: StartMinute | None = None
    end_minute: EndMinute | None = None
    reason: ShortText = ""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        start, end = self.start_minute, self.end_minute
        if (start is None) != (end is None):
            raise wrong("开始和结束时间要一起填", "give both a start and an end")
        if start is not None and end is not None and end <= start:
            raise wrong("结束时间要晚于开始时间", "the end must come after the start")
        if not 0 <= (self.last_day - self.first_day).days < LONGEST_DAYS:
            raise wrong(
                f"结束日期不能早于开始日期，一次最多 {LONGEST_DAYS} 天；"
                "更长的请改每周课表",
                f"last_day not before first_day, at most {LONGEST_DAYS} days; for"
                " longer change the weekly timetable",
            )
        if not self.weekdays:
            raise wrong("请选每周的哪几天", "name a day of the week", "weekdays")
        return self

    @property
    def resource(self) -> Resource:
        return Resource(_RESOURCE[self.what], self.id)

    @property
    def time(self) -> Minutes:
        if self.start_minute is None or self.end_minute is None:
            return WHOLE_DAY
        return Minutes(self.start_minute, self.end_minute)

    def takes(self, day: date, time: Minutes) -> bool:
        return self.covers(day) and time.overlap(self.time) > 0

    def fills(self, monday: date) -> bool:
        """It leaves nothing of that week."""
        days = (monday + timedelta(days=n) for n in range(7))
        return self.time == WHOLE_DAY and all(self.covers(day) for day in days)

    def covers(self, day: date) -> bool:
        within = self.first_day <= day <= self.last_day
        return within and day.isoweekday() in self.weekdays
