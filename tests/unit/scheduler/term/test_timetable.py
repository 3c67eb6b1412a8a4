from datetime import UTC, date, datetime

import pytest

from common.errors import NotFoundError, ParseError
from common.ids import CourseId, DistrictId, SchoolId
from scheduler.catalogue.bells import BellSchedule, BellScheduleId, Minutes, Period
from scheduler.catalogue.calendar import CalendarDay, Term, TermId
from scheduler.catalogue.course import Course, Slot
from scheduler.catalogue.organisation import District
from scheduler.catalogue.world import World
from scheduler.term.timetable import Timetable
from tests.unit.scheduler.district import DISTRICT, FEIXI, HULI, MUSIC

MONDAY = date(2026, 11, 23)
"""Of term week 13."""


def world(*more: object) -> World:
    made = World()
    made.put(DISTRICT)
    made.put(more)  # type: ignore[arg-type]
    return made


def course(of: World) -> Course:
    found = of.get(Course, MUSIC)
    assert found is not None
    return found


def term(of: World) -> Term:
    found = of.get(Term, TermId("2026-autumn"))
    assert found is not None
    return found


def slot(name: str, **time: object) -> Slot:
    return Slot.model_validate({"id": name, "course": MUSIC, **time})


def test_a_lesson_by_period_rings_with_the_master_school() -> None:
    here = world()
    placed = Timetable(here).at_period(course(here), MONDAY, 3)
    assert placed.starts_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert placed.ends_at == datetime(2026, 11, 23, 2, 40, tzinfo=UTC)
    assert (placed.period, placed.week) == ("第3节", 13)


def test_a_lesson_has_the_rooms_and_the_teacher_of_its_course() -> None:
    here = world()
    timetable = Timetable(here)
    made = timetable.lesson(
        course(here), timetable.at_period(course(here), MONDAY, 3), class_hour=4
    )
    assert set(made.receiving_rooms) == {HULI, FEIXI}
    assert (made.title, made.teacher, made.class_hour) == ("三年级音乐", "wang", 4)


def test_a_lesson_of_no_length_is_refused_in_words() -> None:
    here = world()
    timetable = Timetable(here)
    placed = timetable.at_moments(course(here), 1_000_000.0, 1_000_001.0)
    with pytest.raises(ParseError) as caught:
        timetable.lesson(course(here), placed)
    assert "5 秒" in caught.value.zh


def test_weekly_slots_skip_holidays_and_run_on_the_make_up_day() -> None:
    holiday = CalendarDay(district=DistrictId("dingyuan"), day=MONDAY, kind="holiday")
    make_up = CalendarDay(
        district=DistrictId("dingyuan"),
        day=date(2026, 11, 28),
        kind="make_up",
        runs_week=13,
        runs_weekday=1,
    )
    here = world(slot("s", weekday=1, period=3), holiday, make_up)
    lessons, skipped = Timetable(here).lessons_between(
        term(here), MONDAY, date(2026, 11, 30), set()
    )
    assert [one.day for one in lessons] == [date(2026, 11, 28), date(2026, 11, 30)]
    assert [one.week for one in lessons] == [13, 14]
    assert skipped == []


def test_lessons_are_counted_through_the_term_and_through_the_week() -> None:
    late = slot("late", weekday=1, start_minute=900, end_minute=940)
    here = world(slot("early", weekday=1, start_minute=600, end_minute=640), late)
    first_week = (date(2026, 9, 7), date(2026, 9, 14))
    lessons, _ = Timetable(here).lessons_between(term(here), *first_week, set())
    assert [(one.slot, one.class_hour) for one in lessons] == [
        ("early", 1),
        ("late", 2),
        ("early", 3),
        ("late", 4),
    ]


def test_an_occurrence_that_was_made_is_not_made_again() -> None:
    here = world(slot("s", weekday=1, period=3))
    made = {("s", MONDAY)}
    lessons, _ = Timetable(here).lessons_between(term(here), MONDAY, MONDAY, made)
    assert lessons == []


def test_an_occurrence_without_bells_is_skipped_and_said_so() -> None:
    exam = BellSchedule(
        id=BellScheduleId("exam"),
        school=SchoolId("centre"),
        name="考试",
        first_day=MONDAY,
        last_day=MONDAY,
    )
    here = world(slot("s", weekday=1, period=3), exam)
    lessons, skipped = Timetable(here).lessons_between(
        term(here), MONDAY, MONDAY, set()
    )
    assert lessons == []
    assert [(s.slot.id, s.day) for s in skipped] == [("s", MONDAY)]
    assert "考试" in skipped[0].zh


def test_a_lesson_in_a_skipped_hour_is_refused_not_moved() -> None:
    berlin = District(id=DistrictId("dingyuan"), name="柏林", zone="Europe/Berlin")
    here = world(berlin)
    night = Minutes(2 * 60 + 10, 2 * 60 + 50)
    with pytest.raises(ParseError, match="does not exist"):
        Timetable(here).at_minutes(course(here), date(2027, 3, 28), night)


def test_a_lesson_across_midnight_is_refused_by_the_clocks_of_its_school() -> None:
    here = world()
    timetable = Timetable(here)
    late = datetime(2026, 11, 23, 15, 30, tzinfo=UTC).timestamp()  # 23:30 in Chuzhou
    with pytest.raises(ParseError) as caught:
        timetable.at_moments(course(here), late, late + 40 * 60)
    assert "23:30-00:10 跨过了午夜" in caught.value.zh
    # Until midnight is still the same day; midnight in UTC is morning there.
    assert timetable.at_moments(course(here), late, late + 30 * 60).day == MONDAY
    utc = datetime(2026, 11, 23, 23, 50, tzinfo=UTC).timestamp()
    placed = timetable.at_moments(course(here), utc, utc + 40 * 60)
    assert placed.day == date(2026, 11, 24)


def test_a_course_without_a_school_is_named() -> None:
    lost = Course.model_validate(
        {**course(world()).model_dump(), "id": CourseId("x"), "master_room": "moon"}
    )
    with pytest.raises(NotFoundError, match="no_master_school"):
        Timetable(world(lost)).zone(lost)


def test_the_period_of_another_schedule_is_not_taken() -> None:
    other = Period(
        bell_schedule=BellScheduleId("bells-of-nobody"),
        number=7,
        start_minute=900,
        end_minute=940,
    )
    here = world(other)
    with pytest.raises(NotFoundError, match="no period 7"):
        Timetable(here).at_period(course(here), MONDAY, 7)
