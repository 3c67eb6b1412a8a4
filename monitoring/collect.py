"""The wall's state, folded from bus events. In: BusEvent; out: `Wall`.

Events may arrive twice and late: every fact carries the sender's time and a fact is
never replaced by an older one; a session only moves forward in its life cycle. So
`apply` of anything seen before changes nothing and answers False.
"""

from dataclasses import dataclass, field
from typing import get_args

from common.protocol.control import AgentState, CheckResult
from common.protocol.events import (
    AgentStateChanged,
    BusEvent,
    HandChanged,
    LessonFacts,
    ParticipantJoined,
    ParticipantLeft,
    QualityReported,
    RecordingState,
    RoomClosed,
    RoomOpened,
    SessionEnd,
    SessionPrepare,
    SessionStart,
    SessionState,
    SessionStateName,
    StageChanged,
)
from common.protocol.signalling import Role
from monitoring import quality

_ORDER = get_args(SessionStateName)
FINAL = frozenset({"ended", "failed", "cancelled"})
RUNNING = frozenset({"preparing", "ready", "live", "ending"})


@dataclass
class Agent:
    """The classroom agent of one real classroom, as it last spoke."""

    at: float
    online: bool
    state: AgentState | None
    since: float
    """When the present (online, state) began."""
    session: str | None
    checks: list[CheckResult]


@dataclass
class Seat:
    """One participant of one room and what was last heard of its quality."""

    role: Role
    name: str
    site_room: str | None
    at: float
    present: bool
    left_reason: str = ""
    on_stage: bool = False
    hand_raised: bool = False
    stage_at: float = 0.0
    hand_at: float = 0.0
    quality: QualityReported | None = None
    shown_score: float | None = None

    @property
    def left_by_will(self) -> bool:
        """Gone, and nothing brings it back by itself."""
        return not self.present and self.left_reason in ("left", "removed")


@dataclass
class Watched:
    """One session."""

    session: str
    state: str = "planned"
    since: float = 0.0
    reason: str = ""
    facts: LessonFacts | None = None
    facts_at: float = 0.0
    seats: dict[str, Seat] = field(default_factory=dict)
    recording: RecordingState | None = None

    def move(self, state: str, at: float, reason: str = "") -> bool:
        if self.state in FINAL or _ORDER.index(state) <= _ORDER.index(self.state):
            return False
        self.state, self.since, self.reason = state, at, reason
        return True

    def is_over(self, before: float) -> bool:
        if self.facts is not None and self.facts.ends_at >= before:
            return False
        return self.state in FINAL or max(self.since, self.facts_at) < before


@dataclass
class Wall:
    agents: dict[str, Agent] = field(default_factory=dict)
    sessions: dict[str, Watched] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Site room id -> its name."""

    def apply(self, event: BusEvent) -> bool:  # noqa: C901 - a table of kinds
        """True when the event was news."""
        match event:
            case AgentStateChanged():
                return self._agent(event)
            case SessionPrepare() | SessionStart():
                return self._facts(event)
            case SessionState():
                return self._watched(event.session).move(
                    event.state, event.at, event.reason
                )
            case SessionEnd():
                state = "cancelled" if event.reason == "cancelled" else "ending"
                return self._watched(event.session).move(state, event.at, event.reason)
            case ParticipantJoined():
                return self._joined(event)
            case ParticipantLeft():
                return self._left(event)
            case StageChanged() | HandChanged():
                return self._stage_or_hand(event)
            case QualityReported():
                return self._quality(event)
            case RecordingState():
                return self._recording(event)
            case RoomClosed():
                return self._closed(event)
            case RoomOpened():
                return False

    def forget(self, before: float) -> None:
        """Drops sessions that stopped, or should have, before that time."""
        for key in [k for k, w in self.sessions.items() if w.is_over(before)]:
            del self.sessions[key]

    def _watched(self, session: str) -> Watched:
        return self.sessions.setdefault(session, Watched(session))

    def _agent(self, event: AgentStateChanged) -> bool:
        old = self.agents.get(event.site_room)
        if old is not None and event.at <= old.at:
            return False
        if event.name:
            self.names[event.site_room] = event.name
        same = old is not None and (old.online, old.state) == (
            event.online,
            event.state,
        )
        self.agents[event.site_room] = Agent(
            at=event.at,
            online=event.online,
            state=event.state,
            since=old.since if old is not None and same else event.at,
            session=event.session,
            checks=list(event.checks),
        )
        return True

    def _facts(self, event: SessionPrepare | SessionStart) -> bool:
        watched = self._watched(event.facts.session)
        state = "live" if isinstance(event, SessionStart) else "preparing"
        moved = watched.move(state, event.at)
        if event.at <= watched.facts_at:
            return moved
        changed = watched.facts != event.facts
        watched.facts, watched.facts_at = event.facts, event.at
        self.names.update(event.facts.site_rooms)
        return moved or changed

    def _joined(self, event: ParticipantJoined) -> bool:
        seats = self._watched(event.session).seats
        if event.participant in seats:
            return False
        seats[event.participant] = Seat(
            role=event.role,
            name=event.name,
            site_room=event.site_room,
            at=event.at,
            present=True,
        )
        return True

    def _left(self, event: ParticipantLeft) -> bool:
        seat = self._watched(event.session).seats.get(event.participant)
        if seat is None or not seat.present:
            return False
        seat.present, seat.at, seat.left_reason = False, event.at, event.reason
        seat.on_stage = seat.hand_raised = False
        return True

    def _closed(self, event: RoomClosed) -> bool:
        news = False
        for seat in self._watched(event.session).seats.values():
            if seat.present and seat.at < event.at:
                seat.present, seat.at, seat.left_reason = False, event.at, "room_closed"
                news = True
        return news

    def _stage_or_hand(self, event: StageChanged | HandChanged) -> bool:
        seat = self._watched(event.session).seats.get(event.participant)
        if seat is None or not seat.present:
            return False
        if isinstance(event, StageChanged):
            if event.at <= seat.stage_at:
                return False
            seat.on_stage, seat.stage_at = event.on_stage, event.at
        else:
            if event.at <= seat.hand_at:
                return False
            seat.hand_raised, seat.hand_at = event.raised, event.at
        return True

    def _quality(self, event: QualityReported) -> bool:
        """A report also proves the participant present: its `joined` may be lost."""
        seats = self._watched(event.session).seats
        seat = seats.get(event.participant)
        if seat is None:
            seat = seats[event.participant] = Seat(
                role=event.role,
                name="",
                site_room=event.site_room,
                at=event.at,
                present=True,
            )
        if not seat.present or (seat.quality and event.at <= seat.quality.at):
            return False
        scores = quality.score(
            event.report, rtt_ms=event.rtt_ms, loss_ratio=event.loss_ratio
        )
        seat.quality = event
        seat.shown_score = quality.smooth(seat.shown_score, scores.worst)
        return True

    def _recording(self, event: RecordingState) -> bool:
        watched = self._watched(event.session)
        if watched.recording is not None and event.at <= watched.recording.at:
            return False
        watched.recording = event
        return True


def subject(event: BusEvent) -> str:
    """What the event is about: only the last event of each subject is remembered.

    Applying the last event of every subject, oldest first, rebuilds the wall.
    """
    match event:
        case AgentStateChanged():
            return f"agent/{event.site_room}"
        case SessionPrepare() | SessionStart():
            return f"{event.type}/{event.facts.session}"
        case SessionState() | SessionEnd() | RecordingState():
            return f"{event.type}/{event.session}"
        case RoomOpened() | RoomClosed():
            return f"room/{event.session}"
        case ParticipantJoined() | ParticipantLeft():
            return f"{event.type}/{event.session}/{event.participant}"
        case StageChanged() | HandChanged() | QualityReported():
            return f"{event.type}/{event.session}/{event.participant}"


def session_of(event: BusEvent) -> str | None:
    """None for an agent's own news."""
    match event:
        case AgentStateChanged():
            return None
        case SessionPrepare() | SessionStart():
            return event.facts.session
        case _:
            return event.session
