"""Times at which everybody who is needed can be had, found before anybody is chosen.

What is counted, time by time: the roles left over when as many as possible of those
running get somebody of their own (a largest matching). Exchanges of times are
annealed on that number.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.grid import Grid, Moves
from benchmarks.xhstt.roles import Crew

CROWDED_SHARE = 0.6
"""How often the meet to move is one of a time that lacks people."""
KEPT = 200_000
"""Counts remembered."""


class Crowds:
    """`lacks[time]`: how many roles nobody can take."""

    def __init__(self, grid: Grid, crew: Crew) -> None:
        self._grid = grid
        self._free = [crew.free(time) for time in range(len(grid.at))]
        self._wants: dict[str, list[int]] = defaultdict(list)
        for role in crew.roles:
            bits = sum(1 << who for who in role.candidates)
            self._wants[role.bundle].append(bits)
        self._known: dict[tuple[int, tuple[str, ...]], int] = {}
        self.lacks = [self._lacking(t, here) for t, here in enumerate(grid.at)]

    def ease(self, annealing: Annealing) -> int:
        """Until nobody is lacking or the time is over; how many still are."""
        rng, grid = annealing.rng, self._grid
        best, kept = sum(self.lacks), list(grid.starts)
        while best and annealing.goes_on():
            if sum(self.lacks) and rng.random() < CROWDED_SHARE:
                [time] = rng.choices(range(len(self.lacks)), self.lacks)
                one = rng.choice(sorted(grid.at[time]))
            else:
                one = rng.randrange(len(grid.starts))
            moves = grid.any_exchange(one, rng)
            if moves is not None:
                self._try(moves, annealing)
                if sum(self.lacks) < best:
                    best, kept = sum(self.lacks), list(grid.starts)
        grid.move(dict(enumerate(kept)))
        return best

    def _try(self, moves: Moves, annealing: Annealing) -> None:
        grid = self._grid
        touched = {time for one in moves for time in grid.times(one)}
        back = grid.move(moves)
        touched |= {time for one in moves for time in grid.times(one)}
        new = {time: self._lacking(time, grid.at[time]) for time in touched}
        if annealing.takes(sum(new.values()) - sum(self.lacks[t] for t in touched)):
            for time, lack in new.items():
                self.lacks[time] = lack
        else:
            grid.move(back)

    def _lacking(self, time: int, running: Iterable[int]) -> int:
        names = tuple(sorted(self._grid.events[one] for one in running))
        key = (self._free[time], names)
        if key not in self._known:
            if len(self._known) > KEPT:
                self._known.clear()
            wants = [bits for name in names for bits in self._wants[name]]
            self._known[key] = len(wants) - matched(wants, self._free[time])
        return self._known[key]


def matched(wants: Sequence[int], free: int) -> int:
    """How many of `wants` (the bits that would do) can have a bit of `free` each."""
    matching = _Matching(free)
    return sum(
        matching.grow(want & free, set()) for want in sorted(wants, key=int.bit_count)
    )


class _Matching:
    def __init__(self, free: int) -> None:
        self._free = free
        self._owner: dict[int, int] = {}

    def grow(self, want: int, seen: set[int]) -> bool:
        """Whether one of its bits is free, or an owner can be found another."""
        if spare := want & self._free:
            bit = spare & -spare
            self._free ^= bit
            self._owner[bit] = want
            return True
        rest = want
        while rest:
            bit = rest & -rest
            rest ^= bit
            if bit not in seen:
                seen.add(bit)
                if self.grow(self._owner[bit], seen):
                    self._owner[bit] = want
                    return True
        return False
