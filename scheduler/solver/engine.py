"""How CP-SAT is run: one place for its parameters, time limits and stopping."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.solver.model import Model

STOP_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """`chosen` None: nothing found. `bound`: of the model's own objective."""

    chosen: list[int] | None
    proven: bool
    infeasible: bool
    objective: float = 0.0
    bound: float = 0.0


class _Watch(cp_model.CpSolverSolutionCallback):
    def __init__(self, say: Callable[[float, float], None]) -> None:
        super().__init__()
        self._say = say

    def on_solution_callback(self) -> None:
        self._say(self.objective_value, self.best_objective_bound)


def run(
    model: Model,
    seconds: float,
    *,
    workers: int = 1,
    seed: int = 0,
    first: bool = False,
    plain: bool = False,
    stop: threading.Event | None = None,
    say: Callable[[float, float], None] | None = None,
) -> Answer:
    """`first`: any solution will do. `plain`: CP-SAT with the settings it comes with,
    to measure ours against. `stop` ends the search within a moment."""
    if model.impossible:
        return Answer(None, proven=True, infeasible=True)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    if not plain:
        _tune(solver, first)
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    ended = threading.Event()
    watcher = None
    if stop is not None:
        watcher = threading.Thread(target=_stopper, args=(solver, stop, ended))
        watcher.start()
    try:
        status = solver.solve(model.cp, _Watch(say) if say else None)
    finally:
        ended.set()
        if watcher:
            watcher.join()
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, False, infeasible=status == cp_model.INFEASIBLE)
    return Answer(
        model.chosen(solver),
        proven=status == cp_model.OPTIMAL,
        infeasible=False,
        objective=solver.objective_value,
        bound=solver.best_objective_bound,
    )


def complete_hint(model: Model) -> None:
    """Let CP-SAT fill in what follows from the hint; it drops one that leaves variables
    open."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.fix_variables_to_their_hinted_value = True
    if solver.solve(model.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        model.hint_all(solver)


def _tune(solver: cp_model.CpSolver, first: bool) -> None:
    p = solver.parameters
    p.symmetry_level = 0
    if first:
        # At 99 % load CP-SAT's violation-driven local search (feasibility jump)
        # finds timetables that its clause learning does not; LP only slows it down.
        p.stop_after_first_solution = True
        p.linearization_level = 0
        p.use_feasibility_pump = False
        p.use_rins_lns = False
        p.feasibility_jump_linearization_level = 0
        p.feasibility_jump_enable_restarts = False
    else:
        # The linear relaxation of cliques and gaps is nearly whole: neighbourhoods of
        # 60 streams close ten times faster with all of it in the LP.
        p.linearization_level = 2


def _stopper(
    solver: cp_model.CpSolver, stop: threading.Event, ended: threading.Event
) -> None:
    while not ended.wait(STOP_POLL_S):
        if stop.is_set():
            solver.stop_search()
