"""What is taught: courses, their weekly slots, their dated lessons.

A *course* is subject, grade, teacher, one master room and N receiving rooms; a *slot*
is one weekly time of it; a *lesson* is one dated occurrence, with rooms and teacher
of its own, so that a substitute today changes neither the course nor last week.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, NewType, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, model_validator

from common.errors import ParseError
from common.ids import CourseId, LessonId, SessionId, SiteRoomId
from common.protocol.events import LessonKind
from scheduler.catalogue.bells import Weekday, read_starts, starts_text
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.organisation import ClassGroupId, TeacherId
from scheduler.catalogue.value import (
    MINUTES_A_DAY,
    IdRule,
    Moment,
    Name,
    ShortText,
    Value,
    Zone,
    wrong,
)
from scheduler.catalogue.weeks import Weeks

SlotId = NewType("SlotId", str)

KIND_ZH: Mapping[LessonKind, str] = {
    "delivery": "专递课堂",
    "master_teacher": "名师课堂",
    "famous_school": "名校网络课堂",
    "city_wide": "同上一堂课",
}
MIN_LESSON_S = 5.0
MAX_LESSON_S = 12 * 3600.0


def _normal_starts(text: str) -> str:
    try:
        normal = starts_text(read_starts(text))
    except ValueError as error:
        raise wrong(
            f"看不懂约定时间“{text}”，请写 1@10:00,3@14:00（星期@时间）",
            f"agreed starts {text!r}: write 1@10:00,3@14:00 (weekday@time)",
        ) from error
    if len(normal) > _LONGEST_STARTS:
        raise wrong("约定时间太多，最多 50 个", "at most 50 agreed starts")
    return normal


_LONGEST_STARTS = 400
CommonStarts = Annotated[str, AfterValidator(_normal_starts)]
"""Normal form `1@10:00,3@14:00`; empty: none."""


class Course(Value):
    """The six facets of the national catalogue (学段 学科 年级 教材版本 册次 and,
    per lesson, 章节) travel from here into the library without typing."""

    id: Annotated[CourseId, IdRule]
    term: Annotated[TermId, IdRule]
    kind: LessonKind = "delivery"
    title: ShortText = ""
    stage: Name
    subject: Name
    grade: Name
    textbook: ShortText = ""
    volume: ShortText = ""
    teacher: Annotated[TeacherId, IdRule]
    master_room: Annotated[SiteRoomId, IdRule]
    master_class: Annotated[ClassGroupId, IdRule] | None = None
    """The class in the master room (有生课堂); None: teacher alone (无生课堂)."""
    lessons_a_week: int = Field(default=1, ge=1, le=10)
    lesson_minutes: int = Field(default=40, ge=5, le=180)
    weeks: Weeks = "all"
    """The term weeks in which it meets `lessons_a_week` times."""
    displaces_local: bool = False
    """The receiving classes give up local lessons for it (同上一堂课)."""
    common_starts: CommonStarts = ""
    """Starts that the schools agreed on, instead of the master school's bells."""

    @property
    def name(self) -> str:
        return self.title or f"{self.grade}{self.subject}"


class CourseRoom(Value):
    """One receiving room of a course, with the class that sits in it."""

    course: Annotated[CourseId, IdRule]
    site_room: Annotated[SiteRoomId, IdRule]
    class_group: Annotated[ClassGroupId, IdRule] | None = None


class Slot(Value):
    """One weekly time of a course, in minutes of the master school's day.

    `period` is only the name it was planned by; the minutes decide."""

    id: Annotated[SlotId, IdRule]
    course: Annotated[CourseId, IdRule]
    weekday: Weekday
    weeks: Weeks = "all"
    period: int | None = Field(default=None, ge=1, le=20)
    start_minute: int | None = Field(default=None, ge=0, lt=MINUTES_A_DAY)
    end_minute: int | None = Field(default=None, gt=0, le=MINUTES_A_DAY)

    @model_validator(mode="after")
    def _has_one_time(self) -> Self:
        start, end = self.start_minute, self.end_minute
        if (start is None) != (end is None) or (self.period is None and start is None):
            raise wrong(
                "请填节次，或同时填开始和结束时间",
                "a slot has a period, or a start and an end",
                "period",
            )
        if start is not None and end is not None and end <= start:
            raise wrong(
                "结束时间要晚于开始时间，且不能跨过午夜",
                "a slot must end after it starts, on the same day",
                "end_minute",
            )
        return self


class Lesson(Value):
    """One dated occurrence. `starts_at` and `ends_at` are UTC; `zone` shows them."""

    id: Annotated[LessonId, IdRule]
    session: Annotated[SessionId, IdRule]
    course: Annotated[CourseId, IdRule]
    slot: Annotated[SlotId, IdRule] | None = None
    title: Name
    teacher: Annotated[TeacherId, IdRule]
    master_room: Annotated[SiteRoomId, IdRule]
    receiving_rooms: tuple[SiteRoomId, ...] = Field(max_length=500)
    starts_at: Moment
    ends_at: Moment
    zone: Zone
    day: date
    week: int | None = None
    period: ShortText = ""
    chapter: ShortText = ""
    class_hour: int | None = Field(default=None, ge=1, le=200)
    version: int = 1
    resumes: Annotated[LessonId, IdRule] | None = None
    """The lesson that this one goes on with, after it was ended too early."""
    slot_day: date | None = None
    """The date of the slot that it stands for, when a person moved it to another."""
    by_hand: bool = False
    """Changed by a person for this date only: a new edition leaves it alone."""

    @property
    def site_rooms(self) -> tuple[SiteRoomId, ...]:
        """Master first."""
        return (self.master_room, *self.receiving_rooms)

    def local_times(self) -> tuple[datetime, datetime]:
        """Start and end on the clocks of the lesson's zone."""
        zone = ZoneInfo(self.zone)
        return self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)

    @model_validator(mode="after")
    def _times_and_rooms(self) -> Self:
        length_s = (self.ends_at - self.starts_at).total_seconds()
        if not MIN_LESSON_S <= length_s <= MAX_LESSON_S:
            raise wrong(
                "一节课的时长应在 5 秒到 12 小时之间",
                "a lesson lasts from 5 seconds to 12 hours",
            )
        if len(set(self.site_rooms)) != len(self.site_rooms):
            raise wrong("同一间教室重复了", "a room takes part in a lesson once")
        return self


def changed_by_hand(old: Lesson, new: Lesson) -> Lesson:
    """`new`, marked as changed by a person for this date if more than its words or
    its count differ from `old`."""
    words = {"title", "chapter", "class_hour", "version"}
    if old.model_dump(exclude=words) == new.model_dump(exclude=words):
        return new
    moved = old.slot is not None and new.day != old.day
    slot_day = (old.slot_day or old.day) if moved else old.slot_day
    return new.model_copy(update={"by_hand": True, "slot_day": slot_day})


def read_lesson(fields: Mapping[str, object]) -> Lesson:
    """Raises ParseError(`bad_lesson`) with the remedy."""
    try:
        return Lesson.model_validate(fields)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        zh = detail.get("ctx", {}).get("zh", "课程内容填写有误，请改正")
        raise ParseError("bad_lesson", zh=zh, en=detail["msg"]) from error


def clashes(lesson: Lesson, others: Sequence[Lesson]) -> list[tuple[Lesson, str]]:
    """Lessons that want the same room or teacher at the same moment, and which.

    A city-wide lesson does not hold its teacher's class elsewhere: rooms and teacher
    alike can be in one place only, whatever the kind.
    """
    found: list[tuple[Lesson, str]] = []
    for other in others:
        if other.id == lesson.id or not _overlap(lesson, other):
            continue
        shared: list[str] = [r for r in lesson.site_rooms if r in other.site_rooms]
        if other.teacher == lesson.teacher:
            shared.insert(0, lesson.teacher)
        found.extend((other, name) for name in shared)
    return found


def _overlap(a: Lesson, b: Lesson) -> bool:
    return a.starts_at < b.ends_at and b.starts_at < a.ends_at
