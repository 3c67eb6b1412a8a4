"""XHSTT XML -> `Archive`: times, resources, events, solutions; groups resolved.

The constraints are read in `constraints.py`. Everything wrong is a ParseError that
names the element.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from benchmarks.xhstt import xml
from benchmarks.xhstt.constraints import read_constraints
from benchmarks.xhstt.instance import (
    Archive,
    Cost,
    Event,
    EventResource,
    Instance,
    Meet,
    Solution,
)
from benchmarks.xhstt.names import Names


def read_file(path: Path) -> Archive:
    """Raises OSError, ParseError."""
    return read(path.read_bytes())


def read(data: bytes) -> Archive:
    """Raises ParseError: hostile, not XHSTT, or referring to what is not there."""
    root = xml.parse(data)
    if root.tag != "HighSchoolTimetableArchive":
        raise xml.wrong(
            f"not an XHSTT archive: begins with <{root.tag}>",
            f"不是 XHSTT 文件：根元素为 <{root.tag}>",
        )
    instances = tuple(
        _instance(element) for element in xml.children(root, "Instances/Instance")
    )
    by_id = {instance.id: instance for instance in instances}
    solutions = tuple(
        _solution(group.get("Id") or "", element, xml.pick(by_id, element))
        for group in xml.children(root, "SolutionGroups/SolutionGroup")
        for element in xml.children(group, "Solution")
    )
    return Archive(instances, solutions)


def _instance(element: Element) -> Instance:
    names = Names()
    times = _times(xml.child(element, "Times"), names)
    _resources(xml.child(element, "Resources"), names)
    events = _events(xml.child(element, "Events"), names)
    return Instance(
        id=xml.attribute(element, "Id"),
        times=times,
        resources=dict(names.resources),
        events=events,
        constraints=read_constraints(xml.child(element, "Constraints"), names),
    )


def _times(element: Element, names: Names) -> tuple[str, ...]:
    for group in xml.children(element, "TimeGroups/*"):
        names.time_groups[xml.attribute(group, "Id")] = []
    for index, time in enumerate(xml.children(element, "Time")):
        names.declare(names.times, time, index)
        for path in ("Day", "Week", "TimeGroups/TimeGroup"):
            for group in xml.children(time, path):
                xml.pick(names.time_groups, group).append(index)
    return tuple(names.times)


def _resources(element: Element, names: Names) -> None:
    kinds = {
        xml.attribute(kind, "Id"): xml.attribute(kind, "Id")
        for kind in xml.children(element, "ResourceTypes/ResourceType")
    }
    for group in xml.children(element, "ResourceGroups/ResourceGroup"):
        names.declare(names.resource_groups, group, [])
    for resource in xml.children(element, "Resource"):
        kind = xml.pick(kinds, xml.child(resource, "ResourceType"))
        names.declare(names.resources, resource, kind)
        for group in xml.children(resource, "ResourceGroups/ResourceGroup"):
            xml.pick(names.resource_groups, group).append(xml.attribute(resource, "Id"))


def _events(element: Element, names: Names) -> tuple[Event, ...]:
    for group in xml.children(element, "EventGroups/*"):
        names.declare(names.event_groups, group, [])
    events = []
    for item in xml.children(element, "Event"):
        event = _event(item, names)
        names.declare(names.events, item, event)
        for path in ("Course", "EventGroups/EventGroup"):
            for group in xml.children(item, path):
                members = xml.pick(names.event_groups, group)
                if event.id not in members:
                    members.append(event.id)
        events.append(event)
    return tuple(events)


def _event(element: Element, names: Names) -> Event:
    duration = xml.number(element, "Duration")
    workload = xml.number(element, "Workload", duration)
    time = element.find("Time")
    resources = [
        _event_resource(item, workload, names)
        for item in xml.children(element, "Resources/Resource")
    ]
    for group in xml.children(element, "ResourceGroups/ResourceGroup"):
        resources += [
            EventResource(None, names.resources[member], member, workload)
            for member in xml.pick(names.resource_groups, group)
        ]
    event = Event(
        id=xml.attribute(element, "Id"),
        duration=duration,
        time=None if time is None else xml.pick(names.times, time),
        resources=tuple(resources),
    )
    roles = [r.role for r in event.open()]
    if duration < 1 or None in roles or len(roles) != len(set(roles)):
        raise xml.wrong(
            f"{xml.at(element)}: no duration, or open resources without a role of "
            "their own",
            f"{xml.at(element)}：缺少时长，或待定资源没有各自的角色",
        )
    return event


def _event_resource(element: Element, workload: int, names: Names) -> EventResource:
    role = element.findtext("Role")
    workload = xml.number(element, "Workload", workload)
    if element.get("Reference") is not None:
        kind = xml.pick(names.resources, element)
        return EventResource(role, kind, xml.attribute(element, "Reference"), workload)
    kind = xml.attribute(xml.child(element, "ResourceType"), "Reference")
    return EventResource(role, kind, None, workload)


@dataclass(slots=True)
class _Placed:
    """What a solution says of one event."""

    meets: list[Meet] = field(default_factory=list)
    duration: int = 0


def _solution(group: str, element: Element, instance: Instance) -> Solution:
    times = {time: index for index, time in enumerate(instance.times)}
    said: dict[str, _Placed] = defaultdict(_Placed)
    for item in xml.children(element, "Events/Event"):
        event = xml.pick(instance.event, item)
        meet = _meet(item, event, instance, times)
        said[event.id].meets.append(meet)
        said[event.id].duration += meet.duration
    meets: list[Meet] = []
    for event in instance.events:
        placed = said[event.id]
        if placed.duration > event.duration:
            raise xml.wrong(
                f"solution {group}: event {event.id} lasts {placed.duration} times, "
                f"not {event.duration}",
                f"方案 {group}：事件 {event.id} 时长为 {placed.duration}，应为 "
                f"{event.duration}",
            )
        meets += placed.meets
        if missing := event.duration - placed.duration:
            meets.append(Meet(event.id, missing, event.time))
    return Solution(group, instance.id, tuple(meets), _reported(element))


def _meet(
    element: Element, event: Event, instance: Instance, times: dict[str, int]
) -> Meet:
    duration = xml.number(element, "Duration", event.duration)
    time = element.find("Time")
    start = event.time if time is None else xml.pick(times, time)
    if duration < 1 or (start is not None and start + duration > len(times)):
        raise xml.wrong(
            f"solution: a piece of {event.id} has no duration or ends after the last "
            "time",
            f"方案：事件 {event.id} 的一段没有时长，或超出最后一个时间",
        )
    open_roles = {r.role for r in event.open()}
    assigned = {}
    for item in xml.children(element, "Resources/Resource"):
        xml.pick(instance.resources, item)
        role = xml.text(item, "Role")
        if role in open_roles:
            assigned[role] = xml.attribute(item, "Reference")
    return Meet(event.id, duration, start, assigned)


def _reported(element: Element) -> Cost | None:
    report = element.find("Report")
    if report is None:
        return None
    return Cost(
        xml.number(report, "InfeasibilityValue"), xml.number(report, "ObjectiveValue")
    )
