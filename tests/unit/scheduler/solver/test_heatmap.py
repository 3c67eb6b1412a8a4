"""The why-not map agrees with the judge, cell by cell."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.solver.check import violations
from scheduler.solver.generate import Size, generate
from scheduler.solver.heatmap import Board
from scheduler.solver.problem import Placement, Problem, StreamId
from scheduler.solver.space import Space
from tests.support.cpu import cpu_time
from tests.unit.scheduler.solver.districts import bells, district, districts, stream


@settings(max_examples=40, deadline=None)
@given(problem=districts(), data=st.data())
def test_a_cell_is_free_exactly_when_the_judge_agrees(
    problem: Problem, data: st.DataObject
) -> None:
    problem = replace(problem, locks=frozenset())
    space = Space(problem)
    board = Board(space, ())
    for placed in problem.streams[1:]:
        free = [c for c in board.cells(placed) if c.free]
        if free:
            cell = data.draw(st.sampled_from(free))
            board.add(Placement(placed.id, cell.weekday, cell.time.start))
    assert violations(problem, board.placements, complete=False) == []
    held = problem.streams[0]
    for cell in board.cells(held):
        here = Placement(held.id, cell.weekday, cell.time.start)
        wrong = violations(problem, board.placements | {here}, complete=False)
        assert cell.free == (not wrong)


def test_a_blocker_is_named_with_its_minutes() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a", teacher="t1", room="n0")),
        master=bells(480, 530),
        second=bells(505),
        points={"a": bells(480, 530)},
    )
    there = Placement(StreamId("y"), 1, 505)
    locked = replace(problem, locks=frozenset({there}))
    board = Board(Space(locked), {there})
    first = board.cells(problem.streams[0])[0]
    assert {(b.who, b.by, b.minutes, b.locked) for b in first.blockers} == {
        ("a-room", "y", 15, True),
        ("a-class", "y", 15, True),
    }


def test_the_lesson_in_hand_blocks_nothing_and_stays_on_the_board() -> None:
    problem = district(
        (stream("x", "a"),), master=bells(480, 530), points={"a": bells(480, 530)}
    )
    mine = Placement(StreamId("x"), 1, 480)
    board = Board(Space(problem), {mine})
    cells = board.cells(problem.streams[0], mine)
    assert all(c.free for c in cells)
    assert [c.weekday for c in cells if c.mine] == [1]
    assert board.placements == {mine}


def test_a_map_takes_milliseconds() -> None:
    made = generate(Size(points=67, lessons=494), seed=1)
    board = Board(Space(made.problem), made.hidden)
    some = made.problem.streams[:30]
    with cpu_time() as spent:
        for one in some:
            board.cells(one)
    # The figure is the benchmark's; here only that nothing grows with the district.
    assert spent.seconds / len(some) < 0.02
