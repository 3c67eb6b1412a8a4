"""Classroom agent ⇄ scheduler over one WebSocket (`/control/v1/ws`), JSON text.

The agent calls out (rooms sit behind school firewalls) with its device token in the
`Authorization` header, says `hello`, and is told what to do. Every command of a
session carries the session's facts whole, so a message lost is repaired by the next
and an agent that connects in mid-lesson is told at once.
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


AgentMessage = Annotated[Hello | AgentReport, Field(discriminator="type")]
agent_message: TypeAdapter[AgentMessage] = TypeAdapter(AgentMessage)


class Prepare(Message):
    """Wake, check yourself, join. Sent again after every reconnect until `end`."""

    type: Literal["prepare"] = "prepare"
    session: str
    title: str
    role: Literal["master", "room"]
    subject: str
    teacher: str
    starts_at: float
    ends_at: float
    sfu_url: str
    token: str


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


ControlMessage = Annotated[
    Prepare | Start | End | NextLesson, Field(discriminator="type")
]
control_message: TypeAdapter[ControlMessage] = TypeAdapter(ControlMessage)
