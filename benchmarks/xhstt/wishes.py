"""Costs that annealing can follow step by step: split roles, full days, spread meets.

`AvoidSplitAssignments`, `LimitBusyTimes` and `SpreadEvents`, as the judge counts them
(a person given for a role beside chosen ones is not seen here). The other wishes are
left to CP-SAT.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.xhstt.grid import Grid
from benchmarks.xhstt.instance import (
    AvoidSplitAssignments,
    Constraint,
    Instance,
    LimitBusyTimes,
    SpreadEvents,
)

REQUIRED = 100
"""A required deviation, in points; a wished one is as many as its cost."""


def points(c: Constraint, deviation: int) -> int:
    cost = c.cost(deviation)
    return cost.soft + REQUIRED * cost.hard


@dataclass(frozen=True, slots=True)
class _Spread:
    """`many`: groups alike. `limits`: (bits of times, minimum, maximum)."""

    constraint: SpreadEvents
    many: int
    meets: tuple[int, ...]
    limits: tuple[tuple[int, int, int], ...]


class Wishes:
    """`splits[group]`: the constraint a group of `split_groups` belongs to."""

    def __init__(
        self, instance: Instance, bundles: Instance, grid: Grid, people: Sequence[str]
    ) -> None:
        self.splits: list[AvoidSplitAssignments] = []
        self._grid = grid
        self._split_groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._days: list[list[tuple[LimitBusyTimes, list[int]]]] = [[] for _ in people]
        self._spreads: list[_Spread] = []
        self._spread_of: list[list[int]] = [[] for _ in grid.starts]
        place = {who: at for at, who in enumerate(people)}
        for c in instance.constraints:
            if isinstance(c, AvoidSplitAssignments):
                self._split(c)
            elif isinstance(c, LimitBusyTimes):
                days = [sum(1 << time for time in group) for group in c.time_groups]
                for who in place.keys() & set(c.resources):
                    self._days[place[who]].append((c, days))
        for c in bundles.constraints:
            if isinstance(c, SpreadEvents):
                self._spread(c)

    def _split(self, c: AvoidSplitAssignments) -> None:
        for group in c.groups:
            for event in group.events:
                self._split_groups[event, c.role].append(len(self.splits))
            self.splits.append(c)

    def _spread(self, c: SpreadEvents) -> None:
        of_event = defaultdict(list)
        for meet, event in enumerate(self._grid.events):
            of_event[event].append(meet)
        limits = tuple(
            (sum(1 << time for time in one.times), one.minimum, one.maximum)
            for one in c.limits
        )
        alike = Counter(group.events for group in c.groups)
        for events, many in alike.items():
            meets = tuple(meet for event in events for meet in of_event[event])
            for meet in set(meets):
                self._spread_of[meet].append(len(self._spreads))
            self._spreads.append(_Spread(c, many, meets, limits))

    def split_groups(self, event: str, role: str | None) -> tuple[int, ...]:
        return tuple(self._split_groups.get((event, role or ""), ()))

    def days(self, who: int, work: int) -> int:
        """Points of somebody's full (or too short) days. `work`: a bit a time."""
        found = 0
        for c, days in self._days[who]:
            off = 0
            for day in days:
                if busy := (work & day).bit_count():
                    off += max(0, busy - c.maximum, c.minimum - busy)
            if off:
                found += points(c, off)
        return found

    def spreads(self, meets: Iterable[int]) -> int:
        """Points of every group that has one of `meets`."""
        touched = {group for meet in meets for group in self._spread_of[meet]}
        return sum(self._uneven(self._spreads[group]) for group in touched)

    def _uneven(self, spread: _Spread) -> int:
        starts = [1 << self._grid.starts[meet] for meet in spread.meets]
        off = 0
        for times, minimum, maximum in spread.limits:
            count = sum(1 for start in starts if start & times)
            if not minimum <= count <= maximum:
                off += max(minimum - count, count - maximum)
        return spread.many * points(spread.constraint, off) if off else 0
