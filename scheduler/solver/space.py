"""The search space: every start a lesson may have, with what it holds and costs.

Times are bit masks of the minutes of a day (bit m is minute m), so that "do these two
meet" is one AND. Streams, resources and candidates are counted from 0; week patterns
are cut into *week groups*, within which every stream runs always or never.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from common.ids import SchoolId
from scheduler.bells import Minutes
from scheduler.solver.problem import (
    EVERY_WEEK,
    Busy,
    PeriodTime,
    Placement,
    Problem,
    Resource,
    Site,
    Stream,
)
from scheduler.value import MINUTES_A_DAY

_Windows = tuple[Minutes, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """`cost` holds every soft rule that looks at this lesson alone."""

    index: int
    stream: int
    weekday: int
    start: int
    end: int
    span: int
    cost: int
    samples: tuple[int, ...]


def span_of(time: Minutes | PeriodTime) -> int:
    return ((1 << (time.end - time.start)) - 1) << time.start


def week_groups(masks: Iterable[int]) -> tuple[int, ...]:
    """The coarsest cut of the term's weeks that no mask crosses."""
    groups = [EVERY_WEEK]
    for mask in sorted(set(masks)):
        cut = ((g & mask, g & ~mask) for g in groups)
        groups = [part for pair in cut for part in pair if part]
    return tuple(groups)


class Space:
    """Built once per problem; 494 sites and 1 400 streams take about half a second."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.streams = problem.streams
        self.stream_index = {s.id: i for i, s in enumerate(self.streams)}
        self.groups = week_groups(s.weeks for s in self.streams)
        self.groups_of = [
            tuple(g for g, mask in enumerate(self.groups) if mask & s.weeks)
            for s in self.streams
        ]
        self.resources: list[Resource] = []
        self._resource_index: dict[Resource, int] = {}
        self.holds = [self._held(s) for s in self.streams]
        self.users: list[list[int]] = [[] for _ in self.resources]
        for i, held in enumerate(self.holds):
            for resource in held:
                self.users[resource].append(i)
        # By identity: thousands of sites ring a few bells.
        self._misfits: dict[tuple[int, int, int], int] = {}
        self._sample_cache: dict[tuple[int, int, int], tuple[int, ...]] = {}
        self._windows: dict[tuple[SchoolId, int], _Windows] = {}
        self._busy_masks: dict[tuple[Resource, int, int, bool, SchoolId], int] = {}
        self.uplinks = self._uplinks()

    @cached_property
    def of_stream(self) -> list[tuple[Candidate, ...]]:
        """Built when first asked for: a board needs none."""
        rows: list[tuple[Candidate, ...]] = []
        first = 0
        for i in range(len(self.streams)):
            rows.append(self._candidates(i, first))
            first += len(rows[-1])
        return rows

    @cached_property
    def candidates(self) -> list[Candidate]:
        return [c for row in self.of_stream for c in row]

    @cached_property
    def at(self) -> dict[tuple[int, int, int], int]:
        """Candidate index by stream, weekday and start."""
        return {(c.stream, c.weekday, c.start): c.index for c in self.candidates}

    @cached_property
    def busy_by(self) -> dict[tuple[Resource, int], list[Busy]]:
        found: dict[tuple[Resource, int], list[Busy]] = defaultdict(list)
        for busy in self.problem.busy:
            found[busy.resource, busy.weekday].append(busy)
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
            found[self.stream_index[lock.stream]].append(self.at[self._key(lock)])
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
        return self.at.get(self._key(placement))

    def _key(self, placement: Placement) -> tuple[int, int, int]:
        stream = self.stream_index[placement.stream]
        return stream, placement.weekday, placement.start

    def placement(self, index: int) -> Placement:
        c = self.candidates[index]
        return Placement(self.streams[c.stream].id, c.weekday, c.start)

    def _held(self, stream: Stream) -> tuple[int, ...]:
        keys = [resource for resource, _ in holdings(stream)]
        for key in keys:
            if key not in self._resource_index:
                self._resource_index[key] = len(self.resources)
                self.resources.append(key)
        return tuple(dict.fromkeys(self._resource_index[key] for key in keys))

    def starts(self, stream: Stream) -> Iterator[tuple[int, int]]:
        """(weekday, minute) at which the master site may begin."""
        if stream.common_starts:
            yield from sorted(set(stream.common_starts))
            return
        for weekday, periods in sorted(self.problem.master_site(stream).bells.items()):
            for start in dict.fromkeys(p.start for p in periods):
                yield weekday, start

    def _candidates(self, i: int, first: int) -> tuple[Candidate, ...]:
        stream = self.streams[i]
        sites, parties = self.sites_of(stream), self.with_sites(stream)
        days: dict[int, tuple[int, list[_Windows]]] = {}
        found: list[Candidate] = []
        for weekday, start in self.starts(stream):
            if weekday not in days:
                blocked = self._blocked(stream, parties, weekday)
                windows = {self._open_on(site, weekday) for site in sites}
                days[weekday] = (blocked, list(windows))
            blocked, open_on = days[weekday]
            time = Minutes(start, start + stream.minutes)
            span = span_of(time)
            if span & blocked or not all(within(time, w) for w in open_on):
                continue
            found.append(
                Candidate(
                    index=first + len(found),
                    stream=i,
                    weekday=weekday,
                    start=time.start,
                    end=time.end,
                    span=span,
                    cost=self.lone_cost(stream, weekday, time),
                    samples=self._samples(weekday, time),
                )
            )
        return tuple(found)

    def _open_on(self, site: Site, weekday: int) -> "_Windows":
        key = (site.id, weekday)
        if key not in self._windows:
            self._windows[key] = site.open_on(weekday)
        return self._windows[key]

    def sites_of(self, stream: Stream) -> list[Site]:
        """Master first; each once."""
        problem = self.problem
        rows = [problem.master_site(stream)]
        rows.extend(problem.receiving_site(r) for r in stream.receivers)
        return list({site.id: site for site in rows}.values())

    def _blocked(
        self, stream: Stream, parties: Iterable[tuple[Resource, bool]], weekday: int
    ) -> int:
        """Minutes at which some party of the stream is taken already."""
        mask = 0
        home = self.problem.master_site(stream).id
        for resource, may in parties:
            key = (resource, weekday, stream.weeks, may, home)
            known = self._busy_masks.get(key)
            if known is None:
                known = 0
                for busy in self.busy_by.get((resource, weekday), ()):
                    given_up = may and busy.kind == "local"
                    if busy.weeks & stream.weeks and not given_up:
                        known |= span_of(self.reach(busy, home))
                self._busy_masks[key] = known
            mask |= known
        return mask

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

    def lone_cost(self, stream: Stream, weekday: int, time: Minutes) -> int:
        problem, weights = self.problem, self.problem.weights
        misfit = 0
        for receiver in stream.receivers:
            misfit += self._misfit(problem.receiving_site(receiver), weekday, time)
        if stream.displaces_local:
            misfit += self._given_up(stream, weekday, time)
        bells = problem.master_site(stream).bells.get(weekday, ())
        starts = [p.start for p in bells]
        edge = bool(starts) and time.start in (min(starts), max(starts))
        subject = sum(
            t.cost
            for t in problem.subject_times
            if t.subject == stream.subject and t.time.start <= time.start < t.time.end
        )
        return weights.misfit * misfit + weights.edge * edge + subject

    def _misfit(self, site: Site, weekday: int, time: Minutes) -> int:
        """Local periods cut into beyond the one that any lesson takes."""
        bells = site.bells.get(weekday, ())
        key = (id(bells), time.start, time.end)
        if key not in self._misfits:
            self._misfits[key] = max(0, len(periods_cut(bells, time)) - 1)
        return self._misfits[key]

    def _given_up(self, stream: Stream, weekday: int, time: Minutes) -> int:
        return len(
            {
                (resource, busy.time.start)
                for resource, may in holdings(stream)
                for busy in self.busy_by.get((resource, weekday), ())
                if may
                and busy.kind == "local"
                and busy.weeks & stream.weeks
                and busy.time.overlap(time)
            }
        )

    def _samples(self, weekday: int, time: Minutes) -> tuple[int, ...]:
        key = (weekday, time.start, time.end)
        if key not in self._sample_cache:
            self._sample_cache[key] = tuple(
                k
                for k, (day, minute) in enumerate(self.problem.load_samples)
                if day == weekday and time.start <= minute < time.end
            )
        return self._sample_cache[key]

    def _uplinks(self) -> list[dict[str, int]]:
        """kbit/s each stream takes at every site whose limit can be reached."""
        rows = [self._rates(s) for s in self.streams]
        most: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            for room, rate in row.items():
                site = self.problem.room_by_id[room].site
                most[site][room] = max(most[site].get(room, 0), rate)
        tight = {
            site
            for site, rooms in most.items()
            if (cap := self.problem.site_by_id[site].uplink_kbps) is not None
            and sum(rooms.values()) > cap
        }
        found: list[dict[str, int]] = []
        for row in rows:
            mine: dict[str, int] = {}
            for room, rate in row.items():
                site = self.problem.room_by_id[room].site
                if site in tight:
                    mine[site] = mine.get(site, 0) + rate
            found.append(mine)
        return found

    @staticmethod
    def _rates(stream: Stream) -> dict[str, int]:
        rates: dict[str, int] = {stream.master_room: stream.master_kbps}
        for receiver in stream.receivers:
            rates[receiver.room] = rates.get(receiver.room, 0) + stream.receiver_kbps
        return rates


def holdings(stream: Stream) -> list[tuple[Resource, bool]]:
    """What a lesson holds, and whether local lessons there may be given up for it."""
    rows = [
        (Resource("teacher", stream.teacher), False),
        (Resource("room", stream.master_room), False),
    ]
    if stream.master_class:
        rows.append((Resource("class", stream.master_class), False))
    for receiver in stream.receivers:
        rows.append((Resource("room", receiver.room), stream.displaces_local))
        if receiver.class_group:
            group = Resource("class", receiver.class_group)
            rows.append((group, stream.displaces_local))
    return rows


def within(time: Minutes, windows: Iterable[Minutes]) -> bool:
    return any(w.start <= time.start and time.end <= w.end for w in windows)


def periods_cut(bells: Iterable[PeriodTime], time: Minutes) -> list[PeriodTime]:
    return [p for p in bells if time.overlap(Minutes(p.start, p.end))]
