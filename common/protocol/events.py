"""What services tell each other on the bus. Facts in the past, never requests,
except the three that run a session: `session.prepare`, `session.start`, `session.end`.

Every event may arrive twice and may be read late: consumers are idempotent and look
at `at`.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.protocol.base import Message
from common.protocol.control import AgentState, CheckResult
from common.protocol.signalling import Kind, Report, Role, Source

SessionStateName = Literal[
    "planned",
    "preparing",
    "ready",
    "live",
    "ending",
    "ended",
    "failed",
    "cancelled",
]
"""A session moves only to the right; the last three are where it stops."""
LessonKind = Literal["delivery", "master_teacher", "famous_school", "city_wide"]
"""专递课堂, 名师课堂, 名校网络课堂, 同上一堂课."""


class Event(Message):
    at: float
    """Unix seconds at the sender."""


class LessonFacts(Message):
    """What the timetable knows, enough to fill a library entry without typing."""

    lesson: str
    session: str
    title: str
    kind: LessonKind
    """专递课堂, 名师课堂, 名校网络课堂, 同上一堂课."""
    stage: str
    """学段, such as 小学."""
    subject: str
    grade: str
    textbook: str = ""
    """教材版本."""
    volume: str = ""
    """册次."""
    chapter: str = ""
    class_hour: int | None = None
    """课时."""
    week: int | None = None
    """周次."""
    period: str = ""
    """节次, such as 第3节."""
    teacher: str
    district: str
    school: str
    master_room: str
    """Id of the master classroom."""
    site_rooms: dict[str, str]
    """Id -> name of every classroom of the lesson, the master's included."""
    starts_at: float
    ends_at: float


class SessionPrepare(Event):
    type: Literal["session.prepare"] = "session.prepare"
    facts: LessonFacts


class SessionStart(Event):
    type: Literal["session.start"] = "session.start"
    facts: LessonFacts
    began_at: float | None = None
    """When the session really began, Unix seconds; the event is said again while it
    is live. None: at `facts.starts_at`. `facts.ends_at` moves when the lesson is
    extended."""


class SessionEnd(Event):
    type: Literal["session.end"] = "session.end"
    session: str
    reason: Literal["bell", "teacher", "cancelled"]


class SessionState(Event):
    """Every transition of the life cycle."""

    type: Literal["session.state"] = "session.state"
    session: str
    lesson: str
    state: SessionStateName
    reason: str = ""
    skipped: list[str] = Field(default_factory=list)
    """What was not done because it came too late: `wake`, `join`, `record`."""


class AgentStateChanged(Event):
    type: Literal["agent.state"] = "agent.state"
    site_room: str
    name: str = ""
    """The classroom's name, for those who know no timetable."""
    online: bool
    state: AgentState | None = None
    session: str | None = None
    checks: list[CheckResult] = Field(default_factory=list)


class RoomOpened(Event):
    type: Literal["room.opened"] = "room.opened"
    session: str
    node: str


class RoomClosed(Event):
    type: Literal["room.closed"] = "room.closed"
    session: str
    node: str


class ParticipantJoined(Event):
    type: Literal["room.participant_joined"] = "room.participant_joined"
    session: str
    participant: str
    role: Role
    name: str
    site_room: str | None = None


class ParticipantLeft(Event):
    type: Literal["room.participant_left"] = "room.participant_left"
    session: str
    participant: str
    site_room: str | None = None
    reason: str


class StageChanged(Event):
    """Also the audit line: who brought whom on stage."""

    type: Literal["room.stage_changed"] = "room.stage_changed"
    session: str
    participant: str
    site_room: str | None = None
    on_stage: bool
    by: str


class HandChanged(Event):
    type: Literal["room.hand_changed"] = "room.hand_changed"
    session: str
    participant: str
    site_room: str | None = None
    raised: bool


class QualityReported(Event):
    """A participant's own report, with what the SFU saw of its line."""

    type: Literal["room.quality"] = "room.quality"
    session: str
    participant: str
    site_room: str | None = None
    role: Role
    report: Report
    estimate_bps: int | None = None
    rtt_ms: float | None = None
    loss_ratio: float | None = None
    degraded: str | None = None
    """Which picture was given up, in words, None when nothing was."""


class TrackFigures(Message):
    """One recorded track as finished (or so far)."""

    track: str
    participant: str
    site_room: str | None = None
    source: Source
    kind: Kind
    duration_s: float
    expected_s: float
    lost_s: float
    completeness: float
    """Recorded / expected, 0..1."""
    bytes: int


class RecordingState(Event):
    """`trouble` is said at once: disk full, store unwritable, no media."""

    type: Literal["recording.state"] = "recording.state"
    session: str
    recording: str
    state: Literal["recording", "trouble", "finishing", "finished", "failed"]
    reason: str = ""
    resource: str | None = None
    """Set when finished: the library entry."""
    tracks: list[TrackFigures] = Field(default_factory=list)


BusEvent = Annotated[
    SessionPrepare
    | SessionStart
    | SessionEnd
    | SessionState
    | AgentStateChanged
    | RoomOpened
    | RoomClosed
    | ParticipantJoined
    | ParticipantLeft
    | StageChanged
    | HandChanged
    | QualityReported
    | RecordingState,
    Field(discriminator="type"),
]
bus_event: TypeAdapter[BusEvent] = TypeAdapter(BusEvent)
