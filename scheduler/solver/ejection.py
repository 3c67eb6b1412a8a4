"""A timetable by ejection: put a lesson where it hurts least, take out what is in its
way, and go on with what was taken out.

FET's recursive swapping and Müller's iterative forward search work like this. Here a
lesson that was taken out of a place weighs more there the next time, so that the search
learns which places are fought for; when it no longer gets better the weights start
afresh. 3 600 lessons take half a second, also where nearly every place is needed.
"""

import random
from collections.abc import Callable, Iterable

from scheduler.solver.rivals import Rivals

PATIENCE = 20
"""Steps per stream without a new best, until the weights start afresh."""
TABU_STEPS = (3, 5, 2, 8)
"""For so many steps, and up to twice as many, a lesson stays away from the place it was
taken out of; another number each time the weights start afresh."""
NOISE = 1.0
"""Of two places that are fought for alike, either may win."""
POLL_STEPS = 256
_NEVER = float("inf")


class Ejection:
    """`best`: candidates of the timetable with the fewest lessons out, so far. Locked
    lessons are in it from the start and stay; they must fit beside each other.
    `start`: where lessons lie at first, as far as they fit."""

    def __init__(self, rivals: Rivals, seed: int, start: Iterable[int] = ()) -> None:
        space = rivals.space
        self._rivals = rivals
        self._random = random.Random(f"ejection-{seed}").random
        self._stream = [c.stream for c in space.candidates]
        self._places = [
            range(row[0].index, row[-1].index + 1) if row else range(0)
            for row in space.of_stream
        ]
        count = len(space.candidates)
        self._chosen = bytearray(count)
        self._weight = [1] * count
        self._held_weight = [1] * count
        self._fights = [0] * count
        """Weights of the chosen rivals of each candidate."""
        self._away: list[float] = [0] * count
        """The step until which each candidate may not be taken."""
        self._load = [0] * len(rivals.limits)
        self._holders: list[set[int]] = [set() for _ in rivals.limits]
        self._locked = [index for row in space.locked for index in row]
        self._lock()
        self._out = [
            i
            for i, wanted in enumerate(space.wanted)
            for _ in range(wanted - len(space.locked[i]))
        ]
        for index in start:
            self._keep(index)
        self._step = self._last_better = self.shakes = 0
        """`shakes`: how often the weights started afresh."""
        self._fill()
        self.fewest = len(self._out)
        self._best = bytes(self._chosen)

    @property
    def best(self) -> list[int]:
        return [index for index, chosen in enumerate(self._best) if chosen]

    @property
    def hopeless(self) -> bool:
        """A stream has too few days left: not all lessons can be placed."""
        space = self._rivals.space
        return any(
            len({space.candidates[k].weekday for k in row if self._may_hold(k)})
            < space.wanted[i]
            for i, row in enumerate(self._places)
        )

    def part_ways(self, seed: int) -> None:
        """From here on with other random numbers."""
        self._random = random.Random(f"ejection-{seed}").random

    def search(self, over: Callable[[], bool]) -> bool:
        """True when every lesson is placed. `over` is asked every few milliseconds;
        the search goes on where it was when called again."""
        patience = PATIENCE * len(self._places)
        while self._out:
            if self._step % POLL_STEPS == 0 and over():
                return False
            self._step += 1
            self._place(self._draw())
            if len(self._out) < self.fewest:
                self.fewest = len(self._out)
                self._best = bytes(self._chosen)
                self._last_better = self._step
            elif self._step - self._last_better > patience:
                self._shake()
        return True

    def _may_hold(self, index: int) -> bool:
        return self._away[index] != _NEVER or bool(self._chosen[index])

    def _lock(self) -> None:
        """Locked lessons are no holders: they cannot be taken out."""
        rivals = self._rivals
        for index in self._locked:
            self._chosen[index] = 1
            self._away[index] = _NEVER
            for other in rivals.of(index):
                self._away[other] = _NEVER
            for cell, amount in rivals.cells[index]:
                self._load[cell] += amount
        for index, cells in enumerate(rivals.cells):
            for cell, amount in cells:
                if self._load[cell] + amount > rivals.limits[cell]:
                    self._away[index] = _NEVER

    def _keep(self, index: int) -> None:
        if (
            self._stream[index] in self._out
            and not self._chosen[index]
            and not self._away[index]
            and self._is_free(index)
        ):
            self._out.remove(self._stream[index])
            self._add(index)

    def _fill(self) -> None:
        """Those with the fewest places first, as long as nobody has to leave."""
        out = sorted(self._out, key=lambda stream: len(self._places[stream]))
        self._out = []
        for stream in out:
            place = self._least_fought(stream)
            if place is not None and self._is_free(place):
                self._add(place)
            else:
                self._out.append(stream)

    def _is_free(self, index: int) -> bool:
        load, limits = self._load, self._rivals.limits
        cells = self._rivals.cells[index]
        return not self._fights[index] and all(
            load[cell] + amount <= limits[cell] for cell, amount in cells
        )

    def _draw(self) -> int:
        """Any lesson that is out; the last ones first would go round in circles."""
        out = self._out
        k = int(self._random() * len(out))
        stream, out[k] = out[k], out[-1]
        out.pop()
        return stream

    def _place(self, stream: int) -> None:
        place = self._least_fought(stream)
        if place is None:
            self._out.append(stream)
            return
        chosen, tabu = self._chosen, TABU_STEPS[self.shakes % len(TABU_STEPS)]
        for other in self._rivals.of(place):
            if chosen[other]:
                self._eject(other, tabu)
        for cell, amount in self._rivals.cells[place]:
            while self._load[cell] + amount > self._rivals.limits[cell]:
                lightest = min(self._holders[cell], key=self._held_weight.__getitem__)
                self._eject(lightest, tabu)
        self._add(place)

    def _least_fought(self, stream: int) -> int | None:
        fights, away, chosen = self._fights, self._away, self._chosen
        load, limits, cells = self._load, self._rivals.limits, self._rivals.cells
        step, draw, held = self._step, self._random, self._held_weight
        best, least = None, _NEVER
        for index in self._places[stream]:
            if fights[index] >= least or away[index] > step or chosen[index]:
                continue
            value = fights[index] + NOISE * draw()
            for cell, amount in cells[index]:
                if load[cell] + amount > limits[cell]:
                    value += min([held[k] for k in self._holders[cell]])
            if value < least:
                best, least = index, value
        return best

    def _eject(self, index: int, tabu: int) -> None:
        self._remove(index)
        self._out.append(self._stream[index])
        self._away[index] = self._step + tabu + int(self._random() * tabu)
        self._weight[index] += 1

    def _add(self, index: int) -> None:
        weight = self._held_weight[index] = self._weight[index]
        self._chosen[index] = 1
        fights = self._fights
        for other in self._rivals.of(index):
            fights[other] += weight
        for cell, amount in self._rivals.cells[index]:
            self._load[cell] += amount
            self._holders[cell].add(index)

    def _remove(self, index: int) -> None:
        weight = self._held_weight[index]
        self._chosen[index] = 0
        fights = self._fights
        for other in self._rivals.of(index):
            fights[other] -= weight
        for cell, amount in self._rivals.cells[index]:
            self._load[cell] -= amount
            self._holders[cell].discard(index)

    def _shake(self) -> None:
        """The same lessons in the same places, but every place light again."""
        locked = set(self._locked)
        held = [
            index
            for index, chosen in enumerate(self._chosen)
            if chosen and index not in locked
        ]
        for index in held:
            self._remove(index)
        self._weight = [1] * len(self._weight)
        for index in held:
            self._add(index)
        self.shakes += 1
        self._last_better = self._step
