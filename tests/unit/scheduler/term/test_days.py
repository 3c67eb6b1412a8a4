"""What each day of a term runs: holidays, make-up days, clock changes, leap days."""

from datetime import UTC, date, datetime

import pytest

from common.ids import SchoolId
from scheduler.catalogue.bells import BellSchedule, schedule_on
from scheduler.catalogue.calendar import CalendarDay, Term, TermDay, TermId, term_day
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.world import World
from scheduler.importer.read import read_uploads
from scheduler.sample import sample_uploads
from scheduler.term.api import propose
from scheduler.term.days import DayPlan, DayWarning, special_days, term_calendar
from scheduler.term.holidays import official_days, unknown_days
from scheduler.term.timetable import Skipped, Timetable
from tests.unit.scheduler.district import DISTRICT
from tests.unit.scheduler.rows import Row, bells, district, value
from tests.unit.scheduler.rows import period as period_row

CENTRE, POINT = SchoolId("centre"), SchoolId("point")


def world(*rows: Row) -> World:
    """The small district in its city, with more rows."""
    made = World()
    made.put(DISTRICT)
    made.put(value(*r) for r in (district("city"), district("dingyuan", parent="city")))
    made.put(value(*one) for one in rows)
    return made


def term(of: World, id: str = "2026-autumn") -> Term:
    found = of.get(Term, TermId(id))
    assert found is not None
    return found


def off(day: str, where: str = "dingyuan", school: str | None = None) -> Row:
    fields = {"district": where, "day": day, "kind": "holiday", "school": school}
    return ("calendar_day", fields)


def make_up(
    day: str,
    week: int,
    weekday: int,
    where: str = "dingyuan",
    school: str | None = None,
) -> Row:
    fields = {"district": where, "day": day, "kind": "make_up", "school": school}
    return ("calendar_day", {**fields, "runs_week": week, "runs_weekday": weekday})


def runs(of: World, day: str, school: SchoolId = CENTRE) -> TermDay | None:
    special = special_days(of, term(of))
    return term_day(term(of), date.fromisoformat(day), special, school)


def plan(of: World, day: str) -> DayPlan:
    days = term_calendar(of, term(of)).days
    return next(one for one in days if one.day == date.fromisoformat(day))


def warnings(of: World, day: str) -> list[DayWarning]:
    found = term_calendar(of, term(of)).warnings
    return [one for one in found if one.day == date.fromisoformat(day)]


def slot(**time: object) -> Row:
    return ("slot", {"id": "s", "course": "music-3", **time})


def lessons(of: World, first: str, last: str) -> tuple[list[Lesson], list[Skipped]]:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return Timetable(of).lessons_between(term(of), *days, set())


# ---- who says what a day runs ------------------------------------------------------


def test_the_city_speaks_for_all_the_county_over_it_and_a_school_over_both() -> None:
    city = make_up("2026-10-10", 5, 1, "city")
    county = make_up("2026-10-10", 6, 2)
    school = make_up("2026-10-10", 7, 3, school="point")
    assert runs(world(city), "2026-10-10") == TermDay(5, 1)
    assert runs(world(city, county), "2026-10-10") == TermDay(6, 2)
    assert runs(world(city, county, school), "2026-10-10", POINT) == TermDay(7, 3)
    assert runs(world(city, county, school), "2026-10-10") == TermDay(6, 2)


def test_a_county_speaks_for_its_schools_in_a_term_of_the_city() -> None:
    row = {**term(world()).model_dump(), "id": "city-term", "district": "city"}
    here = world(
        ("term", row),
        make_up("2026-10-10", 5, 1, "city"),
        off("2026-10-10", "dingyuan"),
    )
    of_city = term(here, "city-term")
    special = special_days(here, of_city)
    day = date(2026, 10, 10)
    assert term_day(of_city, day, special, CENTRE) is None
    assert term_day(of_city, day, special, SchoolId("elsewhere")) == TermDay(5, 1)


def test_a_school_may_rest_on_the_make_up_day_of_its_district() -> None:
    here = world(make_up("2026-10-10", 6, 3), off("2026-10-10", school="point"))
    assert runs(here, "2026-10-10", POINT) is None
    (other,) = plan(here, "2026-10-10").others
    assert (other.school.id, other.runs) == ("point", None)


def test_a_room_that_rests_while_its_master_teaches_is_pointed_out() -> None:
    here = world(off("2026-11-23", school="point"))
    (found,) = warnings(here, "2026-11-23")
    assert "年家岗湖里教学点" in found.zh
    assert "三年级音乐" in found.zh
    assert warnings(world(off("2026-11-23")), "2026-11-23") == []


def test_a_master_that_makes_up_alone_is_pointed_out_too() -> None:
    here = world(make_up("2026-11-28", 13, 1, school="centre"))
    assert any("收不到" in one.zh for one in warnings(here, "2026-11-28"))


def test_a_room_whose_school_has_another_day_is_left_out_of_that_lesson() -> None:
    more = (
        ("school", {"id": "far", "district": "dingyuan", "name": "远教学点"}),
        ("site_room", {"id": "far-room", "school": "far", "name": "远"}),
        ("course_room", {"course": "music-3", "site_room": "far-room"}),
        slot(weekday=1, start_minute=600, end_minute=640),
    )
    rests = off("2026-11-23", school="point")
    made, skipped = lessons(world(*more, rests), "2026-11-23", "2026-11-30")
    assert skipped == []
    assert [set(one.receiving_rooms) for one in made] == [
        {"far-room"},
        {"far-room", "huli", "feixi"},
    ]
    both = (*more, rests, off("2026-11-23", school="far"))
    made, skipped = lessons(world(*both), "2026-11-23", "2026-11-30")
    assert [one.day for one in made] == [date(2026, 11, 30)]
    (left_out,) = skipped
    assert "核对校历" in left_out.zh


# ---- make-up days ------------------------------------------------------------------


def test_a_make_up_saturday_rings_the_bells_of_the_weekday_it_runs() -> None:
    workdays = bells("bells", "centre")
    wednesday = bells("wednesday", "centre", weekdays={3})
    here = world(
        workdays,
        wednesday,
        period_row("wednesday", 3, 630),
        slot(weekday=3, period=3),
        make_up("2026-10-10", 6, 3),
    )
    (made,), skipped = lessons(here, "2026-10-10", "2026-10-10")
    assert skipped == []
    assert made.starts_at == datetime(2026, 10, 10, 2, 30, tzinfo=UTC)
    assert (made.day, made.week) == (date(2026, 10, 10), 6)


def test_bells_for_the_date_itself_win_over_those_of_the_weekday() -> None:
    exam = {"id": "exam", "school": "centre", "name": "考试"}
    day = {"first_day": "2026-10-10", "last_day": "2026-10-10"}
    here = world(bells("bells", "centre"), ("bell_schedule", {**exam, **day}))
    found = schedule_on(here.all(BellSchedule), CENTRE, date(2026, 10, 10), 3)
    assert found is not None
    assert found.id == "exam"


def test_a_day_whose_lessons_run_twice_is_pointed_out() -> None:
    here = world(make_up("2026-10-10", 6, 3))
    (found,) = [w for w in warnings(here, "2026-10-10") if "同一天的课" in w.zh]
    assert "2026-10-07 也上" in found.zh
    rested = world(make_up("2026-10-10", 6, 3), off("2026-10-07"))
    assert [w for w in warnings(rested, "2026-10-10") if "同一天的课" in w.zh] == []


# ---- official days -----------------------------------------------------------------


def test_a_year_nobody_has_published_is_a_visible_warning() -> None:
    (found,) = warnings(world(), "2027-01-01")
    assert "2027 年的放假调休安排尚未公布" in found.zh
    assert "2027-01-22" in found.zh
    assert unknown_days(date(2026, 9, 1), date(2026, 12, 31)) == []
    later = unknown_days(date(2026, 9, 1), date(2028, 2, 1))
    assert [(one.first, one.last) for one in later] == [
        (date(2027, 1, 1), date(2027, 12, 31)),
        (date(2028, 1, 1), date(2028, 2, 1)),
    ]


def test_a_holiday_that_is_not_entered_is_pointed_out() -> None:
    (found,) = warnings(world(), "2026-10-01")
    assert "国庆节" in found.zh
    assert "照常上课" in found.zh
    assert warnings(world(off("2026-10-01")), "2026-10-01") == []


def test_a_make_up_day_that_is_not_entered_runs_nothing_and_says_so() -> None:
    here = world(slot(weekday=3, period=3), bells("bells", "centre"))
    assert lessons(here, "2026-10-10", "2026-10-10") == ([], [])
    (found,) = warnings(here, "2026-10-10")
    assert "这天不上课" in found.zh
    assert "第几周星期几" in found.zh


def test_a_day_that_says_the_opposite_of_the_notice_is_pointed_out() -> None:
    (found,) = warnings(world(off("2026-10-10")), "2026-10-10")
    assert "写的不同" in found.zh


def test_a_district_outside_china_enters_its_own_holidays() -> None:
    here = world(district("dingyuan", zone="Europe/Berlin"))
    found = term_calendar(here, term(here)).warnings
    assert [(w.day, "没有官方放假数据" in w.zh) for w in found] == [(None, True)]


def test_proposed_make_up_days_leave_it_open_what_runs() -> None:
    proposal = propose(world(), term(world()))
    make_ups = [day for day in proposal.days if day.kind == "make_up"]
    assert [day.day for day in make_ups] == [date(2026, 9, 20), date(2026, 10, 10)]
    first, second = (day.suggestion for day in make_ups)
    assert first is not None
    assert second is not None
    assert (first.day, first.runs_week, first.runs_weekday) == (date(2026, 10, 6), 6, 2)
    assert (second.runs_week, second.runs_weekday) == (6, 3)
    assert first.zh.startswith("建议")
    assert not any(day.entered for day in proposal.days)
    assert any("2027" in warning.zh for warning in proposal.warnings)


def test_a_proposed_make_up_day_is_not_a_row_before_a_person_completes_it() -> None:
    day = next(d for d in propose(world(), term(world())).days if d.kind == "make_up")
    row = day.model_dump(include={"district", "day", "kind", "name"})
    with pytest.raises(ValueError, match="names the term week"):
        CalendarDay.model_validate(row)
    assert day.suggestion is not None
    chosen = day.suggestion.model_dump(include={"runs_week", "runs_weekday"})
    CalendarDay.model_validate({**row, **chosen})


def test_the_make_up_days_of_2026_are_those_of_the_notice() -> None:
    # 国办发明电 of 2025-11-04.
    found = official_days(date(2026, 1, 1), date(2026, 12, 31))
    assert [one.day for one in found if one.kind == "make_up"] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_the_sample_calendar_of_2026_is_the_official_one() -> None:
    here = World()
    here.put(read_uploads(sample_uploads(), KINDS, ()))
    autumn = term(here)
    entered = {
        (row.day, row.kind) for row in here.all(CalendarDay) if row.day.year == 2026
    }
    official = {
        (one.day, one.kind) for one in official_days(autumn.first_day, autumn.last_day)
    }
    assert entered <= official
    assert {(d, k) for d, k in official - entered if d.isoweekday() <= 5} == set()
    found = term_calendar(here, autumn).warnings
    assert [one.day for one in found] == [date(2027, 1, 1)]


# ---- clocks and leap days ----------------------------------------------------------


def berlin(*rows: Row) -> World:
    return world(district("dingyuan", zone="Europe/Berlin"), *rows)


def test_a_lesson_keeps_its_clock_time_through_the_end_of_summer_time() -> None:
    here = berlin(slot(weekday=1, start_minute=600, end_minute=640))
    made, skipped = lessons(here, "2026-10-19", "2026-10-26")
    assert skipped == []
    assert [one.starts_at.hour for one in made] == [8, 9]
    assert [one.local_times()[0].hour for one in made] == [10, 10]


def test_a_lesson_in_the_hour_that_is_skipped_is_left_out_with_its_reason() -> None:
    spring = {
        "id": "2026-autumn",
        "district": "dingyuan",
        "name": "春",
        "week_1": "2027-03-01",
        "first_day": "2027-03-01",
        "last_day": "2027-04-30",
    }
    night = slot(weekday=7, start_minute=130, end_minute=170)
    made, skipped = lessons(berlin(("term", spring), night), "2027-03-21", "2027-04-04")
    assert [one.day for one in made] == [date(2027, 3, 21), date(2027, 4, 4)]
    assert [one.day for one in skipped] == [date(2027, 3, 28)]
    assert "夏令时" in skipped[0].zh


def test_a_lesson_in_the_hour_that_comes_twice_takes_the_first_and_its_length() -> None:
    here = berlin(slot(weekday=7, start_minute=130, end_minute=170))
    (made,), _ = lessons(here, "2026-10-25", "2026-10-25")
    assert made.starts_at == datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
    assert (made.ends_at - made.starts_at).total_seconds() == 40 * 60


def test_a_weekly_lesson_takes_place_on_the_29th_of_february() -> None:
    leap = {
        "id": "2026-autumn",
        "district": "dingyuan",
        "name": "2028 春",
        "week_1": "2028-02-14",
        "first_day": "2028-02-14",
        "last_day": "2028-06-30",
    }
    here = world(("term", leap), slot(weekday=2, start_minute=600, end_minute=640))
    made, _ = lessons(here, "2028-02-22", "2028-03-07")
    days = [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]
    assert [one.day for one in made] == days
    assert [one.week for one in made] == [2, 3, 4]


def test_odd_and_even_go_on_through_week_53_and_the_new_year() -> None:
    here = world(slot(weekday=2, start_minute=600, end_minute=640, weeks="odd"))
    made, _ = lessons(here, "2026-12-15", "2027-01-22")
    days = [one.day for one in made]
    # ISO weeks 53 and 1 are both odd; by the term they alternate.
    assert days == [date(2026, 12, 22), date(2027, 1, 5), date(2027, 1, 19)]
    assert [one.week for one in made] == [17, 19, 21]


def test_a_term_may_begin_in_the_middle_of_week_1() -> None:
    here = world(slot(weekday=1, start_minute=600, end_minute=640))
    made, _ = lessons(here, "2026-08-31", "2026-09-07")
    assert [(one.day, one.week) for one in made] == [(date(2026, 9, 7), 2)]
