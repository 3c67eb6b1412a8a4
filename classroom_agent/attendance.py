"""Where the room should be, by the scheduler's word or, while it is away, by the room's
own agenda. Pure: messages and the time in, a wish out; the agent carries it out.

The scheduler's word counts as long as it is heard, and for `AWAY_S` after: a scheduler
that is only restarted is not noticed. What a room is in when either takes over stays as
it is until one of them says otherwise.
"""

import math
from dataclasses import dataclass, replace

from classroom_agent.agenda import Duty, Kept, duty
from common.protocol.control import (
    Agenda,
    ControlMessage,
    End,
    NextLesson,
    Prepare,
    RoomLesson,
    ServerTime,
    Start,
)

AWAY_S = 5.0
DOUBT_S = 60.0
"""A clock that shows less than the scheduler once said, by more than this, is wrong."""
RETRY_S = 7.0
"""After a lesson of ours failed by a fault of our own."""


@dataclass(frozen=True, slots=True)
class Wish:
    lesson: RoomLesson | None
    began: bool
    """The bell has rung."""
    alone: bool
    """The scheduler is away: this is the agenda's word."""
    look_in_s: float | None
    """Ask again after this at the latest. None: when something happens."""
    reason: str
    """Why the room left the lesson it was in last."""


class Attendance:
    """`mono_s` never jumps; `now` is the scheduler's time as well as we know it."""

    def __init__(self, kept: Kept, mono_s: float) -> None:
        self.kept = kept
        self._silent_since_s: float | None = mono_s
        """None: the scheduler is on the line and has spoken."""
        self._duty = Duty()
        self._reason = "bell"
        self._vouched_at = 0.0
        """When the scheduler last let the lesson go on."""
        self._barred: dict[str, float] = {}
        """Session -> not to be joined again before this, by itself."""

    # ---- what happens ---------------------------------------------------------

    def hear(self, message: ControlMessage) -> None:
        self._silent_since_s = None
        match message:
            case Prepare():
                self._prepare(message)
            case Start(session=session) if self._is_in(session):
                self._duty = replace(self._duty, began=True)
            case End(session=session, reason=reason):
                self.kept = self.kept.without(session)
                if self._is_in(session):
                    self._leave(reason)
            case Agenda():
                self.kept = self.kept.renewed(message)
            case Start() | NextLesson() | ServerTime():
                pass

    def lost(self, mono_s: float) -> None:
        """The scheduler's line broke. Idempotent."""
        if self._silent_since_s is None:
            self._silent_since_s = mono_s

    def closed(self, session: str) -> None:
        """The media room is over for everybody."""
        self.kept = self.kept.without(session)
        if self._is_in(session):
            self._leave("lesson_ended")

    def gave_up(self, session: str, mono_s: float, *, failed: bool) -> None:
        """The room is out, and comes back by itself only if it was a fault of ours;
        another one took its place, say."""
        self._barred[session] = mono_s + RETRY_S if failed else math.inf
        if self._is_in(session):
            self._leave("gave_up")

    def compared(self, skew_s: float, at: float) -> None:
        """Our clock with the scheduler's. Written down when it has changed."""
        known = self.kept.clock_skew_s
        if known is None or abs(known - skew_s) > 0.5:
            update = {"clock_skew_s": skew_s, "seen_at": max(at, self.kept.seen_at)}
            self.kept = self.kept.model_copy(update=update)

    # ---- what follows ---------------------------------------------------------

    def wish(self, now: float, mono_s: float, *, in_company: bool) -> Wish:
        """`in_company`: in its lesson, where others are too."""
        silent_s = 0.0
        if self._silent_since_s is not None:
            silent_s = mono_s - self._silent_since_s
        if silent_s >= AWAY_S:
            return self._alone(now, mono_s, in_company)
        look_in_s = None
        if self._silent_since_s is None:
            self._vouched_at = now
        else:
            look_in_s = AWAY_S - silent_s
        return self._wish(alone=False, look_in_s=look_in_s)

    def is_clock_wrong(self, now: float) -> bool:
        return now < self.kept.seen_at - DOUBT_S

    def _alone(self, now: float, mono_s: float, in_company: bool) -> Wish:
        if self.is_clock_wrong(now):
            # It would send the room into a lesson of another hour.
            return self._wish(alone=True, look_in_s=None)
        open_to_us = [
            one
            for one in self.kept.lessons
            if self._barred.get(one.session, -math.inf) <= mono_s
        ]
        staying = [
            one
            for one in open_to_us
            if in_company and self._is_in(one.session) and one.ends_at <= now
        ]
        found = duty(
            open_to_us,
            now,
            self.kept.lead_s,
            staying=staying[0] if staying else None,
            vouched_at=self._vouched_at,
        )
        if found.lesson is None and self._duty.lesson is not None:
            self._reason = "bell"
        self._duty = found
        look_in_s = None if found.look_at is None else found.look_at - now
        return self._wish(alone=True, look_in_s=look_in_s)

    def _wish(self, *, alone: bool, look_in_s: float | None) -> Wish:
        found = self._duty
        return Wish(found.lesson, found.began, alone, look_in_s, self._reason)

    def _prepare(self, message: Prepare) -> None:
        lesson = RoomLesson(**message.model_dump(exclude={"type"}))
        self.kept = self.kept.with_lesson(lesson)
        self._barred.pop(lesson.session, None)
        began = self._duty.began and self._is_in(lesson.session)
        self._duty = Duty(lesson, began)

    def _is_in(self, session: str) -> bool:
        return self._duty.lesson is not None and self._duty.lesson.session == session

    def _leave(self, reason: str) -> None:
        self._duty, self._reason = Duty(), reason
