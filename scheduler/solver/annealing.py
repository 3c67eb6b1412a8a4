"""Soft rules by simulated annealing: one lesson moves, or takes the place of another
one that finds a new place, and a dearer timetable is accepted less and less.

Most of what one could try is out of the question at a glance: NumPy draws thousands of
moves and leaves a few per cent. Those are looked at again one by one, because the ones
before may have changed something, and weighed in microseconds: only teachers and hours
that they touch. CP-SAT's neighbourhoods afterwards take what is left.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from scheduler.solver.rivals import Rivals
from scheduler.solver.tally import Tally

HOT, COLD = 4.0, 0.3
"""Points that one move may cost, about, at the beginning and at the end."""
LEAST_DRAWN, MOST_DRAWN = 512, 8192
"""Moves drawn together, about one for each lesson."""
DEAREST = 64
"""What costs so many points more is never accepted."""
_NOBODY, _LOCKED = -1, -2

_Ints = NDArray[np.int64]
_Move = tuple[int, int, int, int, float]
"""From, to, who is there or -1, where that one goes, and a random number."""


class Annealing:
    """`chosen` must break no rule of `rivals`; lessons that are out stay out. `best`:
    the cheapest timetable so far; `gained`: how much cheaper it is than `chosen`."""

    def __init__(self, rivals: Rivals, chosen: Iterable[int], seed: int) -> None:
        space = rivals.space
        rows = space.candidates
        self._numbers = np.random.default_rng(seed)
        self._of = np.array([c.stream for c in rows], np.int64)
        self._weekday = np.array([c.weekday for c in rows], np.int64)
        self._many = np.array([len(row) for row in space.of_stream], np.int64)
        self._begin = np.cumsum(self._many) - self._many
        self._stream, self._day = self._of.tolist(), self._weekday.tolist()
        self._rivals = [rivals.of(c.index) for c in rows]
        self._cells, self._users = rivals.cells, rivals.users
        self._room = list(rivals.limits)
        """What each capacity has left."""
        count = len(rows)
        self._met_by = np.zeros(count, np.int64)
        """How many chosen rivals each candidate has, and their sum: with one, that is
        its name."""
        self._sum_of = np.zeros(count, np.int64)
        self._lesson_at = np.full(count, _NOBODY)
        self._met, self._sum = self._met_by.data, self._sum_of.data
        self._lesson = self._lesson_at.data
        self._tally = Tally(space)
        self._locked = sorted(index for row in space.locked for index in row)
        fixed = set(self._locked)
        self._at_by = np.array([k for k in chosen if k not in fixed], np.int64)
        self._at = self._at_by.data
        for lesson, index in enumerate(self._at):
            self._add(index, lesson)
        for index in self._locked:
            self._add(index, _LOCKED)
        self._cost = 0
        self.gained = 0
        self._best = self._at_by.tolist()

    @property
    def best(self) -> list[int]:
        return [*self._locked, *self._best]

    def run(self, progress: Callable[[], float], told: Callable[[], None]) -> None:
        """Until `progress` (of the time, asked every few milliseconds) is 1 or more;
        `told` is called when there is a new best."""
        while len(self._at):
            if self._cost < -self.gained:
                self.gained, self._best = -self._cost, self._at_by.tolist()
                told()
            done = progress()
            if done >= 1:
                return
            heat = HOT * (COLD / HOT) ** done
            self._chance = [math.exp(-more / heat) for more in range(DEAREST)]
            for move in self._drawn():
                self._try(*move)

    def _drawn(self) -> Iterator[_Move]:
        """Moves that would do as things are, except for capacities."""
        draw = self._numbers.random
        lessons = len(self._at)
        count = min(max(lessons, LEAST_DRAWN), MOST_DRAWN)
        here = self._at_by[(draw(count) * lessons).astype(np.int64)]
        stream = self._of[here]
        nth = (draw(count) * self._many[stream]).astype(np.int64)
        place = self._begin[stream] + nth
        met, other = self._without(place, here)
        fine = (met <= 1) & (self._lesson_at[place] == _NOBODY)
        here, place, met, other = here[fine], place[fine], met[fine], other[fine]
        goal = np.full(len(here), -1)
        other[met == 0] = -1
        trade = np.flatnonzero(met)
        goal[trade] = self._goals(here[trade], other[trade])
        fine = (met == 0) | (goal >= 0)
        luck = draw(np.count_nonzero(fine))
        rows = (here[fine], place[fine], other[fine], goal[fine], luck)
        return zip(*(row.tolist() for row in rows), strict=True)

    def _without(self, place: _Ints, gone: _Ints) -> tuple[_Ints, _Ints]:
        """Number and sum of the rivals of `place` when its stream leaves `gone`."""
        same = self._weekday[place] == self._weekday[gone]
        return self._met_by[place] - same, self._sum_of[place] - same * gone

    def _goals(self, here: _Ints, other: _Ints) -> _Ints:
        """For each `other` some start that is free when `here` goes too, or -1."""
        stream = self._of[other]
        widest = int(self._many.max(initial=0))
        nth = np.arange(widest)
        known = nth < self._many[stream][:, None]
        goal = np.where(known, self._begin[stream][:, None] + nth, 0)
        met, who = self._without(goal, other[:, None])
        free = known & (self._lesson_at[goal] == _NOBODY)
        free &= (met == 0) | ((met == 1) & (who == here[:, None]))
        free &= ((self._lesson_at[other] >= 0) & (stream != self._of[here]))[:, None]
        luck = free * self._numbers.random(free.shape)
        best = luck.argmax(axis=1)
        rows = np.arange(len(other))
        return np.where(free[rows, best], goal[rows, best], -1)

    def _try(self, here: int, place: int, other: int, goal: int, chance: float) -> None:
        if self._lesson[here] < 0 or self._lesson[place] != _NOBODY:
            return
        met, who = self._met[place], self._sum[place]
        if self._day[place] == self._day[here]:
            met, who = met - 1, who - here
        if other < 0:
            if met:
                return
            if self._has_room(place, (here,)):
                self._go(here, place, chance)
                return
            other, goal = self._way_out(here, place)
        elif met != 1 or who != other or not self._is_open(goal, other, here):
            return
        if other < 0 or self._meet_at(place, goal):
            return
        gone = (here, other)
        if self._has_room(place, gone) and self._has_room(goal, gone, place):
            self._trade(here, place, other, goal, chance)

    def _go(self, here: int, place: int, chance: float) -> None:
        more = self._tally.weigh(here, place)
        if more <= 0 or (more < DEAREST and chance < self._chance[more]):
            self._cost += more
            self._tally.move(here, place)
            self._move(here, place)

    def _trade(
        self, here: int, place: int, other: int, goal: int, chance: float
    ) -> None:
        """`here` moves to `place`, and whoever is there moves elsewhere."""
        tally = self._tally
        more = tally.weigh(here, place)
        tally.move(here, place)
        more += tally.weigh(other, goal)
        if more <= 0 or (more < DEAREST and chance < self._chance[more]):
            self._cost += more
            tally.move(other, goal)
            self._move(other, goal)
            self._move(here, place)
        else:
            tally.move(place, here)

    def _meet_at(self, place: int, goal: int) -> bool:
        return self._day[place] == self._day[goal] and place in self._rivals[goal]

    def _is_open(self, goal: int, other: int, here: int) -> bool:
        """Whether `goal` is free for `other` when `here` goes too."""
        if self._lesson[goal] != _NOBODY or self._lesson[other] < 0:
            return False
        met, who = self._met[goal], self._sum[goal]
        if self._day[goal] == self._day[other]:
            met, who = met - 1, who - other
        return not met or (met == 1 and who == here)

    def _way_out(self, here: int, place: int) -> tuple[int, int]:
        """A lesson that takes a capacity which `place` needs, and where it could go;
        -1 for none."""
        other = self._some_holder(place, here)
        if other < 0:
            return -1, -1
        stream = self._stream[other]
        begin, many = int(self._begin[stream]), int(self._many[stream])
        first = int(self._numbers.integers(many))
        for k in range(many):
            goal = begin + (first + k) % many
            if self._is_open(goal, other, here) and not self._meet_at(place, goal):
                return other, goal
        return -1, -1

    def _some_holder(self, place: int, here: int) -> int:
        for cell, amount in self._cells[place]:
            if amount <= self._room[cell]:
                continue
            users = self._users[cell]
            begin = int(self._numbers.integers(len(users)))
            for k in range(len(users)):
                user = users[(begin + k) % len(users)]
                if self._lesson[user] != _NOBODY and user != here:
                    near = self._stream[user] == self._stream[here]
                    return -1 if near or self._lesson[user] < 0 else user
        return -1

    def _has_room(
        self, place: int, gone: Sequence[int], come: int | None = None
    ) -> bool:
        """Once the candidates `gone` are free and `come` is taken."""
        cells, room = self._cells, self._room
        for cell, amount in cells[place]:
            left = room[cell] - amount
            if come is not None:
                for other, more in cells[come]:
                    if other == cell:
                        left -= more
            if left < 0:
                for index in gone:
                    for other, more in cells[index]:
                        if other == cell:
                            left += more
                if left < 0:
                    return False
        return True

    def _add(self, index: int, lesson: int) -> None:
        self._lesson[index] = lesson
        self._meet(index, +1)
        self._tally.add(index)

    def _move(self, old: int, new: int) -> None:
        lesson = self._lesson[old]
        self._lesson[old] = _NOBODY
        self._meet(old, -1)
        self._lesson[new] = lesson
        self._meet(new, +1)
        self._at[lesson] = new

    def _meet(self, index: int, sign: int) -> None:
        met, total, room = self._met, self._sum, self._room
        name = sign * index
        for rival in self._rivals[index]:
            met[rival] += sign
            total[rival] += name
        for cell, amount in self._cells[index]:
            room[cell] -= sign * amount
