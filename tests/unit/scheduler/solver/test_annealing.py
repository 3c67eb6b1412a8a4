"""Annealing never breaks a hard rule, and what it says it gained it did gain."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.solver.annealing import Annealing
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.ejection import Ejection
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Problem
from scheduler.solver.rivals import Rivals
from scheduler.solver.space import Space
from tests.unit.scheduler.solver.districts import districts


def anneal(rivals: Rivals, chosen: list[int], polls: int) -> tuple[Annealing, int]:
    """(the annealing, how often it told of a new best) after so many polls."""
    found = Annealing(rivals, chosen, seed=3)
    asked = told = 0

    def progress() -> float:
        nonlocal asked
        asked += 1
        return asked / polls

    def tell() -> None:
        nonlocal told
        told += 1

    found.run(progress, tell)
    return found, told


def cost_of(space: Space, chosen: list[int]) -> int:
    return cost(space.problem, [space.placement(k) for k in chosen]).total


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=districts(), seed=st.integers(0, 9))
def test_annealing_keeps_every_rule_and_counts_its_gain(
    problem: Problem, seed: int
) -> None:
    space = Space(problem)
    rivals = Rivals(space, media=True)
    if problem.locks:
        space.locked = [() for _ in space.streams]
    search = Ejection(rivals, seed)
    search.search(lambda: search.shakes > 0)
    found, told = anneal(rivals, search.best, polls=4)
    rows = [space.placement(index) for index in found.best]
    broken = violations(problem, rows, complete=False)
    assert [v for v in broken if v.rule != "lock"] == []
    assert len(found.best) == len(search.best)
    before = cost_of(space, search.best)
    assert cost_of(space, found.best) == before - found.gained
    assert bool(told) == (found.gained > 0)


def test_annealing_a_district_saves_a_quarter() -> None:
    made = generate(Size(points=20, lessons=130), seed=4)
    space = Space(made.problem)
    start = [index for p in made.hidden if (index := space.find(p)) is not None]
    found, _ = anneal(Rivals(space, media=True), start, polls=400)
    assert cost_of(space, found.best) < 0.75 * cost_of(space, start)
