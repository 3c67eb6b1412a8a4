"""A first timetable, then better ones until the time is over.

First the required constraints alone: CP-SAT's violation-driven local search finds
those. Then the whole model, its soft constraints paid for, from there on. If no clean
timetable is found in half the time, violations are paid for as well.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Cost, Instance, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import Model

OURS = "Tongke"
"""The solution group our answers stand under."""
FIRST_SHARE = 0.5
_FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


@dataclass(frozen=True, slots=True)
class Found:
    """`cost`: by the judge. `first_s`: until the first timetable. `proven`: none is
    better, among those in which an event's meets do not run at once."""

    solution: Solution
    cost: Cost
    first_s: float
    seconds: float
    proven: bool


def solve(
    instance: Instance, seconds: float, *, workers: int = 2, seed: int = 0
) -> Found | None:
    """None: nothing found in time. Raises variables.TooLargeError."""
    began = time.monotonic()
    for relaxed, share in ((False, FIRST_SHARE), (True, 1.0)):
        left = (began + seconds - time.monotonic()) * share
        hard = Model(instance, soft=False, relaxed=relaxed)
        first = _first(hard, left, workers, seed)
        if first is not None:
            first_s = time.monotonic() - began
            left = began + seconds - time.monotonic()
            model = Model(instance, relaxed=relaxed)
            values, proven = _better(model, hard, first, left, workers, seed)
            solution = Solution(OURS, instance.id, model.vars.meets(values))
            took = time.monotonic() - began
            return Found(solution, judge(instance, solution), first_s, took, proven)
    return None


def _first(model: Model, seconds: float, workers: int, seed: int) -> list[int] | None:
    solver = _solver(seconds, workers, seed)
    # As in the product's solver: feasibility jump finds what clause learning and LP
    # do not.
    p = solver.parameters
    p.stop_after_first_solution = True
    p.linearization_level = 0
    p.use_feasibility_pump = False
    p.use_rins_lns = False
    p.feasibility_jump_linearization_level = 0
    p.feasibility_jump_enable_restarts = False
    if solver.solve(model.cp) not in _FOUND:
        return None
    return _values(solver)


def _better(
    model: Model,
    hard: Model,
    first: Sequence[int],
    seconds: float,
    workers: int,
    seed: int,
) -> tuple[list[int], bool]:
    """Every variable's value in the best answer, and whether it is proven best.

    The first answer fixed is solved before all: it is there whatever follows."""
    start = model.cp.clone()
    for index, known in zip(model.vars.decisions(), hard.vars.decisions(), strict=True):
        domain = start.proto.variables[index].domain
        domain.clear()
        domain.extend([first[known], first[known]])
    solver = _solver(max(seconds, 10.0), 1, seed)
    if solver.solve(start) not in _FOUND:
        raise AssertionError("the whole model refuses what keeps every hard rule")
    values = _values(solver)
    left = seconds - solver.wall_time
    for index, value in enumerate(values):
        model.cp.proto.solution_hint.vars.append(index)
        model.cp.proto.solution_hint.values.append(value)
    solver = _solver(left, workers, seed)
    status = solver.solve(model.cp)
    if status in _FOUND:
        values = _values(solver)
    return values, status == cp_model.OPTIMAL


def _values(solver: cp_model.CpSolver) -> list[int]:
    # A copy: the solver's own list dies with the solver.
    return list(solver.response_proto.solution)


def _solver(seconds: float, workers: int, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.05, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    solver.parameters.symmetry_level = 0
    return solver
