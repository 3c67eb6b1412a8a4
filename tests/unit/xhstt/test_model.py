"""The model's price is the judge's, and its best is the best there is."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Cost, Event, Instance, Meet, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import ANYTHING, HARD, Model
from benchmarks.xhstt.reader import read
from benchmarks.xhstt.search import solve
from tests.unit.xhstt.texts import (
    archive,
    constraint,
    days,
    event,
    events,
    groups,
    limits,
    people,
    times,
)

SPLIT = (
    "<MinimumDuration>1</MinimumDuration><MaximumDuration>2</MaximumDuration>"
    "<MinimumAmount>{}</MinimumAmount><MaximumAmount>2</MaximumAmount>"
)
LESSONS = [
    event("x", 2, "c1", "t1", groups="all some"),
    event("y", 2, "c2", "t2", groups="all some"),
    event("z", 1, "c1", "c2", "who=Teacher", groups="all"),
]
ORDER = (
    '<EventPairs><EventPair><FirstEvent Reference="z"/><SecondEvent Reference="x"/>'
    "<MinSeparation>1</MinSeparation><MaxSeparation>1</MaxSeparation></EventPair>"
    "</EventPairs>"
)
TEACHERS = '<ResourceGroups><ResourceGroup Reference="teachers"/></ResourceGroups>'
KINDS = {
    "AssignTime": (groups("all"), ""),
    "AssignResource": (events("z"), "<Role>who</Role>"),
    "SplitEvents": (groups("all"), SPLIT.format(2)),
    "DistributeSplitEvents": (events("x"), "<Duration>2</Duration>" + limits(1, 1)),
    "PreferResources": (events("z"), people("t3") + "<Role>who</Role>"),
    "PreferTimes": (groups("all"), times("a2", "b3")),
    "AvoidSplitAssignments": (groups("all"), "<Role>who</Role>"),
    "SpreadEvents": (groups("all", "some"), days("A", "B", body=limits(1, 2))),
    "LinkEvents": (groups("some"), ""),
    "OrderEvents": (ORDER, ""),
    "AvoidClashes": (people("c1", "c2") + TEACHERS, ""),
    "AvoidUnavailableTimes": (people("c1", "t1"), times("a1", "a2")),
    "LimitIdleTimes": (people("c1", "c2"), days("A", "B") + limits(0, 0)),
    "ClusterBusyTimes": (people("c1", "t2"), days("A", "B") + limits(2, 2)),
    "LimitBusyTimes": (people("c1", "c2"), days("A", "B") + limits(2, 2)),
    "LimitWorkload": (TEACHERS, limits(1, 1)),
}


def instance_of(rules: Sequence[str]) -> Instance:
    return read(archive(LESSONS, rules)).instances[0]


def rule(
    kind: str, *, required: bool, weight: int = 1, function: str = "Linear"
) -> str:
    where, body = KINDS[kind]
    return constraint(
        kind, where, body, required=required, weight=weight, function=function
    )


def optimum(model: Model) -> tuple[int, Solution] | None:
    """(price, timetable), proven; None: there is none."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.cp)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL
    meets = model.vars.meets(list(solver.response_proto.solution))
    price = round(solver.objective_value)
    return price, Solution("model", model.instance.id, meets)


def timetables(instance: Instance) -> Iterator[Solution]:
    """Each event whole, in two pieces or without a time; t2, who never serves better
    than t3, is left out."""
    for chosen in product(*(list(_ways(one)) for one in instance.events)):
        meets = tuple(meet for way in chosen for meet in way)
        yield Solution("any", instance.id, meets)


def _ways(happening: Event) -> Iterator[tuple[Meet, ...]]:
    n = 6
    who: list[dict[str, str]] = [{}]
    if any(happening.open()):
        who += [{"who": "t1"}, {"who": "t3"}]
    yield (Meet(happening.id, happening.duration, None),)
    for taken in who:
        for start in range(n - happening.duration + 1):
            yield (Meet(happening.id, happening.duration, start, taken),)
    if happening.duration == 2:
        for early, late in combinations(range(n), 2):
            yield (Meet(happening.id, 1, early), Meet(happening.id, 1, late))


ALWAYS = [
    constraint("AssignTime", groups("all"), required=True, name="always"),
    constraint("AssignResource", events("z"), "<Role>who</Role>", weight=3, name="any"),
]


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        *((kind, "Linear") for kind in KINDS),
        *product(("SpreadEvents", "LimitIdleTimes"), ("Quadratic", "Step")),
    ],
)
def test_the_best_of_the_model_is_the_best_of_all(kind: str, function: str) -> None:
    instance = instance_of([*ALWAYS, rule(kind, required=False, function=function)])
    best = min(judge(instance, one) for one in timetables(instance))
    found = optimum(Model(instance))
    assert found is not None
    price, solution = found
    assert judge(instance, solution) == best == Cost(0, price)


@pytest.mark.parametrize("kind", KINDS)
def test_a_required_constraint_is_kept_or_proven_impossible(kind: str) -> None:
    instance = instance_of([*ALWAYS, rule(kind, required=True)])
    best = min(judge(instance, one) for one in timetables(instance))
    found = optimum(Model(instance))
    if best.hard:
        assert found is None
    else:
        assert found is not None
        assert judge(instance, found[1]) == best


@given(
    kinds=st.sets(st.sampled_from(sorted(KINDS)), min_size=2, max_size=5),
    required=st.sets(st.sampled_from(sorted(KINDS)), max_size=3),
    weights=st.lists(st.integers(1, 9), min_size=5, max_size=5),
    functions=st.lists(
        st.sampled_from(["Linear", "Quadratic", "Step"]), min_size=5, max_size=5
    ),
)
@settings(max_examples=25, deadline=None)
def test_a_relaxed_model_prices_every_constraint_as_the_judge_does(
    kinds: set[str], required: set[str], weights: list[int], functions: list[str]
) -> None:
    rules = [
        rule(kind, required=kind in required, weight=weight, function=function)
        for kind, weight, function in zip(
            sorted(kinds), weights, functions, strict=False
        )
    ]
    # Durations are the one thing even a relaxed model keeps.
    instance = instance_of([*ALWAYS, *rules])
    found = optimum(Model(instance, breakable=ANYTHING))
    assert found is not None
    price, solution = found
    cost = judge(instance, solution)
    assert price == cost.hard * HARD + cost.soft


def test_solving_gives_a_clean_timetable_and_says_that_it_is_proven() -> None:
    clean = [rule(kind, required=True) for kind in ("AssignTime", "AvoidClashes")]
    wish = rule("PreferTimes", required=False)
    instance = instance_of([*clean, rule("AssignResource", required=True), wish])
    found = solve(instance, 20.0, workers=1)
    assert found is not None
    best = min(judge(instance, one) for one in timetables(instance))
    assert found.cost == best
    assert found.proven


def test_without_a_clean_timetable_the_fewest_violations_are_found() -> None:
    crowd = [event(name, 4, "c1") for name in "xy"]
    rules = [
        constraint("AssignTime", groups("all"), required=True, weight=10),
        constraint("AvoidClashes", people("c1"), required=True),
    ]
    instance = read(archive(crowd, rules)).instances[0]
    found = solve(instance, 20.0, workers=1)
    assert found is not None
    # Eight times of lessons in six: two clashes are cheaper than two without a time.
    assert found.cost == Cost(2, 0)
