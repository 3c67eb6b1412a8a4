"""A draft is mended near where it broke."""

from scheduler.edition.near import near_courses, staying, without_more
from scheduler.solver.solve import solve
from tests.unit.scheduler.edition.editions import frame_of, picture_of, row, small_frame
from tests.unit.scheduler.solver.districts import bells, district, stream


def test_nothing_may_move_when_nothing_is_wrong() -> None:
    picture = picture_of(
        small_frame(),
        *(row("x", 1, 480), row("x", 3, 480), row("y", 1, 530), row("z", 2, 480)),
    )
    assert near_courses(picture, "far") == frozenset()


def test_who_shares_somebody_with_a_conflict_may_move_and_nobody_else() -> None:
    """x and y want teacher t0 at once; z has another teacher and another room."""
    for point, near in (("b", {"x", "y", "z"}), ("c", {"x", "y"})):
        frame = frame_of(
            district(
                (
                    stream("x", "a"),
                    stream("y", "b"),
                    stream("z", point, teacher="t1", room="m1"),
                ),
                master=bells(480, 530, 590),
                points={name: bells(480, 530, 590) for name in "abc"},
            )
        )
        rows = [row("x", 1, 480), row("y", 1, 480), row("z", 2, 480)]
        picture = picture_of(frame, *rows)
        assert near_courses(picture, "far") == near
        mended = solve(staying(frame.problem, picture.placements), seconds=2)
        stayed = mended.placements & picture.placements
        assert len(stayed) == 2, "one of the two moves"


def test_what_was_out_before_stays_out_of_a_mend_that_only_mends() -> None:
    """x and y want teacher t0 at once; a second lesson of y and all of z are out."""
    frame = frame_of(
        district(
            (stream("x", "a"), stream("y", "b", lessons=2), stream("z", "c")),
            master=bells(480, 530, 590),
            points={name: bells(480, 530, 590) for name in "abc"},
        )
    )
    picture = picture_of(frame, row("x", 1, 480), row("y", 1, 480))
    assert near_courses(picture, "unbroken") == {"x", "y", "z"}
    problem = without_more(frame.problem, picture.placements)
    mended = solve(staying(problem, picture.placements), seconds=2)
    assert sorted(p.stream for p in mended.placements) == ["x", "y"]
    assert len(mended.placements & picture.placements) == 1


def test_courses_without_a_place_are_near_only_for_who_wants_them_placed() -> None:
    frame = frame_of(
        district(
            (stream("x", "a"), stream("z", "c", teacher="t1", room="m1")),
            master=bells(480, 530, 590),
            points={name: bells(480, 530, 590) for name in "ac"},
        )
    )
    picture = picture_of(frame, row("x", 1, 480))
    assert near_courses(picture, "far") == {"z"}
    assert near_courses(picture, "unbroken") == frozenset()
