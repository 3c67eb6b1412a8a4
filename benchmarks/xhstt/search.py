"""A first timetable, then better ones until the time is over.

First the required constraints alone: CP-SAT's violation-driven local search finds
those. Then the whole model, of which most stays where it is while a part is free
(large neighbourhood search, one CP-SAT thread each).
"""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Cost, Instance, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import Model
from benchmarks.xhstt.neighbourhood import Neighbourhoods
from benchmarks.xhstt.variables import Start

OURS = "Tongke"
"""The solution group our answers stand under."""
FIRST_SHARE = 0.5
"""Of the time, at most, for a clean first timetable before violations are priced."""
STEP_S = 4.0
_FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


@dataclass(frozen=True, slots=True)
class Found:
    """`cost`: by the judge. `first_s`: until the first timetable. `proven`: no better
    one exists among those the model can state."""

    solution: Solution
    cost: Cost
    first_s: float
    seconds: float
    proven: bool


@dataclass(slots=True)
class _Best:
    """The values of every variable in the best answer so far, shared by threads."""

    values: list[int]
    price: float
    proven: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


def solve(
    instance: Instance, seconds: float, *, workers: int = 2, seed: int = 0
) -> Found | None:
    """None: nothing found in time. Raises variables.TooLargeError."""
    began = time.monotonic()
    end = began + seconds
    first = _first(instance, end - began, workers, seed)
    if first is None:
        return None
    model, values = first
    first_s = time.monotonic() - began
    best = _complete(model, values, end)
    if best is None:
        return None
    _improve(model, best, end, workers, seed)
    solution = Solution(OURS, instance.id, model.vars.meets(best.values))
    return Found(
        solution,
        judge(instance, solution),
        first_s,
        time.monotonic() - began,
        best.proven,
    )


def _first(
    instance: Instance, seconds: float, workers: int, seed: int
) -> tuple[Model, dict[object, int]] | None:
    """The model to improve on, and an answer of its decisions."""
    for relaxed, share in ((False, FIRST_SHARE), (True, 1.0)):
        began = time.monotonic()
        model = Model(instance, soft=False, relaxed=relaxed)
        solver = _solver(seconds * share, workers, seed)
        _for_any_answer(solver)
        if solver.solve(model.cp) in _FOUND:
            values = list(solver.response_proto.solution)
            whole = Model(instance, relaxed=relaxed)
            return whole, _decisions(model, values)
        seconds -= time.monotonic() - began
    return None


def _decisions(model: Model, values: Sequence[int]) -> dict[object, int]:
    return {name: values[index] for name, index in model.vars.decisions()}


def _solver(seconds: float, workers: int, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.05, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    solver.parameters.symmetry_level = 0
    return solver


def _for_any_answer(solver: cp_model.CpSolver) -> None:
    # As in the product's solver: feasibility jump finds what clause learning and LP
    # do not.
    p = solver.parameters
    p.stop_after_first_solution = True
    p.linearization_level = 0
    p.use_feasibility_pump = False
    p.use_rins_lns = False
    p.feasibility_jump_linearization_level = 0
    p.feasibility_jump_enable_restarts = False


def _complete(model: Model, decided: dict[object, int], end: float) -> _Best | None:
    """Every variable's value where the decisions stand."""
    part = model.cp.clone()
    for name, index in model.vars.decisions():
        _fix(part, index, decided[name])
    solver = _solver(end - time.monotonic(), 1, 0)
    if solver.solve(part) not in _FOUND:
        return None
    return _Best(list(solver.response_proto.solution), solver.objective_value)


def _fix(cp: cp_model.CpModel, index: int, value: int) -> None:
    domain = cp.proto.variables[index].domain
    domain.clear()
    domain.extend([value, value])


def _improve(model: Model, best: _Best, end: float, workers: int, seed: int) -> None:
    threads = [
        threading.Thread(target=_walk, args=(model, best, end, seed * workers + n))
        for n in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _walk(model: Model, best: _Best, end: float, seed: int) -> None:
    """One thread: free a part, solve, keep what is no worse; until `end`."""
    around = Neighbourhoods(model.vars, random.Random(seed))
    step = 0
    while time.monotonic() < end and not best.proven and best.price > 0:
        with best.lock:
            base = best.values
        free = around.pick(base)
        step += 1
        solver = _solver(min(STEP_S, end - time.monotonic()), 1, seed + step)
        solver.parameters.linearization_level = 2
        status = solver.solve(_part(model, base, free))
        around.learn(
            solved=status == cp_model.OPTIMAL,
            quick=solver.wall_time < STEP_S / 8,
        )
        if status in _FOUND:
            found = list(solver.response_proto.solution)
            whole = len(free) == len(model.vars.start)
            proven = status == cp_model.OPTIMAL and whole
            _keep(model, best, base, found, solver.objective_value, proven, end)


def _part(model: Model, base: Sequence[int], free: set[Start]) -> cp_model.CpModel:
    part = model.cp.clone()
    for start, variable in model.vars.start.items():
        if start not in free:
            _fix(part, variable.index, base[variable.index])
    for (start, _, _), variable in model.vars.choice.items():
        if start not in free:
            _fix(part, variable.index, base[variable.index])
    for index, value in enumerate(base):
        part.proto.solution_hint.vars.append(index)
        part.proto.solution_hint.values.append(value)
    return part


def _keep(
    model: Model,
    best: _Best,
    base: Sequence[int],
    found: list[int],
    price: float,
    proven: bool,
    end: float,
) -> None:
    """Another thread may have moved other meets meanwhile: then both moves are
    joined, if they agree."""
    with best.lock:
        if best.values is base or price < best.price:
            if price <= best.price:
                best.values, best.price = found, price
            best.proven = best.proven or proven
            return
        joined = {
            name: found[i] if found[i] != base[i] else best.values[i]
            for name, i in model.vars.decisions()
        }
        other = _complete(model, joined, end)
        if other is not None and other.price <= best.price:
            best.values, best.price = other.values, other.price
