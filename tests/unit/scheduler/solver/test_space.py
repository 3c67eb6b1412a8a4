"""What the search space says of a start, against the plain words of the problem."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.wishes import Weights
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.generate import Size, generate
from scheduler.solver.problem import Placement, Problem, StreamId, SubjectTime
from scheduler.solver.space import Space
from tests.unit.scheduler.solver.districts import (
    bells,
    busy,
    district,
    districts,
    stream,
)

Rows = dict[Placement, tuple[int, int, tuple[int, ...]]]


def rows_of(space: Space) -> Rows:
    return {
        space.placement(c.index): (c.end, c.cost, c.samples)
        for row in space.of_stream
        for c in row
    }


@settings(max_examples=60, deadline=None)
@given(problem=districts())
def test_a_start_is_a_candidate_exactly_when_the_judge_lets_a_lesson_be_there_alone(
    problem: Problem,
) -> None:
    # Capacities are no property of one start: a lesson alone may be too much already.
    sites = tuple(replace(site, uplink_kbps=None) for site in problem.sites)
    problem = replace(problem, locks=frozenset(), sites=sites, media_seats=None)
    space = Space(problem)
    for one in problem.streams:
        for weekday, start in space.grids.starts(one):
            here = Placement(one.id, weekday, start)
            fits = not violations(problem, [here], complete=False)
            assert (space.find(here) is not None) == fits


@settings(max_examples=60, deadline=None)
@given(problem=districts())
def test_a_candidate_costs_what_the_judge_says(problem: Problem) -> None:
    only = Weights(misfit=3, edge=2, spread=0, gap=0, load=0, move=0)
    morning = SubjectTime("音乐", Minutes(0, 500), 5)
    problem = replace(problem, weights=only, subject_times=(morning,))
    space = Space(problem)
    for c in space.candidates:
        assert space.find(space.placement(c.index)) == c.index
        assert c.cost == cost(problem, [space.placement(c.index)]).total


@settings(max_examples=60, deadline=None)
@given(
    problem=districts(),
    who=st.sampled_from(
        [("teacher", "t0"), ("site", "a"), ("room", "m0"), ("class", "b-class")]
    ),
    weekday=st.integers(1, 2),
    start=st.integers(470, 600),
)
def test_a_space_after_an_event_is_that_of_the_changed_problem(
    problem: Problem, who: tuple[str, str], weekday: int, start: int
) -> None:
    event = [busy(*who, weekday, Minutes(start, start + 45))]
    space = Space(problem)
    after = space.after(
        event,
        locks=problem.locks,
        published=problem.published,
        weights=problem.weights,
    )
    anew = Space(after.problem)
    assert after.problem.busy == (*problem.busy, *event)
    assert rows_of(after) == rows_of(anew)
    assert after.impossible_locks == anew.impossible_locks
    for c in space.candidates:
        index = after.find(space.placement(c.index))
        assert index in (c.index, None)
        assert (index is None) == (space.placement(c.index) not in rows_of(anew))
    assert rows_of(space) == rows_of(Space(problem))


def test_a_lesson_off_its_bells_has_a_cost_all_the_same() -> None:
    problem = district(
        (stream("x", "a"),),
        master=bells(480, 530),
        points={"a": bells(470, 515)},
    )
    space = Space(problem)
    x = problem.stream_by_id[StreamId("x")]
    for start in (480, 490, 530):
        time = Minutes(start, start + x.minutes)
        alone = cost(problem, [Placement(x.id, 1, start)])
        assert space.costs.at(x, 1, time) == alone.total


def test_schools_that_ring_alike_share_a_grid() -> None:
    made = generate(Size(points=10, lessons=60), seed=3)
    space = Space(made.problem)
    rings = {made.problem.master_site(s).bells[1] for s in space.streams}
    assert len({id(space.grids.of(s)) for s in space.streams}) == len(rings)
