"""The starts that streams of one length share where the same bells ring.

Slots are the starts of a week, counted from 0. A set of slots is a bit mask (bit k is
slot k), so that what is open to a stream is a few ANDs of what each party leaves open.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scheduler.bells import Minutes


@dataclass(slots=True)
class Slot:
    """`span`: the minutes of the day as bits. `samples`: those of
    `Problem.load_samples` that lie in it."""

    weekday: int
    time: Minutes
    span: int
    samples: tuple[int, ...]


class Grid:
    """`number`: of the grid, among those of one space."""

    def __init__(self, number: int, slots: Iterable[Slot]) -> None:
        self.number = number
        self.slots: Sequence[Slot] = list(slots)
        self.at = {(s.weekday, s.time.start): k for k, s in enumerate(self.slots)}
        self.weekdays = sorted({slot.weekday for slot in self.slots})
        self.all = (1 << len(self.slots)) - 1
        self._of_day: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for k, slot in enumerate(self.slots):
            row = (slot.time.start, slot.time.end, 1 << k)
            self._of_day[slot.weekday].append(row)
        self._met: dict[tuple[int, int, int], int] = {}

    def where(self, good: Callable[[Slot], bool]) -> int:
        return sum(1 << k for k, slot in enumerate(self.slots) if good(slot))

    def met(self, weekday: int, start: int, end: int) -> int:
        """The slots that share a minute with [start, end) of that day."""
        key = (weekday, start, end)
        found = self._met.get(key)
        if found is None:
            rows = self._of_day.get(weekday, ())
            found = sum(bit for a, b, bit in rows if a < end and start < b)
            self._met[key] = found
        return found


def bits(mask: int) -> list[int]:
    """The numbers of the set bits, in order."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
