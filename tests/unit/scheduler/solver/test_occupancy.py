"""What a timetable leaves free, against the judge, one place at a time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.solver.check import violations
from scheduler.solver.occupancy import Occupancy
from scheduler.solver.problem import Problem
from scheduler.solver.space import Space
from tests.unit.scheduler.solver.districts import districts


@settings(max_examples=80, deadline=None)
@given(problem=districts(), data=st.data())
def test_a_place_is_free_exactly_when_the_judge_agrees(
    problem: Problem, data: st.DataObject
) -> None:
    # So many lessons that their count never stands in the way.
    streams = tuple(replace(stream, lessons=9) for stream in problem.streams)
    problem = replace(problem, locks=frozenset(), streams=streams)
    space = Space(problem)
    now = Occupancy(space, ())

    def judged(index: int) -> bool:
        rows = [space.placement(k) for k in {*now.chosen, index}]
        return not violations(problem, rows, complete=False)

    for _ in range(2):
        for i, places in enumerate(space.of_stream):
            free = list(now.free(i))
            others = set(places) - set(free)
            assert all(judged(c.index) for c in free)
            assert not any(judged(c.index) for c in others if c.index not in now.chosen)
            if free:
                now.add(data.draw(st.sampled_from(free)).index)
        gone = data.draw(st.sets(st.sampled_from(sorted(now.chosen) or [-1])))
        for index in gone & now.chosen:
            now.remove(index)


@settings(max_examples=80, deadline=None)
@given(problem=districts(), data=st.data())
def test_a_place_is_free_when_those_in_the_way_have_left(
    problem: Problem, data: st.DataObject
) -> None:
    space = Space(replace(problem, locks=frozenset(), media_seats=None))
    now = Occupancy(space, ())
    for i in range(len(space.streams)):
        for c in now.free(i):
            now.add(c.index)
            break
    places = [c for c in space.candidates if c.index not in now.chosen]
    if not places:
        return
    c = data.draw(st.sampled_from(places))
    for index in now.in_the_way(c):
        now.remove(index)
    full = now.full(c)
    if full is None:
        assert c in list(now.free(c.stream))
    else:
        for index in now.holders(full, c):
            now.remove(index)
        alone = now.space.uplinks[c.stream][full]
        cap = space.problem.site_by_id[full].uplink_kbps
        assert (now.full(c) != full) == (cap is not None and alone <= cap)
