"""Linked events as one event: what must run at the same times is placed together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from benchmarks.xhstt.instance import (
    AssignTime,
    Constraint,
    DistributeSplitEvents,
    Event,
    Group,
    Instance,
    LinkEvents,
    Meet,
    OrderEvents,
    PreferTimes,
    SplitEvents,
    SpreadEvents,
)


@dataclass(frozen=True)
class Bundles:
    """`instance`: an event for each bundle, under the id of its first event, with
    everybody its events have. `members[bundle]`: the ids of its events."""

    instance: Instance
    members: dict[str, tuple[str, ...]]

    def unpacked(self, meets: Iterable[Meet]) -> tuple[Meet, ...]:
        """Every event's own meets. `meets`: of the bundles."""
        return tuple(
            Meet(event, meet.duration, meet.time)
            for meet in meets
            for event in self.members[meet.event]
        )


def bundled(instance: Instance) -> Bundles:
    """Events of different durations or given times stay apart, and linked."""
    of = _first_of_each(instance)
    members: dict[str, tuple[str, ...]] = {}
    for event in instance.events:
        members[of[event.id]] = (*members.get(of[event.id], ()), event.id)
    whole = replace(
        instance,
        events=tuple(
            _joined([instance.event[one] for one in inside])
            for inside in members.values()
        ),
        constraints=tuple(_renamed(c, of) for c in instance.constraints),
    )
    return Bundles(whole, members)


def _first_of_each(instance: Instance) -> dict[str, str]:
    """Event -> the first event, in the file's order, of its bundle."""
    of = {event.id: event.id for event in instance.events}
    order = {event.id: place for place, event in enumerate(instance.events)}
    for c in instance.constraints:
        if not isinstance(c, LinkEvents) or not c.required or not c.weight:
            continue
        for group in c.groups:
            shapes = {
                (instance.event[e].duration, instance.event[e].time)
                for e in group.events
            }
            if len(shapes) == 1:
                joined = {of[event] for event in group.events}
                first = min(joined, key=lambda name: order[name])
                of = {e: first if f in joined else f for e, f in of.items()}
    return of


def _joined(events: list[Event]) -> Event:
    everybody = tuple(need for event in events for need in event.resources)
    return replace(events[0], resources=everybody)


def _renamed(c: Constraint, of: dict[str, str]) -> Constraint:
    def once(events: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(of[event] for event in events))

    match c:
        case SplitEvents() | DistributeSplitEvents() | PreferTimes() | AssignTime():
            return replace(c, events=once(c.events))
        case LinkEvents():
            return replace(
                c, groups=tuple(Group(g.id, once(g.events)) for g in c.groups)
            )
        case SpreadEvents():
            # Each of its events counts, also two that are one bundle now.
            groups = (Group(g.id, tuple(of[e] for e in g.events)) for g in c.groups)
            return replace(c, groups=tuple(groups))
        case OrderEvents():
            pairs = (
                replace(pair, first=of[pair.first], second=of[pair.second])
                for pair in c.pairs
            )
            return replace(c, pairs=tuple(pairs))
        case _:
            return c
