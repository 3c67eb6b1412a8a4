"""A week judged day by day is the week judged as a whole."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.edition.picture import Picture
from scheduler.edition.values import Draft, Rows
from scheduler.solver.check import violations
from scheduler.solver.cost import cost
from scheduler.solver.problem import Problem
from tests.unit.scheduler.edition.editions import (
    edition,
    frame_of,
    picture_of,
    row,
    small_frame,
    some_rows,
)
from tests.unit.scheduler.solver.districts import districts


@settings(max_examples=40, deadline=None)
@given(problem=districts(), data=st.data())
def test_days_add_up_to_what_the_judge_says_of_the_week(
    problem: Problem, data: st.DataObject
) -> None:
    frame = frame_of(problem)
    names = tuple(s.id for s in problem.streams)
    first: Rows = data.draw(some_rows(names))
    then: Rows = data.draw(some_rows(names))
    before = Picture(frame, Draft(edition(), first))
    picture = Picture(frame, Draft(edition(revision=2), then), before)
    judged = violations(frame.problem, picture.placements, complete=False)
    assert set(picture.violations) == set(judged)
    # One lesson too many of a course does not make up for one that is missing.
    whole = cost(frame.problem, picture.placements)
    missing = sum(picture.missing.values())
    assert picture.cost == replace(whole, unplaced=missing)


def test_a_course_that_left_the_term_is_named() -> None:
    picture = picture_of(small_frame(), row("gone", 1, 480), row("x", 1, 480))
    assert [(v.rule, v.who) for v in picture.violations] == [("unknown_stream", "gone")]
    assert picture.missing == {"x": 1, "y": 1, "z": 1}


def test_a_lesson_too_many_is_a_problem_and_never_missing() -> None:
    picture = picture_of(small_frame(), row("y", 1, 480), row("y", 2, 480))
    assert [v.rule for v in picture.violations] == ["lessons_a_week"]
    (broken,) = picture.violations
    assert picture.places_of(broken) == [("y", 1, 480), ("y", 2, 480)]
    assert "y" not in picture.missing
