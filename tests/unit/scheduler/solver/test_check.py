"""The judge must find what is wrong without the solver's help."""

from dataclasses import replace

import pytest

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.wishes import Weights
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.problem import Placement, Problem, StreamId, weeks_mask
from tests.unit.scheduler.solver.districts import bells, busy, district, stream

MASTER = bells(480, 530, 590)


def placed(name: str, weekday: int, start: int) -> Placement:
    return Placement(StreamId(name), weekday, start)


def rules(problem: Problem, *rows: Placement) -> list[str]:
    return sorted(v.rule for v in violations(problem, rows))


@pytest.fixture
def two() -> Problem:
    """Two streams of different teachers and rooms that share point `a`, whose bells
    ring 25 minutes later than those of the master site."""
    return district(
        (stream("x", "a"), stream("y", "a", teacher="t1", room="m1")),
        master=MASTER,
        points={"a": bells(505, 555, 615)},
    )


def test_a_good_timetable_breaks_no_rule(two: Problem) -> None:
    assert rules(two, placed("x", 1, 480), placed("y", 1, 530)) == []


def test_one_class_in_two_lessons_is_found(two: Problem) -> None:
    assert rules(two, placed("x", 1, 480), placed("y", 1, 480)) == ["resource"] * 2


def test_ten_minutes_of_overlap_across_unequal_bells_are_found() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a", teacher="t1", room="n0")),
        master=MASTER,
        second=bells(510),
        points={"a": MASTER},
    )
    found = violations(problem, [placed("x", 1, 480), placed("y", 1, 510)])
    assert {v.who for v in found} == {"a-room", "a-class"}


def test_odd_and_even_weeks_may_share_a_time(two: Problem) -> None:
    x, y = two.streams
    odd, even = weeks_mask("odd"), weeks_mask("even")
    shared = replace(two, streams=(replace(x, weeks=odd), replace(y, weeks=even)))
    assert rules(shared, placed("x", 1, 480), placed("y", 1, 480)) == []


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([placed("x", 1, 481), placed("y", 2, 530)], "start"),
        ([placed("x", 1, 480)], "lessons_a_week"),
        ([placed("x", 1, 480), placed("y", 1, 530), placed("z", 1, 530)], None),
        ([placed("x", 6, 480), placed("y", 2, 530)], "day"),
    ],
)
def test_each_plain_rule_is_judged(
    two: Problem, rows: list[Placement], rule: str | None
) -> None:
    assert (rule or "unknown_stream") in rules(two, *rows)


def test_a_closed_minute_is_enough(two: Problem) -> None:
    shut = replace(two, busy=(busy("site", "a", 1, Minutes(519, 520)),))
    assert "busy" in rules(shut, placed("x", 1, 480), placed("y", 1, 530))


def test_a_local_lesson_is_given_up_only_for_a_city_wide_one(two: Problem) -> None:
    local = replace(busy("class", "a-class", 1, Minutes(480, 490)), kind="local")
    taken = replace(two, busy=(local,))
    rows = [placed("x", 1, 480), placed("y", 1, 530)]
    assert "busy" in rules(taken, *rows)
    wide = tuple(replace(s, displaces_local=True) for s in two.streams)
    assert rules(replace(taken, streams=wide), *rows) == []
    assert cost(replace(taken, streams=wide), rows).misfit > cost(two, rows).misfit


def test_the_way_between_two_sites_takes_its_time() -> None:
    problem = district(
        (stream("x"), stream("y", room="n0")),
        master=MASTER,
        points={},
        travel_min=15,
    )
    assert "travel" in rules(problem, placed("x", 1, 480), placed("y", 1, 530))
    assert rules(problem, placed("x", 1, 480), placed("y", 1, 590)) == []


def test_an_uplink_carries_one_lesson_at_a_time() -> None:
    problem = district(
        (stream("x"), stream("y", teacher="t1", room="m1")),
        master=MASTER,
        points={},
        uplink_kbps=4000,
    )
    assert rules(problem, placed("x", 1, 480), placed("y", 1, 480)) == ["uplink"]
    wider = replace(problem, media_seats=1)
    assert "media" in rules(wider, placed("x", 1, 480), placed("y", 1, 480))


def test_a_lock_that_was_moved_is_found(two: Problem) -> None:
    locked = replace(two, locks=frozenset({placed("x", 2, 480)}))
    assert rules(locked, placed("x", 1, 480), placed("y", 1, 530)) == ["lock"]


def test_the_cost_counts_each_soft_rule(two: Problem) -> None:
    rows = [placed("x", 1, 480), placed("y", 1, 590)]
    found = cost(replace(two, published=frozenset({placed("x", 2, 480)})), rows)
    # At 09:50 the point's 09:15 and 10:15 lessons are both cut, at 08:00 only one.
    assert (found.misfit, found.edge, found.move) == (1, 2, Weights().move)
    assert found.unplaced == 0
