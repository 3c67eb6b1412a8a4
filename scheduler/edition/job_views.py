"""What the HTTP interface takes and gives about work of the solver."""

from typing import Literal

from pydantic import BaseModel, Field

from scheduler.views import Body

Keep = Literal["locked", "placed_by_person", "all_placed", "far", "unbroken"]
"""`far`: all but the lessons in conflict, those without a place, and what shares a
teacher, class or room with them; as few as possible move. `unbroken`: so too, but
what has no place stays without one."""
NEAR: frozenset[Keep] = frozenset(("far", "unbroken"))
"""Those that mend near where it broke."""
JobKind = Literal["solve", "explain"]
JobState = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
Outcome = Literal["optimal", "feasible", "partial", "impossible"]
Taken = Literal["", "taken", "offered"]


class SolveOrder(Body):
    """`keep`: what the solver may not touch; what is locked never moves."""

    seconds: float = Field(default=60, ge=1, le=3600)
    keep: Keep = "locked"


class ExplainOrder(Body):
    seconds: float = Field(default=10, ge=1, le=600)


class ProgressView(BaseModel):
    """`cost` null: no timetable yet. `bound`: no timetable can cost less, as far as is
    known. `proven`: the cost is the least there is."""

    phase: str
    seconds: float
    cost: int | None
    bound: int | None
    unplaced: int
    placed: int
    proven: bool


class RuleView(BaseModel):
    """One of the rules in conflict."""

    kind: str
    id: str
    zh: str
    en: str


class JobView(BaseModel):
    """`ahead`: jobs that this machine runs first. `answer`: `taken` into the draft as
    one change, or `offered` because the draft was changed meanwhile
    (`POST /jobs/{id}/take`). `zh` and `en` say how it stands."""

    id: str
    kind: JobKind
    edition: str
    revision: int
    """Of the edition when it was asked for."""
    state: JobState
    ahead: int
    seconds: float
    """The time it was given."""
    keep: Keep | None
    asked_by: str
    asked_at: float
    ended_at: float | None
    progress: ProgressView | None
    outcome: Outcome | None
    answer: Taken
    rules: list[RuleView]
    """Of an explanation; empty: no contradiction was found."""
    minimal: bool
    """Without any one of the rules there would be no contradiction."""
    zh: str
    en: str
