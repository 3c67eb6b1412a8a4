"""Times at which everybody who is needed can be had, found before anybody is chosen.

What is counted, time by time: the roles left over when as many as possible of those
running get somebody of their own (a largest matching). Exchanges of times are
annealed on that number. A matching outlives the exchange: only the roles that come
are matched anew, and as soon as too many are left over the rest is not looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.grid import Grid, Moves
from benchmarks.xhstt.roles import Crew

CROWDED_SHARE = 0.6
"""How often the meet to move is one of a time that lacks people."""


class Crowds:
    """A *job* is a role at one meet."""

    def __init__(self, grid: Grid, crew: Crew) -> None:
        self._grid = grid
        wants: dict[str, list[int]] = defaultdict(list)
        for role in crew.roles:
            wants[role.bundle].append(sum(1 << who for who in role.candidates))
        self._wants: list[int] = []
        self._jobs: list[range] = []
        for bundle in grid.events:
            here = sorted(wants[bundle], key=int.bit_count)
            first = len(self._wants)
            self._wants += here
            self._jobs.append(range(first, len(self._wants)))
        self._free = [crew.free(time) for time in range(len(grid.at))]
        self._matchings = self._matched()

    def _matched(self) -> list["Matching"]:
        found = []
        for free, running in zip(self._free, self._grid.at, strict=True):
            matching = Matching(self._wants, free)
            self._add(matching, sorted(running))
            found.append(matching)
        return found

    @property
    def lacks(self) -> list[int]:
        """For each time: how many roles nobody can take."""
        return [len(matching.left) for matching in self._matchings]

    def ease(self, annealing: Annealing) -> int:
        """Until nobody is lacking or the time is over; how many still are."""
        rng, grid = annealing.rng, self._grid
        lacks = self.lacks
        best, kept = sum(lacks), list(grid.starts)
        while best and annealing.goes_on():
            if any(lacks) and rng.random() < CROWDED_SHARE:
                [time] = rng.choices(range(len(lacks)), lacks)
                one = rng.choice(sorted(grid.at[time]))
            else:
                one = rng.randrange(len(grid.starts))
            moves = grid.any_exchange(one, rng)
            if moves is not None and self._try(moves, annealing.most()):
                lacks = self.lacks
                if sum(lacks) < best:
                    best, kept = sum(lacks), list(grid.starts)
        grid.move(dict(enumerate(kept)))
        self._matchings = self._matched()
        return best

    def _try(self, moves: Moves, most: float) -> bool:
        """Makes the moves unless more than `most` roles more are left over."""
        grid = self._grid
        going = self._by_time(moves)
        back = grid.move(moves)
        coming = self._by_time(moves)
        touched = going.keys() | coming.keys()
        # What the times not looked at yet can give back at best.
        hope = sum(len(self._matchings[time].left) for time in touched)
        new = {}
        for time in touched:
            before = len(self._matchings[time].left)
            new[time] = self._changed(time, going[time], coming[time])
            hope -= before
            most -= len(new[time].left) - before
            if most + hope < 0:
                grid.move(back)
                return False
        for time, matching in new.items():
            self._matchings[time] = matching
        return True

    def _by_time(self, meets: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for meet in meets:
            for time in self._grid.times(meet):
                found[time].append(meet)
        return found

    def _changed(
        self, time: int, going: Sequence[int], coming: Sequence[int]
    ) -> "Matching":
        gone = {job for meet in going for job in self._jobs[meet]}
        matching = self._matchings[time].without(gone)
        self._add(matching, coming)
        return matching

    def _add(self, matching: "Matching", meets: Iterable[int]) -> None:
        matching.add([job for meet in meets for job in self._jobs[meet]])


class Matching:
    """A largest one, of jobs with people. `wants[job]`: the bits that would do; a bit
    of `free` is somebody to be had. `left`: the jobs that get nobody."""

    def __init__(self, wants: Sequence[int], free: int) -> None:
        self._wants, self._free = wants, free
        self._owner: dict[int, int] = {}
        self._has: dict[int, int] = {}
        self._spare = free
        self.left: list[int] = []

    def without(self, gone: Collection[int]) -> "Matching":
        """A copy, not yet a largest one: `add` makes it so."""
        copy = Matching(self._wants, self._free)
        copy._owner, copy._has = self._owner.copy(), self._has.copy()
        copy._spare = self._spare
        for job in gone:
            if bit := copy._has.pop(job, 0):
                del copy._owner[bit]
                copy._spare |= bit
        copy.left = [job for job in self.left if job not in gone]
        return copy

    def add(self, jobs: Iterable[int]) -> None:
        todo = [*self.left, *jobs]
        self.left = [job for job in todo if not self._grow(job, _Seen())]

    def _grow(self, job: int, seen: "_Seen") -> bool:
        """Whether one of its bits is spare, or an owner can be found another."""
        want = self._wants[job] & self._free
        if spare := want & self._spare:
            bit = spare & -spare
            self._spare ^= bit
            self._owner[bit], self._has[job] = job, bit
            return True
        while rest := want & ~seen.bits:
            bit = rest & -rest
            seen.bits |= bit
            if self._grow(self._owner[bit], seen):
                self._owner[bit], self._has[job] = job, bit
                return True
        return False


class _Seen:
    """Bits that led nowhere, in one search."""

    __slots__ = ("bits",)

    def __init__(self) -> None:
        self.bits = 0
