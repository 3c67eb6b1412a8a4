"""What was expected, received and lost: the truth about one recording. Pure.

A recording is a list of records, one JSON line each (the journal); a `Manifest` is
their fold. The same lines make it again after a crash, and the finished manifest
travels with the media as `manifest.json`. Times: microseconds since the origin.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from common.protocol.base import Message
from common.protocol.events import LessonFacts, TrackFigures
from common.protocol.signalling import Kind, Role, Source

GapReason = Literal[
    "recorder_down",
    "no_space",
    "store_unwritable",
    "disk_slow",
    "network",
    "codec",
    "no_media",
]
Provenance = Literal["live", "filled"]

START_GRACE_US = 1_000_000
"""What begins in mid-lesson is expected from its first frame, or this long after the
SFU showed it: a line has to come up. What was there at the bell has no grace."""
MIX = "mix"
"""The derived track with the sound of everybody."""
_NOT_A_GAP_US = 60_000
"""Two frames of sound and some: rounding at the edges, not a loss."""


class Started(Message):
    type: Literal["started"] = "started"
    recording: str
    resource: str
    origin_us: int
    """Unix time of position 0."""
    facts: LessonFacts


class Track(Message):
    """One publication of one place: a room that comes back goes on in its track."""

    type: Literal["track"] = "track"
    track: str
    participant: str
    site_room: str | None = None
    name: str = ""
    role: Role = "room"
    source: Source
    kind: Kind


class Run(Message):
    """Media that decodes with one init segment."""

    type: Literal["run"] = "run"
    track: str
    run: int
    codec: str
    start_us: int
    width: int = 0
    height: int = 0


class Segment(Message):
    type: Literal["segment"] = "segment"
    track: str
    segment: int
    run: int
    start_us: int
    end_us: int
    bytes: int
    sha256: str
    frames: int
    capture_us: int | None = None
    """Sender's own clock at the first frame: sync can be repaired after the fact."""
    arrival_us: int | None = None
    provenance: Provenance = "live"


class Hole(Message):
    """Media missing inside a segment: silence was put in, or a picture held."""

    type: Literal["hole"] = "hole"
    track: str
    start_us: int
    end_us: int
    reason: GapReason


class Outage(Message):
    """A time in which the recorder itself could not record anything."""

    type: Literal["outage"] = "outage"
    start_us: int
    end_us: int
    reason: GapReason


class Expect(Message):
    """From here on (or no more) media of this track should come."""

    type: Literal["expect"] = "expect"
    track: str
    at_us: int
    expected: bool


class Ended(Message):
    type: Literal["ended"] = "ended"
    at_us: int
    reason: str


Record = Annotated[
    Started | Track | Run | Segment | Hole | Outage | Expect | Ended,
    Field(discriminator="type"),
]
record: TypeAdapter[Record] = TypeAdapter(Record)


class Gap(BaseModel):
    start_us: int
    end_us: int
    reason: GapReason


@dataclass(frozen=True)
class Span:
    start_us: int
    end_us: int


class TrackRecord(BaseModel):
    """Everything known of one track."""

    info: Track
    runs: list[Run] = Field(default_factory=list)
    segments: list[Segment] = Field(default_factory=list)
    holes: list[Hole] = Field(default_factory=list)
    expects: list[Expect] = Field(default_factory=list)

    @property
    def end_us(self) -> int:
        return self.segments[-1].end_us if self.segments else 0


class Manifest(BaseModel):
    version: int = 1
    started: Started
    tracks: dict[str, TrackRecord] = Field(default_factory=dict)
    derived: dict[str, TrackRecord] = Field(default_factory=dict)
    """Made after class from `tracks`; never expected, never counted."""
    outages: list[Outage] = Field(default_factory=list)
    ended: Ended | None = None

    def apply(self, entry: Record) -> None:
        """Adds one record. Idempotent: a line read twice changes nothing."""
        match entry:
            case Started():
                return
            case Outage():
                if entry not in self.outages:
                    self.outages.append(entry)
            case Ended():
                self.ended = entry
            case Track():
                known = self.tracks.get(entry.track)
                if known is None:
                    self.tracks[entry.track] = TrackRecord(info=entry)
                else:
                    known.info = entry
            case _:
                self._apply_to_track(entry)

    def _apply_to_track(self, entry: Run | Segment | Hole | Expect) -> None:
        track = self.tracks.get(entry.track)
        if track is None:
            return
        match entry:
            case Segment():
                if all(s.segment != entry.segment for s in reversed(track.segments)):
                    track.segments.append(entry)
                    track.segments.sort(key=lambda s: s.start_us)
            case Run():
                if all(r.run != entry.run for r in track.runs):
                    track.runs.append(entry)
            case Hole():
                if entry not in track.holes:
                    track.holes.append(entry)
            case Expect():
                if entry not in track.expects:
                    track.expects.append(entry)

    def find(self, track: str) -> TrackRecord | None:
        """A recorded or derived track."""
        return self.tracks.get(track) or self.derived.get(track)

    @property
    def end_us(self) -> int:
        """The end of the lesson, or of the newest media while it runs."""
        if self.ended is not None:
            return self.ended.at_us
        return max((t.end_us for t in self.tracks.values()), default=0)


def fold(entries: Iterable[Record]) -> Manifest | None:
    """The manifest that a journal tells of; None without a `started` line."""
    manifest: Manifest | None = None
    for entry in entries:
        if manifest is None:
            if isinstance(entry, Started):
                manifest = Manifest(started=entry)
        else:
            manifest.apply(entry)
    return manifest


def expected_spans(track: TrackRecord, end_us: int) -> list[Span]:
    """When media of this track should have come, merged and in order."""
    spans: list[Span] = []
    since: int | None = None
    for entry in sorted(track.expects, key=lambda e: e.at_us):
        if entry.expected and since is None:
            since = entry.at_us
        elif not entry.expected and since is not None:
            spans.append(Span(since, min(entry.at_us, end_us)))
            since = None
    if since is not None:
        spans.append(Span(since, end_us))
    return [
        Span(start, span.end_us)
        for span in spans
        if (start := _after_grace(track, span)) < span.end_us
    ]


def _after_grace(track: TrackRecord, span: Span) -> int:
    if span.start_us == 0:
        return 0
    latest = span.start_us + START_GRACE_US
    heard = (
        max(s.start_us, span.start_us)
        for s in track.segments
        if s.end_us > span.start_us
    )
    return min(next(heard, latest), latest)


def covered_spans(track: TrackRecord) -> list[Span]:
    """What can be seen or heard: segments less their holes."""
    merged: list[Span] = []
    for segment in track.segments:
        if merged and segment.start_us <= merged[-1].end_us + _NOT_A_GAP_US:
            end = max(merged[-1].end_us, segment.end_us)
            merged[-1] = Span(merged[-1].start_us, end)
        else:
            merged.append(Span(segment.start_us, segment.end_us))
    return subtract(merged, [Span(h.start_us, h.end_us) for h in track.holes])


def subtract(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """`spans` without `taken`; both may be in any order, the answer is sorted."""
    left = sorted(spans, key=lambda s: s.start_us)
    for cut in taken:
        pieces: list[Span] = []
        for span in left:
            pieces.append(Span(span.start_us, min(span.end_us, cut.start_us)))
            pieces.append(Span(max(span.start_us, cut.end_us), span.end_us))
        uncut = cut.end_us <= cut.start_us
        left = left if uncut else [p for p in pieces if p.end_us > p.start_us]
    return left


def gaps(track: TrackRecord, outages: Sequence[Outage], end_us: int) -> list[Gap]:
    """What was expected and is not there, each with its reason."""
    missing = subtract(expected_spans(track, end_us), covered_spans(track))
    return [
        Gap(start_us=s.start_us, end_us=s.end_us, reason=_reason(s, track, outages))
        for s in missing
        if s.end_us - s.start_us > _NOT_A_GAP_US
    ]


def _reason(span: Span, track: TrackRecord, outages: Sequence[Outage]) -> GapReason:
    best: tuple[int, GapReason] = (0, "no_media")
    causes: list[Outage | Hole] = [*outages, *track.holes]
    for cause in causes:
        shared = min(span.end_us, cause.end_us) - max(span.start_us, cause.start_us)
        if shared > best[0]:
            best = (shared, cause.reason)
    return best[1]


def figures(manifest: Manifest, track: TrackRecord) -> TrackFigures:
    """Seconds and share of one track, as told on the bus and in the library."""
    end_us = manifest.end_us
    expected_us = sum(s.end_us - s.start_us for s in expected_spans(track, end_us))
    missing = gaps(track, manifest.outages, end_us)
    lost_us = sum(gap.end_us - gap.start_us for gap in missing)
    first = track.segments[0].start_us if track.segments else 0
    share = 1 - lost_us / expected_us if expected_us else 1.0
    return TrackFigures(
        track=track.info.track,
        participant=track.info.participant,
        site_room=track.info.site_room,
        source=track.info.source,
        kind=track.info.kind,
        duration_s=(track.end_us - first) / 1e6 if track.segments else 0.0,
        expected_s=expected_us / 1e6,
        lost_s=lost_us / 1e6,
        completeness=share,
        bytes=sum(segment.bytes for segment in track.segments),
    )


def completeness(tracks: Sequence[TrackFigures]) -> float:
    """Of all tracks together, weighted by what was expected of each."""
    expected = sum(track.expected_s for track in tracks)
    lost = sum(track.lost_s for track in tracks)
    return 1 - lost / expected if expected else 1.0
