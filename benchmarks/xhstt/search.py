"""A first timetable, then better ones until the time is over.

First the required constraints alone: CP-SAT's violation-driven local search finds
those. Then the whole model, its soft constraints paid for, from there on. If no clean
timetable is found in half the time, violations are paid for as well. What is too large
for one model is solved in `stages`.
"""

import time
from collections.abc import Sequence

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Instance, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import ANYTHING, Model
from benchmarks.xhstt.solver import FOUND, OURS, Found, solver, values
from benchmarks.xhstt.stages import solve_in_stages
from benchmarks.xhstt.variables import NOTHING, TooLargeError

FIRST_SHARE = 0.5


def solve(
    instance: Instance, seconds: float, *, workers: int = 2, seed: int = 0
) -> Found | None:
    """None: nothing found in time. Raises variables.TooLargeError: even in stages."""
    try:
        return _solve_whole(instance, seconds, workers, seed)
    except TooLargeError:
        return solve_in_stages(instance, seconds, workers=workers, seed=seed)


def _solve_whole(
    instance: Instance, seconds: float, workers: int, seed: int
) -> Found | None:
    began = time.monotonic()
    for breakable, share in ((NOTHING, FIRST_SHARE), (ANYTHING, 1.0)):
        left = (began + seconds - time.monotonic()) * share
        hard = Model(instance, soft=False, breakable=breakable)
        first = _first(hard, left, workers, seed)
        if first is not None:
            first_s = time.monotonic() - began
            left = began + seconds - time.monotonic()
            model = Model(instance, breakable=breakable)
            known, proven = _better(model, hard, first, left, workers, seed)
            solution = Solution(OURS, instance.id, model.vars.meets(known))
            took = time.monotonic() - began
            return Found(solution, judge(instance, solution), first_s, took, proven)
    return None


def _first(model: Model, seconds: float, workers: int, seed: int) -> list[int] | None:
    search = solver(seconds, workers, seed)
    # As in the product's solver: feasibility jump finds what clause learning and LP
    # do not.
    p = search.parameters
    p.stop_after_first_solution = True
    p.linearization_level = 0
    p.use_feasibility_pump = False
    p.use_rins_lns = False
    p.feasibility_jump_linearization_level = 0
    p.feasibility_jump_enable_restarts = False
    if search.solve(model.cp) not in FOUND:
        return None
    return values(search)


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
    for index, there in zip(model.vars.decisions(), hard.vars.decisions(), strict=True):
        domain = start.proto.variables[index].domain
        domain.clear()
        domain.extend([first[there], first[there]])
    search = solver(max(seconds, 10.0), 1, seed)
    if search.solve(start) not in FOUND:
        raise AssertionError("the whole model refuses what keeps every hard rule")
    known = values(search)
    proven = False
    end = time.monotonic() + seconds - search.wall_time
    # The full linear relaxation is what moves idle and clustered times, and is slow
    # to start with: each has half of the time that is left.
    for level, share in ((1, 0.5), (2, 1.0)):
        _hint(model.cp, known)
        search = solver((end - time.monotonic()) * share, workers, seed)
        search.parameters.linearization_level = level
        status = search.solve(model.cp)
        if status in FOUND:
            known = values(search)
        proven = status == cp_model.OPTIMAL
        if proven:
            break
    return known, proven


def _hint(cp: cp_model.CpModel, known: Sequence[int]) -> None:
    cp.proto.solution_hint.vars.clear()
    cp.proto.solution_hint.values.clear()
    for index, value in enumerate(known):
        cp.proto.solution_hint.vars.append(index)
        cp.proto.solution_hint.values.append(value)
