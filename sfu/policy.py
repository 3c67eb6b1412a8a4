"""Classroom rules: who may do what, who sees and hears whom, and what matters most.

Pure. The slots' table of `docs/protocol.md` and "Who holds control in a room" of
`docs/contracts.md` are the law here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from common.ids import PublicationId
from common.protocol.signalling import Kind, Role, Source
from sfu.model import Participant, Publication, Slot

_UNSEEN: frozenset[Role] = frozenset({"observer", "recorder", "operator"})
_STAGEABLE: frozenset[Role] = frozenset({"room", "assistant"})
_PUBLISHERS: frozenset[Role] = frozenset({"master", "assistant", "room"})


class Priority(IntEnum):
    """What is kept longest when a line is thin: the smallest number."""

    SOUND = 0
    SCREEN = 1
    TEACHER = 2
    STAGE = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """One publication that a participant should get."""

    publication: Publication
    priority: Priority
    large: bool
    """Worth the highest layer; otherwise a tile, for which the lowest will do."""


def is_unseen(role: Role) -> bool:
    """Observers, recorders and operators are in nobody else's room state."""
    return role in _UNSEEN


def may_publish(role: Role) -> bool:
    return role in _PUBLISHERS


def may_be_on_stage(role: Role) -> bool:
    return role in _STAGEABLE


def may_raise_hand(role: Role) -> bool:
    return role in _STAGEABLE


def starts_closed(role: Role) -> bool:
    """Rooms start muted, until the teacher opens them or calls them on stage."""
    return role == "room"


def sees(viewer: Participant, other: Participant) -> bool:
    return viewer.id == other.id or not is_unseen(other.role)


def wanted(
    viewer: Participant, everyone: Iterable[Participant], kind: Kind
) -> list[Wanted]:
    """What `viewer` should get, most important first.

    `everyone` in the order they joined, so that tiles do not jump about. A recorder
    keeps a place for what is paused: its slots never change hands.
    """
    others = [p for p in everyone if p.id != viewer.id and may_publish(p.role)]
    if viewer.role == "recorder":
        return [_entry(p, x) for p in others for x in p.publications if x.kind == kind]
    if kind == "audio":
        others = [p for p in others if _hears(viewer, p)]
    else:
        others = [p for p in others if _shows(viewer, p)]
    entries = [
        _entry(p, x)
        for p in others
        for x in p.publications
        if x.kind == kind and x.id not in p.paused
    ]
    ranks = {p.id: _rank(p) for p in others}
    entries.sort(key=lambda e: _order(ranks[e.publication.owner], e.publication.source))
    return entries


def _order(owner_rank: int, source: Source) -> tuple[int, int]:
    """A second camera on the board comes after the next owner's face."""
    later = 1 if source == "board" else 0
    return owner_rank + later, _SOURCE_RANK[source]


_SOURCE_RANK: Mapping[Source, int] = {
    "camera": 0,
    "screen": 1,
    "board": 2,
    "microphone": 3,
}


def _rank(participant: Participant) -> int:
    if participant.role == "master":
        return 0
    if participant.on_stage:
        return 1
    return 2 if participant.role == "room" else 3


def _hears(viewer: Participant, other: Participant) -> bool:
    """Master and stage always, others while open. Never one's own classroom."""
    if viewer.site_room is not None and viewer.site_room == other.site_room:
        return False
    return other.role == "master" or other.on_stage or not other.muted


def _shows(viewer: Participant, other: Participant) -> bool:
    if viewer.role == "room":
        if viewer.site_room is not None and viewer.site_room == other.site_room:
            return False
        return other.role == "master" or other.on_stage
    return True


def _entry(owner: Participant, publication: Publication) -> Wanted:
    """A teacher's or a stage picture is large, an off-stage room is a tile."""
    if publication.kind == "audio":
        return Wanted(publication, Priority.SOUND, large=True)
    featured = owner.role == "master" or owner.on_stage
    if not featured:
        return Wanted(publication, Priority.OTHER, large=False)
    if publication.source in ("screen", "board"):
        return Wanted(publication, Priority.SCREEN, large=True)
    priority = Priority.TEACHER if owner.role == "master" else Priority.STAGE
    return Wanted(publication, priority, large=True)


def assign(
    slots: Sequence[Slot],
    showing: Mapping[str, PublicationId],
    entries: Sequence[Wanted],
) -> dict[str, Wanted]:
    """Mid -> what it shows. `slots` and `entries` of one kind.

    A publication that is shown keeps its slot for as long as it is among the first
    `len(slots)` wanted: a picture never moves because another came or went. Slots
    left free are filled in the order offered, in order of importance.
    """
    chosen = list(entries[: len(slots)])
    by_id = {entry.publication.id: entry for entry in chosen}
    result = {
        slot.mid: by_id.pop(showing[slot.mid])
        for slot in slots
        if showing.get(slot.mid) in by_id
    }
    waiting = [entry for entry in chosen if entry.publication.id in by_id]
    free = [slot.mid for slot in slots if slot.mid not in result]
    result.update(zip(free, waiting, strict=False))
    return result


def assign_to_recorder(
    slots: Sequence[Slot],
    showing: Mapping[str, PublicationId],
    entries: Sequence[Wanted],
) -> dict[str, Wanted]:
    """As `assign`, but what is being recorded is never pushed out by importance."""
    held = set(showing.values())
    kept = [e for e in entries if e.publication.id in held]
    fresh = [e for e in entries if e.publication.id not in held]
    return assign(slots, showing, kept + fresh)
