"""What a person may do to a draft, and who stands in the way."""

from collections.abc import Callable

import pytest

from common.errors import ConflictError, NotFoundError, ParseError, TongkeError
from scheduler.edition.changes import step_of
from scheduler.edition.picture import Picture
from scheduler.edition.present import cell_views
from scheduler.edition.values import apply
from scheduler.edition.views import Wish
from scheduler.edition.words import step_words
from scheduler.solver.problem import Placement, StreamId
from tests.unit.scheduler.edition.editions import picture_of, row, small_frame


def wish(kind: str, course: str, weekday: int, start: int, **more: object) -> Wish:
    return Wish.model_validate(
        {"kind": kind, "course": course, "weekday": weekday, "start": start, **more}
    )


@pytest.fixture
def picture() -> Picture:
    return picture_of(
        small_frame(), row("x", 1, 480), row("z", 2, 530, origin="solver", locked=True)
    )


def test_a_placed_lesson_is_the_persons_own(picture: Picture) -> None:
    step = step_of(picture, [wish("place", "y", 3, 480)])
    assert step.come == (row("y", 3, 480, origin="person"),)
    assert step_words(picture.frame.problem, step).zh == "排入“课程y”：周三 08:00"


def test_a_moved_lesson_of_the_solver_becomes_the_persons(picture: Picture) -> None:
    wishes = [
        wish("unlock", "z", 2, 530),
        wish("move", "z", 2, 530, to_weekday=2, to_start=590),
    ]
    step = step_of(picture, wishes)
    assert step.come == (row("z", 2, 590, origin="person"),)
    assert "周二 08:50 → 周二 09:50" in step_words(picture.frame.problem, step).zh


def test_who_is_in_the_way_is_said_with_minutes(picture: Picture) -> None:
    with pytest.raises(ConflictError) as refused:
        step_of(picture, [wish("place", "y", 1, 480)])
    assert refused.value.code == "blocked"
    blockers = refused.value.more["blockers"]
    assert {(b["who_kind"], b["who"], b["by"], b["minutes"]) for b in blockers} == {
        ("teacher", "t0", "x", 40),
        ("room", "m0", "x", 40),
    }
    assert "教师“教师t0”要上“课程x”，重叠 40 分钟" in refused.value.zh


def test_a_forced_lesson_stays_and_is_shown_as_broken(picture: Picture) -> None:
    step = step_of(picture, [wish("place", "y", 1, 480, force=True)])
    after = picture_of(picture.frame, *apply(picture.draft.rows, step).values())
    assert {(v.rule, v.who) for v in after.violations} == {
        ("resource", "t0"),
        ("resource", "m0"),
    }


def test_lessons_may_change_places_in_one_go(picture: Picture) -> None:
    both = picture_of(picture.frame, row("x", 1, 480), row("y", 1, 530))
    step = step_of(
        both,
        [
            wish("remove", "y", 1, 530),
            wish("move", "x", 1, 480, to_weekday=1, to_start=530),
            wish("place", "y", 1, 480),
        ],
    )
    assert {r.place for r in step.come} == {("x", 1, 530), ("y", 1, 480)}


def test_a_refusal_leaves_the_board_as_it_was(picture: Picture) -> None:
    before = picture.board.placements
    with pytest.raises(ConflictError):
        step_of(picture, [wish("remove", "x", 1, 480), wish("place", "x", 7, 480)])
    assert picture.board.placements == before
    step_of(picture, [wish("remove", "x", 1, 480)])
    assert picture.board.placements == before


Refusal = tuple[type[TongkeError], str]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (lambda: wish("place", "nobody", 1, 480), (NotFoundError, "no_such_course")),
        (lambda: wish("remove", "x", 4, 480), (ConflictError, "not_placed")),
        (lambda: wish("remove", "z", 2, 530), (ConflictError, "locked")),
        (lambda: wish("place", "z", 4, 480), (ConflictError, "enough_lessons")),
        (lambda: wish("place", "x", 2, 481), (ConflictError, "not_a_start")),
        (lambda: wish("place", "x", 1, 480), (ConflictError, "already_there")),
        (lambda: wish("place", "x", 1, 530), (ConflictError, "blocked")),
        (lambda: wish("place", "x", 1, 1420, force=True), (ParseError, "bad_time")),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    picture: Picture, asked: Callable[[], Wish], refusal: Refusal
) -> None:
    with pytest.raises(refusal[0]) as refused:
        step_of(picture, [asked()])
    assert refused.value.code == refusal[1]
    assert refused.value.zh


def test_the_cells_of_a_week_know_locks_and_the_lesson_in_hand(
    picture: Picture,
) -> None:
    problem = picture.frame.problem
    moving = Placement(StreamId("x"), 1, 480)
    cells = cell_views(picture, problem.stream_by_id["x"], moving)
    assert len(cells) == 15
    assert [(c.weekday, c.start) for c in cells if c.mine] == [(1, 480)]
    assert all(not c.blockers for c in cells)
    others = cell_views(picture, problem.stream_by_id["y"], None)
    (late,) = (c for c in others if (c.weekday, c.start) == (2, 530))
    assert [(b.who, b.by, b.locked) for b in late.blockers] == [
        ("b-room", "z", True),
        ("b-class", "z", True),
    ]
    assert "（已锁定）" in late.blockers[0].zh
