"""One participant's place in a live room: its door, its line, what it was told."""

from dataclasses import dataclass, field
from typing import Protocol

from common.protocol.base import Message
from common.protocol.signalling import Bye, SlotState
from sfu.downlink import Downlink
from sfu.model import Participant
from sfu.upstream import Upstream


class Door(Protocol):
    """The way to a participant. Nothing here waits."""

    def send(self, message: Message) -> None: ...

    def send_text(self, text: str) -> None:
        """One message, already written as JSON, the same for many."""
        ...

    def finish(self, last: Bye) -> None:
        """Says goodbye and closes."""
        ...


@dataclass(slots=True)
class Line:
    """What the engine measured of one participant's connection."""

    sent_bytes: int = 0
    at_s: float | None = None
    rtt_ms: float | None = None
    loss_ratio: float | None = None
    slot_loss: dict[str, float] = field(default_factory=dict)
    """Of the running second, by mid: all there is without transport-cc."""


@dataclass(slots=True)
class Seat:
    participant: Participant
    door: Door | None
    """None: WHIP, or a socket that broke; see `door_lost_s`."""
    downlink: Downlink
    upstreams: list[Upstream]
    has_media: bool
    door_lost_s: float | None = None
    line: Line = field(default_factory=Line)
    told_version: int = -1
    told_slots: list[SlotState] = field(default_factory=list)

    def say(self, message: Message) -> None:
        if self.door is not None:
            self.door.send(message)
