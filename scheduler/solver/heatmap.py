"""Why not here: every start of a stream's week, with who blocks it for how long.

Plain Python over a published or draft timetable; a person drags a lesson and sees the
map at once. The board also takes placements that no solver would make.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.solver.grid import Grid, bits
from scheduler.solver.problem import Placement, Stream
from scheduler.solver.space import Space

BlockerKind = Literal[
    "lesson", "local", "closed", "day", "travel", "one_a_day", "uplink", "media"
]
_ALL_DAY = (0, MINUTES_A_DAY)


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


_Why = tuple[int, Blocker]
"""A start, by number, and who blocks it."""


class Board:
    """A timetable by resource and day. Built once per version, changed by `move`."""

    def __init__(self, space: Space, placements: Iterable[Placement]) -> None:
        self._space, self._problem = space, space.problem
        self._by: dict[tuple[int, int], list[_Use]] = defaultdict(list)
        self._at_site: dict[tuple[str, int], list[tuple[_Use, int]]]
        self._at_site = defaultdict(list)
        self._seats: dict[tuple[int, int], list[int]] = {}
        self._placed: set[Placement] = set()
        for placement in placements:
            self.add(placement)

    def under(self, space: Space) -> None:
        """From now on with the taken times of `space`, which is `Space.after` of the
        one it had."""
        self._space, self._problem = space, space.problem

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
        grid = self._space.grids.of(stream)
        why: list[list[Blocker]] = [[] for _ in grid.starts]
        for k, blocker in self._why(stream, grid, grid.all):
            why[k].append(blocker)
        costs = self._space.costs.of(stream)
        for one, cost, blockers in zip(grid.starts, costs, why, strict=True):
            here = Placement(stream.id, one.weekday, one.time.start)
            yield Cell(
                weekday=one.weekday,
                time=one.time,
                cost=cost,
                blockers=tuple(blockers),
                mine=here == moving or here in self._placed,
            )

    def blockers(
        self, stream: Stream, weekday: int, time: Minutes
    ) -> Iterator[Blocker]:
        """Whoever keeps a lesson of the stream from this time."""
        grid = self._space.grids.of(stream)
        number = grid.at.get((weekday, time.start))
        if number is None or grid.starts[number].time != time:
            there, long = ((weekday, time.start),), time.end - time.start
            alone = replace(stream, common_starts=there, minutes=long)
            grid, number = self._space.grids.of(alone), 0
        for _, blocker in self._why(stream, grid, 1 << number):
            yield blocker

    def _why(self, stream: Stream, grid: Grid, asked: int) -> Iterator[_Why]:
        """Who blocks which of the starts that were asked for."""
        yield from self._day(stream, grid, asked)
        yield from self._busy(stream, grid, asked)
        for resource in self._held(stream):
            yield from self._lessons(stream, resource, grid, asked)
        yield from self._uplinks(stream, grid, asked)
        if self._problem.media_seats is not None:
            yield from self._media(stream, grid, asked, self._problem.media_seats)

    def _day(self, stream: Stream, grid: Grid, asked: int) -> Iterator[_Why]:
        for site in self._space.sites_of(stream):
            for k in bits(asked & ~self._space.inside_of(site, grid)):
                day, time = grid.starts[k].weekday, grid.starts[k].time
                inside = max((w.overlap(time) for w in site.open_on(day)), default=0)
                yield k, Blocker("day", site.id, "", time.end - time.start - inside)

    def _busy(self, stream: Stream, grid: Grid, asked: int) -> Iterator[_Why]:
        home = self._problem.master_site(stream).id
        for resource, may in self._space.with_sites(stream):
            for busy in self._space.busy_of.get(resource, ()):
                if not busy.weeks & stream.weeks or (may and busy.kind == "local"):
                    continue
                reach = self._space.reach(busy, home)
                met = grid.met(busy.weekday, reach.start, reach.end)
                for k in bits(asked & met):
                    time = grid.starts[k].time
                    cut = busy.time.overlap(time)
                    kind: BlockerKind = busy.kind if cut else "travel"
                    minutes = cut or reach.overlap(time)
                    yield k, Blocker(kind, resource.id, busy.title, minutes)

    def _lessons(
        self, stream: Stream, resource: int, grid: Grid, asked: int
    ) -> Iterator[_Why]:
        kind, name = self._space.resources[resource]
        for weekday in grid.weekdays:
            for use in self._by.get((resource, weekday), ()):
                if not use.stream.weeks & stream.weeks:
                    continue
                locked = use.placement in self._problem.locks
                other = use.stream.id
                met = grid.met(weekday, use.time.start, use.time.end)
                for k in bits(asked & met):
                    cut = use.time.overlap(grid.starts[k].time)
                    yield k, Blocker("lesson", name, other, cut, locked)
                if kind != "teacher":
                    continue
                if other == stream.id:
                    for k in bits(asked & grid.met(weekday, *_ALL_DAY) & ~met):
                        yield k, Blocker("one_a_day", other, other, 0, locked)
                elif way := self._way(stream, use.stream):
                    near = grid.met(weekday, use.time.start - way, use.time.end + way)
                    for k in bits(asked & near & ~met):
                        short = way - _between(use.time, grid.starts[k].time)
                        yield k, Blocker("travel", name, other, short, locked)

    def _way(self, a: Stream, b: Stream) -> int:
        problem = self._problem
        return problem.travel_min(problem.master_site(a).id, problem.master_site(b).id)

    def _uplinks(self, stream: Stream, grid: Grid, asked: int) -> Iterator[_Why]:
        for name, rate in self._rates(stream).items():
            cap = self._problem.site_by_id[name].uplink_kbps
            if cap is None:
                continue
            for k, uses in self._sharing(name, stream.weeks, grid, asked).items():
                if sum(more for _, more in uses) + rate > cap:
                    time = grid.starts[k].time
                    over = _minutes_over(uses, time, cap - rate, stream.weeks)
                    if over:
                        yield k, Blocker("uplink", name, "", over)

    def _sharing(
        self, site: str, weeks: int, grid: Grid, asked: int
    ) -> dict[int, list[tuple[_Use, int]]]:
        """Who uses the site's uplink at each start, and how much of it; empty starts
        too: one lesson alone may be too much."""
        found: dict[int, list[tuple[_Use, int]]] = {k: [] for k in bits(asked)}
        for weekday in grid.weekdays:
            for row in self._at_site.get((site, weekday), ()):
                use = row[0]
                if use.stream.weeks & weeks:
                    met = grid.met(weekday, use.time.start, use.time.end)
                    for k in bits(asked & met):
                        found[k].append(row)
        return found

    def _media(
        self, stream: Stream, grid: Grid, asked: int, seats: int
    ) -> Iterator[_Why]:
        left = seats - stream.seats
        for k in bits(asked):
            one = grid.starts[k]
            rows = [
                row[one.time.start : one.time.end]
                for group in self._groups(stream)
                if (row := self._seats.get((one.weekday, group))) is not None
            ]
            if any(max(row) > left for row in rows):
                over = sum(max(minute) > left for minute in zip(*rows, strict=True))
                yield k, Blocker("media", "media", "", over)

    def _use(self, placement: Placement) -> _Use:
        stream = self._problem.stream_by_id[placement.stream]
        end = placement.start + stream.minutes
        return _Use(placement, stream, Minutes(placement.start, end))

    def _held(self, stream: Stream) -> tuple[int, ...]:
        number = self._space.stream_index[stream.id]
        known = self._space.streams[number] is stream
        return self._space.holds[number] if known else self._space.held(stream)

    def _rates(self, stream: Stream) -> dict[str, int]:
        return self._space.uplinks[self._space.stream_index[stream.id]]

    def _groups(self, stream: Stream) -> tuple[int, ...]:
        return self._space.groups_of[self._space.stream_index[stream.id]]

    def _count(self, use: _Use, sign: int) -> None:
        if self._problem.media_seats is None:
            return
        start, end, more = use.time.start, use.time.end, sign * use.stream.seats
        for group in self._groups(use.stream):
            key = (use.placement.weekday, group)
            row = self._seats.setdefault(key, [0] * MINUTES_A_DAY)
            row[start:end] = [seats + more for seats in row[start:end]]


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
