"""Meets at their times, and exchanges of times that keep what is required of them.

An exchange swaps two stretches of time of the same length for some meets: one meet
moves, whoever it would disturb there moves the other way, and so on (a Kempe chain).
Nobody given is then in two places, no meet changes its length, and none stands where
it may not.
"""

import random
from collections.abc import Collection, Sequence

from benchmarks.xhstt.instance import Instance, Meet
from benchmarks.xhstt.variables import Domains

Moves = dict[int, int]
"""meet -> its new time"""
PAIR_SHARE = 0.3
"""How often a meet of one time is moved within a stretch of two."""


class Grid:
    """`meets`: all placed, of `instance`, whose given people never clash but for
    `loose`, who may (somebody else counts them). Positions in `meets` are the names
    used here. `at[time]`: the meets running then; `masks[meet]`: a bit for each of its
    times. Raises ValueError."""

    def __init__(
        self, instance: Instance, meets: Sequence[Meet], loose: Collection[str]
    ) -> None:
        domains = Domains(instance)
        self.events = [meet.event for meet in meets]
        self.durations = [meet.duration for meet in meets]
        self.starts: list[int] = []
        self.at: list[set[int]] = [set() for _ in instance.times]
        self.masks = [0] * len(meets)
        self._may = {
            event.id: {(start.duration, start.time) for start in domains.starts(event)}
            for event in instance.events
        }
        given = {
            event.id: {event.id, *(who for who in event.fixed() if who not in loose)}
            for event in instance.events
        }
        bit = {
            who: 1 << at for at, who in enumerate(sorted(set().union(*given.values())))
        }
        self._given = [sum(bit[who] for who in given[meet.event]) for meet in meets]
        for one, meet in enumerate(meets):
            if meet.time is None:
                raise ValueError(f"{meet.event} has no time")
            self.starts.append(meet.time)
            self._stand(one)

    def times(self, one: int) -> range:
        return range(self.starts[one], self.starts[one] + self.durations[one])

    def meets(self) -> tuple[Meet, ...]:
        return tuple(map(Meet, self.events, self.durations, self.starts))

    def any_exchange(self, one: int, rng: random.Random) -> Moves | None:
        """Of meet `one` and wherever it may go; None: this one cannot be made."""
        length, here = self.durations[one], self.starts[one]
        if length == 1 and rng.random() < PAIR_SHARE:
            length, here = 2, max(0, here - rng.randrange(2))
        there = rng.randrange(len(self.at) - length + 1)
        if abs(here - there) < length or here + length > len(self.at):
            return None
        return self.exchange(one, here, there, length)

    def exchange(self, one: int, here: int, there: int, length: int) -> Moves | None:
        """None: a meet stands over an edge or may not start where it would."""
        moves: Moves = {}
        todo = [one]
        while todo:
            meet = todo.pop()
            if meet in moves:
                continue
            to = self._swapped(meet, here, there, length)
            event, duration = self.events[meet], self.durations[meet]
            if to is None or (duration, to) not in self._may[event]:
                return None
            moves[meet] = to
            given = self._given[meet]
            todo += [
                other
                for time in range(to, to + duration)
                for other in self.at[time]
                if other not in moves and given & self._given[other]
            ]
        return moves

    def _swapped(self, one: int, here: int, there: int, length: int) -> int | None:
        start, end = self.starts[one], self.starts[one] + self.durations[one]
        if here <= start and end <= here + length:
            return start - here + there
        if there <= start and end <= there + length:
            return start - there + here
        return None

    def move(self, moves: Moves) -> Moves:
        """The moves that undo these."""
        back = {one: self.starts[one] for one in moves}
        for one in moves:
            for time in self.times(one):
                self.at[time].discard(one)
        for one, to in moves.items():
            self.starts[one] = to
            self._stand(one)
        return back

    def _stand(self, one: int) -> None:
        self.masks[one] = ((1 << self.durations[one]) - 1) << self.starts[one]
        for time in self.times(one):
            self.at[time].add(one)
