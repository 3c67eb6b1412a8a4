"""What becomes of a dated lesson, or of one that is every week, in sentences. Pure.

`days`: all the dates, in order, where it is the same on several.
"""

from collections.abc import Sequence
from datetime import date

from scheduler.catalogue.bells import clock_text, day_zh
from scheduler.catalogue.course import Lesson
from scheduler.repair.dated import in_minutes
from scheduler.repair.views import WhenView
from scheduler.words import Words


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


def moved_words(
    title: str,
    teacher: str,
    before: WhenView,
    after: WhenView,
    days: Sequence[date] = (),
) -> Words:
    """Of several dates `after` is in the week of each."""
    to_zh, to_en = _zh(after), _en(after)
    if len(days) > 1:
        weekday = day_zh(after.day.isoweekday())
        to_zh = f"当周{weekday}{after.period}{clock_text(after.start)}"
        to_en = f"{after.day:%A} of the same week, {_time_en(after)}"
    return Words(
        f"{teacher}的{title}从{_zh(before, days)}改到{to_zh}",
        f"{title} of {teacher} moves from {_en(before, days)} to {to_en}",
    )


def substituted_words(
    title: str, teacher: str, by: str, when: WhenView, days: Sequence[date] = ()
) -> Words:
    return Words(
        f"{_zh(when, days)}{teacher}的{title}由{by}代课",
        f"{by} substitutes for {teacher} in {title} on {_en(when, days)}",
    )


def cancelled_words(
    title: str, teacher: str, when: WhenView, days: Sequence[date] = ()
) -> Words:
    return Words(
        f"{_zh(when, days)}{teacher}的{title}取消",
        f"{title} of {teacher} on {_en(when, days)} is cancelled",
    )


def recording_words(
    title: str, teacher: str, when: WhenView, days: Sequence[date] = ()
) -> Words:
    return Words(
        f"{_zh(when, days)}{teacher}的{title}不上，改看录像",
        f"a recording is watched instead of {title} of {teacher} on {_en(when, days)}",
    )


def restored_words(
    title: str, teacher: str, when: WhenView, days: Sequence[date] = ()
) -> Words:
    return Words(
        f"{_zh(when, days)}{teacher}的{title}不取消了，照常上课",
        f"{title} of {teacher} on {_en(when, days)} takes place after all",
    )


def again_words(
    title: str, teacher: str, by: str, when: WhenView, days: Sequence[date] = ()
) -> Words:
    return Words(
        f"{_zh(when, days)}{title}由{teacher}自己上，{by}不用代课了",
        f"{teacher} gives {title} on {_en(when, days)}; {by} need not substitute",
    )


def _zh(when: WhenView, days: Sequence[date] = ()) -> str:
    time = f"{when.period}{clock_text(when.start)}"
    weekday = day_zh(when.day.isoweekday())
    if len(days) < 2:
        return f"{_day_zh(when.day)}（{weekday}）{time}"
    span = f"{_day_zh(days[0])}至{_day_zh(days[-1])}"
    return f"{span}每{weekday}{time}（共{len(days)}次）"


def _day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _en(when: WhenView, days: Sequence[date] = ()) -> str:
    if len(days) < 2:
        return f"{when.day:%a} {_day_en(when.day)} {_time_en(when)}"
    span = f"{_day_en(days[0])} to {_day_en(days[-1])}"
    return f"{when.day:%A}s {_time_en(when)}, {span} ({len(days)} times)"


def _day_en(day: date) -> str:
    return f"{day.day} {day:%b}"


def _time_en(when: WhenView) -> str:
    period = f" ({when.period})" if when.period else ""
    return f"{clock_text(when.start)}{period}"
