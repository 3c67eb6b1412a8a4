"""The independent judge of a timetable.

Written apart from the model: it shares only `problem.py` with the solver, works in
true minutes and compares lessons pair by pair, so that an error of the solver's
candidates, cliques or bit masks shows here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from common.ids import SchoolId
from scheduler.catalogue.bells import Minutes
from scheduler.solver.problem import (
    LAST_WEEK,
    Busy,
    Placement,
    Problem,
    Resource,
    Stream,
)

Rule = Literal[
    "unknown_stream",
    "lessons_a_week",
    "one_a_day",
    "start",
    "day",
    "resource",
    "busy",
    "travel",
    "uplink",
    "media",
    "lock",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """`who`: the resource, site or stream at fault; `streams`: those concerned."""

    rule: Rule
    who: str
    weekday: int = 0
    time: Minutes | None = None
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    """A resource in use."""

    time: Minutes
    weeks: int
    stream: Stream | None
    site: SchoolId | None


def violations(
    problem: Problem, placements: Iterable[Placement], *, complete: bool = True
) -> list[Violation]:
    """Every broken hard rule. `complete` False: unplaced lessons are forgiven."""
    rows = sorted(placements)
    known = [p for p in rows if p.stream in problem.stream_by_id]
    found = [
        Violation("unknown_stream", p.stream)
        for p in rows
        if p.stream not in problem.stream_by_id
    ]
    found.extend(_counts(problem, known, complete))
    found.extend(_starts(problem, known))
    found.extend(_taken(problem, known))
    found.extend(_doubles(problem, known))
    found.extend(_capacity(problem, known))
    placed = frozenset(known)
    found.extend(
        Violation("lock", lock.stream, lock.weekday, streams=(lock.stream,))
        for lock in sorted(problem.locks - placed)
    )
    return found


def _stream(problem: Problem, placement: Placement) -> Stream:
    return problem.stream_by_id[placement.stream]


def _time(problem: Problem, placement: Placement) -> Minutes:
    return Minutes(
        placement.start, placement.start + _stream(problem, placement).minutes
    )


def _counts(
    problem: Problem, rows: Sequence[Placement], complete: bool
) -> Iterator[Violation]:
    days: dict[str, list[int]] = defaultdict(list)
    for p in rows:
        days[p.stream].append(p.weekday)
    for stream in problem.streams:
        mine = days[stream.id]
        if len(mine) > stream.lessons or (complete and len(mine) < stream.lessons):
            yield Violation("lessons_a_week", stream.id, streams=(stream.id,))
        for day in sorted({d for d in mine if mine.count(d) > 1}):
            yield Violation("one_a_day", stream.id, day, streams=(stream.id,))


def _starts(problem: Problem, rows: Sequence[Placement]) -> Iterator[Violation]:
    for p in rows:
        stream, time = _stream(problem, p), _time(problem, p)
        master = problem.master_site(stream)
        if stream.common_starts:
            good = (p.weekday, p.start) in stream.common_starts
        else:
            good = any(b.start == p.start for b in master.bells.get(p.weekday, ()))
        if not good:
            yield Violation("start", master.id, p.weekday, time, (p.stream,))
        sites = [master, *(problem.receiving_site(r) for r in stream.receivers)]
        for site in sites:
            if not any(
                w.start <= time.start and time.end <= w.end
                for w in site.open_on(p.weekday)
            ):
                yield Violation("day", site.id, p.weekday, time, (p.stream,))


def _people(problem: Problem, stream: Stream) -> Iterator[tuple[Resource, bool]]:
    """Everything a lesson holds, and whether its local lessons may be displaced."""
    yield Resource("teacher", stream.teacher), False
    yield Resource("room", stream.master_room), False
    if stream.master_class:
        yield Resource("class", stream.master_class), False
    for receiver in stream.receivers:
        yield Resource("room", receiver.room), stream.displaces_local
        if receiver.class_group:
            yield Resource("class", receiver.class_group), stream.displaces_local


def _taken(problem: Problem, rows: Sequence[Placement]) -> Iterator[Violation]:
    busy: dict[tuple[Resource, int], list[Busy]] = defaultdict(list)
    for b in problem.busy:
        busy[b.resource, b.weekday].append(b)
    for p in rows:
        stream, time = _stream(problem, p), _time(problem, p)
        held = list(_people(problem, stream))
        for resource, may in list(held):
            if resource.kind == "room":
                site = problem.room_by_id[resource.id].site
                held.append((Resource("site", site), may))
        for resource, may in dict.fromkeys(held):
            for b in busy[resource, p.weekday]:
                given_up = may and b.kind == "local"
                if b.weeks & stream.weeks and b.time.overlap(time) and not given_up:
                    yield Violation("busy", resource.id, p.weekday, time, (p.stream,))


def _doubles(problem: Problem, rows: Sequence[Placement]) -> Iterator[Violation]:
    held: dict[tuple[Resource, int], list[_Held]] = defaultdict(list)
    for p in rows:
        stream, time = _stream(problem, p), _time(problem, p)
        site = problem.master_site(stream).id
        for resource in dict.fromkeys(r for r, _ in _people(problem, stream)):
            held[resource, p.weekday].append(_Held(time, stream.weeks, stream, site))
    for busy in problem.busy:
        if busy.resource.kind == "teacher" and busy.site is not None:
            row = _Held(busy.time, busy.weeks, None, busy.site)
            held[busy.resource, busy.weekday].append(row)
    for (resource, day), uses in held.items():
        uses.sort(key=lambda u: (u.time.start, u.time.end))
        for a, b in combinations(uses, 2):
            yield from _pair(problem, resource, day, a, b)


def _pair(
    problem: Problem, resource: Resource, day: int, a: _Held, b: _Held
) -> Iterator[Violation]:
    names = tuple(h.stream.id for h in (a, b) if h.stream)
    if not a.weeks & b.weeks or not names:
        return
    if a.time.overlap(b.time):
        if len(names) == 2:
            yield Violation("resource", resource.id, day, b.time, names)
    elif resource.kind == "teacher" and a.site and b.site:
        way = max(problem.travel.get(pair, 0) for pair in _both(a.site, b.site))
        if a.site != b.site and b.time.start - a.time.end < way:
            yield Violation("travel", resource.id, day, b.time, names)


def _both(a: SchoolId, b: SchoolId) -> list[tuple[SchoolId, SchoolId]]:
    return [(a, b), (b, a)]


def _capacity(problem: Problem, rows: Sequence[Placement]) -> Iterator[Violation]:
    sites: dict[tuple[str, int], list[tuple[Placement, int]]] = defaultdict(list)
    district: dict[tuple[str, int], list[tuple[Placement, int]]] = defaultdict(list)
    for p in rows:
        stream = _stream(problem, p)
        sites[problem.master_site(stream).id, p.weekday].append((p, stream.master_kbps))
        for receiver in stream.receivers:
            site = problem.receiving_site(receiver).id
            sites[site, p.weekday].append((p, stream.receiver_kbps))
        district["district", p.weekday].append((p, stream.seats))
    for (name, day), load in sites.items():
        cap = problem.site_by_id[name].uplink_kbps
        if cap is not None:
            yield from _over(problem, "uplink", name, day, load, cap)
    if problem.media_seats is not None:
        for (name, day), load in district.items():
            yield from _over(problem, "media", name, day, load, problem.media_seats)


def _over(
    problem: Problem,
    rule: Rule,
    who: str,
    day: int,
    load: list[tuple[Placement, int]],
    cap: int,
) -> Iterator[Violation]:
    """The load is highest at the start of some lesson, in some week."""
    if sum(amount for _, amount in load) <= cap:
        return
    masks = {_stream(problem, p).weeks for p, _ in load}
    kinds: dict[tuple[bool, ...], int] = {}
    for week in range(LAST_WEEK):
        kinds.setdefault(tuple(bool(m >> week & 1) for m in sorted(masks)), week)
    for week in kinds.values():
        here = [(p, n) for p, n in load if _stream(problem, p).weeks >> week & 1]
        for start in sorted({p.start for p, _ in here}):
            at = [(p, n) for p, n in here if p.start <= start < problem.end(p)]
            if sum(n for _, n in at) > cap:
                names = tuple(sorted({p.stream for p, _ in at}))
                yield Violation(rule, who, day, Minutes(start, start + 1), names)
                return
