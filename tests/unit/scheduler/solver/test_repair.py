"""Mending near the event, and nothing else."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.catalogue.bells import Minutes
from scheduler.solver.check import violations
from scheduler.solver.ejection import Ejection
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Placement, Problem, StreamId
from scheduler.solver.repair import after_event, repair
from scheduler.solver.rivals import Rivals
from scheduler.solver.space import Space
from tests.unit.scheduler.solver.districts import (
    bells,
    busy,
    district,
    districts,
    stream,
)

MADE = generate(Size(points=10, lessons=60), seed=5)


@settings(max_examples=12, deadline=None)
@given(
    teacher=st.sampled_from([t.id for t in MADE.problem.teachers]),
    weekday=st.integers(1, 5),
    locks=st.sets(st.sampled_from(sorted(MADE.hidden)), max_size=20),
)
def test_a_repair_never_moves_a_locked_lesson(
    teacher: str, weekday: int, locks: set[Placement]
) -> None:
    problem = replace(MADE.problem, locks=frozenset(locks))
    event = [busy("teacher", teacher, weekday)]
    mended = repair(problem, MADE.hidden, event, seconds=1.0)
    assert not {m.before for m in mended.moves} & locks
    lost = {u.lesson for u in mended.unplaced}
    assert locks <= mended.placements | lost
    after = after_event(problem, MADE.hidden, event)
    assert violations(after, mended.placements, complete=False) == []
    assert len(mended.placements) + len(lost) == len(MADE.hidden)
    assert all(u.locked == (u.lesson in locks) for u in mended.unplaced)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    problem=districts(),
    who=st.sampled_from([("teacher", "t0"), ("site", "a"), ("room", "m0")]),
    weekday=st.integers(1, 2),
    most=st.integers(0, 4),
)
def test_no_repair_breaks_a_rule_or_moves_more_than_it_may(
    problem: Problem, who: tuple[str, str], weekday: int, most: int
) -> None:
    problem = replace(problem, locks=frozenset())
    space = Space(problem)
    search = Ejection(Rivals(space, media=True), seed=1)
    search.search(lambda: search.shakes > 0)
    now = frozenset(space.placement(index) for index in search.best)
    event = [busy(*who, weekday)]
    mended = repair(problem, now, event, seconds=0.6, most_moves=most)
    after = after_event(problem, now, event)
    assert violations(after, mended.placements, complete=False) == []
    assert len(mended.moves) <= most
    assert len(mended.placements) + len(mended.unplaced) == len(now)


def test_a_lesson_without_a_free_place_takes_that_of_one_that_has_another() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a", teacher="t1", room="m1")),
        master=bells(480, 530, days=1),
        points={"a": bells(480, 530, days=1)},
    )
    away = busy("teacher", "t0", 1, Minutes(0, 525))
    x, y = Placement(StreamId("x"), 1, 480), Placement(StreamId("y"), 1, 530)
    mended = repair(problem, {x, y}, [away])
    assert mended.unplaced == ()
    assert mended.placements == {
        Placement(StreamId("x"), 1, 530),
        Placement(StreamId("y"), 1, 480),
    }


def test_an_event_that_hits_nothing_moves_nothing() -> None:
    mended = repair(MADE.problem, MADE.hidden, [busy("room", "s0-room-0", 7)])
    assert (mended.moves, mended.unplaced, mended.freed) == ((), (), 0)
    assert mended.placements == MADE.hidden


def test_the_hit_lesson_moves_and_its_neighbour_stays() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a")),
        master=bells(480, 530, days=2),
        points={"a": bells(480, 530, days=2)},
        taken=(),
    )
    x, y = Placement(StreamId("x"), 1, 480), Placement(StreamId("y"), 2, 480)
    mended = repair(problem, {x, y}, [busy("teacher", "t0", 1)])
    assert [m.before for m in mended.moves] == [x]
    assert y in mended.placements
    assert {p.weekday for p in mended.placements} == {2}


def test_a_lesson_without_a_place_comes_with_a_substitute_and_another_date() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "b", teacher="t1", room="m1")),
        master=bells(480, 530, days=1),
        points={"a": bells(480, 530, days=1), "b": bells(480, 530, days=1)},
    )
    x, y = Placement(StreamId("x"), 1, 480), Placement(StreamId("y"), 1, 530)
    mended = repair(problem, {x, y}, [busy("teacher", "t0", 1)])
    (lost,) = mended.unplaced
    assert lost.lesson == x
    assert lost.substitutes == ("t1",)
    assert (1, 530) in lost.starts
