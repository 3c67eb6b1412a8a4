"""The soft cost of a timetable in the making, and what one move would change.

Counted for annealing, a million times a minute: everything a candidate weighs on is a
number looked up by the candidate. Comparable only with itself: rules that lessons
which stay out would break are left out, because they stay out.
"""

from collections.abc import Sequence

from scheduler.solver.problem import LOAD_STEP
from scheduler.solver.space import Space
from scheduler.solver.state import State

_WEEKDAY_SETS = 1 << 8
_DIGIT = 6
"""Bits of a period within a teacher's day: so many lessons, of other weeks, may share
one."""


class Tally:
    """Candidates are added and moved; nothing asks whether they fit."""

    def __init__(self, space: Space) -> None:
        weights, rows = space.problem.weights, space.candidates
        self._lone = [
            c.cost - weights.move * (c.index in space.published_of[c.stream])
            for c in rows
        ]
        self._stream = [c.stream for c in rows]
        self._weekday = [1 << c.weekday for c in rows]
        self._days = [0] * len(space.streams)
        """The weekdays of each stream, as bits."""
        self._near = [
            weights.spread * (days & days >> 1).bit_count()
            for days in range(_WEEKDAY_SETS)
        ]
        self._idle = _Idle(weights.gap)
        self._duties: list[int] = []
        """Of each teacher's day: how many duties each period has, a digit each."""
        self._teacher_day: list[int] = []
        self._periods: list[int] = []
        self._meet_teachers(space)
        self._samples_of = [c.samples if weights.load else () for c in rows]
        self._seats_of = [space.streams[c.stream].seats for c in rows]
        self._seats = [0] * len(space.problem.load_samples)
        self._uneven = _Uneven(weights.load, space.problem.even_seats)

    def _meet_teachers(self, space: Space) -> None:
        state = State(space)
        names: dict[tuple[str, int], int] = {}
        for c in space.candidates:
            who = (space.streams[c.stream].teacher, c.weekday)
            spans, busy = state.gap_base(*who)
            if who not in names:
                names[who] = len(names)
                self._duties.append(_digits(busy))
            self._teacher_day.append(names[who])
            self._periods.append(_digits([bool(c.span & span) for span in spans]))

    def add(self, index: int) -> None:
        self._days[self._stream[index]] |= self._weekday[index]
        self._duties[self._teacher_day[index]] += self._periods[index]
        for k in self._samples_of[index]:
            self._seats[k] += self._seats_of[index]

    def move(self, old: int, new: int) -> None:
        self._days[self._stream[old]] ^= self._weekday[old] ^ self._weekday[new]
        self._duties[self._teacher_day[old]] -= self._periods[old]
        self._duties[self._teacher_day[new]] += self._periods[new]
        seats = self._seats_of[old]
        for k in self._samples_of[old]:
            self._seats[k] -= seats
        for k in self._samples_of[new]:
            self._seats[k] += seats

    def weigh(self, old: int, new: int) -> int:
        """What it would cost more to have the lesson at `new` instead of `old`."""
        more = self._lone[new] - self._lone[old]
        weekdays = self._weekday
        if weekdays[old] != weekdays[new]:
            days = self._days[self._stream[old]]
            near = self._near
            more += near[days ^ weekdays[old] ^ weekdays[new]] - near[days]
        a, b = self._teacher_day[old], self._teacher_day[new]
        duties, periods, idle = self._duties, self._periods, self._idle
        if a == b:
            now = duties[a]
            more += idle[now - periods[old] + periods[new]] - idle[now]
        else:
            now = duties[a]
            more += idle[now - periods[old]] - idle[now]
            now = duties[b]
            more += idle[now + periods[new]] - idle[now]
        gone, come = self._samples_of[old], self._samples_of[new]
        if gone != come:
            taken, uneven, seats = self._seats, self._uneven, self._seats_of[old]
            for k in gone:
                if k not in come:
                    more += uneven[taken[k] - seats] - uneven[taken[k]]
            for k in come:
                if k not in gone:
                    more += uneven[taken[k] + seats] - uneven[taken[k]]
        return more


class _Idle(dict[int, int]):
    """Cost of the idle periods of a day's duties."""

    def __init__(self, weight: int) -> None:
        self._weight = weight

    def __missing__(self, duties: int) -> int:
        taken = []
        left = duties
        while left:
            taken.append(left & ((1 << _DIGIT) - 1) > 0)
            left >>= _DIGIT
        found = self._weight * (taken[taken.index(True) :].count(False) if taken else 0)
        self[duties] = found
        return found


class _Uneven(dict[int, int]):
    """Cost of the seats taken at one sample."""

    def __init__(self, weight: int, even: int) -> None:
        self._weight, self._even = weight, even

    def __missing__(self, seats: int) -> int:
        found = self._weight * -(-max(0, seats - self._even) // LOAD_STEP)
        self[seats] = found
        return found


def _digits(row: Sequence[bool]) -> int:
    return sum(1 << _DIGIT * k for k, taken in enumerate(row) if taken)
