"""What to do next, given the sessions and the time. Pure; opens nothing.

Each action has a deadline after which it is useless: preparing and starting make
sense until `late_s` after the bell and before the closing bell (a late start runs the
remainder), ending always does.
All times are Unix seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.ids import SessionId, SiteRoomId
from scheduler.lifecycle import OPEN, Cause, State, follow


@dataclass(frozen=True, slots=True)
class Timing:
    """`lead_s`: how long before the bell rooms are woken. `late_s`: a lesson that is
    later than this is not started any more. `ending_s`: how long to wait for the
    room's and the recorder's answer. `repeat_s`: how often a running session says so
    again."""

    lead_s: float = 180.0
    late_s: float = 600.0
    ending_s: float = 30.0
    repeat_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """One session as the plan sees it."""

    session: SessionId
    state: State
    starts_at: float
    ends_at: float
    entered_at: float
    expected: frozenset[SiteRoomId]
    version: int = 0
    """The row's version that these facts were read at."""
    present: frozenset[SiteRoomId] = frozenset()
    """Rooms that wait or are in the lesson now."""
    anyone_came: bool = False
    room_closed: bool = False
    recording_done: bool = False

    @property
    def missing(self) -> list[SiteRoomId]:
        return sorted(self.expected - self.present)


@dataclass(frozen=True, slots=True)
class Step:
    """One transition to make now."""

    session: SessionId
    cause: Cause
    to: State
    detail: str = ""
    """What a person should know besides the cause: rooms missing, no answer."""


def next_step(running: Running, now: float, timing: Timing) -> Step | None:
    """The transition that is due, or None."""
    due = _due(running, now, timing)
    if due is None:
        return None
    cause, detail = due
    return Step(running.session, cause, follow(running.state, cause), detail)


def _due(running: Running, now: float, timing: Timing) -> tuple[Cause, str] | None:
    match running.state:
        case State.PLANNED | State.PREPARING | State.READY:
            return _before_live(running, now, timing)
        case State.LIVE if now >= running.ends_at:
            came = running.anyone_came
            return (Cause.CLOSING_BELL if came else Cause.NOBODY_CAME, "")
        case State.ENDING:
            return _while_ending(running, now, timing)
        case _:
            return None


def _before_live(
    running: Running, now: float, timing: Timing
) -> tuple[Cause, str] | None:
    if now >= _start_deadline(running, timing):
        return (Cause.MISSED, "")
    if running.state is State.PLANNED:
        due = now >= running.starts_at - timing.lead_s
        return (Cause.LEAD_TIME, "") if due else None
    if now >= running.starts_at:
        missing = running.missing
        return (Cause.BELL, "missing " + " ".join(missing) if missing else "")
    if running.state is State.PREPARING and not running.missing:
        return (Cause.ROOMS_READY, "")
    return None


def _while_ending(
    running: Running, now: float, timing: Timing
) -> tuple[Cause, str] | None:
    if running.room_closed and running.recording_done:
        return (Cause.CONFIRMED, "")
    if now >= running.entered_at + timing.ending_s:
        silent = [
            name
            for name, answered in (
                ("room", running.room_closed),
                ("recording", running.recording_done),
            )
            if not answered
        ]
        return (Cause.WAIT_OVER, "no_answer " + " ".join(silent))
    return None


def _start_deadline(running: Running, timing: Timing) -> float:
    return min(running.ends_at, running.starts_at + timing.late_s)


def next_deadline(running: Running, timing: Timing) -> float | None:
    """When `next_step` may answer differently without anything having happened."""
    match running.state:
        case State.PLANNED:
            return running.starts_at - timing.lead_s
        case State.PREPARING | State.READY:
            return running.starts_at
        case State.LIVE:
            return running.ends_at
        case State.ENDING:
            return running.entered_at + timing.ending_s
        case _:
            return None


def repeat_due(said_at: float | None, now: float, timing: Timing) -> bool:
    """Whether a running session should say so again; a clock set back counts as due."""
    return said_at is None or not 0 <= now - said_at < timing.repeat_s


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    wake_at: float | None
    """Nothing is due before this; None: only an event can change anything."""


def make_plan(running: Iterable[Running], now: float, timing: Timing) -> Plan:
    everyone = sorted(running, key=lambda r: (r.starts_at, r.session))
    found = [next_step(one, now, timing) for one in everyone]
    steps = tuple(step for step in found if step is not None)
    deadlines = [next_deadline(one, timing) for one in everyone]
    ahead = [d for d in deadlines if d is not None and d > now]
    return Plan(steps, now if steps else min(ahead, default=None))


def where_to_be(room: SiteRoomId, running: Sequence[Running]) -> Running | None:
    """The session a room should be in now, None: standby.

    A lesson that is live keeps its rooms until it ends, so that the next lesson's
    preparation does not pull a class out of this one; of two live ones the later start
    wins (the earlier is overdue).
    """
    mine = [r for r in running if room in r.expected and r.state in OPEN]
    live = [r for r in mine if r.state is State.LIVE]
    if live:
        return max(live, key=lambda r: (r.starts_at, r.session))
    return min(mine, key=lambda r: (r.starts_at, r.session), default=None)
