"""Deviations of the constraints that apply to resources."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, lcm

from benchmarks.xhstt.instance import (
    AvoidClashes,
    AvoidUnavailableTimes,
    ClusterBusyTimes,
    LimitBusyTimes,
    LimitIdleTimes,
    LimitWorkload,
)
from benchmarks.xhstt.terms import ZERO, Deviation, Terms
from benchmarks.xhstt.variables import Expr, total


def avoid_clashes(c: AvoidClashes, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        parts: list[Expr] = []
        most = 0
        for time in t.times:
            terms = t.vars.at(who, time)
            if len(terms) < 2:
                continue
            if t.strict(c):
                t.cp.add_at_most_one(terms)
            else:
                parts.append(total(terms) - t.vars.busy(who, time))
                most += len(terms) - 1
        yield total(parts), most


def unavailable(c: AvoidUnavailableTimes, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        parts = [t.vars.busy(who, time) for time in c.times if t.vars.at(who, time)]
        yield total(parts), len(parts)


def idle_times(c: LimitIdleTimes, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        groups = [g for g in c.time_groups if any(t.vars.at(who, x) for x in g)]
        idle = total([_idle(who, group, t, exact=c.minimum > 0) for group in groups])
        most = sum(max(0, len(group) - 2) for group in groups)
        yield t.outside(idle, c.minimum, c.maximum, most)


def _idle(who: str, group: tuple[int, ...], t: Terms, *, exact: bool) -> Expr:
    """Times from the first busy one to the last, less the busy ones.

    At least the true number, and no more if `exact`.
    """
    busy = [t.vars.busy(who, time) for time in group]
    begun = _marks(busy, t, exact)
    not_over = _marks(busy[::-1], t, exact)[::-1]
    within = []
    for now, early, late in zip(busy, begun, not_over, strict=True):
        inside = t.cp.new_bool_var("")
        t.cp.add(inside >= early + late - 1)
        t.cp.add(inside >= now)
        if exact:
            t.cp.add(inside <= early)
            t.cp.add(inside <= late)
        within.append(inside)
    return total(within) - total(busy)


def _marks(busy: list[Expr], t: Terms, exact: bool) -> list[Expr]:
    """1 from the first busy time on."""
    marks: list[Expr] = []
    before: Expr = ZERO
    for now in busy:
        mark = t.cp.new_bool_var("")
        t.cp.add(mark >= now)
        t.cp.add(mark >= before)
        if exact:
            t.cp.add(mark <= before + now)
        marks.append(mark)
        before = mark
    return marks


def cluster(c: ClusterBusyTimes, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        groups = [
            _busy_group(who, group, t)
            for group in c.time_groups
            if any(t.vars.at(who, time) for time in group)
        ]
        yield t.outside(total(groups), c.minimum, c.maximum, len(groups))


def _busy_group(who: str, group: tuple[int, ...], t: Terms) -> Expr:
    any_time = t.cp.new_bool_var("")
    busy = [t.vars.busy(who, time) for time in group]
    for now in busy:
        t.cp.add(any_time >= now)
    t.cp.add(any_time <= total(busy))
    return any_time


def busy_times(c: LimitBusyTimes, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        parts: list[Expr] = []
        most = 0
        for group in c.time_groups:
            busy = [t.vars.busy(who, x) for x in group if t.vars.at(who, x)]
            if not busy:
                continue
            floors: list[Expr] = []
            if c.maximum < len(busy):
                floors.append(total(busy) - c.maximum)
            if c.minimum > 1:
                at_all = _busy_group(who, group, t)
                floors.append(c.minimum * at_all - total(busy))
            if floors:
                worst = max(len(busy) - c.maximum, c.minimum - 1)
                parts.append(t.above(*floors, most=worst))
                most += worst
        yield total(parts), most


def workload(c: LimitWorkload, t: Terms) -> Iterator[Deviation]:
    for who in c.resources:
        fixed, shares = _shares(who, t)
        unit = lcm(*(share.denominator for share, _ in shares))
        load = total([int(share * unit) * taken for share, taken in shares])
        load += fixed * unit
        most = fixed + sum(ceil(share) for share, _ in shares) + c.minimum
        amiss = t.cp.new_int_var(0, most, "")
        t.cp.add(unit * amiss >= load - unit * c.maximum)
        if c.minimum:
            t.cp.add(unit * amiss >= unit * c.minimum - load)
        yield amiss, most


def _shares(who: str, t: Terms) -> tuple[int, list[tuple[Fraction, Expr]]]:
    """The workload it has anyway, and that of every open role it may take."""
    fixed = 0
    shares: list[tuple[Fraction, Expr]] = []
    for event in t.instance.events:
        for need in event.resources:
            if need.resource == who:
                fixed += need.workload
            role = need.role or ""
            for start, other in t.vars.taken.get((event.id, role), ()):
                if other == who and need.resource is None:
                    share = Fraction(need.workload * start.duration, event.duration)
                    shares.append((share, t.vars.choice[start, role, who]))
    return fixed, shares
