"""Contradictions found by counting: more lessons than there are times for them.

A proof by search of "forty lessons, thirty-five periods" takes for ever; counting is
immediate. Of lessons that may start at given times at most as many fit one after the
other as the greedy rule (earliest end first) finds, and d times as many when d may
run at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from scheduler.catalogue.bells import Minutes
from scheduler.solver.problem import Resource
from scheduler.solver.rules import Rule, blocking_rules, fullest_week
from scheduler.solver.space import Space


def overload(space: Space, groups: Iterable[Sequence[int]]) -> list[Rule] | None:
    """The rules of one overloaded line or resource, or None. `groups`: streams that
    share a resource, the likeliest first."""
    return _media(space) or _uplinks(space) or _resources(space, groups)


def _media(space: Space) -> list[Rule] | None:
    problem = space.problem
    if problem.media_seats is None:
        return None
    open_: dict[int, int] = defaultdict(int)
    for c in space.candidates:
        open_[c.weekday] |= c.span
    minutes = sum(mask.bit_count() for mask in open_.values())
    wanted = fullest_week(
        (s.weeks, s.lessons * s.seats * s.minutes) for s in problem.streams
    )
    alone = any(s.seats > problem.media_seats for s in problem.streams)
    return [Rule("media")] if alone or wanted > problem.media_seats * minutes else None


def _uplinks(space: Space) -> list[Rule] | None:
    users: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(space.uplinks):
        for site in row:
            users[site].append(i)
    for site, rows in users.items():
        cap = space.problem.site_by_id[site].uplink_kbps
        at_once = (cap or 0) // min(space.uplinks[i][site] for i in rows)
        for week in _weeks(space, rows):
            most = at_once * _one_after_another(space, week, frozenset())
            if _wanted(space, week) > most:
                return [Rule("uplink", site)]
    return None


def _resources(space: Space, groups: Iterable[Sequence[int]]) -> list[Rule] | None:
    for rows in groups:
        shared = set.intersection(*(set(space.holds[i]) for i in rows))
        for number in sorted(shared):
            resource = space.resources[number]
            if len(space.users[number]) != len(rows):
                continue
            for week in _weeks(space, rows):
                found = _one_resource(space, resource, week)
                if found:
                    return found
    return None


def _one_resource(
    space: Space, resource: Resource, rows: Sequence[int]
) -> list[Rule] | None:
    """Its lessons, and those of its own taken times without which they would fit."""
    own = [Rule("local", *resource[::-1]), Rule("closed", *resource[::-1])]
    problem = space.problem
    if resource.kind == "room":
        site = problem.room_by_id[resource.id].site
        own += [Rule("closed", site, "site"), Rule("day", site)]
    wanted = _wanted(space, rows)
    if wanted <= _one_after_another(space, rows, frozenset(own)):
        return None
    for rule in list(own):
        fewer = [r for r in own if r != rule]
        if wanted > _one_after_another(space, rows, frozenset(fewer)):
            own = fewer
    return [Rule("total", resource.id, resource.kind), *own]


def _weeks(space: Space, rows: Sequence[int]) -> Iterator[list[int]]:
    """The streams that run together, for each kind of week."""
    for group in range(len(space.groups)):
        here = [i for i in rows if group in space.groups_of[i]]
        if here:
            yield here


def _wanted(space: Space, rows: Iterable[int]) -> int:
    return sum(space.streams[i].lessons for i in rows)


def _one_after_another(
    space: Space, rows: Iterable[int], rules: frozenset[Rule]
) -> int:
    """The most lessons that fit one after another when only `rules` hold."""
    times: dict[int, set[Minutes]] = defaultdict(set)
    for i in rows:
        stream = space.streams[i]
        for weekday, start in space.grids.starts(stream):
            blocked = blocking_rules(space, stream, weekday, start) if rules else ()
            if rules.isdisjoint(blocked):
                times[weekday].add(Minutes(start, start + stream.minutes))
    return sum(_disjoint(day) for day in times.values())


def _disjoint(times: Iterable[Minutes]) -> int:
    count, free_from = 0, 0
    for time in sorted(times, key=lambda t: t.end):
        if time.start >= free_from:
            count += 1
            free_from = time.end
    return count
