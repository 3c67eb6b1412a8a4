"""The solver's answer joins the draft; what is to be kept is kept."""

from hypothesis import given
from hypothesis import strategies as st

from common.ids import CourseId
from scheduler.edition.job_views import Keep
from scheduler.edition.jobs import answered, kept_rows
from scheduler.edition.values import Draft, Place, Rows, rows_of
from tests.unit.edition.editions import edition, row, small_frame, some_rows

PROBLEM = small_frame().problem


@given(
    rows=some_rows(("x", "y", "z", "gone")),
    answer=some_rows(),
    keep=st.sampled_from(("locked", "placed_by_person", "all_placed", "far")),
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
