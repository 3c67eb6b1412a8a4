"""From wishes to a timetable: all lessons hard first, then soft rules, part by part.

A first answer with every lesson placed is looked for with all hard rules and no soft
ones. Only when that is proven impossible, or takes too long, may lessons stay out, and
small neighbourhoods put them back one by one. Afterwards neighbourhoods are solved
again and again with the soft rules, and an answer is taken when it costs no more.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from scheduler.solver import engine
from scheduler.solver.annealing import Annealing
from scheduler.solver.first import FirstSearch
from scheduler.solver.model import UNPLACED_COST, Model
from scheduler.solver.neighbourhood import Neighbourhoods
from scheduler.solver.problem import Placement, Problem
from scheduler.solver.rivals import Rivals
from scheduler.solver.space import Space
from scheduler.solver.state import State

Outcome = Literal["optimal", "feasible", "partial", "impossible"]
"""optimal: proven. partial: lessons are unplaced, perhaps for want of time.
impossible: it is proven that not all can be placed; the best found comes with it."""

FIRST_SHARE = 0.85
"""Of the time, until lessons may stay out."""
STEP_S = 1.0
QUICK_S = 0.3
WHOLE_MODEL_CANDIDATES = 2_000
"""Up to this size the whole model with soft rules is tried, to prove its optimum."""
WHOLE_SHARE = 0.5
ANNEAL_SHARE = 0.9
"""Of the time after the first answer; neighbourhoods have the rest."""


Phase = Literal["first", "placing", "improving"]
Snapshot = Callable[[], frozenset[Placement]]


@dataclass(frozen=True, slots=True)
class Progress:
    """`cost` None: not counted yet. `bound`: no timetable can cost less."""

    phase: Phase
    seconds: float
    cost: int | None
    bound: int
    unplaced: int
    snapshot: Snapshot
    """What is placed now; to be asked only while the call lasts."""


@dataclass(frozen=True, slots=True)
class Result:
    placements: frozenset[Placement]
    outcome: Outcome
    cost: int
    bound: int
    unplaced: int
    seconds: float
    first_seconds: float | None
    """When every lesson was placed for the first time."""


def solve(
    problem: Problem,
    *,
    start: Iterable[Placement] | None = None,
    seconds: float = 60.0,
    workers: int = 2,
    seed: int = 0,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    first_only: bool = False,
) -> Result:
    """The best timetable found in `seconds`, or when `stop` is set. Never blocks
    longer than a moment after that. `start`: a timetable to begin with, as far as it
    keeps the rules; None: the published one. `on_progress` is called from worker
    threads, one call at a time."""
    begin = problem.published if start is None else start
    stop = stop or threading.Event()
    run = _Run(problem, begin, seconds, workers, seed, stop, on_progress)
    return run.go(first_only)


class _Run:
    def __init__(
        self,
        problem: Problem,
        start: Iterable[Placement],
        seconds: float,
        workers: int,
        seed: int,
        stop: threading.Event,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._begun = time.monotonic()
        self._end = self._begun + seconds
        self._workers, self._seed = workers, seed
        self._stop, self._say = stop, on_progress
        self._space = Space(problem)
        found = (self._space.find(placement) for placement in sorted(start))
        self._start = [index for index in found if index is not None]
        self._state = State(self._space)
        self._bound = lone_bound(self._space)
        self._impossible = bool(self._space.impossible_locks)
        self._proven = False
        self._first_seconds: float | None = None
        self._lock = threading.Lock()

    @property
    def _left(self) -> float:
        return self._end - time.monotonic()

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or self._left <= 0

    @property
    def _missing(self) -> bool:
        """Whether a lesson is out that may still find a place."""
        return any(self._state.missing(i) for i in range(len(self._state.chosen)))

    def go(self, first_only: bool) -> Result:
        self._first()
        if self._state.unplaced:
            self._place_the_rest()
        if not self._state.unplaced:
            self._first_seconds = self._since()
        self._report("improving")
        if not first_only and not self._over:
            self._improve()
        return self._result()

    def _since(self) -> float:
        return time.monotonic() - self._begun

    def _result(self) -> Result:
        state = self._state
        outcome: Outcome = "feasible"
        if self._impossible:
            outcome = "impossible"
        elif state.unplaced:
            outcome = "partial"
        elif self._proven:
            outcome = "optimal"
        return Result(
            placements=state.placements(),
            outcome=outcome,
            cost=state.cost(),
            bound=self._bound,
            unplaced=state.unplaced,
            seconds=self._since(),
            first_seconds=self._first_seconds,
        )

    def _report(self, phase: Phase) -> None:
        if self._say is not None:
            state = self._state
            cost = state.cost() if state.placed else None
            self._tell(phase, cost, state.unplaced, state.placements)

    def _tell(
        self, phase: Phase, cost: int | None, unplaced: int, snapshot: Snapshot
    ) -> None:
        if self._say is not None:
            since = self._since()
            self._say(Progress(phase, since, cost, self._bound, unplaced, snapshot))

    def _placements(self, chosen: Iterable[int]) -> frozenset[Placement]:
        return frozenset(self._space.placement(index) for index in chosen)

    def _first(self) -> None:
        self._keep_locks()
        self._report("first")
        search = FirstSearch(
            self._space,
            self._start,
            end=self._begun + FIRST_SHARE * (self._end - self._begun),
            workers=self._workers,
            seed=self._seed,
            stop=self._stop,
            say=lambda unplaced, best: self._tell(
                "first", None, unplaced, lambda: self._placements(best())
            ),
        )
        first = search.run(impossible=self._impossible)
        self._impossible = first.impossible
        for index in first.chosen:
            self._state.add(index)

    def _keep_locks(self) -> None:
        """Give up locks that cannot stand beside each other."""
        for row in self._space.locked:
            for index in row:
                if self._state.fits(index):
                    self._state.add(index)
                else:
                    self._space.give_up_lock(index)
                    self._impossible = True
        for stream in range(len(self._state.chosen)):
            self._state.clear(stream)

    def _place_the_rest(self) -> None:
        """Around each lesson left out, as many as CP-SAT finds."""
        around = Neighbourhoods(self._space, self._seed, size=100)
        idle = 0
        while self._missing and not self._over:
            before = self._state.unplaced
            self._step(around.around_unplaced(self._state), around, soft=False)
            idle = 0 if self._state.unplaced < before else idle + 1
            self._report("placing")
            if self._impossible and idle > 20:
                return

    def _improve(self) -> None:
        if len(self._space.candidates) <= WHOLE_MODEL_CANDIDATES:
            self._whole()
        if self._proven:
            return
        if self._impossible or not self._missing:
            self._anneal()
        loops = [
            Neighbourhoods(self._space, self._seed * 1000 + k)
            for k in range(self._workers)
        ]
        with ThreadPoolExecutor(self._workers) as pool:
            for done in [pool.submit(self._loop, around) for around in loops]:
                done.result()

    def _anneal(self) -> None:
        chosen = [index for row in self._state.chosen for index in row]
        media = self._space.problem.media_seats is not None
        annealing = Annealing(Rivals(self._space, media=media), chosen, self._seed)
        begun, left = time.monotonic(), self._left * ANNEAL_SHARE
        cost, unplaced = self._state.cost(), self._state.unplaced

        def progress() -> float:
            return 1.0 if self._over else (time.monotonic() - begun) / left

        def best() -> frozenset[Placement]:
            return frozenset(self._space.placement(k) for k in annealing.best)

        def told() -> None:
            self._tell("improving", cost - annealing.gained, unplaced, best)

        annealing.run(progress, told)
        everything = list(range(len(self._state.chosen)))
        before = [list(row) for row in self._state.chosen]
        self._commit(everything, annealing.best, before)

    def _loop(self, around: Neighbourhoods) -> None:
        while not self._over and self._space.streams:
            with self._lock:
                missing = self._missing and not self._impossible
                free = around.around_unplaced(self._state) if missing else around.draw()
            if self._step(free, around, soft=True):
                with self._lock:
                    self._report("improving")

    def _whole(self) -> None:
        """The whole model at once: the only way to prove that nothing is better."""
        everything = list(range(len(self._space.streams)))
        before = [list(row) for row in self._state.chosen]
        with self._lock:
            model = self._model(everything, soft=True)
        answer = engine.run(
            model,
            self._left * WHOLE_SHARE,
            workers=self._workers,
            seed=self._seed,
            stop=self._stop,
        )
        if answer.chosen is None:
            return
        self._commit(everything, answer.chosen, before)
        missing = round(answer.bound) // UNPLACED_COST
        if missing == self._state.unplaced:
            least = round(answer.bound) - missing * UNPLACED_COST
            self._bound = max(self._bound, least)
        self._proven = answer.proven
        self._report("improving")

    def _model(self, free: list[int], *, soft: bool) -> Model:
        """With the free streams where they are as a hint; they stay in the state."""
        old = {i: self._state.clear(i) for i in free}
        model = Model(self._state, free, optional=True, soft=soft)
        chosen = [index for row in old.values() for index in row]
        for index in chosen:
            self._state.add(index)
        model.hint(chosen)
        return model

    def _step(self, free: list[int], around: Neighbourhoods, *, soft: bool) -> bool:
        """Solve one neighbourhood. True when it made the timetable better."""
        with self._lock:
            model = self._model(free, soft=soft)
            before = [list(self._state.chosen[i]) for i in free]
        begun = time.monotonic()
        answer = engine.run(
            model, min(STEP_S, self._left), seed=self._seed, stop=self._stop
        )
        around.learn(answer.proven, time.monotonic() - begun < QUICK_S)
        if answer.chosen is None:
            return False
        with self._lock:
            return self._commit(free, answer.chosen, before)

    def _commit(
        self, free: list[int], chosen: list[int], before: list[list[int]]
    ) -> bool:
        """Another thread may have moved something since the model was built."""
        state = self._state
        if [state.chosen[i] for i in free] != before:
            return False
        old_rank = (state.unplaced, state.cost(free))
        old = [index for i in free for index in state.clear(i)]
        added: list[int] = []
        for index in chosen:
            if not state.fits(index):
                break
            state.add(index)
            added.append(index)
        rank = (state.unplaced, state.cost(free))
        if len(added) == len(chosen) and rank <= old_rank:
            return rank < old_rank
        for index in added:
            state.remove(index)
        for index in old:
            state.add(index)
        return False


def lone_bound(space: Space) -> int:
    """No timetable costs less than each stream's own best days."""
    total = 0
    weight = space.problem.weights.move
    for i, stream in enumerate(space.streams):
        published = space.published_of[i]
        total += weight * (len(published) + space.published_lost[i])
        best: dict[int, int] = {}
        for c in space.of_stream[i]:
            cost = c.cost - weight * (c.index in published)
            best[c.weekday] = min(best.get(c.weekday, cost), cost)
        total += sum(sorted(best.values())[: stream.lessons])
    return total
