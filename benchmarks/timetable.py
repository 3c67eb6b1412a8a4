"""The timetable solver, measured on synthetic districts (`make bench-timetable`).

Every district is made by `scheduler.solver.generate` with a hidden solution; no real
school is in it. Each answer is judged by the independent checker before its time
counts. The worst of the seeds is what is reported.

    python -m benchmarks.timetable [--seeds 5] [--only first soft repair ...] [--quick]

`REPORT=path` writes JSON. `--quick` takes the 67-point districts alone. A figure that
misses its target is printed so, and the exit code is 1.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.timetable_fet import available, children_cpu, solve_with_fet
from benchmarks.timetable_repair import WHOLE_DAY, events, mend
from scheduler.solver import engine
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.explain import explain
from scheduler.solver.generate import Size, Synthetic, generate
from scheduler.solver.heatmap import Board
from scheduler.solver.model import Model
from scheduler.solver.problem import Busy, Problem, Resource
from scheduler.solver.solve import solve
from scheduler.solver.space import Space
from scheduler.solver.state import State

WORKERS = 2
SOFT_S = 60.0
FIRST = (
    (Size(67, 494, 78), 3.0),
    (Size(494, 3622, 78), 10.0),
    (Size(1200, 8752, 78), 30.0),
    (Size(67, 416, 99), 5.0),
    (Size(494, 2836, 99), 60.0),
    (Size(1200, 6800, 99), 180.0),
)
GIVE_UP_FACTOR = 2.0
"""A run may take so many times its target before it counts as not found."""
FET_S = 120


@dataclass(frozen=True, slots=True)
class Figure:
    """`good`: within its target, on every seed. `each`: one value per seed. `load`: of
    the machine, over the last minute, when it was measured."""

    what: str
    target: str
    worst: float | None
    each: tuple[float | None, ...]
    good: bool
    load: float
    note: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    seeds = range(1, asked.seeds + 1)
    machine = describe_machine()
    print(machine)
    figures: list[Figure] = []
    for name in asked.only:
        for figure in PARTS[name](seeds, asked.quick):
            figures.append(figure)
            print(_line(figure), flush=True)
    report = {
        "machine": machine,
        "districts": "synthetic, with a hidden feasible timetable",
        "seeds": asked.seeds,
        "figures": [asdict(figure) for figure in figures],
    }
    path = os.environ.get("REPORT")
    if path:
        Path(path).write_text(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(figure.good for figure in figures) else 1


def _line(figure: Figure) -> str:
    worst = "none" if figure.worst is None else f"{figure.worst:g}"
    mark = "ok  " if figure.good else "MISS"
    around = f"(target {figure.target}, load {figure.load})"
    return f"{mark} {figure.what}: {worst} {around} {figure.note}"


def _name(size: Size) -> str:
    return f"{size.points} points, {size.lessons} lessons, {size.load_percent} % load"


def _sizes(quick: bool) -> list[tuple[Size, float]]:
    return [(s, t) for s, t in FIRST if s.points == 67 or not quick]


def measure_first(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """Seconds until every lesson is placed, all hard rules kept, from the problem
    alone: building the model counts."""
    for size, target in _sizes(quick):
        each: list[float | None] = []
        cpu: list[float] = []
        for seed in seeds:
            made = generate(size, seed)
            begun = _worked()
            result = solve(
                made.problem,
                seconds=target * GIVE_UP_FACTOR,
                workers=WORKERS,
                seed=seed,
                first_only=True,
            )
            cpu.append(_worked() - begun)
            good = not violations(made.problem, result.placements)
            each.append(round(result.seconds, 2) if good else None)
        figure = _at_most(f"first feasible, {_name(size)}, s", each, target)
        yield replace(figure, note=_cpu(cpu))


def _worked() -> float:
    """CPU seconds of this process and of those it has ended."""
    return time.process_time() + children_cpu()


def _cpu(seconds: Sequence[float]) -> str:
    """What a quiet machine would take at most."""
    return f"CPU {max(seconds):.3g} s"


def _at_most(what: str, each: list[float | None], target: float) -> Figure:
    known = [v for v in each if v is not None]
    worst = max(known) if known and len(known) == len(each) else None
    good = worst is not None and worst <= target
    load = round(os.getloadavg()[0], 1)
    return Figure(what, f"<= {target:g}", worst, tuple(each), good, load)


def measure_soft(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """Soft cost after the same time, ours against the plain model: everything in one
    CP-SAT model with the same objective and CP-SAT's own settings."""
    size = FIRST[0][0] if quick else FIRST[1][0]
    each: list[float | None] = []
    notes: list[str] = []
    for seed in seeds:
        made = generate(size, seed)
        begun = _worked()
        ours = solve(made.problem, seconds=SOFT_S, workers=WORKERS, seed=seed)
        cpu = _worked() - begun
        good = not violations(made.problem, ours.placements)
        begun = _worked()
        plain = _plain(made.problem, seed)
        other = _worked() - begun
        notes.append(f"{ours.cost}/{plain} (CPU {cpu:.0f}/{other:.0f} s)")
        each.append(round(ours.cost / plain, 3) if plain and good else None)
    what = f"soft cost after {SOFT_S:g} s against a plain model, {_name(size)}"
    yield replace(_at_most(what, each, 0.8), note=", ".join(notes))


def _plain(problem: Problem, seed: int) -> int | None:
    """Our first timetable, with the time it took, is given to the plain model as a
    start: alone it has found nothing after 60 s. CP-SAT completes the start first and
    for nothing, because it drops one that leaves variables open."""
    first = solve(problem, seconds=SOFT_S, workers=WORKERS, seed=seed, first_only=True)
    space = Space(problem)
    everything = range(len(space.streams))
    model = Model(State(space), everything, optional=False, soft=True)
    found = (space.find(p) for p in first.placements)
    model.hint(index for index in found if index is not None)
    engine.complete_hint(model)
    left = SOFT_S - first.seconds
    answer = engine.run(model, left, workers=WORKERS, seed=seed, plain=True)
    if answer.chosen is None:
        return None
    return cost(problem, [space.placement(index) for index in answer.chosen]).total


def measure_repair(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """A teacher away, a point off-line, a master room closed, each for a day."""
    points = 67 if quick else 494
    for size, _ in _sizes(quick):
        if size.points != points:
            continue
        rows = [
            mend(made, event, seed, WORKERS)
            for seed in seeds
            for made in [generate(size, seed)]
            for event in events(made)
        ]
        name = f"repair, {_name(size)}"
        beyond: list[float | None] = [row.unplaced - row.least for row in rows]
        moved: list[float | None] = [row.moved for row in rows]
        note = "unplaced/proven least: " + ", ".join(
            f"{row.unplaced}/{row.least}" for row in rows
        )
        yield from (
            replace(
                _at_most(f"{name}, s", [row.seconds for row in rows], 2.0),
                note=_cpu([row.cpu for row in rows]),
            ),
            replace(
                _at_most(f"{name}, unplaced beyond the proven", beyond, 1), note=note
            ),
            _at_most(f"{name}, moved", moved, 10),
        )


def measure_map(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """The 95th percentile of milliseconds over 200 lessons of the largest district."""
    size = FIRST[0][0] if quick else FIRST[2][0]
    each: list[float | None] = []
    cpu: list[float] = []
    for seed in seeds:
        made = generate(size, seed)
        board = Board(Space(made.problem), made.hidden)
        took: list[float] = []
        for placement in sorted(made.hidden)[:200]:
            stream = made.problem.stream_by_id[placement.stream]
            begun, worked = time.perf_counter(), time.process_time()
            board.cells(stream, placement)
            cpu.append(time.process_time() - worked)
            took.append((time.perf_counter() - begun) * 1000)
        each.append(round(statistics.quantiles(took, n=20)[-1], 2))
    figure = _at_most(f"why not here, {_name(size)}, ms (95 %)", each, 5.0)
    yield replace(figure, note=_cpu(statistics.quantiles(cpu, n=20)[-1:]))


def measure_explain(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """Four impossible wishes per district: a teacher away most of the week, a point
    closed for three days, half the uplink, two locks against a local timetable."""
    for size, target in ((FIRST[0][0], 3.0), (FIRST[1][0], 10.0)):
        if quick and size.points != 67:
            continue
        took: list[float | None] = []
        rules: list[float | None] = []
        for seed in seeds:
            for wish in _impossible(generate(size, seed)):
                found = explain(wish, seconds=target * GIVE_UP_FACTOR)
                took.append(round(found.seconds, 2) if found else None)
                rules.append(len(found.rules) if found else None)
        yield _at_most(f"explain, {_name(size)}, s", took, target)
        yield _at_most(f"explain, {_name(size)}, rules", rules, 10)


def _impossible(made: Synthetic) -> list[Problem]:
    problem = made.problem
    teacher = Resource("teacher", problem.streams[0].teacher)
    wanted = Counter(
        r.room for s in problem.streams for r in s.receivers for _ in range(s.lessons)
    )
    busiest = problem.room_by_id[max(sorted(wanted), key=lambda r: wanted[r])].site
    point = Resource("site", busiest)
    half = tuple(
        replace(site, uplink_kbps=site.uplink_kbps // 2)
        if site.id == "school-0" and site.uplink_kbps
        else site
        for site in problem.sites
    )
    taken = next(b for b in problem.busy if b.resource.kind == "teacher")
    locked = next(s for s in problem.streams if s.teacher == taken.resource.id)
    lock = replace(
        min(made.hidden),
        stream=locked.id,
        weekday=taken.weekday,
        start=taken.time.start,
    )
    return [
        _closed(problem, teacher, range(1, 5)),
        _closed(problem, point, range(1, 4)),
        replace(problem, sites=half),
        replace(problem, locks=frozenset({lock})),
    ]


def _closed(problem: Problem, who: Resource, days: Sequence[int]) -> Problem:
    away = [Busy(who, day, WHOLE_DAY, "closed", "synthetic") for day in days]
    return replace(problem, busy=(*problem.busy, *away))


def measure_fet(seeds: Sequence[int], quick: bool) -> Iterator[Figure]:
    """Equal bells, so that FET can play; seconds to its first timetable and ours."""
    if not available():
        print("fet-cl is not installed (apt-get install fet): not compared")
        return
    for size, _ in _sizes(quick):
        if size.points > 494:
            continue
        equal = replace(size, variants=1)
        each: list[float | None] = []
        notes: list[str] = []
        for seed in seeds:
            ours, theirs = _against_fet(equal, seed)
            notes.append(f"{ours}/{theirs}")
            other = theirs.wall or FET_S
            each.append(None if ours.wall is None else round(ours.wall / other, 3))
        what = f"first feasible, ours / FET, equal bells, {_name(equal)}"
        yield replace(_at_most(what, each, 1.0), note=", ".join(notes))


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds; `wall` None: nothing found that the checker accepts."""

    wall: float | None
    cpu: float

    def __str__(self) -> str:
        wall = "none" if self.wall is None else f"{self.wall:.2f}"
        return f"{wall} s (CPU {self.cpu:.2f})"


def _against_fet(size: Size, seed: int) -> tuple[Took, Took]:
    problem = replace(generate(size, seed).problem, media_seats=None)
    begun = _worked()
    ours = solve(problem, seconds=FET_S, workers=WORKERS, seed=seed, first_only=True)
    cpu = _worked() - begun
    with tempfile.TemporaryDirectory() as folder:
        theirs = solve_with_fet(problem, FET_S, Path(folder))
    return (
        Took(ours.seconds if not violations(problem, ours.placements) else None, cpu),
        Took(
            theirs.seconds if not violations(problem, theirs.placements) else None,
            theirs.cpu,
        ),
    )


PARTS: dict[str, Callable[[Sequence[int], bool], Iterator[Figure]]] = {
    "first": measure_first,
    "soft": measure_soft,
    "repair": measure_repair,
    "map": measure_map,
    "explain": measure_explain,
    "fet": measure_fet,
}

if __name__ == "__main__":
    sys.exit(main())
