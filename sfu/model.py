"""What a room is made of, as plain values."""

from dataclasses import dataclass, field

from common.ids import ParticipantId, PublicationId, SiteRoomId
from common.protocol.signalling import Kind, LayerName, Role, Source


@dataclass(frozen=True, slots=True)
class PublishedLayer:
    """Where one layer of a publication comes in, and what its sender said of it."""

    name: LayerName
    mid: str
    rid: str | None = None
    max_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """One track in the room; `layers` lowest first, sound has exactly one."""

    id: PublicationId
    owner: ParticipantId
    source: Source
    kind: Kind
    layers: tuple[PublishedLayer, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One receive section of a participant."""

    mid: str
    kind: Kind


@dataclass(slots=True)
class Participant:
    """One connected end of a room.

    Two mutes, kept apart: `own_muted` is the participant's own switch,
    `closed` is the teacher's. It is heard only when neither is set.
    """

    id: ParticipantId
    name: str
    role: Role
    site_room: SiteRoomId | None = None
    control: bool = False
    identity: str | None = None
    """Who this is across reconnects; None when nobody else may take its place."""
    on_stage: bool = False
    own_muted: bool = False
    closed: bool = False
    hand_raised_at: float | None = None
    publications: list[Publication] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    paused: set[PublicationId] = field(default_factory=set)
    """Those of its publications that carry nothing now, by its own word."""

    @property
    def muted(self) -> bool:
        return self.own_muted or self.closed

    @property
    def is_device(self) -> bool:
        """A classroom, not a person: the teacher may open its microphone."""
        return self.site_room is not None
