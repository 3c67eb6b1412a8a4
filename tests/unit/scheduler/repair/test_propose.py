"""What is proposed when somebody is away, on the real dates."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.calendar import CalendarDay
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.catalogue.value import Value
from scheduler.repair.dated import in_minutes
from scheduler.repair.dated_weeks import DatedWeeks
from scheduler.repair.event import Absence
from scheduler.repair.moved import At
from scheduler.repair.propose import Proposal, propose, weeks_of
from scheduler.solver.check import violations
from tests.unit.scheduler.repair.mending import (
    LENGTH,
    MONDAY,
    NOW,
    STARTS,
    at,
    lesson,
    term,
    weeks,
    world,
)

TUESDAY = MONDAY + timedelta(days=1)


def away(what: str, id: str, *days: int, **fields: object) -> Absence:
    first, last = MONDAY + timedelta(days=days[0]), MONDAY + timedelta(days=days[-1])
    return Absence.model_validate(
        {"what": what, "id": id, "first_day": first, "last_day": last, **fields}
    )


def proposed(
    absence: Absence, *lessons: Lesson, rows: tuple[Value, ...] = ()
) -> Proposal:
    of = world(*rows)
    return propose(of, term(of), absence, weeks(*lessons), NOW, seconds=1.0)


def test_a_lesson_of_an_absent_teacher_moves_to_another_day_of_its_week() -> None:
    one = lesson("music", TUESDAY, STARTS[2])
    answer = proposed(away("teacher", "wang", 1), one)
    assert answer.hit == (one.id,)
    [move] = answer.moves
    assert move.lesson == one
    assert move.to.day != TUESDAY
    assert MONDAY <= move.to.day <= MONDAY + timedelta(days=4)
    assert answer.stuck == ()


def test_lessons_of_others_stay_where_they_are() -> None:
    mine = lesson("music", TUESDAY, STARTS[2])
    others = [lesson("song", MONDAY + timedelta(days=d), STARTS[3]) for d in range(5)]
    answer = proposed(away("teacher", "wang", 1), mine, *others)
    assert [move.lesson.id for move in answer.moves] == [mine.id]


def test_who_is_away_all_week_gets_a_substitute_or_another_week() -> None:
    one = lesson("music", TUESDAY, STARTS[2])
    two = lesson("song", MONDAY, STARTS[3])
    answer = proposed(away("teacher", "wang", 0, 6), one, two)
    [stuck] = answer.stuck
    assert stuck.lesson == one
    assert stuck.substitutes == ("li",)
    next_days = [MONDAY + timedelta(days=days) for days in (7, 8, 9)]
    assert [at.day for at in stuck.dates] == next_days


def test_after_a_leave_of_five_weeks_there_are_dates_for_its_first_lesson() -> None:
    one = lesson("music", TUESDAY, STARTS[2])
    [stuck] = proposed(away("teacher", "wang", 0, 34), one).stuck
    assert stuck.dates[0].day == MONDAY + timedelta(days=35)


def test_other_dates_end_with_the_term_and_at_last_after_eight_weeks() -> None:
    of = world()
    absence = away("teacher", "wang", 0, 6)
    eight = [MONDAY + timedelta(days=7 * n) for n in range(9)]
    assert weeks_of(term(of), absence) == eight
    short = term(of).model_copy(update={"last_day": date(2026, 12, 9)})
    assert weeks_of(short, absence) == eight[:3]
    over = term(of).model_copy(update={"last_day": date(2026, 11, 10)})
    assert weeks_of(over, absence) == eight[:1]


def test_where_one_day_is_free_its_hours_are_offered() -> None:
    """Wednesday of the week after is the last of the term, and only Monday is free."""
    one = lesson("music", TUESDAY, STARTS[2])
    later = [lesson("music", MONDAY + timedelta(days=d), STARTS[1]) for d in (8, 9)]
    of = world()
    short = term(of).model_copy(update={"last_day": MONDAY + timedelta(days=9)})
    absence = away("teacher", "wang", 0, 6)
    answer = propose(of, short, absence, weeks(one, *later), NOW, seconds=1.0)
    [stuck] = answer.stuck
    assert [at.day for at in stuck.dates] == [MONDAY + timedelta(days=7)] * 3


def test_other_dates_are_days_without_a_lesson_of_the_course() -> None:
    """In the week after, only Friday has no music lesson."""
    one = lesson("music", TUESDAY, STARTS[2])
    later = [
        lesson("music", MONDAY + timedelta(days=days), STARTS[1])
        for days in range(7, 11)
    ]
    answer = proposed(away("teacher", "wang", 0, 6), one, *later)
    [stuck] = answer.stuck
    near = {at.day for at in stuck.dates if at.day < MONDAY + timedelta(days=14)}
    assert near == {MONDAY + timedelta(days=11)}


def test_all_lost_lessons_can_have_a_date_together() -> None:
    """Five lessons of one course, which meets once a day."""
    lost = [lesson("music", MONDAY + timedelta(days=n), STARTS[2]) for n in range(5)]
    answer = proposed(away("teacher", "wang", 0, 6), *lost)
    assert [stuck.lesson.id for stuck in answer.stuck] == [one.id for one in lost]
    taken: set[date] = set()
    for stuck in answer.stuck:
        free = [at.day for at in stuck.dates if at.day not in taken]
        assert free, "nothing is left beside the others' dates"
        taken.add(free[0])


def test_other_dates_are_beside_what_moves_in_their_own_week() -> None:
    """Away all week and on the Tuesday after: only Monday and Tuesday of that week
    have a lesson left, and Tuesday's finds a place first."""
    one = lesson("music", TUESDAY, STARTS[2])
    next_week = lesson("music", MONDAY + timedelta(days=8), STARTS[2])
    answer = proposed(away("teacher", "wang", 0, 8), one, next_week)
    [move] = answer.moves
    [stuck] = answer.stuck
    assert (move.lesson.id, stuck.lesson.id) == (next_week.id, one.id)
    assert move.to.day not in [at.day for at in stuck.dates]


def test_no_date_is_offered_on_which_the_weekly_time_was_cancelled() -> None:
    slot = SlotId("music-tue-2")
    one = lesson("music", TUESDAY, STARTS[2], slot=slot)
    of, absence = world(), away("teacher", "wang", 0, 6)
    met = {(slot, MONDAY + timedelta(days=days)) for days in range(7, 11)}
    answer = propose(of, term(of), absence, weeks(one), NOW, met=met, seconds=1.0)
    [stuck] = answer.stuck
    assert stuck.dates[0].day == MONDAY + timedelta(days=11)


def test_a_closed_teaching_point_has_no_substitute() -> None:
    one = lesson("music", TUESDAY, STARTS[2])
    two = lesson("song", MONDAY, STARTS[3])
    answer = proposed(away("school", "huli", 0, 6), one, two)
    assert {stuck.lesson.id for stuck in answer.stuck} == {one.id, two.id}
    assert all(stuck.substitutes == () for stuck in answer.stuck)


def test_a_lost_period_hits_only_lessons_of_its_minutes() -> None:
    early, late = (lesson("music", TUESDAY, STARTS[n]) for n in (1, 5))
    lost = away(
        "school", "feixi", 1, start_minute=STARTS[1], end_minute=STARTS[1] + LENGTH
    )
    assert proposed(lost, early, late).hit == (early.id,)


def test_no_lesson_moves_to_a_holiday_but_to_a_make_up_day() -> None:
    """Wednesday to Friday are free; Saturday runs Thursday's lessons and bells."""
    special = [
        CalendarDay(
            district="dingyuan",
            day=MONDAY + timedelta(days=days),
            kind="holiday",
        )
        for days in (0, 2, 3, 4)
    ]
    saturday = CalendarDay(
        district="dingyuan",
        day=MONDAY + timedelta(days=5),
        kind="make_up",
        runs_week=13,
        runs_weekday=4,
    )
    one = lesson("music", TUESDAY, STARTS[2])
    answer = proposed(away("teacher", "wang", 1), one, rows=(*special, saturday))
    [move] = answer.moves
    assert move.to.day == MONDAY + timedelta(days=5)
    assert move.to.start in STARTS.values()


def test_local_lessons_of_the_day_are_not_run_over() -> None:
    """Every morning of the point is taken but Monday's first period."""
    rows = [
        LocalLesson(
            id=f"local-{day}-{number}",
            title="语文",
            weekday=day,
            period=number,
            class_group="huli-class",
        )
        for day in (1, 3, 4, 5)
        for number in STARTS
        if (day, number) != (1, 1)
    ]
    one = lesson("music", TUESDAY, STARTS[2])
    [move] = proposed(away("teacher", "wang", 1), one, rows=tuple(rows)).moves
    assert move.to == at(0, 1)


def test_a_lesson_outside_the_bells_stays_and_is_in_the_way() -> None:
    """A lesson by the clock at 08:25 fills Monday's first period."""
    odd = lesson("song", MONDAY, STARTS[1] + 5)
    one = lesson("music", TUESDAY, STARTS[2])
    closed = away("teacher", "wang", 1)
    of = world()
    week = DatedWeeks(of, term(of), NOW).week(
        MONDAY, [odd, one], hit=frozenset([one.id])
    )
    assert [moving.id for moving in week.movable.values()] == [one.id]
    [move] = proposed(closed, odd, one).moves
    assert move.to != at(0, 1)


def test_what_is_over_or_too_near_is_no_place() -> None:
    """On Friday afternoon only the last period is left, and it is too near."""
    friday = MONDAY + timedelta(days=4)
    one = lesson("music", friday, STARTS[6])
    of = world()
    begin = lesson("music", friday, STARTS[6]).starts_at
    now = begin - timedelta(minutes=10)
    closed = away("site_room", "master-1", 4)
    answer = propose(of, term(of), closed, weeks(one), now, seconds=1.0)
    assert answer.moves == ()
    [stuck] = answer.stuck
    assert all(date_.day > friday for date_ in stuck.dates)


def test_a_weekly_lesson_moves_to_the_same_time_in_every_week_of_a_long_absence() -> (
    None
):
    """In the first week only Friday's last period is left, later everything is."""
    full = [
        LocalLesson(
            id=f"local-{day}-{number}",
            title="语文",
            weekday=day,
            weeks="13",
            period=number,
            class_group="huli-class",
        )
        for day in range(1, 6)
        for number in STARTS
        if (day, number) != (5, 6)
    ]
    tuesdays = [TUESDAY + timedelta(days=7 * n) for n in range(6)]
    every = [lesson("music", day, STARTS[2]) for day in tuesdays]
    closed = away("teacher", "wang", 0, 36, weekdays=[2])
    moves = proposed(closed, *every, rows=tuple(full)).moves
    assert [move.lesson for move in moves] == every
    assert [move.to for move in moves] == [at(7 * n + 4, 6) for n in range(6)]


def test_what_moves_elsewhere_in_one_week_only_is_found_a_place_of_its_own() -> None:
    """Where the lesson went in the first week, another one is in the second."""
    every = [
        lesson("music", TUESDAY + timedelta(days=7 * n), STARTS[2]) for n in (0, 1)
    ]
    closed = away("teacher", "wang", 0, 8, weekdays=[2])
    first, second = proposed(closed, *every).moves
    assert second.to.day - first.to.day == timedelta(days=7)
    taken = lesson("song", second.to.day, second.to.start)
    again = proposed(closed, *every, taken).moves
    there = [move.to for move in again if move.lesson == every[1]]
    assert there
    assert there != [second.to]
    assert all(move.lesson != taken for move in again), "as little as possible moves"


def test_only_the_weekdays_of_an_absence_are_hit() -> None:
    every = [lesson("music", TUESDAY + timedelta(days=n), STARTS[2]) for n in range(14)]
    closed = away("teacher", "wang", 0, 13, weekdays=[3, 5])
    hit = {TUESDAY + timedelta(days=n) for n in (1, 3, 8, 10)}
    answer = proposed(closed, *every)
    assert {one.day for one in every if one.id in answer.hit} == hit


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_proposal_breaks_a_rule(data: st.DataObject) -> None:
    of = world()
    places = [
        (course, day, period)
        for day in range(5)
        for period, course in data.draw(
            st.dictionaries(
                st.sampled_from(sorted(STARTS)),
                st.sampled_from(["music", "song"]),
                max_size=2,
            )
        ).items()
    ]
    once = {(course, day): period for course, day, period in places}
    lessons = [
        lesson(course, MONDAY + timedelta(days=day), STARTS[period])
        for (course, day), period in once.items()
    ]
    what = data.draw(st.sampled_from([("teacher", "wang"), ("site_room", "huli-room")]))
    absence = away(*what, data.draw(st.integers(0, 4)))
    answer = propose(of, term(of), absence, weeks(*lessons), NOW, seconds=1.0)
    moved = {move.lesson.id: move.to for move in answer.moves}
    stuck = {one.lesson.id for one in answer.stuck}
    assert set(answer.hit) <= set(moved) | stuck
    after = [_moved(one, moved.get(one.id)) for one in lessons if one.id not in stuck]
    week = DatedWeeks(of, term(of), NOW).week(MONDAY, after)
    assert len(week.movable) == len(after)
    busy = (*week.problem.busy, *week.busy_of(absence))
    assert violations(replace(week.problem, busy=busy), week.placements) == []


def _moved(one: Lesson, to: At | None) -> Lesson:
    return lesson(str(one.course), to.day, to.start) if to else one


def test_minutes_of_a_short_lesson_count_whole() -> None:
    one = lesson("music", date(2026, 11, 23), 600)
    short = one.model_copy(update={"ends_at": one.starts_at + timedelta(seconds=25)})
    assert in_minutes(short).time.end == 601
