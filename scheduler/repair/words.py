"""What becomes of a dated lesson, in sentences. Pure."""

from datetime import date

from scheduler.catalogue.bells import clock_text
from scheduler.catalogue.course import Lesson
from scheduler.edition.words import Words
from scheduler.repair.dated import in_minutes
from scheduler.repair.views import WhenView

_WEEKDAYS = "一二三四五六日"


def when_of(lesson: Lesson) -> WhenView:
    time = in_minutes(lesson).time
    start, end = clock_text(time.start), clock_text(time.end)
    by_the_clock = lesson.period in (start, f"{start}-{end}")
    return WhenView(
        day=lesson.day,
        period="" if by_the_clock else lesson.period,
        start=time.start,
        end=time.end,
        starts_at=lesson.starts_at.timestamp(),
        ends_at=lesson.ends_at.timestamp(),
    )


def moved_words(title: str, teacher: str, before: WhenView, after: WhenView) -> Words:
    return Words(
        f"{teacher}的{title}从{_zh(before)}改到{_zh(after)}",
        f"{title} of {teacher} moves from {_en(before)} to {_en(after)}",
    )


def substituted_words(title: str, teacher: str, by: str, when: WhenView) -> Words:
    return Words(
        f"{_zh(when)}{teacher}的{title}由{by}代课",
        f"{by} substitutes for {teacher} in {title} on {_en(when)}",
    )


def cancelled_words(title: str, teacher: str, when: WhenView) -> Words:
    return Words(
        f"{_zh(when)}{teacher}的{title}取消",
        f"{title} of {teacher} on {_en(when)} is cancelled",
    )


def recording_words(title: str, teacher: str, when: WhenView) -> Words:
    return Words(
        f"{_zh(when)}{teacher}的{title}不上，改看录像",
        f"a recording is watched instead of {title} of {teacher} on {_en(when)}",
    )


def _zh(when: WhenView) -> str:
    return f"{_day_zh(when.day)}{when.period}{clock_text(when.start)}"


def _day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.isoweekday() - 1]}）"


def _en(when: WhenView) -> str:
    period = f" ({when.period})" if when.period else ""
    return (
        f"{when.day:%a} {when.day.day} {when.day:%b} {clock_text(when.start)}{period}"
    )
