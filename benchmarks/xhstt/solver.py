"""How CP-SAT is run here, and what a search gives."""

from dataclasses import dataclass

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Cost, Solution

OURS = "Tongke"
"""The solution group our answers stand under."""
FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


@dataclass(frozen=True, slots=True)
class Found:
    """`cost`: by the judge. `first_s`: until the first timetable. `proven`: none is
    better, among those in which an event's meets do not run at once."""

    solution: Solution
    cost: Cost
    first_s: float
    seconds: float
    proven: bool


def solver(seconds: float, workers: int, seed: int) -> cp_model.CpSolver:
    made = cp_model.CpSolver()
    made.parameters.max_time_in_seconds = max(0.05, seconds)
    made.parameters.num_workers = workers
    made.parameters.random_seed = seed
    made.parameters.symmetry_level = 0
    return made


def values(solved: cp_model.CpSolver) -> list[int]:
    """By position of the variable; a copy, for the solver's own dies with it."""
    return list(solved.response_proto.solution)
