"""Work of the solver as a value, and how it stands in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from common.ids import CourseId
from scheduler.edition.job_views import (
    NEAR,
    JobKind,
    JobState,
    Keep,
    Outcome,
    Taken,
)
from scheduler.edition.picture import Picture
from scheduler.edition.values import (
    Draft,
    EditionId,
    Place,
    Placed,
    Rows,
    rows_of,
)
from scheduler.solver.problem import Problem

JobId = NewType("JobId", str)
OPEN: tuple[JobState, ...] = ("queued", "running")


@dataclass(frozen=True)
class Job:
    """`best`: places of the best timetable so far. `seen_at`: when the program that
    runs it last said so."""

    id: JobId
    edition: EditionId
    kind: JobKind
    revision: int
    state: JobState
    seconds: float
    keep: Keep | None
    asked_by: str
    asked_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    progress: Mapping[str, Any] | None = None
    best: Sequence[Sequence[Any]] | None = None
    outcome: Outcome | None = None
    answer: Taken = ""
    rules: Sequence[Mapping[str, str]] | None = None
    minimal: bool = False
    reason: str = ""
    stop_asked: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def places(self) -> list[Place]:
        return [Place(CourseId(c), day, start) for c, day, start in self.best or ()]


# ---- the answer --------------------------------------------------------------------


def kept_rows(
    draft: Draft, keep: Keep | None, near: frozenset[CourseId]
) -> list[Placed]:
    """What the solver may not touch. `near`: courses that may move for `NEAR`."""
    rows = draft.rows.values()
    if keep in NEAR:
        return sorted(r for r in rows if r.locked or r.course not in near)
    if keep == "all_placed":
        return sorted(rows)
    by_people = keep == "placed_by_person"
    return sorted(r for r in rows if r.locked or (by_people and r.origin == "person"))


def answered(
    problem: Problem, draft: Draft, kept: Iterable[Placed], places: Iterable[Place]
) -> Rows:
    """The draft with the solver's places, all that is to be kept still in its place,
    and no course with more lessons than it asks for. A lesson that the solver leaves
    where a person put it stays that person's; rows of courses that the solver does
    not know stay."""
    after = dict(rows_of(kept))
    count: dict[CourseId, int] = {}
    days = {(place.course, place.weekday) for place in after}
    for place in after:
        count[place.course] = count.get(place.course, 0) + 1
    for place in sorted(places):
        stream = problem.stream_by_id.get(place.course)
        if stream is None or place in after:
            continue
        full = count.get(place.course, 0) >= stream.lessons
        if full or (place.course, place.weekday) in days:
            continue
        after[place] = draft.rows.get(place) or Placed(*place, origin="solver")
        count[place.course] = count.get(place.course, 0) + 1
    for place, row in draft.rows.items():
        if place.course not in problem.stream_by_id:
            after[place] = row
    return after


def without_clashes(after: Picture, kept: Iterable[Placed]) -> Rows:
    """What an answer to an older draft can still bring: a lesson of the solver that
    breaks a rule now, because a person placed something meanwhile, stays out."""
    stays = rows_of(kept)
    clashing = {
        place
        for violation in after.violations
        for place in after.places_of(violation)
        if place not in stays
    }
    return {p: row for p, row in after.draft.rows.items() if p not in clashing}


def is_worse(after: Picture, before: Picture) -> bool:
    """Whether a draft in which nothing is broken has more lessons placed than the
    answer, or as many at less cost: a search that is stopped early knows little."""
    return not before.violations and _rank(after) > _rank(before)


def _rank(picture: Picture) -> tuple[int, int]:
    return sum(picture.missing.values()), picture.cost.total


# ---- in words ----------------------------------------------------------------------
