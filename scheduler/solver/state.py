"""A timetable in the making: who is where at which minute, and what it costs.

Adding and removing a lesson takes microseconds; the search asks this, never the whole
problem. Nothing here is shared with `check`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.solver.grid import span_of
from scheduler.solver.lone_costs import periods_cut
from scheduler.solver.problem import LOAD_STEP, Placement, Resource
from scheduler.solver.space import Candidate, Space

Load = NDArray[np.int32]
_NO_LOAD: Load = np.zeros(MINUTES_A_DAY, dtype=np.int32)
MEDIA = "*"
"""The name of the district's media servers among the uplinks."""


class State:
    """`chosen[i]`: candidate indices of stream i. Capacity loads are per week group."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.chosen: list[list[int]] = [[] for _ in space.streams]
        self._taken: dict[tuple[int, int, int], int] = {}
        self._load: dict[tuple[str, int, int], Load] = {}
        self._teacher_day: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._samples = [0] * len(space.problem.load_samples)
        self._gap_base: dict[tuple[str, int], tuple[list[int], list[bool]]] = {}
        self.placed = 0

    def copy(self) -> "State":
        twin = State(self.space)
        for row in self.chosen:
            for index in row:
                twin.add(index)
        return twin

    @property
    def unplaced(self) -> int:
        return sum(s.lessons for s in self.space.streams) - self.placed

    def missing(self, stream: int) -> int:
        return self.space.wanted[stream] - len(self.chosen[stream])

    def placements(self) -> frozenset[Placement]:
        rows = (index for row in self.chosen for index in row)
        return frozenset(self.space.placement(index) for index in rows)

    def add(self, index: int) -> None:
        """Does not ask whether it fits."""
        self._change(self.space.candidates[index], +1)
        self.chosen[self.space.candidates[index].stream].append(index)

    def remove(self, index: int) -> None:
        self._change(self.space.candidates[index], -1)
        self.chosen[self.space.candidates[index].stream].remove(index)

    def clear(self, stream: int) -> list[int]:
        """Take all lessons of a stream out; says which they were."""
        rows = list(self.chosen[stream])
        for index in rows:
            self.remove(index)
        return rows

    def _change(self, c: Candidate, sign: int) -> None:
        space, stream = self.space, self.space.streams[c.stream]
        rates = list(space.uplinks[c.stream].items())
        if space.problem.media_seats is not None:
            rates.append((MEDIA, stream.seats))
        for group in space.groups_of[c.stream]:
            for resource in space.holds[c.stream]:
                key = (resource, c.weekday, group)
                self._taken[key] = self._taken.get(key, 0) ^ c.span
            for name, rate in rates:
                place = (name, c.weekday, group)
                if place not in self._load:
                    self._load[place] = np.zeros(MINUTES_A_DAY, dtype=np.int32)
                self._load[place][c.start : c.end] += sign * rate
        for k in c.samples:
            self._samples[k] += sign * stream.seats
        day = self._teacher_day[stream.teacher, c.weekday]
        if sign > 0:
            day.append(c.index)
        else:
            day.remove(c.index)
        self.placed += sign

    def taken(self, stream: int, weekday: int) -> int:
        """Minutes at which other lessons hold a resource of the stream."""
        mask = 0
        for group in self.space.groups_of[stream]:
            for resource in self.space.holds[stream]:
                mask |= self._taken.get((resource, weekday, group), 0)
        if self.space.roving[stream]:
            mask |= self._on_the_way(stream, weekday)
        return mask

    def _on_the_way(self, stream: int, weekday: int) -> int:
        space, mask = self.space, 0
        home = space.problem.master_site(space.streams[stream]).id
        teacher = space.streams[stream].teacher
        for index in self._teacher_day.get((teacher, weekday), ()):
            c = space.candidates[index]
            there = space.problem.master_site(space.streams[c.stream]).id
            if space.streams[c.stream].weeks & space.streams[stream].weeks:
                way = space.problem.travel_min(home, there)
                mask |= _filled(c.start - way, c.end + way)
        return mask

    def load(self, name: str, weekday: int, group: int) -> Load:
        return self._load.get((name, weekday, group), _NO_LOAD)

    def limits(self, stream: int) -> list[tuple[str, int, int]]:
        """(name, what the stream adds, limit) of every capacity it weighs on."""
        space, problem = self.space, self.space.problem
        found: list[tuple[str, int, int]] = []
        for site, rate in space.uplinks[stream].items():
            cap = problem.site_by_id[site].uplink_kbps
            if cap is not None:
                found.append((site, rate, cap))
        if problem.media_seats is not None:
            found.append((MEDIA, space.streams[stream].seats, problem.media_seats))
        return found

    def has_room(self, c: Candidate) -> bool:
        return all(
            int(self.load(name, c.weekday, group)[c.start : c.end].max()) + rate <= cap
            for name, rate, cap in self.limits(c.stream)
            for group in self.space.groups_of[c.stream]
        )

    def fits(self, index: int) -> bool:
        """Whether the lesson can be added without breaking a hard rule."""
        c = self.space.candidates[index]
        if self.missing(c.stream) < 1 or any(
            self.space.candidates[k].weekday == c.weekday for k in self.chosen[c.stream]
        ):
            return False
        return not c.span & self.taken(c.stream, c.weekday) and self.has_room(c)

    def cost(self, streams: Iterable[int] | None = None) -> int:
        """Soft cost of these streams and their teachers, and the load of all.

        Comparable only between two timetables that differ in these streams alone."""
        some = range(len(self.chosen)) if streams is None else list(streams)
        weights = self.space.problem.weights
        total = sum(self._stream_cost(i) for i in some)
        teachers = {self.space.streams[i].teacher for i in some}
        if weights.gap:
            gaps = sum(
                self.gaps(teacher, day)
                for teacher in teachers
                for day in self.space.problem.weekdays
            )
            total += weights.gap * gaps
        return total + weights.load * self._uneven()

    def _stream_cost(self, stream: int) -> int:
        space, weights = self.space, self.space.problem.weights
        rows = [space.candidates[k] for k in self.chosen[stream]]
        days = {c.weekday for c in rows}
        neighbours = sum(1 for d in days if d + 1 in days)
        moved = len(space.published_of[stream].difference(self.chosen[stream]))
        lost = space.published_lost[stream]
        return (
            sum(c.cost for c in rows)
            + weights.spread * neighbours
            + weights.move * (moved + lost)
        )

    def _uneven(self) -> int:
        even = self.space.problem.even_seats
        return sum(-(-max(0, seats - even) // LOAD_STEP) for seats in self._samples)

    @property
    def sample_seats(self) -> Sequence[int]:
        return self._samples

    def gap_base(self, teacher: str, weekday: int) -> tuple[list[int], list[bool]]:
        """Spans of the teacher's own periods, and which of them local lessons take."""
        key = (teacher, weekday)
        if key not in self._gap_base:
            self._gap_base[key] = _gap_base(self.space, teacher, weekday)
        return self._gap_base[key]

    def duties(self, teacher: str, weekday: int) -> tuple[list[int], list[bool]]:
        """Spans of the teacher's own periods, and which of them are taken."""
        spans, base = self.gap_base(teacher, weekday)
        mask = 0
        for index in self._teacher_day.get((teacher, weekday), ()):
            mask |= self.space.candidates[index].span
        pairs = zip(spans, base, strict=True)
        return spans, [local or bool(mask & span) for span, local in pairs]

    def gaps(self, teacher: str, weekday: int) -> int:
        """Idle periods between the first and the last duty of the day."""
        _, busy = self.duties(teacher, weekday)
        if True not in busy:
            return 0
        last = len(busy) - 1 - busy[::-1].index(True)
        return busy[busy.index(True) : last].count(False)


def _gap_base(space: Space, teacher: str, weekday: int) -> tuple[list[int], list[bool]]:
    problem = space.problem
    home = problem.site_by_id[problem.teacher_by_id[teacher].site]
    bells = home.bells.get(weekday, ())
    cut: set[int] = set()
    for busy in space.problem.busy_by.get((Resource("teacher", teacher), weekday), ()):
        if busy.kind == "local":
            cut |= {p.start for p in periods_cut(bells, busy.time)}
    spans = [span_of(p) for p in bells]
    return spans, [p.start in cut for p in bells]


def _filled(start: int, end: int) -> int:
    first, last = max(0, start), min(MINUTES_A_DAY, end)
    return ((1 << (last - first)) - 1) << first
