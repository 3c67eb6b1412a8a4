"""Which of the next days are in doubt, as whoever is on call counts them."""

from datetime import UTC, datetime

import pytest

from common.metrics import Registry
from scheduler.term.ahead import doubtful_days
from scheduler.term.metrics import CalendarMetrics
from tests.unit.scheduler.rows import Row, district
from tests.unit.scheduler.term.test_days import off, world


def term(first_day: str, last_day: str, where: str = "dingyuan") -> Row:
    fields = {"id": "t", "district": where, "name": "学期", "week_1": first_day}
    return ("term", {**fields, "first_day": first_day, "last_day": last_day})


AUTUMN = term("2026-08-31", "2027-01-29")
# No notice names holidays fifty years ahead.
FAR = term("2076-09-07", "2077-01-29")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_official_holidays_that_nobody_entered_are_counted_when_they_come_near() -> (
    None
):
    here = world(AUTUMN)
    assert doubtful_days(here, at("2026-08-25"))["not_entered"] == 0
    # The days off from 1 to 7 October, less the weekend; on 25 September one more.
    assert doubtful_days(here, at("2026-09-20"))["not_entered"] == 6
    assert doubtful_days(here, at("2026-10-08"))["not_entered"] == 0


def test_a_holiday_that_was_entered_is_not() -> None:
    here = world(AUTUMN, *(off(f"2026-10-0{day}") for day in range(1, 8)))
    assert doubtful_days(here, at("2026-09-28")) == {"unknown": 0, "not_entered": 0}


def test_a_year_without_holidays_is_counted_until_somebody_enters_one() -> None:
    assert doubtful_days(world(FAR), at("2076-11-30"))["unknown"] == 31
    here = world(FAR, off("2076-10-01"))
    assert doubtful_days(here, at("2076-11-30"))["unknown"] == 0
    # Into the next year as far as one looks ahead.
    assert doubtful_days(here, at("2076-12-10"))["unknown"] == 9


@pytest.mark.parametrize("now", ["2076-07-01", "2077-03-01"])
def test_days_outside_any_term_are_nobodys_doubt(now: str) -> None:
    assert doubtful_days(world(FAR), at(now)) == {"unknown": 0, "not_entered": 0}


def test_a_district_of_another_country_has_no_official_days_to_miss() -> None:
    away = ("district", {**district("abroad")[1], "zone": "Europe/Berlin"})
    here = world(away, term("2076-09-07", "2077-01-29", "abroad"))
    assert doubtful_days(here, at("2076-11-30")) == {"unknown": 0, "not_entered": 0}


def test_both_doubts_stand_at_zero_before_the_first_look() -> None:
    registry = Registry()
    metrics = CalendarMetrics(registry)

    def shown(kind: str) -> float | None:
        name = "classroom_calendar_doubts"
        return registry.get_sample_value(name, {"kind": kind})

    assert (shown("unknown"), shown("not_entered")) == (0, 0)
    metrics.looked({"unknown": 3, "not_entered": 0})
    assert (shown("unknown"), shown("not_entered")) == (3, 0)
