from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from common.errors import NotFoundError
from common.ids import SchoolId
from scheduler.catalogue.bell_book import BellBook, Span
from scheduler.catalogue.bells import (
    BellSchedule,
    BellScheduleId,
    Minutes,
    Period,
    clashing_periods,
    clashing_schedules,
    clock_text,
    minutes_of,
    read_clock,
    read_starts,
    schedule_on,
    starts_text,
    touched,
)
from scheduler.catalogue.organisation import School
from scheduler.catalogue.world import World

SCHOOL = SchoolId("dy-centre")
BELLS = BellScheduleId("bells")


def period(number: int, start: str, end: str) -> Period:
    return Period(
        bell_schedule=BELLS,
        number=number,
        start_minute=read_clock(start),
        end_minute=read_clock(end),
    )


def schedule(name: str, **rule: object) -> BellSchedule:
    fields = {"id": name, "school": SCHOOL, "name": name, **rule}
    return BellSchedule.model_validate(fields)


POINT = [
    period(1, "8:20", "9:00"),
    period(2, "9:10", "9:50"),
    period(3, "10:10", "10:50"),
]
minutes = st.builds(
    lambda a, length: Minutes(a, min(a + length, 1440)),
    st.integers(0, 1439),
    st.integers(1, 300),
)


def test_a_lesson_between_two_local_bells_touches_both_periods() -> None:
    lesson = Minutes(read_clock("9:40"), read_clock("10:20"))
    assert touched(POINT, lesson) == [2, 3]


def test_a_lesson_that_only_touches_a_bell_does_not_cut_that_period() -> None:
    assert touched(POINT, Minutes(read_clock("9:50"), read_clock("10:10"))) == []


def test_a_period_is_found_by_its_number_and_a_missing_one_is_named() -> None:
    assert minutes_of(POINT, 3) == Minutes(610, 650)
    with pytest.raises(NotFoundError, match="no period 9"):
        minutes_of(POINT, 9)


def test_an_exam_day_wins_over_the_season_and_the_season_over_the_year() -> None:
    year = schedule("year")
    summer = schedule("summer", first_day="2027-05-01", last_day="2027-09-30")
    exam = schedule("exam", first_day="2027-06-20", last_day="2027-06-20")
    friday = schedule("friday", weekdays={5})
    rules = [year, summer, exam, friday]
    assert schedule_on(rules, SCHOOL, date(2027, 6, 20)) is exam
    assert schedule_on(rules, SCHOOL, date(2027, 6, 21)) is summer
    assert schedule_on(rules, SCHOOL, date(2027, 3, 5)) is friday
    assert schedule_on(rules, SCHOOL, date(2027, 3, 4)) is year
    assert schedule_on(rules, SchoolId("other"), date(2027, 3, 4)) is None


def test_two_equally_wide_schedules_on_one_day_contradict_each_other() -> None:
    spring = schedule("spring", first_day="2027-03-01", last_day="2027-03-31")
    shifted = schedule("shifted", first_day="2027-03-15", last_day="2027-04-14")
    april = schedule("april", first_day="2027-05-01", last_day="2027-05-31")
    assert clashing_schedules([spring, shifted, april]) == [(spring, shifted)]


def test_periods_that_overlap_or_repeat_a_number_are_named() -> None:
    late = period(2, "8:50", "9:30")
    assert clashing_periods([POINT[0], late]) == [(POINT[0], late)]
    twice = period(1, "9:10", "9:50")
    assert clashing_periods([POINT[0], twice]) == [(POINT[0], twice)]
    assert clashing_periods(POINT) == []


@pytest.mark.parametrize(("start", "end"), [("10:00", "10:00"), ("23:30", "0:10")])
def test_a_period_across_midnight_or_without_length_is_refused(
    start: str, end: str
) -> None:
    with pytest.raises(ValidationError, match=r"on the same day|greater than 0"):
        period(1, start, end)


@pytest.mark.parametrize("text", ["", "8", "8:5", "25:00", "24:01", "8:60", "a:00"])
def test_what_is_not_a_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        read_clock(text)


@given(st.integers(0, 1440))
def test_a_clock_text_reads_back_as_the_same_minute(minute: int) -> None:
    assert read_clock(clock_text(minute)) == minute
    assert read_clock(clock_text(minute).replace(":", "：")) == minute


@given(minutes, minutes)
def test_overlap_is_symmetric_and_counts_the_shared_minutes(
    a: Minutes, b: Minutes
) -> None:
    shared = set(range(a.start, a.end)) & set(range(b.start, b.end))
    assert a.overlap(b) == b.overlap(a) == len(shared)


@given(minutes, st.lists(minutes, max_size=6))
def test_a_lesson_touches_exactly_the_periods_it_shares_a_minute_with(
    lesson: Minutes, local: list[Minutes]
) -> None:
    periods = [
        Period(
            bell_schedule=BELLS, number=i + 1, start_minute=m.start, end_minute=m.end
        )
        for i, m in enumerate(local)
    ]
    expected = {
        i + 1
        for i, m in enumerate(local)
        if set(range(m.start, m.end)) & set(range(lesson.start, lesson.end))
    }
    assert set(touched(periods, lesson)) == expected


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 40))
def test_a_narrow_schedule_always_wins_inside_its_days(day: date, length: int) -> None:
    narrow = schedule("narrow", first_day=day, last_day=day + timedelta(days=length))
    wide = schedule("wide")
    assert schedule_on([wide, narrow], SCHOOL, day) is narrow
    before = day - timedelta(days=1)
    assert schedule_on([wide, narrow], SCHOOL, before) is wide


starts = st.frozensets(st.tuples(st.integers(1, 7), st.integers(0, 1439)), max_size=20)


@given(starts)
def test_agreed_starts_are_written_and_read_back(
    agreed: frozenset[tuple[int, int]],
) -> None:
    text = starts_text(agreed)
    assert set(read_starts(text)) == agreed
    assert starts_text(read_starts(text)) == text


def test_agreed_starts_are_read_as_people_write_them() -> None:
    assert read_starts(" 3@14:00、1@9:05，1@10：00 ") == ((1, 545), (1, 600), (3, 840))


@pytest.mark.parametrize("text", ["0@10:00", "8@10:00", "1", "1@", "@10:00", "1@24:00"])
def test_what_is_no_agreed_start_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|no lesson"):
        read_starts(text)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=8))
def test_what_rings_through_a_term_is_what_rings_on_each_day(
    ranges: list[tuple[int, int]],
) -> None:
    first = date(2026, 9, 1)
    world = World()
    world.put([School.model_validate({"id": SCHOOL, "district": "d", "name": "校"})])
    for number, (begin, length) in enumerate(ranges):
        begins = first + timedelta(days=begin)
        one = schedule(
            f"b{number}", first_day=begins, last_day=begins + timedelta(days=length)
        )
        rings = {"bell_schedule": one.id, "number": 1, "start_minute": 480 + number}
        world.put([one, Period.model_validate({**rings, "end_minute": 600})])
    book, span = BellBook(world), Span(first, first + timedelta(days=80))
    for offset in range(81):
        day = first + timedelta(days=offset)
        found = [
            one.periods
            for one in book.ringing(SCHOOL, day.isoweekday(), span)
            if one.span.first <= day <= one.span.last
        ]
        assert found == ([book.on(SCHOOL, day)] if book.on(SCHOOL, day) else [])
