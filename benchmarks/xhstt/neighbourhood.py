"""Which part of a timetable is free to change next."""

import random
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.xhstt.variables import Start, Variables

SMALLEST, FIRST_SIZE = 4, 30
WINDOWS = 2


class Neighbourhoods:
    """Two kinds: events that share resources, with all their times; and a few
    stretches of time, with all events in them. Both grow while they are solved
    quickly and shrink when they are not."""

    def __init__(self, variables: Variables, rng: random.Random) -> None:
        self._vars = variables
        self._rng = rng
        self._events = [e.id for e in variables.instance.events]
        self._of: dict[str, list[str]] = defaultdict(list)
        for event in variables.instance.events:
            for who in event.fixed():
                self._of[who].append(event.id)
        self._size = float(min(FIRST_SIZE, len(self._events)))
        self._length = len(variables.instance.times) / 5
        self._by_time = False

    def pick(self, values: Sequence[int]) -> set[Start]:
        self._by_time = not self._by_time and self._length >= 1
        return self._stretches() if self._by_time else self._neighbours()

    def learn(self, *, solved: bool, quick: bool) -> None:
        factor = 1.1 if solved and quick else 1.0 if solved else 0.8
        if self._by_time:
            most = len(self._vars.instance.times) / WINDOWS
            self._length = min(most, max(2.0, self._length * factor))
        else:
            most = len(self._events)
            self._size = min(most, max(SMALLEST, self._size * factor))

    def _stretches(self) -> set[Start]:
        last = len(self._vars.instance.times)
        length = max(1, round(self._length))
        times: set[int] = set()
        for _ in range(WINDOWS):
            begin = self._rng.randrange(last)
            times.update((begin + n) % last for n in range(length))
        return {s for s in self._vars.start if times.issuperset(s.times)}

    def _neighbours(self) -> set[Start]:
        """A walk along shared resources from a random event."""
        chosen: dict[str, None] = {}
        here = self._rng.choice(self._events)
        while len(chosen) < self._size:
            chosen[here] = None
            others = self._beside(here)
            fresh = [event for event in others if event not in chosen]
            if fresh and self._rng.random() < 0.9:
                here = self._rng.choice(fresh)
            else:
                here = self._rng.choice(self._events)
        return {s for event in chosen for s in self._vars.starts[event]}

    def _beside(self, name: str) -> list[str]:
        people = list(self._vars.instance.event[name].fixed())
        return self._of[self._rng.choice(people)] if people else []
