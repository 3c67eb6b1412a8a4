"""Contradictions in a few true sentences."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scheduler.solver.check import violations
from scheduler.solver.explain import explain
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Placement, Problem, StreamId
from scheduler.solver.rules import all_rules
from scheduler.solver.solve import solve
from tests.unit.scheduler.solver.districts import (
    bells,
    busy,
    district,
    districts,
    stream,
)

MADE = generate(Size(points=8, lessons=40), seed=7)


def kinds(problem: Problem) -> list[str]:
    found = explain(problem, seconds=10)
    assert found is not None
    return [s.rule.kind for s in found.rules]


@settings(max_examples=25, deadline=None)
@given(problem=districts())
def test_an_explanation_names_only_rules_that_exist(problem: Problem) -> None:
    found = explain(problem, seconds=3)
    if found is None:
        return
    assert {s.rule for s in found.rules} <= all_rules(problem)
    assert all(s.zh and s.en for s in found.rules)
    # What is explained as impossible is found impossible by the solver as well.
    assert solve(problem, seconds=2, workers=1).outcome in ("impossible", "partial")


def test_a_possible_district_has_nothing_to_explain() -> None:
    assert violations(MADE.problem, MADE.hidden) == []
    assert explain(MADE.problem, seconds=10) is None


def test_a_teacher_who_is_never_there_is_named_with_the_course() -> None:
    first = MADE.problem.streams[0]
    away = tuple(busy("teacher", first.teacher, day) for day in range(1, 5))
    found = explain(replace(MADE.problem, busy=(*MADE.problem.busy, *away)))
    assert found is not None
    assert found.minimal
    assert len(found.rules) <= 3
    assert any(first.teacher == s.rule.id for s in found.rules)


def test_two_locks_on_one_room_contradict_each_other() -> None:
    problem = district(
        (stream("x", "a"), stream("y", "a", teacher="t1", room="m1")),
        master=bells(480, 530),
        points={"a": bells(480, 530)},
    )
    locks = {Placement(StreamId(name), 1, 480) for name in ("x", "y")}
    assert kinds(replace(problem, locks=frozenset(locks))) == ["lock", "lock"]


@pytest.mark.parametrize(
    ("uplink_kbps", "expected"), [(None, ["total"]), (4000, ["uplink"])]
)
def test_too_many_lessons_for_the_week_are_counted(
    uplink_kbps: int | None, expected: list[str]
) -> None:
    many = tuple(
        stream(f"s{i}", *("a" if uplink_kbps is None else ""), teacher=f"t{i % 2}")
        for i in range(5)
    )
    if uplink_kbps:
        rooms = ("m0", "m1")
        many = tuple(
            replace(s, master_room=rooms[i % 2], receivers=())  # type: ignore[arg-type]
            for i, s in enumerate(many)
        )
    problem = district(
        many,
        master=bells(480, 530, days=2),
        points={"a": bells(480, 530, days=2)},
        uplink_kbps=uplink_kbps,
    )
    assert kinds(problem) == expected


def test_media_servers_that_are_too_small_are_named() -> None:
    small = replace(MADE.problem, media_seats=2)
    assert kinds(small) == ["media"]
