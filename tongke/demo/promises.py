"""What one lesson must keep, as data; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

JOIN_S = 1.5
GLASS_TO_GLASS_MS = 250.0
DURATION_OFF_S = 1.0
COMPLETENESS = 0.99
AV_OFFSET_MS = 40.0
PLAYABLE_S = 10.0
AGENT_CORES = 1.0


@dataclass(frozen=True)
class RoomFigures:
    """What one room's agent measured itself."""

    name: str
    role: str
    join_ms: float | None
    frames: int
    fps: float
    freezes: int
    freeze_s: float
    concealed_ratio: float
    """Concealed audio samples / all audio samples, 0..1."""
    glass_to_glass_ms: float | None
    """Median."""
    cores: float
    """CPU seconds per second of lesson."""


@dataclass(frozen=True)
class RecordedTrack:
    name: str
    site_room: str
    kind: str
    duration_s: float
    """Decoded media, holes not counted."""
    expected_s: float
    """While it was published and open within the lesson."""
    completeness: float
    """Decoded / expected, 0..1."""
    av_offset_ms: float | None
    """Sound minus picture of the same classroom; + = sound late. None: no partner."""


@dataclass(frozen=True)
class TimetableFigures:
    """Lessons a week that the courses ask for and that have a place, hard rules the
    checker finds broken, dated lessons that followed."""

    wanted: int
    placed: int
    broken_rules: int
    dated: int


@dataclass(frozen=True)
class LessonFigures:
    timetable: TimetableFigures
    lesson_s: float
    recording_s: float
    """Decoded media of the master classroom's shortest track."""
    bell_to_playable_s: float | None
    stage_seen: bool
    """Every other teaching point decoded the pictures of the room on stage."""
    rooms: list[RoomFigures]
    tracks: list[RecordedTrack]


@dataclass(frozen=True)
class Promise:
    what: str
    kept: bool
    measured: str


def examine(figures: LessonFigures) -> Iterator[Promise]:
    yield from _examine_timetable(figures.timetable)
    for room in figures.rooms:
        yield from _examine_room(room)
    off_s = abs(figures.recording_s - figures.lesson_s)
    yield Promise(
        f"recording within {DURATION_OFF_S:g} s of the lesson",
        off_s <= DURATION_OFF_S,
        f"{figures.recording_s:.2f} s of {figures.lesson_s:.2f} s",
    )
    yield _at_most("bell to playable", figures.bell_to_playable_s, PLAYABLE_S, "s")
    yield Promise(
        "a room was called on stage and sent back",
        figures.stage_seen,
        "seen by every other room" if figures.stage_seen else "not seen",
    )
    yield Promise(
        "every classroom's picture and sound recorded",
        len(figures.tracks) >= 2 * len(figures.rooms),
        f"{len(figures.tracks)} tracks of {len(figures.rooms)} classrooms",
    )
    for track in figures.tracks:
        yield from _examine_track(track)


def _examine_timetable(made: TimetableFigures) -> Iterator[Promise]:
    yield Promise(
        "every lesson of the week has a place",
        0 < made.wanted == made.placed,
        f"{made.placed} of {made.wanted}",
    )
    yield Promise(
        "the timetable breaks no rule", made.broken_rules == 0, str(made.broken_rules)
    )
    yield Promise(
        "the weeks became dated lessons",
        made.dated >= made.placed > 0,
        f"{made.dated} lessons",
    )


def _examine_room(room: RoomFigures) -> Iterator[Promise]:
    join_s = None if room.join_ms is None else room.join_ms / 1000
    yield _at_most(f"{room.name}: join to first picture", join_s, JOIN_S, "s")
    yield _at_most(
        f"{room.name}: glass to glass, median",
        room.glass_to_glass_ms,
        GLASS_TO_GLASS_MS,
        "ms",
    )
    yield _at_most(f"{room.name}: agent", room.cores, AGENT_CORES, "cores")


def _examine_track(track: RecordedTrack) -> Iterator[Promise]:
    yield Promise(
        f"{track.name}: complete to {COMPLETENESS:.0%}",
        track.completeness >= COMPLETENESS,
        f"{track.completeness:.2%}",
    )
    if track.av_offset_ms is not None:
        yield Promise(
            f"{track.name}: sound and picture within {AV_OFFSET_MS:g} ms",
            abs(track.av_offset_ms) <= AV_OFFSET_MS,
            f"{track.av_offset_ms:+.0f} ms",
        )


def _at_most(what: str, value: float | None, limit: float, unit: str) -> Promise:
    if value is None:
        return Promise(f"{what} ≤ {limit:g} {unit}", False, "not measured")
    # Less than nothing is a clock that is off, not a promise that is kept.
    kept = 0 <= value <= limit
    return Promise(f"{what} ≤ {limit:g} {unit}", kept, f"{value:.2f} {unit}")
