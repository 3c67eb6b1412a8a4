"""A place for one more lesson, with as few others moved as possible.

The lesson takes a place, whoever held it looks for another one, and so on: a chain.
Chains are tried by the number of lessons they move, none first, then one, two ...; the
first that ends well is a shortest one.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from scheduler.solver.occupancy import Occupancy
from scheduler.solver.space import Candidate

MOST_IN_THE_WAY = 2
MOST_HOLDERS = 6
"""Where more lessons than these are in the way, nobody tries to move them."""
LONGEST = (1, 3, 9)
"""Lessons one chain may move, in the first, second and third round."""
IDLE_ORDERS = 12
POLL_STEPS = 128


class OutOfTime(Exception):
    pass


class Chains:
    """Changes `now`. A lesson that lies elsewhere than it did at first has moved; it
    may move again for nothing. `frozen` candidates stay."""

    def __init__(
        self,
        now: Occupancy,
        *,
        frozen: Iterable[int],
        seed: int,
        over: Callable[[], bool],
    ) -> None:
        self._now, self._over = now, over
        self._random = random.Random(f"chain-{seed}")
        self._rows = now.space.candidates
        self._of_stream = now.space.of_stream
        self._frozen = frozenset(frozen)
        self._trail: list[tuple[int, int]] = []
        self._held: set[int] = set()
        """Placed by the chain that is being tried."""
        self._steps = count(1)
        self._home = frozenset(now.chosen)

    @property
    def chosen(self) -> frozenset[int]:
        return frozenset(self._now.chosen)

    @property
    def moved(self) -> int:
        return len(self._now.chosen - self._home)

    def reset(self) -> None:
        """Everything back to where it was at first."""
        self._undo(0)

    def place(self, stream: int, most: int) -> bool:
        """Place a lesson of `stream`, moving up to `most` others. Raises OutOfTime,
        with everything where it was before."""
        mark = len(self._trail)
        try:
            for moves in range(most + 1):
                self._held.clear()
                if self._place(stream, moves):
                    return True
        except OutOfTime:
            self._undo(mark)
            raise
        return False

    def _tick(self) -> None:
        if next(self._steps) % POLL_STEPS == 0 and self._over():
            raise OutOfTime

    def _place(self, stream: int, moves: int) -> bool:
        """Move up to `moves` others; everything is as before when it fails."""
        self._tick()
        free = list(self._now.free(stream))
        if free:
            self._random.shuffle(free)
            self._do(min(free, key=lambda c: c.cost).index, +1)
            return True
        if moves == 0:
            return False
        places = list(self._of_stream[stream])
        self._random.shuffle(places)
        return any(self._take(c, moves) for c in places)

    def _take(self, place: Candidate, moves: int) -> bool:
        """Put a lesson at `place` and those in its way elsewhere."""
        if place.index in self._now.chosen:
            return False
        out = self._now.in_the_way(place)
        if not self._may_leave(out, place, moves):
            return False
        mark = len(self._trail)
        for index in out:
            self._do(index, -1)
        full = self._now.full(place)
        if full is None:
            ended = self._settle(place, out, moves)
        else:
            ended = self._take_over(full, place, out, moves)
        if not ended:
            self._undo(mark)
        return ended

    def _take_over(
        self, full: str, place: Candidate, out: list[int], moves: int
    ) -> bool:
        """Let one more leave, so that the capacity has room."""
        holders = self._now.holders(full, place)
        if len(holders) > MOST_HOLDERS:
            return False
        for holder in holders:
            mark, more = len(self._trail), [*out, holder]
            if self._may_leave(more, place, moves):
                self._do(holder, -1)
                if not self._now.full(place) and self._settle(place, more, moves):
                    return True
                self._undo(mark)
        return False

    def _may_leave(self, out: list[int], place: Candidate, moves: int) -> bool:
        if len(out) > MOST_IN_THE_WAY or sum(k in self._home for k in out) > moves:
            return False
        return not any(
            self._rows[k].stream == place.stream or k in self._frozen or k in self._held
            for k in out
        )

    def _settle(self, place: Candidate, out: list[int], moves: int) -> bool:
        """`out` have left: put a lesson at `place` and them elsewhere."""
        self._do(place.index, +1)
        self._held.add(place.index)
        left = moves - sum(k in self._home for k in out)
        if self._place_all([self._rows[k].stream for k in out], left):
            return True
        self._held.discard(place.index)
        return False

    def _place_all(self, streams: list[int], moves: int) -> bool:
        if not streams:
            return True
        first, *rest = streams
        for here in range(moves + 1) if rest else (moves,):
            mark = len(self._trail)
            if self._place(first, here):
                if self._place_all(rest, moves - here):
                    return True
                self._undo(mark)
        return False

    def _do(self, index: int, sign: int) -> None:
        self._trail.append((index, sign))
        self._change(index, sign)

    def _undo(self, mark: int) -> None:
        while len(self._trail) > mark:
            index, sign = self._trail.pop()
            self._held.discard(index)
            self._change(index, -sign)

    def _change(self, index: int, sign: int) -> None:
        if sign > 0:
            self._now.add(index)
        else:
            self._now.remove(index)


class Orders:
    """Lessons placed by chains one after another, in many orders.

    `most`: lessons that may move in all, those of `lost` included. `looked_at`: where
    lessons were put, whether it helped or not."""

    def __init__(self, chains: Chains, lost: Sequence[int], most: int) -> None:
        self._chains, self._lost, self._most = chains, list(lost), most
        self.looked_at: set[int] = set()
        self._best = chains.chosen
        self._rank = (len(self._lost), 0)

    def best(self, seed: int) -> frozenset[int]:
        """All chosen candidates; stops when it no longer gets better."""
        shuffle = random.Random(f"orders-{seed}").shuffle
        idle = 0
        try:
            while idle < IDLE_ORDERS and self._rank != (0, len(self._lost)):
                before = self._rank
                shuffle(self._lost)
                self._chains.reset()
                self._one_order()
                idle = 0 if self._rank < before else idle + 1
        except OutOfTime:
            pass
        return self._best

    def _one_order(self) -> None:
        """Short chains for all before long ones for some."""
        out = list(self._lost)
        for longest in LONGEST:
            for stream in list(out):
                left = self._most - self._chains.moved - 1
                if left >= 0 and self._chains.place(stream, min(longest, left)):
                    out.remove(stream)
                    self._keep(len(out))
            if not out:
                return

    def _keep(self, out: int) -> None:
        rank = (out, self._chains.moved)
        self.looked_at |= self._chains.chosen - self._best
        if rank < self._rank:
            self._rank, self._best = rank, self._chains.chosen
