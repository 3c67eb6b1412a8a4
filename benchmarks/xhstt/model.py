"""One CP-SAT model of an instance: required constraints kept, others paid for.

Each kind of constraint gives, for every point of application, its deviation as an
expression of the booleans in `variables.py` (`rules_events.py`,
`rules_resources.py`). What `Domains` keeps by construction is not stated again.
"""

from collections.abc import Collection, Iterator

from ortools.sat.python import cp_model

from benchmarks.xhstt import rules_events as events
from benchmarks.xhstt import rules_resources as resources
from benchmarks.xhstt.instance import (
    AssignResource,
    AssignTime,
    AvoidClashes,
    AvoidSplitAssignments,
    AvoidUnavailableTimes,
    ClusterBusyTimes,
    Constraint,
    CostFunction,
    DistributeSplitEvents,
    Instance,
    LimitBusyTimes,
    LimitIdleTimes,
    LimitWorkload,
    LinkEvents,
    OrderEvents,
    PreferResources,
    PreferTimes,
    SplitEvents,
    SpreadEvents,
)
from benchmarks.xhstt.terms import Deviation, Terms
from benchmarks.xhstt.variables import NOTHING, Expr, Start, Variables, total

HARD = 100_000
"""One required deviation outweighs any soft cost of the public instances."""
ANYTHING: frozenset[type[Constraint]] = frozenset(Constraint.__subclasses__())
_BY_CONSTRUCTION = (
    AssignResource,
    AssignTime,
    AvoidUnavailableTimes,
    PreferResources,
    PreferTimes,
)


class Model:
    """`soft` False: the required constraints alone. `breakable`: kinds whose required
    constraints may be broken at `HARD` times their weight, for instances without a
    clean timetable. `only`: the starts to choose from.

    Raises variables.TooLargeError.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        soft: bool = True,
        breakable: frozenset[type[Constraint]] = NOTHING,
        only: Collection[Start] | None = None,
    ) -> None:
        self.instance = instance
        self.cp = cp_model.CpModel()
        self.vars = Variables(self.cp, instance, breakable=breakable, only=only)
        self._terms = Terms(self.vars)
        self._goal: list[Expr] = []
        for constraint in instance.constraints:
            if constraint.weight and (soft or constraint.required):
                self._state(constraint)
        if self._goal:
            self.cp.minimize(total(self._goal))

    def _state(self, c: Constraint) -> None:
        strict = self._terms.strict(c)
        if c.required and isinstance(c, _BY_CONSTRUCTION) and strict:
            return
        for deviation, most in deviations(c, self._terms):
            if not most:
                continue
            if strict:
                self.cp.add(deviation <= 0)
            else:
                self._goal.append(self._price(c, deviation, most))

    def _price(self, c: Constraint, deviation: Expr, most: int) -> Expr:
        weight = c.weight * (HARD if c.required else 1)
        if c.function is CostFunction.LINEAR:
            return weight * deviation
        if c.function is CostFunction.STEP:
            at_all = self.cp.new_bool_var("")
            self.cp.add(deviation <= most * at_all)
            return weight * at_all
        # n squared is the sum of the first n odd numbers; cheaper steps fill first.
        steps = [self.cp.new_bool_var("") for _ in range(most)]
        self.cp.add(deviation <= total(steps))
        odd = [weight * (2 * n + 1) for n in range(most)]
        return cp_model.LinearExpr.weighted_sum(steps, odd)


def deviations(c: Constraint, t: Terms) -> Iterator[Deviation]:
    """One per point of application; never below the true deviation."""
    match c:
        case AvoidSplitAssignments():
            return events.avoid_split(c, t)
        case SpreadEvents():
            return events.spread(c, t)
        case LinkEvents():
            return events.link(c, t)
        case OrderEvents():
            return events.order(c, t)
        case _:
            return _of_events(c, t)


def _of_events(c: Constraint, t: Terms) -> Iterator[Deviation]:
    match c:
        case AssignTime():
            return events.assign_time(c, t)
        case AssignResource():
            return events.assign_resource(c, t)
        case PreferResources():
            return events.prefer_resources(c, t)
        case SplitEvents():
            return events.split_events(c, t)
        case DistributeSplitEvents():
            return events.distribute(c, t)
        case PreferTimes():
            return events.prefer_times(c, t)
        case _:
            return _of_resources(c, t)


def _of_resources(c: Constraint, t: Terms) -> Iterator[Deviation]:
    match c:
        case AvoidClashes():
            return resources.avoid_clashes(c, t)
        case AvoidUnavailableTimes():
            return resources.unavailable(c, t)
        case LimitIdleTimes():
            return resources.idle_times(c, t)
        case ClusterBusyTimes():
            return resources.cluster(c, t)
        case LimitBusyTimes():
            return resources.busy_times(c, t)
        case LimitWorkload():
            return resources.workload(c, t)
        case _:
            raise NotImplementedError(type(c))
