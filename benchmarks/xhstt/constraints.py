"""The sixteen kinds of XHSTT constraint, read. One row of `_KINDS` each."""

from collections.abc import Callable, Iterable
from typing import TypedDict
from xml.etree.ElementTree import Element

from benchmarks.xhstt import xml
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
    Group,
    LimitBusyTimes,
    LimitIdleTimes,
    LimitWorkload,
    LinkEvents,
    OrderEvents,
    Pair,
    PreferResources,
    PreferTimes,
    SplitEvents,
    SpreadEvents,
    TimeLimit,
)
from benchmarks.xhstt.names import Names


class _Common(TypedDict):
    id: str
    required: bool
    weight: int
    function: CostFunction


def read_constraints(element: Element, names: Names) -> tuple[Constraint, ...]:
    """Raises ParseError: a kind or cost function this format does not have."""
    return tuple(_constraint(item, names) for item in element)


def _constraint(element: Element, names: Names) -> Constraint:
    read = _KINDS.get(element.tag)
    if read is None:
        raise xml.wrong(
            f"{xml.at(element)}: unknown kind of constraint",
            f"{xml.at(element)}：未知的约束类型",
        )
    return read(element, names)


def _common(element: Element) -> _Common:
    return {
        "id": xml.attribute(element, "Id"),
        "required": xml.flag(element, "Required"),
        "weight": xml.number(element, "Weight"),
        "function": _function(element),
    }


def _function(element: Element) -> CostFunction:
    """XHSTT-2014, and the one older function that is one of these: a plain sum of
    deviations is linear in their total. The others count each part by itself."""
    written = xml.text(element, "CostFunction")
    if written == "Sum":
        return CostFunction.LINEAR
    if written not in set(CostFunction):
        raise xml.wrong(
            f"{xml.at(element)}: cost function {written[:40]!r} is not of XHSTT-2014 "
            "(Linear, Quadratic, Step)",
            f"{xml.at(element)}：代价函数 {written[:40]!r} 不属于 XHSTT-2014",
        )
    return CostFunction(written)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _events(element: Element, names: Names) -> tuple[str, ...]:
    """The events themselves, then those of the groups, each once."""
    found = [
        xml.pick(names.events, item).id
        for item in xml.children(element, "AppliesTo/Events/Event")
    ]
    for group in _groups(element, names):
        found += group.events
    return _once(found)


def _groups(element: Element, names: Names) -> tuple[Group, ...]:
    return tuple(
        Group(
            xml.attribute(item, "Reference"), tuple(xml.pick(names.event_groups, item))
        )
        for item in xml.children(element, "AppliesTo/EventGroups/EventGroup")
    )


def _resources(element: Element, names: Names, under: str = "") -> tuple[str, ...]:
    found = []
    for item in xml.children(element, f"{under}Resources/Resource"):
        xml.pick(names.resources, item)
        found.append(xml.attribute(item, "Reference"))
    for item in xml.children(element, f"{under}ResourceGroups/ResourceGroup"):
        found += xml.pick(names.resource_groups, item)
    return _once(found)


def _whom(element: Element, names: Names) -> tuple[str, ...]:
    return _resources(element, names, "AppliesTo/")


def _times(element: Element, names: Names) -> frozenset[int]:
    alone = (
        xml.pick(names.times, item) for item in xml.children(element, "Times/Time")
    )
    return frozenset(alone).union(*_time_groups(element, names))


def _time_groups(element: Element, names: Names) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(xml.pick(names.time_groups, item))
        for item in xml.children(element, "TimeGroups/TimeGroup")
    )


def _assign_resource(e: Element, names: Names) -> Constraint:
    return AssignResource(
        **_common(e), events=_events(e, names), role=xml.text(e, "Role")
    )


def _assign_time(e: Element, names: Names) -> Constraint:
    return AssignTime(**_common(e), events=_events(e, names))


def _split_events(e: Element, names: Names) -> Constraint:
    return SplitEvents(
        **_common(e),
        events=_events(e, names),
        min_duration=xml.number(e, "MinimumDuration"),
        max_duration=xml.number(e, "MaximumDuration"),
        min_amount=xml.number(e, "MinimumAmount"),
        max_amount=xml.number(e, "MaximumAmount"),
    )


def _distribute(e: Element, names: Names) -> Constraint:
    return DistributeSplitEvents(
        **_common(e),
        events=_events(e, names),
        duration=xml.number(e, "Duration"),
        minimum=xml.number(e, "Minimum"),
        maximum=xml.number(e, "Maximum"),
    )


def _prefer_resources(e: Element, names: Names) -> Constraint:
    return PreferResources(
        **_common(e),
        events=_events(e, names),
        role=xml.text(e, "Role"),
        resources=frozenset(_resources(e, names)),
    )


def _prefer_times(e: Element, names: Names) -> Constraint:
    return PreferTimes(
        **_common(e),
        events=_events(e, names),
        times=_times(e, names),
        duration=None if e.find("Duration") is None else xml.number(e, "Duration"),
    )


def _avoid_split(e: Element, names: Names) -> Constraint:
    return AvoidSplitAssignments(
        **_common(e), groups=_groups(e, names), role=xml.text(e, "Role")
    )


def _spread(e: Element, names: Names) -> Constraint:
    limits = tuple(
        TimeLimit(
            tuple(xml.pick(names.time_groups, item)),
            xml.number(item, "Minimum"),
            xml.number(item, "Maximum"),
        )
        for item in xml.children(e, "TimeGroups/TimeGroup")
    )
    return SpreadEvents(**_common(e), groups=_groups(e, names), limits=limits)


def _link(e: Element, names: Names) -> Constraint:
    return LinkEvents(**_common(e), groups=_groups(e, names))


def _order(e: Element, names: Names) -> Constraint:
    pairs = tuple(
        Pair(
            first=xml.pick(names.events, xml.child(item, "FirstEvent")).id,
            second=xml.pick(names.events, xml.child(item, "SecondEvent")).id,
            minimum=xml.number(item, "MinSeparation", 0),
            maximum=None
            if item.find("MaxSeparation") is None
            else xml.number(item, "MaxSeparation"),
        )
        for item in xml.children(e, "AppliesTo/EventPairs/EventPair")
    )
    return OrderEvents(**_common(e), pairs=pairs)


def _avoid_clashes(e: Element, names: Names) -> Constraint:
    return AvoidClashes(**_common(e), resources=_whom(e, names))


def _unavailable(e: Element, names: Names) -> Constraint:
    return AvoidUnavailableTimes(
        **_common(e), resources=_whom(e, names), times=_times(e, names)
    )


def _limits(
    kind: type[LimitIdleTimes | ClusterBusyTimes | LimitBusyTimes],
) -> Callable[[Element, Names], Constraint]:
    def read(e: Element, names: Names) -> Constraint:
        return kind(
            **_common(e),
            resources=_whom(e, names),
            time_groups=_time_groups(e, names),
            minimum=xml.number(e, "Minimum"),
            maximum=xml.number(e, "Maximum"),
        )

    return read


def _workload(e: Element, names: Names) -> Constraint:
    return LimitWorkload(
        **_common(e),
        resources=_whom(e, names),
        minimum=xml.number(e, "Minimum"),
        maximum=xml.number(e, "Maximum"),
    )


_KINDS: dict[str, Callable[[Element, Names], Constraint]] = {
    "AssignResourceConstraint": _assign_resource,
    "AssignTimeConstraint": _assign_time,
    "SplitEventsConstraint": _split_events,
    "DistributeSplitEventsConstraint": _distribute,
    "PreferResourcesConstraint": _prefer_resources,
    "PreferTimesConstraint": _prefer_times,
    "AvoidSplitAssignmentsConstraint": _avoid_split,
    "SpreadEventsConstraint": _spread,
    "LinkEventsConstraint": _link,
    "OrderEventsConstraint": _order,
    "AvoidClashesConstraint": _avoid_clashes,
    "AvoidUnavailableTimesConstraint": _unavailable,
    "LimitIdleTimesConstraint": _limits(LimitIdleTimes),
    "ClusterBusyTimesConstraint": _limits(ClusterBusyTimes),
    "LimitBusyTimesConstraint": _limits(LimitBusyTimes),
    "LimitWorkloadConstraint": _workload,
}
