"""What the solver answers, judged by `check` and `cost`, which it does not know."""

import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.catalogue.bells import Minutes
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Placement, Problem, StreamId, SubjectTime
from scheduler.solver.solve import Progress, solve
from scheduler.solver.space import Space
from scheduler.solver.state import State
from tests.support.guard import GUARD_S
from tests.unit.scheduler.solver.districts import (
    bells,
    busy,
    district,
    districts,
    stream,
)

SMALL = Size(points=8, lessons=40, load_percent=78)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=districts())
def test_no_answer_ever_breaks_a_hard_rule(problem: Problem) -> None:
    result = solve(problem, seconds=0.4, workers=1)
    complete = result.outcome in ("optimal", "feasible")
    broken = violations(problem, result.placements, complete=complete)
    # A lock that contradicts another rule stays out and is never put elsewhere.
    if result.outcome == "impossible":
        broken = [v for v in broken if v.rule != "lock"]
    assert broken == []
    spent = cost(problem, result.placements)
    assert (spent.total, spent.unplaced) == (result.cost, result.unplaced)
    assert result.bound <= result.cost or result.unplaced


@settings(max_examples=30, deadline=None)
@given(problem=districts(), data=st.data())
def test_a_lesson_fits_exactly_when_the_judge_agrees(
    problem: Problem, data: st.DataObject
) -> None:
    problem = replace(problem, locks=frozenset())
    space = Space(problem)
    state = State(space)
    starts = [
        Placement(s.id, day, start)
        for s in problem.streams
        for day, start in space.grids.starts(s)
    ]
    for placement in data.draw(st.permutations(starts))[:12]:
        stream_ = problem.stream_by_id[placement.stream]
        rows = state.placements() | {placement}
        index = space.find(placement)
        fits = index is not None and state.fits(index)
        many = sum(p.stream == stream_.id for p in rows) > stream_.lessons
        good = not many and not violations(problem, rows, complete=False)
        if placement not in state.placements():
            assert fits == good
        if index is not None and fits:
            state.add(index)
    assert state.cost() == cost(problem, state.placements()).total


def test_a_small_district_is_solved_and_the_optimum_is_proven() -> None:
    problem = district(
        (stream("x", "a", lessons=2), stream("y", "a", lessons=2)),
        master=bells(480, 530, 590),
        points={"a": bells(480, 530, 590)},
    )
    result = solve(problem, seconds=10, workers=1)
    assert result.outcome == "optimal"
    # Two lessons on days apart, in the middle of the day, without a gap beside them.
    assert result.cost == result.bound == 0


def test_what_is_stopped_at_once_still_has_what_it_began_with() -> None:
    made = generate(SMALL, seed=1)
    stop = threading.Event()
    stop.set()
    result = solve(made.problem, start=made.hidden, workers=1, stop=stop)
    assert result.placements == made.hidden


def test_a_start_is_kept_only_as_far_as_it_keeps_the_rules() -> None:
    made = generate(SMALL, seed=1)
    lost = min(made.hidden)
    site = made.problem.master_site(made.problem.stream_by_id[lost.stream]).id
    closed = busy("site", site, lost.weekday)
    problem = replace(made.problem, busy=(*made.problem.busy, closed))
    stop = threading.Event()
    stop.set()
    result = solve(problem, start=made.hidden, workers=1, stop=stop)
    possible = {p for p in made.hidden if Space(problem).find(p) is not None}
    assert lost not in possible
    assert result.placements >= possible
    assert violations(problem, result.placements, complete=False) == []


def test_a_generated_district_is_placed_whole() -> None:
    made = generate(SMALL, seed=1)
    assert violations(made.problem, made.hidden) == []
    result = solve(made.problem, seconds=GUARD_S, workers=2, first_only=True)
    assert result.unplaced == 0
    assert violations(made.problem, result.placements) == []


def test_more_time_costs_less_and_is_never_called_optimal_unproven() -> None:
    made = generate(Size(points=16, lessons=110), seed=2)
    first = solve(made.problem, seconds=GUARD_S, workers=1, first_only=True)
    seen: list[Progress] = []
    stop = threading.Event()

    def watch(progress: Progress) -> None:
        seen.append(progress)
        cheaper = progress.cost is not None and progress.cost < first.cost
        if cheaper and not progress.unplaced:
            stop.set()

    better = solve(made.problem, seconds=10, workers=1, stop=stop, on_progress=watch)
    assert better.cost < first.cost
    assert better.bound <= better.cost
    assert (better.outcome == "optimal") == (better.cost == better.bound)
    costs = [p.cost for p in seen if p.cost is not None and not p.unplaced]
    assert costs == sorted(costs, reverse=True)


def test_stopping_keeps_the_best_so_far() -> None:
    made = generate(SMALL, seed=3)
    stop = threading.Event()

    def stop_when_placed(progress: Progress) -> None:
        if progress.phase == "improving":
            stop.set()

    result = solve(
        made.problem, seconds=3600, workers=1, stop=stop, on_progress=stop_when_placed
    )
    assert violations(made.problem, result.placements) == []


def test_lessons_that_cannot_all_be_placed_leave_the_fewest_out() -> None:
    problem = district(
        tuple(stream(f"s{i}", "a") for i in range(4)),
        master=bells(480, 530, days=1),
        points={"a": bells(480, 530, days=1)},
    )
    result = solve(problem, seconds=5, workers=1)
    assert (result.outcome, result.unplaced) == ("impossible", 2)
    assert violations(problem, result.placements, complete=False) == []


def test_locked_lessons_stay_and_published_ones_move_least() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a")),
        master=bells(480, 530, 590),
        points={"a": bells(480, 530, 590)},
    )
    lock = Placement(StreamId("x"), 1, 480)
    was = Placement(StreamId("y"), 3, 590)
    asked = replace(problem, locks=frozenset({lock}), published=frozenset({lock, was}))
    result = solve(asked, seconds=5, workers=1)
    assert result.placements == {lock, was}


def test_an_impossible_lock_is_said_and_not_moved() -> None:
    problem = district(
        (stream("x", "a"),),
        master=bells(480, 530),
        points={"a": bells(480, 530)},
        taken=(busy("site", "a", 1),),
    )
    lock = Placement(StreamId("x"), 1, 480)
    result = solve(replace(problem, locks=frozenset({lock})), seconds=2, workers=1)
    assert result.outcome == "impossible"


@pytest.mark.parametrize("expensive", [480, 530])
def test_a_subject_avoids_its_expensive_hours(expensive: int) -> None:
    problem = district(
        (stream("x", "a"),),
        master=bells(480, 530, days=1),
        points={"a": bells(480, 530, days=1)},
    )
    dear = SubjectTime("音乐", Minutes(expensive, expensive + 1), 5)
    result = solve(replace(problem, subject_times=(dear,)), seconds=5, workers=1)
    assert {p.start for p in result.placements} == {480, 530} - {expensive}
