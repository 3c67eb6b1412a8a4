"""What a timetable costs, counted from the specification's sentences.

Written apart from the model: it walks the meets of a finished solution and knows
nothing of variables. `verdicts` lists every point of application that costs
something, so that a disagreement with a published cost can be traced.

Source: the XHSTT specification of HSEval, section "Constraints".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatchmethod
from math import ceil

from benchmarks.xhstt.instance import (
    AssignResource,
    AssignTime,
    AvoidClashes,
    AvoidSplitAssignments,
    AvoidUnavailableTimes,
    ClusterBusyTimes,
    Constraint,
    Cost,
    DistributeSplitEvents,
    Instance,
    LimitBusyTimes,
    LimitIdleTimes,
    LimitWorkload,
    LinkEvents,
    Meet,
    OrderEvents,
    Pair,
    PreferResources,
    PreferTimes,
    Solution,
    SplitEvents,
    SpreadEvents,
)

Deviations = Iterator[tuple[str, int]]
"""(point of application, deviation)"""


@dataclass(frozen=True, slots=True)
class Verdict:
    constraint: Constraint
    point: str
    deviation: int
    cost: Cost


def judge(instance: Instance, solution: Solution) -> Cost:
    return sum((v.cost for v in verdicts(instance, solution)), Cost())


def verdicts(instance: Instance, solution: Solution) -> Iterator[Verdict]:
    """Every point of application with a deviation."""
    seen = _Seen(instance, solution)
    for constraint in instance.constraints:
        for point, deviation in seen.deviations(constraint):
            if deviation:
                cost = constraint.cost(deviation)
                yield Verdict(constraint, point, deviation, cost)


def outside(value: int, minimum: int, maximum: int | None) -> int:
    """By how much `value` misses `minimum..maximum`."""
    if value < minimum:
        return minimum - value
    return 0 if maximum is None else max(0, value - maximum)


class _Seen:
    """A solution from each side: by event, by resource and time, by workload."""

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self._instance = instance
        self._meets: dict[str, list[Meet]] = defaultdict(list)
        self._busy: dict[str, Counter[int]] = defaultdict(Counter)
        self._workload: dict[str, Fraction] = defaultdict(Fraction)
        for meet in solution.meets:
            self._meets[meet.event].append(meet)
            self._attend(meet)

    def _attend(self, meet: Meet) -> None:
        event = self._instance.event[meet.event]
        for need in event.resources:
            who = need.resource or meet.assigned.get(need.role or "")
            if who is None:
                continue
            share = Fraction(meet.duration * need.workload, event.duration)
            self._workload[who] += share
            self._busy[who].update(running(meet))

    def _of(self, events: Iterable[str]) -> Iterator[Meet]:
        return (meet for event in events for meet in self._meets[event])

    @singledispatchmethod
    def deviations(self, constraint: Constraint) -> Deviations:
        raise NotImplementedError(type(constraint))

    @deviations.register
    def _(self, c: AssignResource) -> Deviations:
        for event in self._with_role(c.events, c.role):
            yield (
                event,
                sum(m.duration for m in self._meets[event] if c.role not in m.assigned),
            )

    def _with_role(self, events: Iterable[str], role: str) -> Iterator[str]:
        for event in events:
            if any(r.role == role for r in self._instance.event[event].open()):
                yield event

    @deviations.register
    def _(self, c: AssignTime) -> Deviations:
        for event in c.events:
            yield event, sum(m.duration for m in self._meets[event] if m.time is None)

    @deviations.register
    def _(self, c: SplitEvents) -> Deviations:
        for event in c.events:
            meets = self._meets[event]
            odd = sum(not c.min_duration <= m.duration <= c.max_duration for m in meets)
            yield event, odd + outside(len(meets), c.min_amount, c.max_amount)

    @deviations.register
    def _(self, c: DistributeSplitEvents) -> Deviations:
        for event in c.events:
            count = sum(m.duration == c.duration for m in self._meets[event])
            yield event, outside(count, c.minimum, c.maximum)

    @deviations.register
    def _(self, c: PreferResources) -> Deviations:
        for event in self._with_role(c.events, c.role):
            yield (
                event,
                sum(
                    m.duration
                    for m in self._meets[event]
                    if c.role in m.assigned and m.assigned[c.role] not in c.resources
                ),
            )

    @deviations.register
    def _(self, c: PreferTimes) -> Deviations:
        for event in c.events:
            yield (
                event,
                sum(
                    m.duration
                    for m in self._meets[event]
                    if m.time is not None
                    and m.time not in c.times
                    and c.duration in (None, m.duration)
                ),
            )

    @deviations.register
    def _(self, c: AvoidSplitAssignments) -> Deviations:
        for group in c.groups:
            chosen = {
                m.assigned[c.role]
                for m in self._of(group.events)
                if c.role in m.assigned
            }
            chosen |= {
                r.resource
                for event in group.events
                for r in self._instance.event[event].resources
                if r.role == c.role and r.resource is not None
            }
            yield group.id, max(0, len(chosen) - 1)

    @deviations.register
    def _(self, c: SpreadEvents) -> Deviations:
        for group in c.groups:
            starts = Counter(m.time for m in self._of(group.events))
            yield (
                group.id,
                sum(
                    outside(sum(starts[t] for t in x.times), x.minimum, x.maximum)
                    for x in c.limits
                ),
            )

    @deviations.register
    def _(self, c: LinkEvents) -> Deviations:
        for group in c.groups:
            runs = Counter(
                time
                for event in group.events
                for time in {t for m in self._meets[event] for t in running(m)}
            )
            yield group.id, sum(n < len(group.events) for n in runs.values())

    @deviations.register
    def _(self, c: OrderEvents) -> Deviations:
        for pair in c.pairs:
            yield f"{pair.first}, {pair.second}", self._disorder(pair)

    def _disorder(self, pair: Pair) -> int:
        first = [t for m in self._meets[pair.first] for t in running(m)]
        second = [t for m in self._meets[pair.second] for t in running(m)]
        if not first or not second:
            return 0
        return outside(min(second) - max(first) - 1, pair.minimum, pair.maximum)

    @deviations.register
    def _(self, c: AvoidClashes) -> Deviations:
        for who in c.resources:
            yield who, sum(n - 1 for n in self._busy[who].values())

    @deviations.register
    def _(self, c: AvoidUnavailableTimes) -> Deviations:
        for who in c.resources:
            yield who, len(c.times & self._busy[who].keys())

    @deviations.register
    def _(self, c: LimitIdleTimes) -> Deviations:
        for who in c.resources:
            idle = sum(self._idle(who, group) for group in c.time_groups)
            yield who, outside(idle, c.minimum, c.maximum)

    def _idle(self, who: str, group: tuple[int, ...]) -> int:
        at = [place for place, time in enumerate(group) if time in self._busy[who]]
        return at[-1] - at[0] + 1 - len(at) if at else 0

    @deviations.register
    def _(self, c: ClusterBusyTimes) -> Deviations:
        for who in c.resources:
            busy = sum(any(t in self._busy[who] for t in g) for g in c.time_groups)
            yield who, outside(busy, c.minimum, c.maximum)

    @deviations.register
    def _(self, c: LimitBusyTimes) -> Deviations:
        for who in c.resources:
            counts = [sum(t in self._busy[who] for t in g) for g in c.time_groups]
            yield who, sum(outside(n, c.minimum, c.maximum) for n in counts if n)

    @deviations.register
    def _(self, c: LimitWorkload) -> Deviations:
        for who in c.resources:
            load = self._workload[who]
            yield who, max(0, ceil(c.minimum - load), ceil(load - c.maximum))


def running(meet: Meet) -> range:
    """The times it takes; none while it has no start."""
    return (
        range(0) if meet.time is None else range(meet.time, meet.time + meet.duration)
    )
