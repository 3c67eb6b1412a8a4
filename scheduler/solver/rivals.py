"""Which starts exclude each other, as arrays: what the ejection search runs on.

Two candidates are *rivals* when a timetable cannot hold both: one person or room at one
minute, one stream twice on a day, no time for the way between. A capacity that can be
reached is a *cell*: candidates that share a minute at one site, and how much they may
take together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.solver.space import Candidate, Space

_Ints = NDArray[np.int64]
_WEEK = 8 * MINUTES_A_DAY
MANY = 500
"""So many candidates are taken to reach their limit; counting would take longer."""
Interval = tuple[int, int]
_Users = list[tuple[Candidate, int]]
"""Candidates, and what each takes."""


class Rivals:
    """`media`: whether the district's media capacity counts. Building takes a tenth of
    a second for 1 800 streams."""

    def __init__(self, space: Space, *, media: bool) -> None:
        self.space = space
        self.limits: list[int] = []
        self.users: list[list[int]] = []
        """Candidates of each cell."""
        self.cells: list[list[tuple[int, int]]] = [[] for _ in space.candidates]
        self._first, self._rivals = self._pairs()
        self._known: dict[int, list[int]] = {}
        for users, limit in self._capacities(media):
            self._add_cells(users, limit)

    def of(self, index: int) -> list[int]:
        """The rivals of a candidate, each once."""
        found = self._known.get(index)
        if found is None:
            row = self._rivals[self._first[index] : self._first[index + 1]]
            found = self._known[index] = list(set(row.tolist()))
        return found

    def _pairs(self) -> tuple[_Ints, _Ints]:
        """Rivals of every candidate one after another, and where each one's begin.

        Uses are sorted by holder and start; what meets a use is then the run of uses
        that start before it ends."""
        uses, start, end = self._uses()
        order = np.argsort(start, kind="stable")
        uses, start, end = uses[order], start[order], end[order]
        count = np.searchsorted(start, end) - np.arange(len(start)) - 1
        here = np.repeat(np.arange(len(start)), count)
        run = np.arange(len(here)) - np.repeat(np.cumsum(count) - count, count)
        way = np.array(self._on_the_way, dtype=np.int64).reshape(-1, 2)
        a = np.concatenate([uses[here], way[:, 0]])
        b = np.concatenate([uses[here + 1 + run], way[:, 1]])
        one, other = np.concatenate([a, b]), np.concatenate([b, a])
        counts = np.bincount(one, minlength=len(self.space.candidates))
        first = np.concatenate([[0], np.cumsum(counts)])
        return first, other[np.argsort(one, kind="stable")]

    def _uses(self) -> tuple[_Ints, _Ints, _Ints]:
        """(candidate, from, to) for each holder a candidate takes, on one long axis:
        every holder (resource in a week group, or a stream's own day) has a stretch."""
        space = self.space
        rows = space.candidates
        start = np.array([c.weekday * MINUTES_A_DAY + c.start for c in rows], np.int64)
        length = np.array([c.end - c.start for c in rows], np.int64)
        stream = np.array([c.stream for c in rows], np.int64)
        day = start - start % MINUTES_A_DAY
        holders = [self._holders_of(i) for i in range(len(space.streams))]
        many = np.array([len(row) for row in holders], np.int64)
        flat = np.array([h for row in holders for h in row], np.int64)
        begin = np.cumsum(many) - many
        repeat = many[stream]
        uses = np.repeat(np.arange(len(rows)), repeat)
        nth = np.arange(len(uses)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
        axis = flat[begin[stream[uses]] + nth] * _WEEK + start[uses]
        own = (stream + len(space.resources) * len(space.groups)) * _WEEK + day
        return (
            np.concatenate([uses, np.arange(len(rows))]),
            np.concatenate([axis, own]),
            np.concatenate([axis + length[uses], own + MINUTES_A_DAY]),
        )

    def _holders_of(self, stream: int) -> list[int]:
        space = self.space
        return [
            resource * len(space.groups) + group
            for resource in space.holds[stream]
            if resource in self._told_apart
            for group in space.groups_of[stream]
        ]

    @cached_property
    def _told_apart(self) -> set[int]:
        """One resource of those that the same streams use; a room and the class that
        sits in it are one."""
        by_users: dict[tuple[int, ...], int] = {}
        for resource, users in enumerate(self.space.users):
            if len(users) > 1:
                by_users.setdefault(tuple(users), resource)
        return set(by_users.values())

    @cached_property
    def _on_the_way(self) -> list[tuple[int, int]]:
        """Candidates of one teacher with too little time to travel between them."""
        space = self.space
        rows: dict[tuple[str, int], list[Candidate]] = defaultdict(list)
        for c in space.candidates:
            if space.roving[c.stream]:
                rows[space.streams[c.stream].teacher, c.weekday].append(c)
        found: list[tuple[int, int]] = []
        for day in rows.values():
            for a, b in combinations(day, 2):
                gap = max(a.start, b.start) - min(a.end, b.end)
                sites = (space.master_sites[a.stream], space.master_sites[b.stream])
                weeks = space.streams[a.stream].weeks & space.streams[b.stream].weeks
                if weeks and gap < space.problem.travel_min(*sites):
                    found.append((a.index, b.index))
        return found

    def _capacities(self, media: bool) -> Iterator[tuple[_Users, int]]:
        """What each candidate takes of every capacity, by day and week group."""
        problem = self.space.problem
        for name, users in self._users(self.space.uplinks).items():
            cap = problem.site_by_id[name].uplink_kbps
            if cap is not None:
                for rows in users.values():
                    yield rows, cap
        if media and problem.media_seats is not None:
            seats = [{"": stream.seats} for stream in self.space.streams]
            for rows in self._users(seats)[""].values():
                yield rows, problem.media_seats

    def _users(
        self, rates: Sequence[Mapping[str, int]]
    ) -> dict[str, dict[tuple[int, int], _Users]]:
        found: dict[str, dict[tuple[int, int], _Users]]
        found = defaultdict(lambda: defaultdict(list))
        for i, mine in enumerate(rates):
            for name, rate in mine.items():
                for c in self.space.of_stream[i]:
                    for group in self.space.groups_of[i]:
                        found[name][c.weekday, group].append((c, rate))
        return found

    def _add_cells(self, users: _Users, limit: int) -> None:
        by_time: dict[Interval, list[tuple[Candidate, int]]] = defaultdict(list)
        for c, amount in users:
            by_time[c.start, c.end].append((c, amount))
        for times in at_once(by_time):
            here = [row for time in times for row in by_time[time]]
            if len(here) < MANY and _most(here) <= limit:
                continue
            cell = len(self.limits)
            for c, amount in here:
                self.cells[c.index].append((cell, amount))
            self.limits.append(limit)
            self.users.append([c.index for c, _ in here])


def _most(users: _Users) -> int:
    """What they take when all streams that can be there are there."""
    most: dict[int, int] = {}
    for c, amount in users:
        most[c.stream] = max(most.get(c.stream, 0), amount)
    return sum(most.values())


def at_once(times: Iterable[Interval]) -> Iterator[list[Interval]]:
    """The maximal sets of intervals that share a minute."""
    active: list[Interval] = []
    grown = False
    for time in sorted(times):
        still = [other for other in active if other[1] > time[0]]
        if grown and len(still) < len(active):
            yield active
        active = [*still, time]
        grown = True
    if active:
        yield active
