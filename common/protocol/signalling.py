"""Participant ⇄ SFU over one WebSocket (`/sfu/v1/ws`), JSON text messages.

The participant's first message is `join`; the SFU answers `joined` or `error` and
closes. After that either side may send at any time. The SDP is exchanged once: the
m-line pool is fixed at join, what a slot shows is changed by `slots` messages.
Wire version 1; `join.version` names the highest version the participant speaks.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.protocol.base import Message

WIRE_VERSION = 1

Role = Literal["master", "assistant", "room", "observer", "recorder", "operator"]
Source = Literal["camera", "board", "screen", "microphone"]
Kind = Literal["audio", "video"]
LayerName = Literal["low", "mid", "high"]


class LayerOffer(Message):
    """Where one layer of a publication lies in the offer."""

    name: LayerName
    mid: str
    rid: str | None = None
    width: int | None = None
    height: int | None = None
    max_bps: int | None = None


class PublicationOffer(Message):
    """One track offered to the room. `layers`: lowest first; audio has one."""

    source: Source
    kind: Kind
    layers: list[LayerOffer] = Field(min_length=1, max_length=3)
    paused: bool = False
    """It carries nothing yet, see `SetPaused`."""


# ---- participant -> SFU -------------------------------------------------------


class Join(Message):
    """`offer` may be absent: a console that controls but carries no media."""

    type: Literal["join"] = "join"
    version: int = WIRE_VERSION
    token: str
    name: str = Field(default="", max_length=80)
    offer: str | None = Field(default=None, max_length=200_000)
    publications: list[PublicationOffer] = Field(default_factory=list, max_length=8)


class Leave(Message):
    type: Literal["leave"] = "leave"


class RaiseHand(Message):
    type: Literal["raise_hand"] = "raise_hand"
    raised: bool = True


class SetStage(Message):
    """Needs `control`: calls a participant on stage (上台) or sends it back."""

    type: Literal["set_stage"] = "set_stage"
    participant: str
    on_stage: bool


class SetMuted(Message):
    """Own sound (anyone), or another participant's (needs `control`)."""

    type: Literal["set_muted"] = "set_muted"
    participant: str
    muted: bool


class SetPaused(Message):
    """One's own publication carries nothing now, or carries something again.

    A screen that is not shared, a camera that is off: nobody is shown it and
    nothing of it is expected, without waiting for packets to stay away.
    """

    type: Literal["set_paused"] = "set_paused"
    publication: str
    paused: bool


class LowerHand(Message):
    """Needs `control`."""

    type: Literal["lower_hand"] = "lower_hand"
    participant: str


class Report(Message):
    """What this participant measured itself since the last report."""

    type: Literal["report"] = "report"
    interval_s: float = Field(gt=0, le=120)
    video_frames: int = Field(ge=0)
    video_fps: float = Field(ge=0)
    freezes: int = Field(ge=0)
    freeze_s: float = Field(ge=0)
    audio_samples: int = Field(ge=0)
    concealed_samples: int = Field(ge=0)
    glass_to_glass_ms: float | None = None
    """Median; only where a test pattern carries its capture time."""
    join_ms: float | None = None
    """From `join` sent to the first decoded frame, once known."""


class Ping(Message):
    type: Literal["ping"] = "ping"
    id: int


ParticipantMessage = Annotated[
    Join
    | Leave
    | RaiseHand
    | SetStage
    | SetMuted
    | SetPaused
    | LowerHand
    | Report
    | Ping,
    Field(discriminator="type"),
]
participant_message: TypeAdapter[ParticipantMessage] = TypeAdapter(ParticipantMessage)


# ---- SFU -> participant -------------------------------------------------------


class PublicationState(Message):
    id: str
    source: Source
    kind: Kind
    layers: list[LayerName]
    muted: bool
    paused: bool = False
    """Its owner sends nothing in it now."""


class ParticipantState(Message):
    id: str
    name: str
    role: Role
    site_room: str | None = None
    """Which real classroom this is, None for a person's browser."""
    on_stage: bool = False
    muted: bool = True
    hand_raised_at: float | None = None
    """Unix seconds; the list of hands is ordered by it."""
    publications: list[PublicationState] = Field(default_factory=list)


class RoomState(Message):
    """The whole room as this participant may see it. Sent on every change."""

    type: Literal["room_state"] = "room_state"
    version: int
    """Grows with every change."""
    room: str
    title: str
    ends_at: float | None = None
    recording: bool = False
    dominant_speaker: str | None = None
    participants: list[ParticipantState]


class SlotState(Message):
    """What one receive section shows. All None: nothing."""

    mid: str
    kind: Kind
    participant: str | None = None
    publication: str | None = None
    source: Source | None = None
    layer: LayerName | None = None
    """Target layer; None with a publication means that nothing is sent, see reason."""
    reason: Literal["bandwidth", "publisher_gone", "muted", "paused"] | None = None
    """`paused` only in a recorder's slots: for others the slot is free."""


class Slots(Message):
    type: Literal["slots"] = "slots"
    slots: list[SlotState]


class Joined(Message):
    type: Literal["joined"] = "joined"
    version: int = WIRE_VERSION
    participant: str
    answer: str | None = None
    control: bool
    publications: dict[str, str] = Field(default_factory=dict)
    """Lowest layer's mid -> publication id."""
    state: RoomState
    slots: list[SlotState] = Field(default_factory=list)


class Demand(Message):
    """Which layers of one's own publications somebody looks at, and their ceiling.

    A publisher stops encoding layers that nobody wants; sound is always wanted.
    """

    type: Literal["demand"] = "demand"
    publication: str
    layers: list[LayerName]
    max_bps: dict[LayerName, int] = Field(default_factory=dict)


class Pong(Message):
    type: Literal["pong"] = "pong"
    id: int


class Bye(Message):
    """The SFU ends the participation. `retry`: come back by yourself."""

    type: Literal["bye"] = "bye"
    reason: Literal["lesson_ended", "removed", "replaced", "shutdown", "media_lost"]
    retry: bool


class ErrorMessage(Message):
    """`fatal`: the WebSocket is closed after it."""

    type: Literal["error"] = "error"
    code: str
    zh: str
    en: str
    fatal: bool = False


SfuMessage = Annotated[
    Joined | RoomState | Slots | Demand | Pong | Bye | ErrorMessage,
    Field(discriminator="type"),
]
sfu_message: TypeAdapter[SfuMessage] = TypeAdapter(SfuMessage)
