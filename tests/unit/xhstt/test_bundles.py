"""Linked events as one."""

from benchmarks.xhstt.bundles import bundled
from benchmarks.xhstt.instance import LinkEvents, Meet, OrderEvents, SpreadEvents
from benchmarks.xhstt.reader import read
from tests.unit.xhstt.texts import archive, constraint, days, event, groups, limits

TOGETHER = constraint("LinkEvents", groups("some"), required=True)
LINKED = [
    event("x", 2, "c1", "who=Teacher", groups="all some"),
    event("z", 1, "c1"),
    event("y", 2, "c2", groups="all some"),
]


def test_linked_events_are_one_with_everybody_they_have() -> None:
    bundles = bundled(read(archive(LINKED, [TOGETHER])).instances[0])
    assert bundles.members == {"x": ("x", "y"), "z": ("z",)}
    [both, _] = bundles.instance.events
    assert list(both.fixed()) == ["c1", "c2"]
    assert [need.role for need in both.open()] == ["who"]


def test_a_meet_of_a_bundle_is_one_of_each_of_its_events() -> None:
    bundles = bundled(read(archive(LINKED, [TOGETHER])).instances[0])
    assert bundles.unpacked([Meet("x", 2, 4), Meet("z", 1, 0)]) == (
        Meet("x", 2, 4),
        Meet("y", 2, 4),
        Meet("z", 1, 0),
    )


def test_constraints_speak_of_the_bundles() -> None:
    order = (
        '<EventPairs><EventPair><FirstEvent Reference="z"/>'
        '<SecondEvent Reference="y"/></EventPair></EventPairs>'
    )
    rules = [
        TOGETHER,
        constraint("SpreadEvents", groups("some"), days("A", body=limits(1, 2))),
        constraint("OrderEvents", order),
    ]
    found = bundled(read(archive(LINKED, rules)).instances[0]).instance.constraints
    [link, spread, order_] = found
    assert isinstance(link, LinkEvents)
    assert link.groups[0].events == ("x",)
    assert isinstance(spread, SpreadEvents)
    assert spread.groups[0].events == ("x", "x"), "each of its events counts"
    assert isinstance(order_, OrderEvents)
    assert (order_.pairs[0].first, order_.pairs[0].second) == ("z", "x")


def test_events_of_different_durations_stay_apart() -> None:
    uneven = [
        event("x", 2, "c1", groups="some"),
        event("y", 1, "c2", groups="some"),
    ]
    bundles = bundled(read(archive(uneven, [TOGETHER])).instances[0])
    assert bundles.members == {"x": ("x",), "y": ("y",)}


def test_a_wish_to_be_linked_bundles_nothing() -> None:
    wish = constraint("LinkEvents", groups("some"))
    bundles = bundled(read(archive(LINKED, [wish])).instances[0])
    assert len(bundles.instance.events) == 3
