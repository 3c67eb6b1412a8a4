"""A place for one more lesson, with as few others moved as possible.

The lesson takes a place, whoever held it looks for another one, and so on: a chain.
Chains are tried by the number of lessons they move, none first, then one, two ...; the
first that ends well is a shortest one.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from scheduler.solver.rivals import Rivals

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
    """`chosen` must break no rule of `rivals`. A lesson that lies elsewhere than in
    `chosen` has moved; it may move again for nothing. `frozen` candidates stay."""

    def __init__(
        self,
        rivals: Rivals,
        chosen: Iterable[int],
        *,
        frozen: Iterable[int],
        seed: int,
        over: Callable[[], bool],
    ) -> None:
        space = rivals.space
        self._rivals, self._over = rivals, over
        self._random = random.Random(f"chain-{seed}")
        self._rows = space.candidates
        self._of_stream = space.of_stream
        self._frozen = frozenset(frozen)
        self._met = [0] * len(space.candidates)
        """How many chosen rivals each candidate has."""
        self._load = [0] * len(rivals.limits)
        self._chosen: set[int] = set()
        self._trail: list[tuple[int, int]] = []
        self._held: set[int] = set()
        """Placed by the chain that is being tried."""
        self._steps = count(1)
        for index in chosen:
            self._change(index, +1)
        self._home = frozenset(self._chosen)

    @property
    def chosen(self) -> frozenset[int]:
        return frozenset(self._chosen)

    @property
    def moved(self) -> int:
        return len(self._chosen - self._home)

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

    def _place(self, stream: int, moves: int) -> bool:
        """Move up to `moves` others; everything is as before when it fails."""
        if next(self._steps) % POLL_STEPS == 0 and self._over():
            raise OutOfTime
        places = list(self._of_stream[stream])
        self._random.shuffle(places)
        if moves == 0:
            places.sort(key=lambda c: c.cost)
        for c in places:
            if self._met[c.index] > MOST_IN_THE_WAY or c.index in self._chosen:
                continue
            if self._take(c.index, moves):
                return True
        return False

    def _take(self, place: int, moves: int) -> bool:
        """Put a lesson at `place` and those in its way elsewhere."""
        chosen, rivals = self._chosen, self._rivals
        out: list[int] = []
        if self._met[place]:
            out = [other for other in rivals.of(place) if other in chosen]
        if any(not self._may_leave(other, place) for other in out):
            return False
        full = self._full_cell(place, out)
        if full is None:
            return self._swap(place, out, moves)
        users = rivals.users[full]
        holders = [k for k in users if k in chosen and k not in out]
        if len(holders) > MOST_HOLDERS:
            return False
        return any(
            self._may_leave(holder, place)
            and self._full_cell(place, [*out, holder]) is None
            and self._swap(place, [*out, holder], moves)
            for holder in holders
        )

    def _may_leave(self, index: int, place: int) -> bool:
        same = self._rows[index].stream == self._rows[place].stream
        return not same and index not in self._frozen and index not in self._held

    def _full_cell(self, place: int, out: Iterable[int]) -> int | None:
        """A capacity that `place` would break though `out` have left."""
        cells = self._rivals.cells
        for cell, amount in cells[place]:
            load = self._load[cell] + amount
            if load > self._rivals.limits[cell]:
                load -= sum(more for k in out for c, more in cells[k] if c == cell)
                if load > self._rivals.limits[cell]:
                    return cell
        return None

    def _swap(self, place: int, out: list[int], moves: int) -> bool:
        left = moves - sum(index in self._home for index in out)
        if left < 0:
            return False
        mark = len(self._trail)
        for index in out:
            self._do(index, -1)
        self._do(place, +1)
        self._held.add(place)
        if self._place_all([self._rows[index].stream for index in out], left):
            return True
        self._held.discard(place)
        self._undo(mark)
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
        met = self._met
        for rival in self._rivals.of(index):
            met[rival] += sign
        for cell, amount in self._rivals.cells[index]:
            self._load[cell] += sign * amount
        if sign > 0:
            self._chosen.add(index)
        else:
            self._chosen.discard(index)


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
