"""The running of a lesson, and each step of its life, as the database has them."""

from typing import Annotated

from common.ids import LessonId, SessionId
from scheduler.catalogue.value import IdRule, Moment, Value
from scheduler.sessions.lifecycle import Cause, State


class Session(Value):
    """The running of one lesson."""

    id: Annotated[SessionId, IdRule]
    lesson: Annotated[LessonId, IdRule]
    state: State
    version: int
    """Grows with every transition; compare-and-set against it."""
    entered_at: Moment
    """When the state was entered."""
    reason: str = ""
    room_closed: bool = False
    recording_state: str = ""
    resource: str | None = None
    overrun_s: int = 0
    """How far the closing bell was moved, in all."""


class Transition(Value):
    """One line of a session's history."""

    session: Annotated[SessionId, IdRule]
    version: int
    from_state: State
    to_state: State
    cause: Cause
    detail: str = ""
    at: Moment
    skipped: str = ""
    """Actions that came too late to be of use: `wake join`."""
