"""Classroom agent ⇄ scheduler over one WebSocket (`/control/v1/ws`), JSON text.

The agent calls out (rooms sit behind school firewalls) with its device token in the
`Authorization` header, says `hello`, and is told what to do. Every command of a
session carries the session's facts whole, so a message lost is repaired by the next
and an agent that connects in mid-lesson is told at once. Besides, each room keeps an
`agenda`: its lessons of the next days, to go by while the scheduler is away.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.protocol.base import Message

CONTROL_VERSION = 1

CheckName = Literal[
    "camera", "microphone", "screen", "speaker", "disk", "clock", "network"
]


class CheckResult(Message):
    """One line of the room's self-check."""

    name: CheckName
    ok: bool
    zh: str
    en: str


class Hello(Message):
    type: Literal["hello"] = "hello"
    version: int = CONTROL_VERSION
    site_room: str
    software: str
    joined_session: str | None = None
    agenda: str | None = None
    """Version of the agenda it keeps."""


AgentState = Literal[
    "standby", "checking", "check_failed", "waiting", "in_lesson", "reconnecting"
]


class AgentReport(Message):
    """Sent on every change, and every 10 s as a sign of life."""

    type: Literal["agent_report"] = "agent_report"
    state: AgentState
    session: str | None = None
    checks: list[CheckResult] = Field(default_factory=list)
    cpu_ratio: float | None = None
    disk_free_bytes: int | None = None
    at: float | None = None
    """What the room's own clock says; answered by `server_time`."""
    agenda: str | None = None
    """Version of the agenda it keeps, on its disk."""
    agenda_at: float | None = None
    """When it was told that version, by the scheduler's clock."""


AgentMessage = Annotated[Hello | AgentReport, Field(discriminator="type")]
agent_message: TypeAdapter[AgentMessage] = TypeAdapter(AgentMessage)


class RoomLesson(Message):
    """One lesson as one of its rooms needs it."""

    session: str
    title: str
    role: Literal["master", "room"]
    subject: str
    teacher: str
    starts_at: float
    ends_at: float
    sfu_url: str
    token: str
    screen_token: str | None = None
    """For the browser on the room's screen, which only looks and listens."""


class Prepare(RoomLesson):
    """Wake, check yourself, join. Sent again after every reconnect until `end`."""

    type: Literal["prepare"] = "prepare"


class Start(Message):
    type: Literal["start"] = "start"
    session: str


class End(Message):
    type: Literal["end"] = "end"
    session: str
    reason: Literal["bell", "teacher", "cancelled"]


class NextLesson(Message):
    """For the idle screen of the room."""

    type: Literal["next_lesson"] = "next_lesson"
    title: str | None = None
    starts_at: float | None = None


class Agenda(Message):
    """Replaces the one before. Each token is valid only around its own lesson."""

    type: Literal["agenda"] = "agenda"
    version: str
    """The same lessons have the same version; tokens do not count."""
    at: float
    until: float
    """Lessons that start before this are all here."""
    lead_s: float
    """How long before the bell a room wakes and joins."""
    lessons: list[RoomLesson]
    """Unfinished ones in order of their start, what runs now included."""
    zone: str = "Asia/Shanghai"
    """IANA zone of the room's district: what its screen's clock shows."""


class ServerTime(Message):
    """The answer to a report that says what the room's clock says."""

    type: Literal["server_time"] = "server_time"
    at: float
    echo: float
    """The report's `at`."""


ControlMessage = Annotated[
    Prepare | Start | End | NextLesson | Agenda | ServerTime,
    Field(discriminator="type"),
]
control_message: TypeAdapter[ControlMessage] = TypeAdapter(ControlMessage)
