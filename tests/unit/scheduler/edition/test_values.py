"""Whatever is done to an edition can be undone, exactly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UsageError
from scheduler.edition.compare import compare
from scheduler.edition.values import (
    Rows,
    apply,
    rows_of,
    step_as_json,
    step_between,
    step_of_json,
)
from tests.unit.scheduler.edition.editions import row, some_rows


@given(first=some_rows(), later=st.lists(some_rows(), max_size=6))
def test_undoing_every_change_gives_the_first_edition(
    first: Rows, later: list[Rows]
) -> None:
    rows, steps = first, []
    for target in later:
        steps.append(step_between(rows, target))
        rows = apply(rows, steps[-1])
        assert rows == target
    for step in reversed(steps):
        rows = apply(rows, step.inverse)
    assert rows == first


@given(before=some_rows(), after=some_rows())
def test_a_step_survives_its_storage(before: Rows, after: Rows) -> None:
    step = step_between(before, after)
    assert step_of_json(json.loads(json.dumps(step_as_json(step)))) == step


@given(before=some_rows(), after=some_rows())
def test_what_differs_makes_the_second_edition_of_the_first(
    before: Rows, after: Rows
) -> None:
    found = compare(before, after)
    assert apply(before, found.step) == after
    assert found.same + len(found.moved) + len(found.added) == len(after)
    assert found.same + len(found.moved) + len(found.removed) == len(before)


def test_a_lesson_that_left_one_place_for_another_has_moved() -> None:
    before = rows_of([row("x", 1, 480), row("x", 3, 480), row("y", 1, 530)])
    after = rows_of([row("x", 1, 480), row("x", 3, 590), row("z", 2, 480)])
    found = compare(before, after)
    assert [(d.before, d.after) for d in found.moved] == [
        (row("x", 3, 480), row("x", 3, 590))
    ]
    assert [d.after for d in found.added] == [row("z", 2, 480)]
    assert [d.before for d in found.removed] == [row("y", 1, 530)]


def test_a_lock_alone_moves_nothing() -> None:
    before = rows_of([row("x", 1, 480)])
    after = rows_of([row("x", 1, 480, locked=True)])
    found = compare(before, after)
    assert (found.all, found.same, len(found.marked)) == ((), 1, 1)


def test_a_step_for_other_rows_is_a_bug() -> None:
    step = step_between({}, rows_of([row("x", 1, 480)]))
    with pytest.raises(UsageError):
        apply(rows_of([row("x", 1, 480, locked=True)]), step)
    with pytest.raises(UsageError):
        apply({}, step.inverse)
