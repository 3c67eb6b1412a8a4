"""An edition 版本 of the weekly timetable as a value, and what changes it. Pure.

Every change, whoever made it, is one *step*: some rows go, others come. Its inverse
swaps the two, so whatever can be done can be undone exactly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple, NewType

from common.errors import UsageError
from common.ids import CourseId
from scheduler.catalogue.calendar import TermId
from scheduler.solver.problem import Placement, StreamId

EditionId = NewType("EditionId", str)
EditionState = Literal["draft", "published", "past"]
"""草稿, 已发布, 历史. Exactly one of a term is published."""
Origin = Literal["person", "solver", "import"]


class Place(NamedTuple):
    """One lesson of a course in the week, in minutes of the master school's day."""

    course: CourseId
    weekday: int
    start: int


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """`locked`: neither the solver nor a repair moves it."""

    course: CourseId
    weekday: int
    start: int
    origin: Origin = "person"
    locked: bool = False

    @property
    def place(self) -> Place:
        return Place(self.course, self.weekday, self.start)

    @property
    def placement(self) -> Placement:
        """As the solver knows it: a course is a stream."""
        return Placement(StreamId(self.course), self.weekday, self.start)


class Step(NamedTuple):
    """`gone` rows leave, `come` rows enter."""

    gone: tuple[Placed, ...] = ()
    come: tuple[Placed, ...] = ()

    @property
    def inverse(self) -> "Step":
        return Step(self.come, self.gone)

    @property
    def courses(self) -> set[CourseId]:
        return {row.course for row in (*self.gone, *self.come)}

    def __bool__(self) -> bool:
        return bool(self.gone or self.come)


def step_between(before: "Rows", after: "Rows") -> Step:
    """The step that makes `after` of `before`."""
    old, new = set(before.values()), set(after.values())
    return Step(tuple(sorted(old - new)), tuple(sorted(new - old)))


Rows = Mapping[Place, Placed]


def rows_of(placed: Iterable[Placed]) -> Rows:
    return {row.place: row for row in placed}


def apply(rows: Rows, step: Step) -> Rows:
    """Raises UsageError when the step was not made for these rows."""
    after = dict(rows)
    for row in step.gone:
        if after.pop(row.place, None) != row:
            raise UsageError("step_does_not_fit", en=f"{row} is not there to go")
    for row in step.come:
        if row.place in after:
            raise UsageError("step_does_not_fit", en=f"{row.place} is taken")
        after[row.place] = row
    return after


@dataclass(frozen=True)
class Edition:
    """`revision` grows with every change, also with an undo. `week`: the term week
    whose bells the minutes were read from. `done` of the `kept` steps are in effect;
    the others can be done again."""

    id: EditionId
    term: TermId
    name: str
    state: EditionState
    week: int
    revision: int
    done: int
    kept: int
    made_at: datetime
    made_by: str
    published_at: datetime | None = None
    from_day: date | None = None
    """First day whose lessons follow it; None: never published."""
    published_by: str = ""

    @property
    def can_undo(self) -> bool:
        return self.state == "draft" and self.done > 0

    @property
    def can_redo(self) -> bool:
        return self.state == "draft" and self.done < self.kept


@dataclass(frozen=True)
class Draft:
    """An edition with its rows."""

    edition: Edition
    rows: Rows

    @cached_property
    def placements(self) -> frozenset[Placement]:
        return frozenset(row.placement for row in self.rows.values())

    @cached_property
    def locks(self) -> frozenset[Placement]:
        return frozenset(r.placement for r in self.rows.values() if r.locked)

    @cached_property
    def by_course(self) -> dict[CourseId, tuple[Placed, ...]]:
        found: dict[CourseId, list[Placed]] = {}
        for row in sorted(self.rows.values()):
            found.setdefault(row.course, []).append(row)
        return {course: tuple(rows) for course, rows in found.items()}


@dataclass(frozen=True)
class Label:
    """What a step is called in the history."""

    zh: str
    en: str


@dataclass(frozen=True)
class Entry:
    """One line of an edition's history."""

    number: int
    step: Step
    label: Label
    by: str
    at: datetime


def step_as_json(step: Step) -> dict[str, Any]:
    return {
        "gone": [_row_as_json(row) for row in step.gone],
        "come": [_row_as_json(row) for row in step.come],
    }


def step_of_json(data: dict[str, Any]) -> Step:
    gone, come = (
        tuple(Placed(CourseId(c), d, s, o, bool(k)) for c, d, s, o, k in data[part])
        for part in ("gone", "come")
    )
    return Step(gone, come)


def _row_as_json(row: Placed) -> list[Any]:
    return [row.course, row.weekday, row.start, row.origin, row.locked]
