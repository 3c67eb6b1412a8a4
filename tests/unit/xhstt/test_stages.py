"""Instances too large for one model: times first, then people."""

import pytest

from benchmarks.xhstt import variables
from benchmarks.xhstt.instance import Cost, SplitEvents
from benchmarks.xhstt.reader import read
from benchmarks.xhstt.search import solve
from benchmarks.xhstt.stages import mirrored, solve_in_stages, without_roles
from tests.unit.xhstt.texts import (
    archive,
    constraint,
    event,
    events,
    groups,
    people,
    times,
)

TEACHERS = '<ResourceGroups><ResourceGroup Reference="teachers"/></ResourceGroups>'
ONES = (
    "<MinimumDuration>1</MinimumDuration><MaximumDuration>1</MaximumDuration>"
    "<MinimumAmount>3</MinimumAmount><MaximumAmount>3</MaximumAmount>"
)
# Two linked courses of both classes, and eight more lessons; three teachers, of whom
# two may take the linked courses: nowhere may three of those want a teacher.
CROWD = [
    event("x", 3, "c1", "who=Teacher", groups="all some"),
    event("y", 3, "c2", "who=Teacher", groups="all some"),
    event("z", 3, "c1", "who=Teacher"),
    event("w", 3, "c2", "t3"),
]
RULES = [
    constraint("AssignTime", groups("all"), required=True, weight=9),
    constraint("AssignResource", groups("all"), "<Role>who</Role>", required=True),
    constraint("AvoidClashes", people("c1", "c2") + TEACHERS, required=True),
    constraint("LinkEvents", groups("some"), required=True),
    constraint("SplitEvents", events("x"), ONES, required=True),
    constraint(
        "PreferResources",
        groups("all"),
        people("t1", "t2") + "<Role>who</Role>",
        required=True,
    ),
]


def test_linked_events_take_over_the_durations_of_one_that_has_limits() -> None:
    instance = mirrored(read(archive(CROWD, RULES)).instances[0])
    splits = [c for c in instance.constraints if isinstance(c, SplitEvents)]
    assert [(c.events, c.min_duration, c.max_duration) for c in splits] == [
        (("x",), 1, 1),
        (("y",), 1, 1),
    ]


def test_times_are_sought_for_given_people_alone() -> None:
    instance = without_roles(read(archive(CROWD, RULES)).instances[0])
    assert not any(list(one.open()) for one in instance.events)
    kinds = {type(c).__name__ for c in instance.constraints}
    assert kinds == {"AssignTime", "AvoidClashes", "LinkEvents", "SplitEvents"}


@pytest.mark.parametrize("workers", [1, 2])
def test_stages_leave_no_role_open(workers: int) -> None:
    instance = read(archive(CROWD, RULES)).instances[0]
    found = solve_in_stages(instance, 4.0, workers=workers)
    assert found is not None
    assert found.cost == Cost(0, 0)
    assert not found.proven


def test_what_one_model_cannot_hold_is_solved_in_stages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instance = read(archive(CROWD, RULES)).instances[0]
    monkeypatch.setattr(variables, "MAX_BOOLEANS", 110)
    found = solve(instance, 4.0, workers=1)
    assert found is not None
    assert found.cost == Cost(0, 0)
    assert not found.proven


def test_what_was_found_is_kept_when_the_last_step_cannot_be_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = constraint("AvoidUnavailableTimes", people("c1"), times("a1", "a2", "a3"))
    never += constraint("AvoidUnavailableTimes", people("c1"), times("b1", "b2", "b3"))
    instance = read(archive(CROWD, [*RULES, never])).instances[0]
    monkeypatch.setattr(variables, "MAX_BOOLEANS", 40)
    found = solve_in_stages(instance, 4.0, workers=1)
    assert found is not None
    assert found.cost == Cost(0, 6)
    assert found.seconds < 4.0


def test_what_stages_cannot_hold_either_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instance = read(archive(CROWD, RULES)).instances[0]
    monkeypatch.setattr(variables, "MAX_BOOLEANS", 5)
    with pytest.raises(variables.TooLargeError):
        solve(instance, 4.0, workers=1)
