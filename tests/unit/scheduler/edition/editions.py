"""Small editions for the unit tests: a district of three courses, and random rows."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from common.ids import CourseId
from scheduler.catalogue.world import World
from scheduler.edition.frame import Frame
from scheduler.edition.picture import Picture
from scheduler.edition.values import Draft, Edition, EditionId, Placed, Rows, rows_of
from scheduler.solver.problem import Problem
from tests.support.synthetic_world import TERM, rows_of_problem
from tests.unit.scheduler.solver.districts import bells, district, stream

MADE = datetime(2026, 11, 1, tzinfo=UTC)
STARTS = (480, 530, 590)


def world_of(problem: Problem) -> World:
    world = World()
    world.put(rows_of_problem(problem))
    return world


def frame_of(problem: Problem) -> Frame:
    return Frame(world_of(problem), TERM, 5)


def small_frame() -> Frame:
    """x and y share teacher t0; y and z share point b; z is in another room."""
    return frame_of(
        district(
            (
                stream("x", "a", lessons=2),
                stream("y", "b"),
                stream("z", "b", teacher="t1", room="m1"),
            ),
            master=bells(*STARTS),
            points={"a": bells(*STARTS), "b": bells(490, 540, 600)},
        )
    )


def edition(**fields: object) -> Edition:
    plain: dict[str, object] = {
        "id": EditionId("edn-1"),
        "term": TERM.id,
        "name": "草稿",
        "state": "draft",
        "week": 5,
        "revision": 1,
        "done": 0,
        "kept": 0,
        "made_at": MADE,
        "made_by": "排课员",
    }
    return Edition(**{**plain, **fields})  # type: ignore[arg-type]


def picture_of(frame: Frame, *rows: Placed) -> Picture:
    return Picture(frame, Draft(edition(), rows_of(rows)))


def row(course: str, weekday: int, start: int, **fields: object) -> Placed:
    return Placed(CourseId(course), weekday, start, **fields)  # type: ignore[arg-type]


def some_rows(courses: tuple[str, ...] = ("x", "y", "z")) -> st.SearchStrategy[Rows]:
    one = st.builds(
        Placed,
        st.sampled_from([CourseId(c) for c in courses]),
        st.integers(1, 5),
        st.sampled_from(STARTS),
        st.sampled_from(("person", "solver", "import")),
        st.booleans(),
    )
    return st.lists(one, max_size=12).map(rows_of)
