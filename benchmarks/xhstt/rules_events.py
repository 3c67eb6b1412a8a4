"""Deviations of the constraints that apply to events, their roles and their groups."""

from collections import defaultdict
from collections.abc import Iterator

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import (
    AssignResource,
    AssignTime,
    AvoidSplitAssignments,
    DistributeSplitEvents,
    Group,
    LinkEvents,
    OrderEvents,
    Pair,
    PreferResources,
    PreferTimes,
    SplitEvents,
    SpreadEvents,
    TimeLimit,
)
from benchmarks.xhstt.terms import Deviation, Terms
from benchmarks.xhstt.variables import Expr, total


def assign_time(c: AssignTime, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        waiting = [d * count for d, count in t.vars.waiting[event].items()]
        yield total(waiting), t.instance.event[event].duration


def assign_resource(c: AssignResource, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        whole = t.instance.event[event].duration
        if any(need.role == c.role for need in t.instance.event[event].open()):
            yield whole - _taken(t, event, c.role, frozenset()), whole


def prefer_resources(c: PreferResources, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        whole = t.instance.event[event].duration
        yield _taken(t, event, c.role, c.resources), whole


def _taken(t: Terms, event: str, role: str, fine: frozenset[str]) -> Expr:
    """Duration in which somebody not in `fine` has the role."""
    return total(
        [
            start.duration * t.vars.choice[start, role, who]
            for start, who in t.vars.taken.get((event, role), ())
            if who not in fine
        ]
    )


def split_events(c: SplitEvents, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        most = t.instance.event[event].duration
        odd = [
            t.vars.count(event, duration)
            for duration in range(1, most + 1)
            if not c.min_duration <= duration <= c.max_duration
        ]
        missed, worst = t.outside(t.vars.count(event), c.min_amount, c.max_amount, most)
        yield total([*odd, missed]), worst + most


def distribute(c: DistributeSplitEvents, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        most = t.instance.event[event].duration // c.duration
        count = t.vars.count(event, c.duration)
        yield t.outside(count, c.minimum, c.maximum, most)


def prefer_times(c: PreferTimes, t: Terms) -> Iterator[Deviation]:
    for event in c.events:
        elsewhere = [
            s.duration * t.vars.start[s]
            for s in t.vars.starts[event]
            if s.time not in c.times and c.duration in (None, s.duration)
        ]
        yield total(elsewhere), t.instance.event[event].duration if elsewhere else 0


def avoid_split(c: AvoidSplitAssignments, t: Terms) -> Iterator[Deviation]:
    for group in c.groups:
        fixed = {
            need.resource
            for name in group.events
            for need in t.instance.event[name].resources
            if need.role == c.role and need.resource is not None
        }
        uses: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for name in group.events:
            for start, who in t.vars.taken.get((name, c.role), ()):
                uses[who].append(t.vars.choice[start, c.role, who])
        used = [t.vars.any_of(uses[who]) for who in uses if who not in fixed]
        most = len(used) + len(fixed) - 1
        if most > 0:
            yield t.above(total(used) + len(fixed) - 1, most=most), most


def spread(c: SpreadEvents, t: Terms) -> Iterator[Deviation]:
    for group in c.groups:
        parts = [_spread(group, limit, t) for limit in c.limits]
        yield total([part for part, _ in parts]), sum(most for _, most in parts)


def _spread(group: Group, limit: TimeLimit, t: Terms) -> Deviation:
    inside = set(limit.times)
    starts = [
        t.vars.start[s]
        for event in group.events
        for s in t.vars.starts[event]
        if s.time in inside
    ]
    pieces = sum(t.instance.event[event].duration for event in group.events)
    return t.outside(total(starts), limit.minimum, limit.maximum, pieces)


def link(c: LinkEvents, t: Terms) -> Iterator[Deviation]:
    for group in c.groups:
        parts: list[Expr] = []
        for time in t.times:
            runs = [total(t.vars.covering(event, time)) for event in group.events]
            if t.strict(c):
                for run in runs[1:]:
                    t.cp.add(run == runs[0])
            elif len(runs) > 1:
                every, some = t.cp.new_bool_var(""), t.cp.new_bool_var("")
                for run in runs:
                    t.cp.add(every <= run)
                    t.cp.add(some >= run)
                parts.append(some - every)
        yield total(parts), len(parts)


def order(c: OrderEvents, t: Terms) -> Iterator[Deviation]:
    for pair in c.pairs:
        gap = _gap(pair, t)
        floors: list[Expr] = [pair.minimum - gap]
        if pair.maximum is not None:
            floors.append(gap - pair.maximum)
        most = len(t.times) + pair.minimum
        yield t.above(*floors, most=most), most


def _gap(pair: Pair, t: Terms) -> Expr:
    """Times between the two. A first event without a time ends before everything, a
    second one starts after everything."""
    far = len(t.times)
    end, begin = t.cp.new_int_var(0, far, ""), t.cp.new_int_var(0, far, "")
    ends: list[Expr] = [
        (s.time + s.duration) * t.vars.start[s] for s in t.vars.starts[pair.first]
    ]
    begins: list[Expr] = [
        far - (far - s.time) * t.vars.start[s] for s in t.vars.starts[pair.second]
    ]
    t.cp.add_max_equality(end, ends)
    t.cp.add_min_equality(begin, begins)
    return begin - end
