"""When people and places cannot take part: local lessons, closed times, travel, and
the hours during which pupils are at school.

Minutes count from local midnight; an interval is [start, end).
"""

from datetime import date
from typing import Annotated, NewType, Self

from pydantic import Field, model_validator

from common.ids import SchoolId, SiteRoomId
from scheduler.catalogue.bells import EVERY_DAY, Minutes, Weekday
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.organisation import ClassGroupId, TeacherId
from scheduler.catalogue.value import MINUTES_A_DAY, Day, IdRule, Name, Value, wrong
from scheduler.catalogue.weeks import Weeks

LocalLessonId = NewType("LocalLessonId", str)
ClosedTimeId = NewType("ClosedTimeId", str)
SchoolDayId = NewType("SchoolDayId", str)

StartMinute = Annotated[int, Field(ge=0, lt=MINUTES_A_DAY)]
EndMinute = Annotated[int, Field(gt=0, le=MINUTES_A_DAY)]
WHOLE_DAY = Minutes(0, MINUTES_A_DAY)


class LocalLesson(Value):
    """A weekly lesson of one school by itself, that a teacher, a class or a room is
    in. By `period`, or by the minutes. `term` None: in every term."""

    id: Annotated[LocalLessonId, IdRule]
    title: Name
    weekday: Weekday
    weeks: Weeks = "all"
    period: int | None = Field(default=None, ge=1, le=20)
    start_minute: StartMinute | None = None
    end_minute: EndMinute | None = None
    teacher: Annotated[TeacherId, IdRule] | None = None
    class_group: Annotated[ClassGroupId, IdRule] | None = None
    site_room: Annotated[SiteRoomId, IdRule] | None = None
    term: Annotated[TermId, IdRule] | None = None

    @model_validator(mode="after")
    def _has_a_time_and_somebody(self) -> Self:
        if self.period is None and self.start_minute is None:
            raise wrong(
                "请填节次，或同时填开始和结束时间",
                "a local lesson has a period, or a start and an end",
                "period",
            )
        _in_order(self.start_minute, self.end_minute)
        if not (self.teacher or self.class_group or self.site_room):
            raise wrong(
                "请填教师、班级、教室中的至少一个",
                "name a teacher, a class group or a site room, at least one",
                "teacher",
            )
        return self


class ClosedTime(Value):
    """Hours at which one school, room, teacher or class takes no lesson; without
    minutes the whole day. `title` is the reason. `term` None: in every term. Of the
    `weeks` only those days that lie within `first_day` and `last_day` (None is open)
    are closed: what lasts may begin in the middle of a week."""

    id: Annotated[ClosedTimeId, IdRule]
    title: Name
    school: Annotated[SchoolId, IdRule] | None = None
    site_room: Annotated[SiteRoomId, IdRule] | None = None
    teacher: Annotated[TeacherId, IdRule] | None = None
    class_group: Annotated[ClassGroupId, IdRule] | None = None
    weekdays: frozenset[Weekday] = EVERY_DAY
    start_minute: StartMinute | None = None
    end_minute: EndMinute | None = None
    weeks: Weeks = "all"
    first_day: Day | None = None
    last_day: Day | None = None
    term: Annotated[TermId, IdRule] | None = None

    @model_validator(mode="after")
    def _closes_one_thing(self) -> Self:
        named = (self.school, self.site_room, self.teacher, self.class_group)
        if sum(one is not None for one in named) != 1:
            raise wrong(
                "学校、教室、教师、班级只填其中一个",
                "name exactly one of school, site room, teacher, class group",
                "school",
            )
        _in_order(self.start_minute, self.end_minute)
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise wrong(
                "结束日期早于开始日期，请改正其中一个",
                "the last day lies before the first day; correct one of them",
                "last_day",
            )
        return self

    @property
    def time(self) -> Minutes:
        if self.start_minute is None or self.end_minute is None:
            return WHOLE_DAY
        return Minutes(self.start_minute, self.end_minute)

    def holds_on(self, day: date) -> bool:
        """Weeks and weekdays apart."""
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or day <= self.last_day
        )


class Travel(Value):
    """How long a teacher takes from one school to another; either way takes the
    longer of the two rows."""

    from_school: Annotated[SchoolId, IdRule]
    to_school: Annotated[SchoolId, IdRule]
    minutes: int = Field(ge=1, le=600)

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Self:
        if self.from_school == self.to_school:
            raise wrong(
                "起点和终点是同一所学校，请改正或删去这一行",
                "leads from a school to itself; correct or remove it",
                "to_school",
            )
        return self


class SchoolDay(Value):
    """Pupils are at `school` from start to end on these weekdays. A synchronous
    lesson lies within one of its rows: morning and afternoon are two."""

    id: Annotated[SchoolDayId, IdRule]
    school: Annotated[SchoolId, IdRule]
    weekdays: frozenset[Weekday] = EVERY_DAY
    start_minute: StartMinute
    end_minute: EndMinute

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        _in_order(self.start_minute, self.end_minute)
        return self

    @property
    def time(self) -> Minutes:
        return Minutes(self.start_minute, self.end_minute)


def _in_order(start: int | None, end: int | None) -> None:
    if (start is None) != (end is None):
        missing = "start_minute" if start is None else "end_minute"
        raise wrong("开始和结束时间要一起填", "give both a start and an end", missing)
    if start is not None and end is not None and end <= start:
        raise wrong(
            "结束时间要晚于开始时间，且不能跨过午夜",
            "the end must come after the start, on the same day",
            "end_minute",
        )
