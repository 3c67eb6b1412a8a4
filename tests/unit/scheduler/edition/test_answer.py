"""The solver's answer joins the draft; what is to be kept is kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import CourseId
from scheduler.edition.job_views import JobState, Keep, Outcome
from scheduler.edition.job_words import job_view
from scheduler.edition.jobs import (
    Job,
    JobId,
    answered,
    is_worse,
    kept_rows,
    without_clashes,
)
from scheduler.edition.values import Draft, EditionId, Place, Rows, rows_of
from tests.unit.scheduler.edition.editions import (
    MADE,
    edition,
    picture_of,
    row,
    small_frame,
    some_rows,
)

PROBLEM = small_frame().problem


@given(
    rows=some_rows(("x", "y", "z", "gone")),
    answer=some_rows(),
    keep=st.sampled_from(
        ("locked", "placed_by_person", "all_placed", "far", "unbroken")
    ),
    near=st.frozensets(st.sampled_from([CourseId(c) for c in "xyz"])),
)
def test_an_answer_never_touches_what_is_kept_nor_adds_too_many(
    rows: Rows, answer: Rows, keep: Keep, near: frozenset[CourseId]
) -> None:
    draft = Draft(edition(), rows)
    stays = kept_rows(draft, keep, near)
    after = answered(PROBLEM, draft, stays, answer)
    assert all(after.get(r.place) == r for r in stays)
    assert {p: r for p, r in after.items() if p.course == "gone"} == {
        p: r for p, r in rows.items() if p.course == "gone"
    }
    for stream in PROBLEM.streams:
        course = CourseId(stream.id)
        count = sum(p.course == course for p in after)
        kept = sum(r.course == course for r in stays)
        assert count <= max(stream.lessons, kept)


def test_a_lesson_left_where_a_person_put_it_stays_that_persons() -> None:
    mine = row("x", 1, 480, origin="person")
    draft = Draft(edition(), rows_of([mine]))
    places = [Place(CourseId("x"), 1, 480), Place(CourseId("x"), 3, 480)]
    after = answered(PROBLEM, draft, [], places)
    assert after == rows_of([mine, row("x", 3, 480, origin="solver")])


def test_an_answer_with_less_than_the_draft_has_is_worse() -> None:
    frame = small_frame()
    full = picture_of(frame, row("x", 1, 480), row("x", 3, 480), row("y", 2, 480))
    less = picture_of(frame, row("x", 1, 480), row("y", 2, 480))
    assert is_worse(less, full)
    assert not is_worse(full, less)
    assert not is_worse(full, full)
    # On neighbouring days it costs more.
    dear = picture_of(frame, row("x", 1, 480), row("x", 2, 530), row("y", 2, 480))
    assert dear.cost.total > full.cost.total
    assert is_worse(dear, full)


def test_an_answer_to_a_broken_draft_may_place_less() -> None:
    frame = small_frame()
    broken = picture_of(frame, row("x", 1, 480), row("y", 1, 480), row("z", 2, 480))
    assert broken.violations
    assert not is_worse(picture_of(frame, row("x", 1, 480)), broken)


PLAIN = Job(
    id=JobId("job-1"),
    edition=EditionId("edn-1"),
    kind="solve",
    revision=1,
    state="done",
    seconds=60,
    keep="locked",
    asked_by="排课员",
    asked_at=MADE,
    seen_at=MADE,
    best=[["x", 1, 480]],
)


def told(placed: int, unplaced: int) -> dict[str, object]:
    return {
        "phase": "done",
        "seconds": 1.0,
        "cost": 0,
        "bound": 0,
        "unplaced": unplaced,
        "placed": placed,
        "proven": False,
    }


@pytest.mark.parametrize("outcome", ["optimal", "feasible", "partial", "impossible"])
@pytest.mark.parametrize("state", ["done", "stopped", "failed", "interrupted"])
def test_optimal_is_said_only_when_it_is_proven(
    outcome: Outcome, state: JobState
) -> None:
    out = 0 if outcome in ("optimal", "feasible") else 1
    job = replace(PLAIN, outcome=outcome, state=state, progress=told(3, out))
    view = job_view(job)
    proven = outcome == "optimal" and state in ("done", "stopped")
    assert ("optimal" in view.en) == proven
    assert ("已证明：" in view.zh) == proven
    assert "最优" not in view.zh


def test_an_empty_term_and_an_empty_hand_are_told_apart() -> None:
    empty = replace(PLAIN, best=None, outcome="optimal", progress=told(0, 0))
    assert "请先添加课程" in job_view(empty).zh
    stopped = replace(PLAIN, best=None, state="stopped", progress=told(0, 4))
    assert "还没有找到课表" in job_view(stopped).zh
    queued = replace(PLAIN, state="queued")
    assert "前面还有 2 个任务" in job_view(queued, ahead=2).zh


def test_an_older_answer_makes_room_for_what_a_person_placed_meanwhile() -> None:
    """x and y want teacher t0 at 08:00; a person put y there."""
    mine = row("y", 1, 480, origin="person")
    theirs = row("x", 1, 480, origin="solver")
    other = row("z", 2, 480, origin="solver")
    after = picture_of(small_frame(), mine, theirs, other)
    assert without_clashes(after, [mine]) == rows_of([mine, other])
