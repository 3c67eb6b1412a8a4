"""Lessons as people order them, and what became of the order."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field, model_validator

from scheduler.catalogue.value import Day, Name, ShortText, wrong
from scheduler.views import Body


class LessonDetails(Body):
    """What may differ from the course. None: as the course has it."""

    title: Name | None = None
    teacher: str | None = None
    master_room: str | None = None
    receiving_rooms: tuple[str, ...] | None = Field(default=None, max_length=500)
    chapter: ShortText | None = None
    class_hour: int | None = Field(default=None, ge=1, le=200)


_WAYS = (("starts_at", "ends_at"), ("day", "period"), ("day", "start", "end"))


class LessonTime(Body):
    """Exactly one of: `starts_at` and `ends_at`; `day` and `period`; `day`, `start`
    and `end` (such as 10:00 and 10:40, clocks of the master school)."""

    starts_at: float | None = Field(default=None, ge=0, le=4_102_444_800)
    ends_at: float | None = Field(default=None, ge=0, le=4_102_444_800)
    day: Day | None = None
    period: int | None = Field(default=None, ge=1, le=20)
    start: str | None = None
    end: str | None = None

    @property
    def is_given(self) -> bool:
        return bool(self._said())

    def _said(self) -> set[str]:
        names = {name for way in _WAYS for name in way}
        return {name for name in names if getattr(self, name) is not None}

    @model_validator(mode="after")
    def _says_it_one_way(self) -> Self:
        said = self._said()
        if said and said not in [set(way) for way in _WAYS]:
            raise wrong(
                "时间只用一种写法：starts_at+ends_at、day+period 或 day+start+end",
                "give starts_at+ends_at, or day+period, or day+start+end",
            )
        return self


class NewLesson(LessonTime, LessonDetails):
    course: str

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if not self.is_given:
            raise wrong("请填写上课时间", "a lesson needs a time")
        return self


class LessonChange(LessonTime, LessonDetails):
    version: int = Field(ge=0, lt=2**31)
    """The lesson's version that was looked at; a newer one refuses the change."""


class DayRange(Body):
    first_day: Day
    last_day: Day


class SkippedView(BaseModel):
    slot: str
    day: date
    zh: str
    en: str


class Expanded(BaseModel):
    """`added` lessons; `skipped` ones with their reason."""

    added: int
    skipped: list[SkippedView]
