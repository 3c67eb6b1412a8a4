from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from common.errors import ParseError
from common.ids import DistrictId, SchoolId
from scheduler.catalogue.calendar import (
    CalendarDay,
    Term,
    TermDay,
    TermId,
    dates_of,
    local_day,
    moment,
    term_day,
)
from scheduler.catalogue.course import Slot
from scheduler.catalogue.weeks import last_week, parse_weeks, runs_in, weeks_text

DISTRICT = DistrictId("dingyuan")
CENTRE, POINT = SchoolId("centre"), SchoolId("point")
TERM = Term(
    id=TermId("2026-autumn"),
    district=DISTRICT,
    name="2026 秋",
    week_1=date(2026, 8, 31),
    first_day=date(2026, 9, 1),
    last_day=date(2027, 1, 22),
)
HOLIDAY = CalendarDay(district=DISTRICT, day=date(2026, 10, 1), kind="holiday")
MAKE_UP = CalendarDay(
    district=DISTRICT,
    day=date(2026, 10, 10),
    kind="make_up",
    runs_week=4,
    runs_weekday=2,
)


def test_a_make_up_saturday_runs_the_week_and_weekday_it_names() -> None:
    day = term_day(TERM, date(2026, 10, 10), [HOLIDAY, MAKE_UP], CENTRE)
    assert day == TermDay(week=4, weekday=2)


def test_a_school_overrides_the_make_up_of_its_district() -> None:
    own = MAKE_UP.model_copy(update={"school": POINT, "runs_weekday": 5})
    special = [own, MAKE_UP]
    assert term_day(TERM, MAKE_UP.day, special, POINT) == TermDay(4, 5)
    assert term_day(TERM, MAKE_UP.day, special, CENTRE) == TermDay(4, 2)


def test_holidays_and_days_outside_the_term_have_no_lessons() -> None:
    assert term_day(TERM, HOLIDAY.day, [HOLIDAY], CENTRE) is None
    assert term_day(TERM, date(2026, 8, 31), [], CENTRE) is None
    assert term_day(TERM, date(2027, 1, 23), [], CENTRE) is None


def test_an_even_week_lesson_also_runs_on_the_make_up_of_an_even_week() -> None:
    days = [d for d, _ in dates_of(TERM, "even", 2, [MAKE_UP], CENTRE)]
    assert date(2026, 10, 10) in days
    assert date(2026, 9, 8) in days
    assert date(2026, 9, 1) not in days


def test_weeks_are_counted_from_the_term_and_not_from_the_year() -> None:
    assert TERM.week_of(date(2026, 9, 6)) == 1
    assert TERM.week_of(date(2026, 9, 7)) == 2
    # 2026 has an ISO week 53; the term only counts on.
    assert TERM.week_of(date(2026, 12, 31)) == 18
    assert TERM.week_of(date(2027, 1, 4)) == 19


def test_a_term_week_one_that_is_no_monday_is_refused() -> None:
    with pytest.raises(ValidationError, match="Monday"):
        Term.model_validate({**TERM.model_dump(), "week_1": date(2026, 9, 1)})


def test_a_make_up_day_that_says_not_what_runs_is_refused() -> None:
    with pytest.raises(ValidationError, match="make-up"):
        CalendarDay(district=DISTRICT, day=date(2026, 10, 10), kind="make_up")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", "all"),
        ("每周", "all"),
        ("单周", "odd"),
        ("EVEN", "even"),
        ("1-8，10", "1-8,10"),
        ("3", "3"),
        ("1-16周", "1-16"),
        ("2、4、6", "2,4,6"),
        ("6,2，4-5", "2,4-6"),
        ("1-3,2-8,9", "1-9"),
        ("第3周、第5-6周", "3,5-6"),
    ],
)
def test_week_patterns_are_read_as_people_write_them(text: str, normal: str) -> None:
    assert parse_weeks(text) == normal


@pytest.mark.parametrize(
    "text", ["8-1", "0", "61", "sometimes", "1;x", "1-2-3", ",", "、"]
)
def test_a_week_pattern_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="weeks"):
        parse_weeks(text)


def test_a_lesson_in_chuzhou_is_stored_in_utc() -> None:
    at = moment(date(2026, 11, 23), 10 * 60, "Asia/Shanghai")
    assert at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert local_day(at, "Asia/Shanghai") == date(2026, 11, 23)
    late = moment(date(2026, 11, 23), 24 * 60, "Asia/Shanghai")
    assert local_day(late, "Asia/Shanghai") == date(2026, 11, 24)


def test_a_local_time_that_a_clock_change_skips_is_refused() -> None:
    with pytest.raises(ParseError, match="does not exist"):
        moment(date(2027, 3, 28), 2 * 60 + 30, "Europe/Berlin")
    twice = moment(date(2026, 10, 25), 2 * 60 + 30, "Europe/Berlin")
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    term = Term(
        id=TermId("2028-spring"),
        district=DISTRICT,
        name="2028 春",
        week_1=date(2028, 2, 14),
        first_day=date(2028, 2, 14),
        last_day=date(2028, 6, 30),
    )
    day = term_day(term, date(2028, 2, 29), [], CENTRE)
    assert day == TermDay(week=3, weekday=2)


@given(st.integers(1, 20), st.integers(1, 7))
def test_a_term_week_and_weekday_lead_to_a_date_and_back(
    week: int, weekday: int
) -> None:
    day = TERM.date_of(week, weekday)
    assert TERM.week_of(day) == week
    assert day.isoweekday() == weekday


@given(st.integers(1, 60))
def test_each_week_is_either_odd_or_even(week: int) -> None:
    assert runs_in("odd", week) != runs_in("even", week)
    assert runs_in("all", week)
    assert runs_in(f"{week}-{week}", week)


weeks = st.frozensets(st.integers(1, 60), min_size=1, max_size=12)
patterns = weeks.map(weeks_text) | st.sampled_from(["all", "odd", "even"])


def weeks_in(pattern: str) -> set[int]:
    return {week for week in range(1, 61) if runs_in(pattern, week)}


@given(weeks)
def test_a_list_of_weeks_is_written_and_read_back(listed: frozenset[int]) -> None:
    text = weeks_text(listed)
    assert weeks_in(text) == listed
    assert parse_weeks(text) == text
    assert last_week(text) == max(listed)


@given(patterns, patterns)
def test_the_dates_of_two_patterns_together_are_those_of_their_union(
    a: str, b: str
) -> None:
    both = weeks_text(weeks_in(a) | weeks_in(b))
    together = set(dates_of(TERM, both, 3, [MAKE_UP, HOLIDAY], CENTRE))
    apart = [set(dates_of(TERM, one, 3, [MAKE_UP, HOLIDAY], CENTRE)) for one in (a, b)]
    assert together == apart[0] | apart[1]


@given(patterns, st.integers(1, 7))
def test_every_date_of_a_pattern_lies_in_one_of_its_weeks(
    pattern: str, weekday: int
) -> None:
    for day, runs in dates_of(TERM, pattern, weekday, [], CENTRE):
        assert day.isoweekday() == weekday
        assert TERM.week_of(day) == runs.week in weeks_in(pattern)


def test_a_pattern_too_long_for_one_row_is_refused_with_the_remedy() -> None:
    with pytest.raises(ParseError) as caught:
        parse_weeks(",".join(str(week) for week in range(1, 61, 2)))
    assert "拆成几条" in caught.value.zh


def test_a_row_with_a_week_pattern_nobody_understands_is_refused() -> None:
    with pytest.raises(ValidationError, match="write all, odd"):
        Slot.model_validate(
            {"id": "s", "course": "c", "weekday": 1, "period": 1, "weeks": "now"}
        )


@pytest.mark.parametrize(
    "days",
    [
        {"first_day": date(2026, 7, 30)},
        {"last_day": date(2226, 1, 22)},
        {"last_day": date(2027, 10, 29)},
        {"last_day": date(2026, 8, 1)},
    ],
)
def test_a_term_whose_dates_are_slips_of_the_pen_is_refused(
    days: dict[str, date],
) -> None:
    with pytest.raises(ValidationError, match="wrong"):
        Term.model_validate({**TERM.model_dump(), **days})
