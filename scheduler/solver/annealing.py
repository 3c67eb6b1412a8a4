"""Soft rules by simulated annealing: one lesson moves, or takes the place of another
one that finds a new place, and a dearer timetable is accepted less and less.

A move is weighed in microseconds because it looks only at its own rivals, teachers and
hours; CP-SAT's neighbourhoods afterwards take what is left.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence

from scheduler.solver.problem import LOAD_STEP
from scheduler.solver.rivals import Rivals
from scheduler.solver.state import State

HOT, COLD = 4.0, 0.3
"""Points that one move may cost, about, at the beginning and at the end."""
POLL_STEPS = 1024


class Annealing:
    """`chosen` must break no rule of `rivals`; lessons that are out stay out. `best`:
    the cheapest timetable so far; `gained`: how much cheaper it is than `chosen`."""

    def __init__(self, rivals: Rivals, chosen: Iterable[int], seed: int) -> None:
        space = rivals.space
        self._rivals, self._space = rivals, space
        self._random = random.Random(f"annealing-{seed}").random
        rows = space.candidates
        self._stream = [c.stream for c in rows]
        self._day = [c.weekday for c in rows]
        self._places = [
            range(row[0].index, row[-1].index + 1) if row else range(0)
            for row in space.of_stream
        ]
        move = space.problem.weights.move
        self._lone = [
            c.cost - move * (c.index in space.published_of[c.stream]) for c in rows
        ]
        self._meet_teachers()
        weights = space.problem.weights
        self._spread, self._gap = weights.spread, weights.gap
        self._even_load, self._even = weights.load, space.problem.even_seats
        self._samples_of = [c.samples if weights.load else () for c in rows]
        self._seats = [space.streams[c.stream].seats for c in rows]
        self._samples = [0] * len(space.problem.load_samples)
        self._met = [0] * len(rows)
        """How many chosen rivals each candidate has."""
        self._load = [0] * len(rivals.limits)
        self._chosen: dict[int, int] = {}
        """The lesson that each chosen candidate is."""
        self._mine: list[list[int]] = [[] for _ in space.streams]
        locked = {index for row in space.locked for index in row}
        self._at = [index for index in chosen if index not in locked]
        for lesson, index in enumerate(self._at):
            self._add(index, lesson)
        for index in locked:
            self._add(index, -1)
        self._cost = 0
        self.gained = 0
        self._best = list(self._at)
        self._locked = sorted(locked)

    def _meet_teachers(self) -> None:
        """Teachers' days, which periods of one each candidate takes, and which local
        lessons take anyway."""
        space, state = self._space, State(self._space)
        names: dict[tuple[str, int], int] = {}
        self._teacher_day: list[int] = []
        self._periods: list[int] = []
        self._local: list[int] = []
        for c in space.candidates:
            who = (space.streams[c.stream].teacher, c.weekday)
            spans, busy = state.gap_base(*who)
            if who not in names:
                names[who] = len(names)
                self._local.append(_bits(busy))
            self._teacher_day.append(names[who])
            self._periods.append(_bits([bool(c.span & span) for span in spans]))
        self._taught: list[list[int]] = [[] for _ in names]
        self._idle: dict[int, int] = {}

    @property
    def best(self) -> list[int]:
        return [*self._locked, *self._best]

    def run(self, progress: Callable[[], float], told: Callable[[], None]) -> None:
        """Until `progress` (of the time, asked every few milliseconds) is 1 or more;
        `told` is called when there is a new best."""
        lessons, draw, step = len(self._at), self._random, 0
        at, met, day, chosen = self._at, self._met, self._day, self._chosen
        stream, places_of = self._stream, self._places
        heat = HOT
        while lessons:
            if step % POLL_STEPS == 0:
                if self._cost < -self.gained:
                    self.gained, self._best = -self._cost, list(at)
                    told()
                done = progress()
                if done >= 1:
                    return
                heat = HOT * (COLD / HOT) ** done
            step += 1
            here = at[int(draw() * lessons)]
            places = places_of[stream[here]]
            place = places[int(draw() * len(places))]
            in_the_way = met[place] - (day[place] == day[here])
            if in_the_way > 1 or place in chosen:
                continue
            if not in_the_way and self._has_room(place, (here,)):
                self._accept((here,), (place,), heat)
            else:
                self._trade(here, place, heat)

    def _trade(self, here: int, place: int, heat: float) -> None:
        """`here` moves to `place`, and whoever is there moves elsewhere."""
        other = self._only_rival(place, here)
        if other is None or self._chosen[other] < 0:
            return
        if not self._has_room(place, (here, other)):
            return
        met, chosen = self._met, self._chosen
        goals = [
            goal
            for goal in self._places[self._stream[other]]
            if met[goal] <= 2
            and goal not in chosen
            and self._free_after(goal, other, here, place)
        ]
        if goals:
            goal = goals[int(self._random() * len(goals))]
            if self._has_room(goal, (here, other), place):
                self._accept((here, other), (place, goal), heat)

    def _only_rival(self, place: int, here: int) -> int | None:
        """The chosen rival of `place` beside `here`; without one, some lesson that
        takes a capacity which is used up."""
        chosen, stream = self._chosen, self._stream[place]
        for rival in self._rivals.of(place):
            if rival in chosen and rival != here:
                return rival if self._stream[rival] != stream else None
        for cell, amount in self._rivals.cells[place]:
            if self._load[cell] + amount > self._rivals.limits[cell]:
                return self._some_holder(cell, here)
        return None

    def _some_holder(self, cell: int, here: int) -> int | None:
        users = self._rivals.users[cell]
        begin = int(self._random() * len(users))
        for k in range(len(users)):
            user = users[(begin + k) % len(users)]
            if user in self._chosen and user != here:
                return user if self._stream[user] != self._stream[here] else None
        return None

    def _free_after(self, goal: int, other: int, here: int, place: int) -> bool:
        """Whether `goal` has no rival once `other` and `here` are gone and `place` is
        taken."""
        met = self._met[goal] - (self._day[goal] == self._day[other])
        if met > 1:
            return False
        rivals = self._rivals.of(goal)
        return met == (here in rivals) and place not in rivals

    def _has_room(
        self, place: int, gone: Sequence[int], taken: int | None = None
    ) -> bool:
        cells = self._rivals.cells
        for cell, amount in cells[place]:
            load = self._load[cell] + amount
            if load <= self._rivals.limits[cell] and taken is None:
                continue
            load -= sum(more for k in gone for c, more in cells[k] if c == cell)
            if taken is not None:
                load += sum(more for c, more in cells[taken] if c == cell)
            if load > self._rivals.limits[cell]:
                return False
        return True

    def _accept(self, old: Sequence[int], new: Sequence[int], heat: float) -> None:
        """`new[k]` is where the lesson at `old[k]` goes."""
        before = self._cost_around(old, new)
        lessons = [self._chosen[index] for index in old]
        for index in old:
            self._take_off(index)
        for index in new:
            self._put_on(index)
        more = self._cost_around(old, new) - before
        if more > 0 and self._random() >= math.exp(-more / heat):
            for index in new:
                self._take_off(index)
            for index in old:
                self._put_on(index)
            return
        self._cost += more
        for a, b, lesson in zip(old, new, lessons, strict=True):
            self._meet(a, -1)
            del self._chosen[a]
            self._meet(b, +1)
            self._chosen[b] = lesson
            self._at[lesson] = b

    def _cost_around(self, old: Sequence[int], new: Sequence[int]) -> int:
        """Everything that these candidates can change."""
        total = 0
        for stream in {self._stream[index] for index in old}:
            mine = self._mine[stream]
            for index in mine:
                total += self._lone[index]
            if len(mine) > 1:
                days = [self._day[index] for index in mine]
                for day in days:
                    if day + 1 in days:
                        total += self._spread
        if self._gap:
            for day in {self._teacher_day[index] for index in (*old, *new)}:
                total += self._gap * self._gaps(day)
        for k in {k for index in (*old, *new) for k in self._samples_of[index]}:
            over = self._samples[k] - self._even
            if over > 0:
                total += self._even_load * -(-over // LOAD_STEP)
        return total

    def _gaps(self, day: int) -> int:
        taken = self._local[day]
        for index in self._taught[day]:
            taken |= self._periods[index]
        idle = self._idle.get(taken)
        if idle is None:
            idle = self._idle[taken] = bin(taken)[2:].strip("0").count("0")
        return idle

    def _add(self, index: int, lesson: int) -> None:
        self._chosen[index] = lesson
        self._meet(index, +1)
        self._put_on(index)

    def _meet(self, index: int, sign: int) -> None:
        met = self._met
        for rival in self._rivals.of(index):
            met[rival] += sign
        for cell, amount in self._rivals.cells[index]:
            self._load[cell] += sign * amount

    def _put_on(self, index: int) -> None:
        self._mine[self._stream[index]].append(index)
        self._taught[self._teacher_day[index]].append(index)
        for k in self._samples_of[index]:
            self._samples[k] += self._seats[index]

    def _take_off(self, index: int) -> None:
        self._mine[self._stream[index]].remove(index)
        self._taught[self._teacher_day[index]].remove(index)
        for k in self._samples_of[index]:
            self._samples[k] -= self._seats[index]


def _bits(row: Sequence[bool]) -> int:
    return sum(1 << k for k, taken in enumerate(row) if taken)
