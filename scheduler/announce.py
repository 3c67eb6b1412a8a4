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
from scheduler.course import Transition
from scheduler.lifecycle import Cause, State


def end_reason(cause: Cause) -> Literal["bell", "teacher", "cancelled"]:
    """As rooms are told it."""
    if cause is Cause.TEACHER:
        return "teacher"
    return "cancelled" if cause is Cause.CANCELLED else "bell"


def announcements(
    transition: Transition, facts: LessonFacts, now: float, *, again: bool = False
) -> Iterator[Event]:
    """`again`: only the command, for those who missed it; its state was told before.

    `prepare` and `start` are left out when the lesson is over by `now`: they would be
    acted on too late, `end` never is.
    """
    timely = now < facts.ends_at
    if transition.to_state is State.PREPARING and timely:
        yield SessionPrepare(at=now, facts=facts)
    if transition.to_state is State.LIVE and timely:
        began_at = transition.at.timestamp()
        yield SessionStart(at=now, facts=facts, began_at=began_at)
    if _closes(transition):
        reason = end_reason(transition.cause)
        yield SessionEnd(at=now, session=facts.session, reason=reason)
    if not again:
        yield SessionState(
            at=transition.at.timestamp(),
            session=facts.session,
            lesson=facts.lesson,
            state=transition.to_state.value,
            reason=f"{transition.cause} {transition.detail}".strip(),
        )


def _closes(transition: Transition) -> bool:
    """Whether rooms may be inside: from `preparing` on they are."""
    was_open = transition.from_state is not State.PLANNED
    leaves = transition.to_state in (State.ENDING, State.FAILED, State.CANCELLED)
    return was_open and leaves
