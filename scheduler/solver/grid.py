"""The starts that streams of one length share where the same bells ring.

The starts of a week are counted from 0. A set of them is a bit mask (bit k is start k),
so that what is open to a stream is a few ANDs of what each party leaves open.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scheduler.catalogue.bells import Minutes
from scheduler.solver.problem import PeriodTime


@dataclass(slots=True)
class Start:
    """`span`: the minutes of the day as bits. `samples`: those of
    `Problem.load_samples` that lie in it."""

    weekday: int
    time: Minutes
    span: int
    samples: tuple[int, ...]


class Grid:
    """`number`: of the grid, among those of one space."""

    def __init__(self, number: int, starts: Iterable[Start]) -> None:
        self.number = number
        self.starts: Sequence[Start] = list(starts)
        self.at = {(s.weekday, s.time.start): k for k, s in enumerate(self.starts)}
        self.weekdays = sorted({one.weekday for one in self.starts})
        self.all = (1 << len(self.starts)) - 1
        self._of_day: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for k, one in enumerate(self.starts):
            row = (one.time.start, one.time.end, 1 << k)
            self._of_day[one.weekday].append(row)
        self._met: dict[tuple[int, int, int], int] = {}

    def where(self, good: Callable[[Start], bool]) -> int:
        return sum(1 << k for k, one in enumerate(self.starts) if good(one))

    def met(self, weekday: int, start: int, end: int) -> int:
        """The starts that share a minute with [start, end) of that day."""
        key = (weekday, start, end)
        found = self._met.get(key)
        if found is None:
            rows = self._of_day.get(weekday, ())
            found = sum(bit for a, b, bit in rows if a < end and start < b)
            self._met[key] = found
        return found


def span_of(time: Minutes | PeriodTime) -> int:
    return ((1 << (time.end - time.start)) - 1) << time.start


def bits(mask: int) -> list[int]:
    """The numbers of the set bits, in order."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
