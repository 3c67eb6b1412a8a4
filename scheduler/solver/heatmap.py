"""Why not here: every start of a stream's week, with who blocks it for how long.

Plain Python over a published or draft timetable; a person drags a lesson and sees the
map at once. The board also takes placements that no solver would make.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from scheduler.bells import Minutes
from scheduler.solver.problem import Placement, Resource, Stream
from scheduler.solver.space import Space, holdings
from scheduler.value import MINUTES_A_DAY

BlockerKind = Literal[
    "lesson", "local", "closed", "day", "travel", "one_a_day", "uplink", "media"
]


@dataclass(frozen=True, slots=True)
class Blocker:
    """`minutes`: of the lesson that are blocked, or of the way that are missing.
    `who`: the resource or site; `by`: the stream or the local lesson's title."""

    kind: BlockerKind
    who: str
    by: str
    minutes: int
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`cost`: soft cost of this lesson here, gaps and spread not counted. `mine`: it
    is here already."""

    weekday: int
    time: Minutes
    cost: int
    blockers: tuple[Blocker, ...]
    mine: bool = False

    @property
    def free(self) -> bool:
        return not self.blockers


@dataclass(frozen=True, slots=True)
class _Use:
    placement: Placement
    stream: Stream
    time: Minutes


class Board:
    """A timetable by resource and day. Built once per version, changed by `move`."""

    def __init__(self, space: Space, placements: Iterable[Placement]) -> None:
        self._space, self._problem = space, space.problem
        self._by: dict[tuple[Resource, int], list[_Use]] = defaultdict(list)
        self._at_site: dict[tuple[str, int], list[tuple[_Use, int]]]
        self._at_site = defaultdict(list)
        self._seats: dict[tuple[int, int], list[int]] = {}
        self._placed: set[Placement] = set()
        for placement in placements:
            self.add(placement)

    @property
    def placements(self) -> frozenset[Placement]:
        return frozenset(self._placed)

    def add(self, placement: Placement) -> None:
        if placement in self._placed:
            return
        self._placed.add(placement)
        use = self._use(placement)
        day = placement.weekday
        for resource in self._held(use.stream):
            self._by[resource, day].append(use)
        for site, rate in self._rates(use.stream).items():
            self._at_site[site, day].append((use, rate))
        self._count(use, +1)

    def remove(self, placement: Placement) -> None:
        if placement not in self._placed:
            return
        self._placed.remove(placement)
        use = self._use(placement)
        day = placement.weekday
        for resource in self._held(use.stream):
            self._by[resource, day].remove(use)
        for site, rate in self._rates(use.stream).items():
            self._at_site[site, day].remove((use, rate))
        self._count(use, -1)

    def move(self, before: Placement, after: Placement) -> None:
        self.remove(before)
        self.add(after)

    def cells(self, stream: Stream, moving: Placement | None = None) -> list[Cell]:
        """Every start of the week; `moving`: the lesson in hand, which blocks
        nothing."""
        if moving is not None and moving in self._placed:
            self.remove(moving)
            try:
                return list(self._cells(stream, moving))
            finally:
                self.add(moving)
        return list(self._cells(stream, moving))

    def _cells(self, stream: Stream, moving: Placement | None) -> Iterator[Cell]:
        for weekday, start in self._space.starts(stream):
            time = Minutes(start, start + stream.minutes)
            here = Placement(stream.id, weekday, start)
            yield Cell(
                weekday=weekday,
                time=time,
                cost=self._space.lone_cost(stream, weekday, time),
                blockers=tuple(self.blockers(stream, weekday, time)),
                mine=here == moving or here in self._placed,
            )

    def blockers(
        self, stream: Stream, weekday: int, time: Minutes
    ) -> Iterator[Blocker]:
        """Whoever keeps a lesson of the stream from this time."""
        yield from self._day(stream, weekday, time)
        yield from self._busy(stream, weekday, time)
        yield from self._lessons(stream, weekday, time)
        yield from self._capacity(stream, weekday, time)

    def _day(self, stream: Stream, weekday: int, time: Minutes) -> Iterator[Blocker]:
        for site in self._space.sites_of(stream):
            inside = max((w.overlap(time) for w in site.open_on(weekday)), default=0)
            if inside < time.end - time.start:
                yield Blocker("day", site.id, "", time.end - time.start - inside)

    def _busy(self, stream: Stream, weekday: int, time: Minutes) -> Iterator[Blocker]:
        home = self._problem.master_site(stream).id
        for resource, may in self._space.with_sites(stream):
            for busy in self._space.busy_by.get((resource, weekday), ()):
                if not busy.weeks & stream.weeks or (may and busy.kind == "local"):
                    continue
                cut = busy.time.overlap(time)
                way = self._space.reach(busy, home).overlap(time)
                if cut:
                    yield Blocker(busy.kind, resource.id, busy.title, cut)
                elif way:
                    yield Blocker("travel", resource.id, busy.title, way)

    def _lessons(
        self, stream: Stream, weekday: int, time: Minutes
    ) -> Iterator[Blocker]:
        for resource in self._held(stream):
            for use in self._by.get((resource, weekday), ()):
                if not use.stream.weeks & stream.weeks:
                    continue
                locked = use.placement in self._problem.locks
                cut = use.time.overlap(time)
                if cut:
                    yield Blocker("lesson", resource.id, use.stream.id, cut, locked)
                elif use.stream.id == stream.id and resource.kind == "teacher":
                    yield Blocker("one_a_day", stream.id, stream.id, 0, locked)
                elif resource.kind == "teacher":
                    short = self._way(stream, use.stream) - _between(use.time, time)
                    if short > 0:
                        name = use.stream.id
                        yield Blocker("travel", resource.id, name, short, locked)

    def _way(self, a: Stream, b: Stream) -> int:
        problem = self._problem
        return problem.travel_min(problem.master_site(a).id, problem.master_site(b).id)

    def _capacity(
        self, stream: Stream, weekday: int, time: Minutes
    ) -> Iterator[Blocker]:
        for name, rate in self._rates(stream).items():
            cap = self._problem.site_by_id[name].uplink_kbps
            uses = [
                (use, more)
                for use, more in self._at_site.get((name, weekday), ())
                if use.stream.weeks & stream.weeks and use.time.overlap(time)
            ]
            if cap is None or sum(more for _, more in uses) + rate <= cap:
                continue
            over = _minutes_over(uses, time, cap - rate, stream.weeks)
            if over:
                yield Blocker("uplink", name, "", over)
        cap = self._problem.media_seats
        if cap is not None:
            left = cap - stream.seats
            rows = [
                row[time.start : time.end]
                for group in self._groups(stream)
                if (row := self._seats.get((weekday, group))) is not None
            ]
            over = sum(max(seats) > left for seats in zip(*rows, strict=True))
            if over:
                yield Blocker("media", "media", "", over)

    def _use(self, placement: Placement) -> _Use:
        stream = self._problem.stream_by_id[placement.stream]
        end = placement.start + stream.minutes
        return _Use(placement, stream, Minutes(placement.start, end))

    @staticmethod
    def _held(stream: Stream) -> list[Resource]:
        return list(dict.fromkeys(resource for resource, _ in holdings(stream)))

    def _rates(self, stream: Stream) -> dict[str, int]:
        return self._space.uplinks[self._space.stream_index[stream.id]]

    def _groups(self, stream: Stream) -> tuple[int, ...]:
        return self._space.groups_of[self._space.stream_index[stream.id]]

    def _count(self, use: _Use, sign: int) -> None:
        for group in self._groups(use.stream):
            key = (use.placement.weekday, group)
            row = self._seats.setdefault(key, [0] * MINUTES_A_DAY)
            for minute in range(use.time.start, use.time.end):
                row[minute] += sign * use.stream.seats


def _between(a: Minutes, b: Minutes) -> int:
    return max(a.start, b.start) - min(a.end, b.end)


def _minutes_over(
    uses: list[tuple[_Use, int]], time: Minutes, left: int, weeks: int
) -> int:
    """Minutes of `time` in which the others leave too little, in some week."""
    edges = {time.start, time.end}
    for use, _ in uses:
        edges.update((use.time.start, use.time.end))
    over = 0
    for start, end in pairwise(sorted(edges)):
        here = [
            (u, n)
            for u, n in uses
            if u.time.start <= start < u.time.end and time.start <= start < time.end
        ]
        if any(
            sum(n for v, n in here if u.stream.weeks & v.stream.weeks & weeks) > left
            for u, _ in here
        ):
            over += end - start
    return over
