"""Which bus events a transition makes. Pure."""

from collections.abc import Iterator
from typing import Literal

from common.protocol.events import (
    Event,
    LessonFacts,
    SessionEnd,
    SessionPrepare,
    SessionStart,
    SessionState,
)
from scheduler.sessions.actions import Action, asked_by, skipped_by
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.session import Transition


def end_reason(cause: Cause) -> Literal["bell", "teacher", "cancelled"]:
    """As rooms are told it."""
    if cause is Cause.TEACHER:
        return "teacher"
    return "cancelled" if cause is Cause.CANCELLED else "bell"


def announcements(
    transition: Transition,
    facts: LessonFacts,
    now: float,
    *,
    began_at: float | None = None,
    again: bool = False,
) -> Iterator[Event]:
    """`again`: only the command, for those who missed it; its state was told before.
    `began_at`: when the session went live, if not with this transition.

    A command that nobody can make use of any more (`scheduler.sessions.actions`) is
    left out, and the state says so.
    """
    skipped = skipped_by(transition, facts, now)
    for action in asked_by(transition):
        if action in skipped:
            continue
        if action is Action.WAKE:
            yield SessionPrepare(at=now, facts=facts)
        elif action is Action.JOIN:
            began = began_at or transition.at.timestamp()
            yield SessionStart(at=now, facts=facts, began_at=began)
        elif action is Action.CLOSE:
            reason = end_reason(transition.cause)
            yield SessionEnd(at=now, session=facts.session, reason=reason)
    if not again:
        yield SessionState(
            at=transition.at.timestamp(),
            session=facts.session,
            lesson=facts.lesson,
            state=transition.to_state.value,
            reason=f"{transition.cause} {transition.detail}".strip(),
            skipped=[str(action) for action in skipped],
        )
