"""The search space: every start a lesson may have, with what it holds and costs.

Times are bit masks of the minutes of a day (bit m is minute m), so that "do these two
meet" is one AND. Streams, resources and candidates are counted from 0; week patterns
are cut into *week groups*, within which every stream runs always or never.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from common.ids import SchoolId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.catalogue.wishes import Weights
from scheduler.solver.grid import Grid, bits
from scheduler.solver.grids import Grids
from scheduler.solver.holdings import holdings
from scheduler.solver.lone_costs import LoneCosts
from scheduler.solver.problem import (
    EVERY_WEEK,
    Busy,
    Placement,
    Problem,
    Resource,
    Site,
    Stream,
)
from scheduler.solver.uplink import uplinks

_OF_ONE_PROBLEM = (
    "busy_of",
    "locked",
    "impossible_locks",
    "wanted",
    "published_of",
    "published_lost",
)
"""Properties of a space that depend on more than its streams and sites."""


@dataclass(slots=True, eq=False)
class Candidate:
    """`cost` holds every soft rule that looks at this lesson alone. Never changed: not
    frozen, because that makes a district's seventy thousand three times as dear."""

    index: int
    stream: int
    weekday: int
    start: int
    end: int
    span: int
    cost: int
    samples: tuple[int, ...]


def week_groups(masks: Iterable[int]) -> tuple[int, ...]:
    """The coarsest cut of the term's weeks that no mask crosses."""
    groups = [EVERY_WEEK]
    for mask in sorted(set(masks)):
        cut = ((g & mask, g & ~mask) for g in groups)
        groups = [part for pair in cut for part in pair if part]
    return tuple(groups)


class Space:
    """Built once per problem; 1 200 sites and 4 400 streams take about a quarter of a
    second, of which two thirds are the candidates."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.streams = problem.streams
        self.stream_index = {s.id: i for i, s in enumerate(self.streams)}
        self.groups = week_groups(s.weeks for s in self.streams)
        self.groups_of = [
            tuple(g for g, mask in enumerate(self.groups) if mask & s.weeks)
            for s in self.streams
        ]
        rows = (resource for s in self.streams for resource, _ in holdings(s))
        self.resources: list[Resource] = list(dict.fromkeys(rows))
        self._resource_index = {r: i for i, r in enumerate(self.resources)}
        self.holds = [self.held(s) for s in self.streams]
        self.users: list[list[int]] = [[] for _ in self.resources]
        for i, held in enumerate(self.holds):
            for resource in held:
                self.users[resource].append(i)
        self.grids = Grids(problem)
        self.costs = LoneCosts(problem, self.grids)
        # What grids and resources leave open; streams share most of it.
        self._inside: dict[tuple[int, int, int], int] = {}
        self._taken: dict[tuple[int, Resource, int, bool, str], int] = {}
        self.uplinks = uplinks(problem)

    @cached_property
    def open(self) -> list[int]:
        """The starts of its grid at which a lesson of each stream may begin."""
        return [self._open(stream) for stream in self.streams]

    @cached_property
    def _numbered(self) -> list[tuple[int, int]]:
        """Of each stream: the number of its first candidate, and the starts that have
        one."""
        counts = accumulate((mask.bit_count() for mask in self.open), initial=0)
        return list(zip(counts, self.open, strict=False))

    @cached_property
    def of_stream(self) -> list[tuple[Candidate, ...]]:
        """Built when first asked for: a board needs none."""
        return [self._candidates(i) for i in range(len(self.streams))]

    @cached_property
    def candidates(self) -> list[Candidate]:
        return [c for row in self.of_stream for c in row]

    @cached_property
    def busy_of(self) -> dict[Resource, list[Busy]]:
        found: dict[Resource, list[Busy]] = defaultdict(list)
        for busy in self.problem.busy:
            found[busy.resource].append(busy)
        return found

    @cached_property
    def master_sites(self) -> list[SchoolId]:
        return [self.problem.master_site(s).id for s in self.streams]

    @cached_property
    def roving(self) -> list[bool]:
        """Whether the stream's teacher teaches at several sites."""
        places: dict[str, set[str]] = defaultdict(set)
        for i, stream in enumerate(self.streams):
            places[stream.teacher].add(self.master_sites[i])
        return [len(places[s.teacher]) > 1 for s in self.streams]

    @cached_property
    def locked(self) -> list[tuple[int, ...]]:
        """Locked candidates of each stream, without the impossible ones."""
        found: list[list[int]] = [[] for _ in self.streams]
        for lock in sorted(self.problem.locks - set(self.impossible_locks)):
            index = self.find(lock)
            assert index is not None
            found[self.stream_index[lock.stream]].append(index)
        return [tuple(row) for row in found]

    @cached_property
    def impossible_locks(self) -> tuple[Placement, ...]:
        """Locks on a time that is no start of theirs or is taken, and those beyond
        the lessons a week."""
        possible: dict[str, int] = defaultdict(int)
        found: list[Placement] = []
        for lock in sorted(self.problem.locks):
            possible[lock.stream] += self.find(lock) is not None
            lessons = self.problem.stream_by_id[lock.stream].lessons
            if self.find(lock) is None or possible[lock.stream] > lessons:
                found.append(lock)
        return tuple(found)

    @cached_property
    def wanted(self) -> list[int]:
        """Lessons to place of each stream: one whose lock is impossible stays out,
        because a locked lesson is never put elsewhere."""
        rows = [s.lessons for s in self.streams]
        for lock in self.impossible_locks:
            rows[self.stream_index[lock.stream]] -= 1
        return [
            max(len(locked), n) for locked, n in zip(self.locked, rows, strict=True)
        ]

    def give_up_lock(self, index: int) -> None:
        """A lock that cannot stand beside another one."""
        stream = self.candidates[index].stream
        self.locked[stream] = tuple(k for k in self.locked[stream] if k != index)
        self.wanted[stream] = max(len(self.locked[stream]), self.wanted[stream] - 1)

    @cached_property
    def published_of(self) -> list[frozenset[int]]:
        """Published candidates of each stream."""
        found: list[set[int]] = [set() for _ in self.streams]
        for placement in self.problem.published:
            index = self.find(placement)
            if index is not None:
                found[self.stream_index[placement.stream]].add(index)
        return [frozenset(row) for row in found]

    @cached_property
    def published_lost(self) -> list[int]:
        """How many published lessons of each stream have no such candidate now."""
        lost = [0] * len(self.streams)
        for placement in self.problem.published:
            if self.find(placement) is None:
                lost[self.stream_index[placement.stream]] += 1
        return lost

    def find(self, placement: Placement) -> int | None:
        """The candidate there, if the stream may begin then."""
        i = self.stream_index[placement.stream]
        number = self.grids.of(self.streams[i]).at.get(
            (placement.weekday, placement.start)
        )
        if number is None or not self.open[i] >> number & 1:
            return None
        first, numbered = self._numbered[i]
        return first + (numbered & ((1 << number) - 1)).bit_count()

    def placement(self, index: int) -> Placement:
        c = self.candidates[index]
        return Placement(self.streams[c.stream].id, c.weekday, c.start)

    def held(self, stream: Stream) -> tuple[int, ...]:
        """The numbers of what a lesson holds, of any stream; `holds` knows them for
        those of the problem. What no stream of the problem holds has none."""
        numbers = (self._resource_index.get(r) for r, _ in holdings(stream))
        return tuple(dict.fromkeys(n for n in numbers if n is not None))

    def after(
        self,
        event: Sequence[Busy],
        *,
        locks: frozenset[Placement],
        published: frozenset[Placement],
        weights: Weights,
    ) -> "Space":
        """The same when `event` takes a few more times. Candidates keep their numbers;
        those that fell out are in no row of `of_stream` any more. `weights` must cost
        misfits and edges alike: candidates are not made anew."""
        busy = (*self.problem.busy, *event)
        twin = copy(self)
        twin.candidates, twin._numbered = self.candidates, self._numbered
        twin.of_stream, twin.open = list(self.of_stream), list(self.open)
        for name in _OF_ONE_PROBLEM:
            vars(twin).pop(name, None)
        twin._taken = {}
        twin.problem = replace(
            self.problem, busy=busy, locks=locks, published=published, weights=weights
        )
        twin.costs = self.costs.under(twin.problem)
        for i in self._users_of(event):
            twin.open[i] = twin._open(self.streams[i])
            was = zip(bits(self.open[i]), self.of_stream[i], strict=True)
            twin.of_stream[i] = tuple(c for k, c in was if twin.open[i] >> k & 1)
        return twin

    def _users_of(self, event: Iterable[Busy]) -> set[int]:
        """Streams with a party that `event` may hit."""
        hit = {busy.resource for busy in event}
        for room in self.problem.rooms:
            if Resource("site", room.site) in hit:
                hit.add(Resource("room", room.id))
        known = (self._resource_index.get(resource) for resource in hit)
        return {i for k in known if k is not None for i in self.users[k]}

    def _candidates(self, i: int) -> tuple[Candidate, ...]:
        stream, (first, mask) = self.streams[i], self._numbered[i]
        starts, costs = self.grids.of(stream).starts, self.costs.of(stream)
        found: list[Candidate] = []
        for index, k in enumerate(bits(mask), first):
            one = starts[k]
            time = one.time
            found.append(
                Candidate(
                    index,
                    i,
                    one.weekday,
                    time.start,
                    time.end,
                    one.span,
                    costs[k],
                    one.samples,
                )
            )
        return tuple(found)

    def _open(self, stream: Stream) -> int:
        grid = self.grids.of(stream)
        home = self.problem.master_site(stream).id
        mask = grid.all
        for site in self.sites_of(stream):
            mask &= self.inside_of(site, grid)
        for resource, may in self.with_sites(stream):
            if resource in self.busy_of:
                who = home if resource.kind == "teacher" else ""
                key = (grid.number, resource, stream.weeks, may, who)
                taken = self._taken.get(key)
                if taken is None:
                    taken = self._taken_of(resource, stream, may, home, grid)
                    self._taken[key] = taken
                mask &= ~taken
        return mask

    def inside_of(self, site: Site, grid: Grid) -> int:
        """The starts that lie within the site's day."""
        key = (grid.number, self.grids.bells_of(site), self.grids.windows_of(site))
        found = self._inside.get(key)
        if found is None:
            found = grid.where(lambda s: within(s.time, site.open_on(s.weekday)))
            self._inside[key] = found
        return found

    def _taken_of(
        self, resource: Resource, stream: Stream, may: bool, home: str, grid: Grid
    ) -> int:
        """The starts at which this party of the stream is taken already."""
        mask = 0
        for busy in self.busy_of[resource]:
            given_up = may and busy.kind == "local"
            if busy.weeks & stream.weeks and not given_up:
                time = self.reach(busy, home)
                mask |= grid.met(busy.weekday, time.start, time.end)
        return mask

    def sites_of(self, stream: Stream) -> list[Site]:
        """Master first; each once."""
        problem = self.problem
        rows = [problem.master_site(stream)]
        rows.extend(problem.receiving_site(r) for r in stream.receivers)
        return list({site.id: site for site in rows}.values())

    def with_sites(self, stream: Stream) -> list[tuple[Resource, bool]]:
        """`holdings`, and the sites whose closing closes them."""
        rows = holdings(stream)
        for resource, may in list(rows):
            if resource.kind == "room":
                site = self.problem.room_by_id[resource.id].site
                rows.append((Resource("site", site), may))
        return list(dict.fromkeys(rows))

    def reach(self, busy: Busy, home: str) -> Minutes:
        """The time of `busy`, with the way between there and the master site."""
        if busy.resource.kind != "teacher" or busy.site is None:
            return busy.time
        way = self.problem.travel_min(busy.site, SchoolId(home))
        return Minutes(
            max(0, busy.time.start - way), min(MINUTES_A_DAY, busy.time.end + way)
        )


def within(time: Minutes, windows: Iterable[Minutes]) -> bool:
    return any(w.start <= time.start and time.end <= w.end for w in windows)
