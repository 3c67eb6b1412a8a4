"""The demo is run at any hour."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tongke.demo.timetable import clear_of_midnight

CHUZHOU = ZoneInfo("Asia/Shanghai")
LESSON_S = 25


def at(hour: int, minute: int, second: int = 0, day: int = 22) -> float:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=CHUZHOU).timestamp()


def test_a_lesson_that_ends_by_midnight_begins_when_it_is_asked_to() -> None:
    assert clear_of_midnight(at(10, 0), LESSON_S) == at(10, 0)
    assert clear_of_midnight(at(23, 59, 35), LESSON_S) == at(23, 59, 35)


def test_a_lesson_that_would_cross_midnight_waits_for_it() -> None:
    assert clear_of_midnight(at(23, 59, 36), LESSON_S) == at(0, 0, day=23)
