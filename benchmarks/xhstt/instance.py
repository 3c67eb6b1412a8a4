"""An XHSTT instance and its solutions as values; every group is already resolved.

Times are their positions in the file (0, 1, ...): the format says they follow one
another in that order. A *meet* is one piece of a split event (the file's "solution
event"). Source of names and meanings: the XHSTT specification of HSEval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class CostFunction(StrEnum):
    LINEAR = "Linear"
    QUADRATIC = "Quadratic"
    STEP = "Step"

    def of(self, deviation: int) -> int:
        if self is CostFunction.QUADRATIC:
            return deviation * deviation
        return min(deviation, 1) if self is CostFunction.STEP else deviation


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """`hard`: InfeasibilityValue; `soft`: ObjectiveValue. Compared in that order."""

    hard: int = 0
    soft: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.hard + other.hard, self.soft + other.soft)


@dataclass(frozen=True, slots=True)
class EventResource:
    """Somebody or something an event needs. `resource` None: to be chosen, for
    every meet anew, under its `role`. `workload` belongs to the whole event."""

    role: str | None
    kind: str
    resource: str | None
    workload: int


@dataclass(frozen=True, slots=True)
class Event:
    """`time`: preassigned start."""

    id: str
    duration: int
    time: int | None
    resources: tuple[EventResource, ...]

    def fixed(self) -> Iterator[str]:
        return (r.resource for r in self.resources if r.resource is not None)

    def open(self) -> Iterator[EventResource]:
        return (r for r in self.resources if r.resource is None)


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    times: tuple[int, ...]
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Times between the end of `first` and the start of `second`."""

    first: str
    second: str
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """Cost: weight x cost function of the deviation at each point of application
    (an event, an event's role, a group of events or a resource)."""

    id: str
    required: bool
    weight: int
    function: CostFunction

    def cost(self, deviation: int) -> Cost:
        value = self.weight * self.function.of(deviation)
        return Cost(hard=value) if self.required else Cost(soft=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignResource(Constraint):
    events: tuple[str, ...]
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTime(Constraint):
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitEvents(Constraint):
    events: tuple[str, ...]
    min_duration: int
    max_duration: int
    min_amount: int
    max_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributeSplitEvents(Constraint):
    events: tuple[str, ...]
    duration: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferResources(Constraint):
    events: tuple[str, ...]
    role: str
    resources: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferTimes(Constraint):
    """`duration` None: meets of every duration."""

    events: tuple[str, ...]
    times: frozenset[int]
    duration: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidSplitAssignments(Constraint):
    groups: tuple[Group, ...]
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadEvents(Constraint):
    groups: tuple[Group, ...]
    limits: tuple[TimeLimit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvents(Constraint):
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvents(Constraint):
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidClashes(Constraint):
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidUnavailableTimes(Constraint):
    resources: tuple[str, ...]
    times: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitIdleTimes(Constraint):
    resources: tuple[str, ...]
    time_groups: tuple[tuple[int, ...], ...]
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBusyTimes(Constraint):
    resources: tuple[str, ...]
    time_groups: tuple[tuple[int, ...], ...]
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitBusyTimes(Constraint):
    resources: tuple[str, ...]
    time_groups: tuple[tuple[int, ...], ...]
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitWorkload(Constraint):
    resources: tuple[str, ...]
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Instance:
    """`resources`: id -> id of its type. `events`: in the file's order."""

    id: str
    times: tuple[str, ...]
    resources: dict[str, str]
    events: tuple[Event, ...]
    constraints: tuple[Constraint, ...]

    @cached_property
    def event(self) -> dict[str, Event]:
        return {event.id: event for event in self.events}


@dataclass(frozen=True, slots=True)
class Meet:
    """`time` None: not placed. `assigned`: role -> resource, roles left open are
    absent."""

    event: str
    duration: int
    time: int | None
    assigned: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """`reported`: the cost its own report states, if it has one."""

    group: str
    instance: str
    meets: tuple[Meet, ...]
    reported: Cost | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    instances: tuple[Instance, ...]
    solutions: tuple[Solution, ...]
