"""From slots to tracks: which frame belongs to which track of the recording."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.protocol.signalling import ParticipantState, RoomState, SlotState
from recorder.manifest import Track
from rtc import Frame

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class Sink(Protocol):
    """Where the tap pours: a recording."""

    def watch(self, track: Track, publication: str) -> None:
        """A publication feeds this track from now on."""

    def expect(self, track: str, *, expected: bool, found: bool = False) -> None:
        """`found`: so it was already when the room was first seen."""

    def frame(self, track: str, frame: Frame) -> bool:
        """True when a keyframe is needed."""


@dataclass
class _Feed:
    track: str
    publication: str


class Tap:
    """Follows `slots` and `room_state`; hands each frame to its track."""

    def __init__(self, sink: Sink, master_room: str, *, record_rooms: bool) -> None:
        self._sink = sink
        self._master_room = master_room
        self._record_rooms = record_rooms
        self._people: dict[str, ParticipantState] = {}
        self._feeds: dict[str, _Feed] = {}
        self._stale: set[str] = set()
        self._shown: Sequence[SlotState] = ()
        self._seen = False

    def room(self, state: RoomState) -> list[str]:
        """Answers the mids that show something new: a slot may have named somebody
        before the room's state did."""
        self._people = {person.id: person for person in state.participants}
        waiting = [s for s in self._shown if s.mid not in self._feeds]
        return [slot.mid for slot in waiting if self._point(slot)]

    def slots(self, slots: Sequence[SlotState]) -> list[str]:
        """Answers the mids that show something new: they need a keyframe."""
        self._shown = slots
        fresh = [slot.mid for slot in slots if self._point(slot)]
        present = {feed.track for feed in self._feeds.values()}
        for track in self._stale - present:
            self._sink.expect(track, expected=False)
        self._stale.clear()
        self._seen = True
        return fresh

    def frame(self, frame: Frame) -> bool:
        """True when a keyframe is needed to go on."""
        feed = self._feeds.get(frame.mid)
        return feed is not None and self._sink.frame(feed.track, frame)

    def mids(self, track: str) -> list[str]:
        return [mid for mid, feed in self._feeds.items() if feed.track == track]

    def away(self, tracks: Iterable[str] = ()) -> None:
        """The connection is gone; what was expected stays expected until the room is
        seen again. `tracks`: more of these, from before a restart."""
        self._stale |= {feed.track for feed in self._feeds.values()} | set(tracks)
        self._feeds.clear()
        self._shown = ()

    def _point(self, slot: SlotState) -> bool:
        feed = self._feeds.get(slot.mid)
        if feed is not None and feed.publication != slot.publication:
            self._sink.expect(feed.track, expected=False)
            del self._feeds[slot.mid]
            feed = None
        fresh = feed is None
        if feed is None:
            feed = self._feed(slot)
            if feed is None:
                return False
            self._feeds[slot.mid] = feed
        flows = slot.layer is not None and slot.reason is None
        self._sink.expect(feed.track, expected=flows, found=not self._seen)
        return fresh and slot.kind == "video"

    def _feed(self, slot: SlotState) -> _Feed | None:
        person = self._people.get(slot.participant or "")
        if person is None or slot.publication is None or slot.source is None:
            return None
        if slot.reason == "paused":
            # Perhaps it never carries anything: no track for a screen never shared.
            return None
        if not self._record_rooms and person.role == "room":
            return None
        track = self._track_id(person, slot.source)
        info = Track(
            track=track,
            participant=person.id,
            site_room=person.site_room,
            name=person.name,
            role=person.role,
            source=slot.source,
            kind=slot.kind,
        )
        self._sink.watch(info, slot.publication)
        return _Feed(track, slot.publication)

    def _track_id(self, person: ParticipantState, source: str) -> str:
        """The same for a place that comes back under a new participant id."""
        place = person.site_room or person.id
        if person.role == "master":
            place = self._master_room or "master"
        elif person.role != "room":
            place = f"{place}-{person.role}"
        track = f"{_UNSAFE.sub('-', place)}.{source}"
        if any(feed.track == track for feed in self._feeds.values()):
            return f"{track}.{_UNSAFE.sub('-', person.id)}"
        return track
