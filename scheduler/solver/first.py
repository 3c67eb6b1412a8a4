"""The first answer: every lesson placed by the hard rules, no soft ones yet.

Ejection alone comes first. When it has no luck, a second one tries its own in another
process; when both have none, CP-SAT looks beside them, which may find an answer too,
and may prove that there is none.
"""

import pickle
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from scheduler.solver import engine
from scheduler.solver.ejection import Ejection
from scheduler.solver.fork import Fork, can_fork
from scheduler.solver.model import Model
from scheduler.solver.rivals import Rivals
from scheduler.solver.space import Space
from scheduler.solver.state import State

ALONE_SHAKES = 1
"""Until a second ejection joins."""
UNPROVEN_SHAKES = 8
"""Until CP-SAT joins two ejections: at one worker it proves more than it finds."""
OTHER_SEED = 1_000_003
SAY_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class First:
    """`chosen`: candidates that fit beside each other. `impossible`: it is proven that
    not all lessons can be placed."""

    chosen: list[int]
    impossible: bool


class FirstSearch:
    """`say` is told the fewest lessons out so far, now and then, and how to get at the
    others. `start`: where lessons lie at first, as far as they fit."""

    def __init__(
        self,
        space: Space,
        start: Iterable[int],
        *,
        end: float,
        workers: int,
        seed: int,
        stop: threading.Event,
        say: Callable[[int, Callable[[], list[int]]], None],
    ) -> None:
        self._space, self._start, self._end = space, start, end
        self._workers, self._seed = workers, seed
        self._stop, self._say = stop, say
        self._fewest = sum(space.wanted)
        self._last_said = time.monotonic()

    def run(self, *, impossible: bool) -> First:
        """`impossible`: nobody needs to prove it any more.

        The media capacity counts every lesson of an hour, which slows the search and
        is seldom reached: it joins only when an answer breaks it."""
        first = self._search(self._start, impossible=impossible, media=False)
        fitting = self._fitting(first.chosen)
        if len(fitting) < len(first.chosen) and not self._over:
            first = self._search(fitting, impossible=first.impossible, media=True)
            fitting = self._fitting(first.chosen)
        return First(fitting, first.impossible)

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._end

    def _fitting(self, chosen: Iterable[int]) -> list[int]:
        """Those that a state with every hard rule takes, locked ones first."""
        state = State(self._space)
        locked = [index for row in self._space.locked for index in row]
        for index in dict.fromkeys([*locked, *chosen]):
            if state.fits(index):
                state.add(index)
        return [index for row in state.chosen for index in row]

    def _search(self, start: Iterable[int], *, impossible: bool, media: bool) -> First:
        search = Ejection(Rivals(self._space, media=media), self._seed, start)
        impossible = impossible or search.hopeless

        def tired() -> bool:
            self._tell(search)
            return self._over or search.shakes >= ALONE_SHAKES

        if search.search(tired) or impossible or self._over:
            return First(search.best, impossible)
        return self._race(search, media=media)

    def _race(self, search: Ejection, *, media: bool) -> First:
        """On a second core another ejection tries its luck: how long one takes is as
        uneven as throwing dice until a six shows."""
        if self._workers < 2 or not can_fork():
            return self._race_cp_sat(search, lambda: None, media=media)

        def beside() -> bytes | None:
            search.part_ways(self._seed + OTHER_SEED)
            return pickle.dumps(search.best) if search.search(lambda: False) else None

        with Fork(beside) as other:
            found = self._either(
                search, other.answer, lambda: search.shakes >= UNPROVEN_SHAKES
            )
            if found is None and not self._over:
                return self._race_cp_sat(search, other.answer, media=media)
        return First(search.best if found is None else found, impossible=False)

    def _race_cp_sat(
        self, search: Ejection, other: Callable[[], bytes | None], *, media: bool
    ) -> First:
        halt = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._with_cp_sat, halt, media)
            try:
                found = self._either(search, other, beside.done)
            finally:
                halt.set()
            answer = beside.result()
        found = answer.chosen if found is None else found
        if found is None:
            return First(search.best, answer.infeasible)
        return First(found, impossible=False)

    def _either(
        self,
        search: Ejection,
        other: Callable[[], bytes | None],
        enough: Callable[[], bool],
    ) -> list[int] | None:
        """What `search` or the `other` one finds first."""
        theirs: bytes | None = None

        def over() -> bool:
            nonlocal theirs
            self._tell(search)
            theirs = other()
            return theirs is not None or enough() or self._over

        if search.search(over):
            return search.best
        found: list[int] | None = None if theirs is None else pickle.loads(theirs)
        return found

    def _with_cp_sat(self, halt: threading.Event, media: bool) -> engine.Answer:
        everything = range(len(self._space.streams))
        model = Model(
            State(self._space), everything, optional=False, soft=False, media=media
        )
        return engine.run(
            model,
            self._end - time.monotonic(),
            workers=max(1, self._workers - 1),
            seed=self._seed,
            first=True,
            stop=halt,
        )

    def _tell(self, search: Ejection) -> None:
        now, fewest = time.monotonic(), search.fewest
        if fewest < self._fewest and now - self._last_said > SAY_EVERY_S:
            self._fewest, self._last_said = fewest, now
            self._say(fewest, lambda: self._fitting(search.best))
