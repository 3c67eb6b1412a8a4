"""The ejection search and the rivals it runs on, held against the judge."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.solver.check import violations
from scheduler.solver.ejection import Ejection
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Placement, Problem
from scheduler.solver.rivals import Rivals
from scheduler.solver.space import Space
from tests.unit.scheduler.solver.districts import districts


def pairs(space: Space) -> list[tuple[int, int]]:
    count = len(space.candidates)
    return [(a, b) for a in range(count) for b in range(a + 1, count)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=districts(), data=st.data())
def test_two_starts_are_rivals_exactly_when_the_judge_forbids_the_pair(
    problem: Problem, data: st.DataObject
) -> None:
    sites = tuple(replace(site, uplink_kbps=None) for site in problem.sites)
    problem = replace(problem, locks=frozenset(), sites=sites, media_seats=None)
    space = Space(problem)
    rivals = Rivals(space, media=False)
    every = pairs(space)
    for a, b in data.draw(st.permutations(every))[:30] if every else []:
        rows = [space.placement(a), space.placement(b)]
        many = rows[0].stream == rows[1].stream and (
            problem.stream_by_id[rows[0].stream].lessons < 2
        )
        if not many:
            broken = violations(problem, rows, complete=False)
            assert (b in rivals.of(a)) == (a in rivals.of(b)) == bool(broken)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=districts(), seed=st.integers(0, 9))
def test_the_best_of_an_ejection_search_breaks_no_rule(
    problem: Problem, seed: int
) -> None:
    problem = replace(problem, locks=frozenset())
    space = Space(problem)
    search = Ejection(Rivals(space, media=True), seed)
    placed = search.search(lambda: search.shakes > 1)
    rows = [space.placement(index) for index in search.best]
    assert violations(problem, rows, complete=placed) == []
    assert len(rows) == sum(space.wanted) - search.fewest
    assert not (placed and search.hopeless)


@pytest.mark.parametrize("load_percent", [78, 99])
def test_a_district_of_twenty_points_is_placed_by_ejection_alone(
    load_percent: int,
) -> None:
    made = generate(Size(points=20, lessons=130, load_percent=load_percent), seed=4)
    space = Space(made.problem)
    search = Ejection(Rivals(space, media=True), seed=4)
    assert search.search(lambda: search.shakes > 40)
    rows = [space.placement(index) for index in search.best]
    assert violations(made.problem, rows) == []


def test_what_lay_somewhere_stays_there_when_nothing_is_in_its_way() -> None:
    made = generate(Size(points=10, lessons=60), seed=5)
    space = Space(made.problem)
    start = [space.find(p) for p in made.hidden]
    search = Ejection(
        Rivals(space, media=True), seed=1, start=[k for k in start if k is not None]
    )
    assert search.search(lambda: True)
    rows = frozenset(space.placement(index) for index in search.best)
    assert rows == made.hidden


def test_locked_lessons_are_never_taken_out() -> None:
    made = generate(Size(points=10, lessons=60), seed=6)
    locks: frozenset[Placement] = frozenset(sorted(made.hidden)[::4])
    space = Space(replace(made.problem, locks=locks))
    search = Ejection(Rivals(space, media=True), seed=2)
    assert search.search(lambda: search.shakes > 40)
    assert locks <= {space.placement(index) for index in search.best}
