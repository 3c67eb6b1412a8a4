"""From what people entered to what the solver is asked, and how full it is."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.ids import SchoolId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.calendar import Term, TermId
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.wishes import Weights
from scheduler.catalogue.world import World
from scheduler.contradictions import contradictions
from scheduler.importer.read import read_uploads
from scheduler.sample import sample_uploads
from scheduler.solver.check import violations
from scheduler.solver.problem import (
    Busy,
    PeriodTime,
    Placement,
    Problem,
    StreamId,
    weeks_mask,
)
from scheduler.solver.space import Space
from scheduler.term.load import loads, sentence
from scheduler.term.weekly import Weekly, weekly_problem
from tests.unit.scheduler.big_world import big_world
from tests.unit.scheduler.rows import (
    Row,
    at,
    bells,
    course,
    district,
    hours,
    local,
    period,
    world,
)

OPEN = (hours("am", "point", 480, 720), hours("pm", "point", 780, 1000))


def weekly(*rows: Row, week: int = 13, term: str = "2026-autumn") -> Weekly:
    here = world(*OPEN, *rows)
    assert contradictions(here) == []
    return weekly_problem(here, term_of(here, term), week)


def term_of(of: World, id: str = "2026-autumn") -> Term:
    found = of.get(Term, TermId(id))
    assert found is not None
    return found


def busy_of(problem: Problem, kind: str, id: str) -> list[Busy]:
    return [b for b in problem.busy if b.resource == (kind, id)]


def test_each_course_is_a_stream_of_the_same_id() -> None:
    problem = weekly(course(weeks="odd", common_starts="1@10:00", title="合唱")).problem
    (stream,) = problem.streams
    assert (stream.id, stream.title, stream.lessons) == ("music-3", "合唱", 1)
    assert {r.room for r in stream.receivers} == {"huli", "feixi"}
    assert stream.common_starts == ((1, 600),)
    assert stream.weeks == weeks_mask("odd")


def test_the_bells_are_those_of_the_dates_of_the_week() -> None:
    winter: Row = (
        "bell_schedule",
        {
            "id": "winter",
            "school": "centre",
            "name": "冬季",
            "first_day": "2026-12-01",
            "last_day": "2027-02-01",
        },
    )
    rows = (winter, period("winter", 3, 620))
    autumn = weekly(*rows, week=13).problem.site_by_id["centre"].bells
    mixed = weekly(*rows, week=14).problem.site_by_id["centre"].bells
    # Week 14 begins on Monday the 30th of November.
    assert autumn[2] == (PeriodTime(3, 600, 640),)
    assert mixed[1] == (PeriodTime(3, 600, 640),)
    assert mixed[2] == (PeriodTime(3, 620, 660),)


def test_school_hours_are_the_windows_of_a_site() -> None:
    point = weekly().problem.site_by_id["point"]
    assert point.open_on(1) == (Minutes(480, 720), Minutes(780, 1000))
    assert point.open_on(6) == ()


def test_local_lessons_take_who_and_what_is_in_them_for_their_weeks() -> None:
    by_period = local("a", teacher="wang", site_room="huli", weeks="even", **at(5, 9))
    problem = weekly(by_period).problem
    (teacher,) = busy_of(problem, "teacher", "wang")
    (room,) = busy_of(problem, "room", "huli")
    assert teacher.time == room.time == Minutes(5, 9)
    assert teacher.weeks == weeks_mask("even")
    assert (teacher.kind, teacher.title) == ("local", "语文")
    assert teacher.site == SchoolId("point")


def test_a_local_lesson_by_period_has_the_minutes_of_its_own_school() -> None:
    rows = (bells("late", "point"), period("late", 3, 655))
    lesson = local("a", site_room="huli", period=3)
    (room,) = busy_of(weekly(*rows, lesson).problem, "room", "huli")
    assert room.time == Minutes(655, 695)


def test_a_local_lesson_whose_period_does_not_ring_is_left_out_and_said_so() -> None:
    exam: Row = (
        "bell_schedule",
        {
            "id": "exam",
            "school": "centre",
            "name": "考试",
            "first_day": "2026-11-23",
            "last_day": "2026-11-29",
        },
    )
    rows = (exam, period("exam", 1, 480), local("a", teacher="wang", period=3))
    assert busy_of(weekly(*rows, week=13).problem, "teacher", "wang") == []
    (warning,) = weekly(*rows, week=13).warnings
    assert "第13周星期一没有第3节" in warning.zh
    assert len(busy_of(weekly(*rows, week=12).problem, "teacher", "wang")) == 1


def test_local_lessons_of_another_term_take_nothing() -> None:
    spring = _term("2027-spring", "dingyuan", "2027-02-22", "2027-07-02")
    then = local("then", teacher="wang", term="2027-spring", **at(600, 640))
    assert busy_of(weekly(spring, then).problem, "teacher", "wang") == []


@pytest.mark.parametrize(
    ("field", "id", "kind"),
    [
        ("school", "point", "site"),
        ("site_room", "huli", "room"),
        ("teacher", "wang", "teacher"),
    ],
)
def test_closed_times_close_one_thing_on_each_of_their_days(
    field: str, id: str, kind: str
) -> None:
    closed = {"id": "x", "title": "检修", field: id, "weekdays": {2, 4}}
    found = busy_of(weekly(("closed_time", closed)).problem, kind, id)
    assert [(b.weekday, b.time, b.kind) for b in found] == [
        (2, Minutes(0, 1440), "closed"),
        (4, Minutes(0, 1440), "closed"),
    ]


def test_what_lasts_begins_and_ends_on_any_day_of_a_week() -> None:
    """Week 13 begins on Monday 23 November."""
    days = {"first_day": "2026-11-25", "last_day": "2026-12-08"}
    closed = {"id": "x", "title": "装修", "teacher": "wang", "weekdays": {1, 3}, **days}
    found = busy_of(weekly(("closed_time", closed)).problem, "teacher", "wang")
    assert [(b.weekday, b.weeks) for b in found] == [
        (1, weeks_mask("14-15")),
        (3, weeks_mask("13-14")),
    ]


def _term(id: str, where: str, first: str, last: str) -> Row:
    fields = {"id": id, "district": where, "name": id, "week_1": first}
    return ("term", {**fields, "first_day": first, "last_day": last})


def test_lessons_of_the_citys_term_take_the_countys_teacher_in_its_own_weeks() -> None:
    rows = (
        district("city"),
        district("dingyuan", parent="city"),
        _term("city-term", "city", "2026-09-07", "2027-01-22"),
        course(id="city-music", term="city-term", weeks="odd"),
        (
            "slot",
            {
                "id": "s",
                "course": "city-music",
                "weekday": 2,
                "period": 3,
                "weeks": "1-2",
            },
        ),
    )
    problem = weekly(*rows).problem
    assert [s.id for s in problem.streams] == ["music-3"]
    (teacher,) = busy_of(problem, "teacher", "wang")
    # The city's weeks 1 and 2 are the county's 2 and 3.
    assert teacher.weeks == weeks_mask("2-3")
    assert (teacher.weekday, teacher.time, teacher.kind) == (
        2,
        Minutes(600, 640),
        "closed",
    )


def test_limits_and_wishes_come_from_the_district_or_from_above() -> None:
    city = district("city", media_seats=40)
    wish = {"id": "w", "district": "city", "subject": "英语", "cost": 3}
    rows = (
        city,
        district("dingyuan", parent="city"),
        ("subject_time", {**wish, **at(780, 1000)}),
        ("weighting", {"district": "city", "misfit": 7}),
        (
            "school",
            {
                "id": "point",
                "district": "dingyuan",
                "name": "点",
                "uplink_bps": 5_000_000,
            },
        ),
    )
    problem = weekly(*rows).problem
    assert problem.media_seats == 40
    assert problem.weights == Weights(misfit=7)
    assert [(w.subject, w.cost) for w in problem.subject_times] == [("英语", 3)]
    assert problem.site_by_id["point"].uplink_kbps == 5000
    own = weekly(*rows, ("weighting", {"district": "dingyuan", "gap": 0})).problem
    assert own.weights == Weights(gap=0)


def test_locks_of_courses_that_are_not_in_the_term_are_left_out_and_said_so() -> None:
    here = world(*OPEN)
    good = Placement(StreamId("music-3"), 1, 600)
    lost = Placement(StreamId("gone"), 1, 600)
    made = weekly_problem(here, term_of(here), 13, locks=[good, lost])
    assert made.problem.locks == {good}
    assert "gone" in made.warnings[0].zh


def test_only_those_who_take_part_are_in_the_problem() -> None:
    other: Row = ("school", {"id": "other", "district": "dingyuan", "name": "旁校"})
    problem = weekly(other, local("a", teacher="li", **at(600, 640))).problem
    assert set(problem.site_by_id) == {"centre", "point"}
    assert set(problem.teacher_by_id) == {"wang"}
    assert problem.busy == ()


# ---- properties --------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(2, 6), st.integers(1, 22), st.randoms())
def test_every_world_gives_a_problem_that_the_judge_understands(
    schools: int, every: int, week: int, random: Random
) -> None:
    here = big_world(schools, master_every=every)
    assert contradictions(here) == []
    problem = weekly_problem(here, term_of(here, "term"), week).problem
    space = Space(problem)
    placed: list[Placement] = []
    for row in space.of_stream:
        # Any candidate alone breaks no rule; two of one day break exactly that one.
        if row:
            alone = space.placement(random.choice(row).index)
            assert violations(problem, [alone], complete=False) == []
            placed.append(alone)
    rules = {v.rule for v in violations(problem, placed, complete=False)}
    assert rules <= {"resource", "travel"}


def test_the_week_of_the_sample_district_can_be_told_before_it_is_solved() -> None:
    here = World()
    here.put(read_uploads(sample_uploads(), KINDS, ()))
    made = weekly_problem(here, term_of(here), 13)
    assert made.warnings == ()
    assert 60 <= sum(s.lessons for s in made.problem.streams) <= 100
    assert len({r.room for s in made.problem.streams for r in s.receivers}) == 20
    rows = loads(made.problem)
    ratios = [row.ratio for row in rows]
    assert None not in ratios
    assert ratios == sorted(ratios, key=lambda r: -(r or 0))
    assert 0.5 <= (ratios[0] or 0) < 1


# ---- load --------------------------------------------------------------------------


def load_of(problem: Problem, kind: str, id: str) -> tuple[int, int]:
    row = next(one for one in loads(problem) if (one.kind, one.id) == (kind, id))
    return row.wanted, row.offered


def test_a_teacher_is_offered_the_starts_that_are_left() -> None:
    assert load_of(weekly().problem, "teacher", "wang") == (1, 5)
    taken = local("a", teacher="wang", weekday=1, **at(630, 700))
    assert load_of(weekly(taken).problem, "teacher", "wang") == (1, 4)
    assert load_of(weekly(taken).problem, "course", "music-3") == (1, 4)


def test_odd_and_even_weeks_are_not_added_up() -> None:
    odd = course(weeks="odd", lessons_a_week=2)
    even = course(id="music-4", weeks="even", lessons_a_week=3)
    assert load_of(weekly(odd, even).problem, "teacher", "wang") == (3, 7)


def test_a_course_that_has_no_time_at_all_comes_first_and_says_what_to_do() -> None:
    closed: Row = ("closed_time", {"id": "x", "title": "停课", "teacher": "wang"})
    first = loads(weekly(closed).problem)[0]
    assert first.ratio is None
    zh, en = sentence(first)
    assert "排不下；请减少课时" in zh
    assert "too many" in en


def test_an_uplink_offers_no_more_than_it_carries() -> None:
    thin: Row = (
        "school",
        {
            "id": "centre",
            "district": "dingyuan",
            "name": "中心学校",
            "uplink_bps": 3_000_000,
        },
    )
    assert load_of(weekly(thin).problem, "site", "centre") == (1, 0)


def test_media_seats_are_counted_for_the_whole_district() -> None:
    seats = district("dingyuan", media_seats=4)
    assert load_of(weekly(seats).problem, "media", "media") == (3, 20)
