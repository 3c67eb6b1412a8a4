"""What to do next, given the sessions and the time. Pure; opens nothing.

A start makes sense until `late_s` after the bell and before the closing bell: a late
one runs the remainder. What a start still asks of others then is in
`scheduler.sessions.actions`. All times are Unix seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from common.ids import SessionId, SiteRoomId
from scheduler.sessions.lifecycle import OPEN, Cause, State, follow


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


PUNCTUAL_S = 5.0
"""A lesson that begins later than this after its bell is late, and says so."""
_BELL_SHIFT_S = 900.0


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


def next_step(
    running: Running,
    now: float,
    timing: Timing,
    held: frozenset[SiteRoomId] = frozenset(),
) -> Step | None:
    """The transition that is due, or None. `held`: rooms that another lesson hands
    over only now; they are not missing."""
    due = _due(running, now, timing, held)
    if due is None:
        return None
    cause, detail = due
    return Step(running.session, cause, follow(running.state, cause), detail)


def _due(
    running: Running, now: float, timing: Timing, held: frozenset[SiteRoomId]
) -> tuple[Cause, str] | None:
    match running.state:
        case State.PLANNED | State.PREPARING | State.READY:
            return _before_live(running, now, timing, held)
        case State.LIVE if now >= running.ends_at:
            came = running.anyone_came
            return (Cause.CLOSING_BELL if came else Cause.NOBODY_CAME, "")
        case State.ENDING:
            return _while_ending(running, now, timing)
        case _:
            return None


def _before_live(
    running: Running, now: float, timing: Timing, held: frozenset[SiteRoomId]
) -> tuple[Cause, str] | None:
    if now >= _start_deadline(running, timing):
        return (Cause.MISSED, "")
    if running.state is State.PLANNED:
        due = now >= running.starts_at - timing.lead_s
        return (Cause.LEAD_TIME, "") if due else None
    if now >= running.starts_at:
        return (Cause.BELL, _bell_detail(running, now, held))
    if running.state is State.PREPARING and not running.missing:
        return (Cause.ROOMS_READY, "")
    return None


def _bell_detail(running: Running, now: float, held: frozenset[SiteRoomId]) -> str:
    late_s = now - running.starts_at
    missing = [room for room in running.missing if room not in held]
    handed = [room for room in running.missing if room in held]
    parts = []
    if running.state is State.READY and late_s > PUNCTUAL_S:
        parts.append(f"late {late_s:.0f}")
    if missing:
        parts.append(" ".join(["missing", *missing]))
    if handed:
        parts.append(" ".join(["handover", *handed]))
    return "; ".join(parts)


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
    if running.present:
        # They came by their own agenda: a lesson that goes on was not missed.
        return running.ends_at
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
    held = _held(everyone)
    found = [next_step(one, now, timing, held) for one in everyone]
    steps = tuple(step for step in found if step is not None)
    deadlines = [next_deadline(one, timing) for one in everyone]
    ahead = [d for d in deadlines if d is not None and d > now]
    return Plan(steps, now if steps else min(ahead, default=None))


def _held(everyone: Iterable[Running]) -> frozenset[SiteRoomId]:
    """Rooms that sit in a lesson, or left it just now."""
    on = (one for one in everyone if one.state in (State.LIVE, State.ENDING))
    return frozenset().union(*(one.present for one in on))


def shift_of(one: Running, shift_s: float) -> float:
    """How far the closing bell of a lesson moves when the wall clock was set by
    `shift_s` seconds while it was live.

    A small correction is followed: people live by the wall clock. A large one (a clock
    set to local time as if it were UTC is eight hours off) says nothing about this
    lesson, which goes on for as long as it was meant to.
    """
    live = one.state is State.LIVE
    return shift_s if live and abs(shift_s) > _BELL_SHIFT_S else 0.0


def with_bell_moved(one: Running, now: float, shift_s: float) -> Running:
    """A live lesson as the clock that has been set sees it.

    One that began in the future began under another clock: it lasts no longer than
    its own length from now on.
    """
    if one.state is not State.LIVE:
        return one
    ahead_s = max(0.0, one.entered_at - now - PUNCTUAL_S)
    return replace(one, ends_at=one.ends_at + (shift_s or -ahead_s))


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
