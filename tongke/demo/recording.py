"""Measures a recording as a foreign player would: over HTTP, from the playlists.

The pictures carry their capture time and the sound its beeps, so what is measured is
what a viewer gets, not what the recorder believes.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np

from classroom_agent import barcode
from common.clock import SystemClock
from tongke.demo.av_offset import Samples, av_offset_ms, beep_onsets_s
from tongke.demo.promises import RecordedTrack
from tongke.demo.server import Server

_SOUND_RATE_HZ = 48_000
_PICTURE_HOLE_S = 0.5
"""Pictures further apart than this are a hole; the slowest source makes 8 a second."""


@dataclass
class Decoded:
    """One track, decoded: where each picture and beep lies in the recording."""

    pictures: list[tuple[float, float]] = field(default_factory=list)
    """(time in the recording, capture wall time), seconds."""
    onsets: list[float] = field(default_factory=list)
    media_s: float = 0.0


@dataclass(frozen=True)
class Run:
    """Segments that belong to one init segment."""

    init: str
    segments: list[str]


async def measure_tracks(
    server: Server, resource: dict[str, Any], lesson_s: float
) -> list[RecordedTrack]:
    """Every track of a library entry, with its sound/picture offset.

    `lesson_s`: what is expected of all but the rooms' sound, which is open only on
    stage; there the recording's own word is taken."""
    decoded: dict[str, Decoded] = {}
    for track in resource["tracks"]:
        decoded[track["track"]] = await _decode(server, resource["id"], track["track"])
    return [
        _figures(resource, track, decoded, lesson_s) for track in resource["tracks"]
    ]


async def _decode(server: Server, resource: str, track: str) -> Decoded:
    folder = f"/library/v1/resources/{resource}/tracks/{track}/"
    playlist = (await server.get_bytes(folder + "index.m3u8")).decode()
    result = Decoded()
    for run in runs_of(playlist):
        parts = [await server.get_bytes(folder + run.init)]
        parts += [await server.get_bytes(folder + name) for name in run.segments]
        _decode_run(b"".join(parts), result)
    return result


def runs_of(playlist: str) -> Iterator[Run]:
    """The runs of a media playlist (RFC 8216 §4.3.2.5: a MAP holds until the next)."""
    run: Run | None = None
    gap = False
    for line in playlist.splitlines():
        found = re.match(r'#EXT-X-MAP:URI="([^"]+)"', line)
        if found:
            if run is not None:
                yield run
            run = Run(found.group(1), [])
        elif line == "#EXT-X-GAP":
            gap = True
        elif line and not line.startswith("#"):
            if run is not None and not gap:
                run.segments.append(line)
            gap = False
    if run is not None:
        yield run


def _decode_run(data: bytes, into: Decoded) -> None:
    with av.open(io.BytesIO(data), mode="r") as container:
        if container.streams.video:
            _decode_pictures(container, into)
        else:
            _decode_sound(container, into)


def _decode_pictures(container: av.container.InputContainer, into: Decoded) -> None:
    now_us = SystemClock().wall_us()
    last: float | None = None
    shown_s = 0.0
    for frame in container.decode(video=0):
        if frame.time is None:
            continue
        if last is not None and frame.time - last < _PICTURE_HOLE_S:
            into.media_s += frame.time - last
        last = frame.time
        shown_s = float(frame.duration * frame.time_base) if frame.time_base else 0.0
        rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
        luma = rows.reshape(frame.height, frame.planes[0].line_size)[:, : frame.width]
        captured_us = barcode.read(luma, now_us)
        if captured_us is not None:
            into.pictures.append((frame.time, captured_us / 1e6))
    into.media_s += shown_s


def _decode_sound(container: av.container.InputContainer, into: Decoded) -> None:
    """Beeps in pieces that hang together: a hole in time must not make one longer."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=_SOUND_RATE_HZ)
    pieces: list[tuple[float, list[Samples]]] = []
    end: float | None = None
    for frame in container.decode(audio=0):
        if frame.time is None:
            continue
        if end is None or abs(frame.time - end) > 0.001:
            pieces.append((frame.time, []))
        end = frame.time + frame.samples / frame.sample_rate
        into.media_s += frame.samples / frame.sample_rate
        for plain in resampler.resample(frame):
            samples = plain.to_ndarray().astype(np.float32, copy=False)
            pieces[-1][1].append(samples.reshape(-1))
    into.onsets += [
        start + at
        for start, chunks in pieces
        if chunks
        for at in beep_onsets_s(np.concatenate(chunks), _SOUND_RATE_HZ)
    ]


def _figures(
    resource: dict[str, Any],
    track: dict[str, Any],
    decoded: dict[str, Decoded],
    lesson_s: float,
) -> RecordedTrack:
    place = track.get("site_room") or track["participant"]
    media_s = decoded[track["track"]].media_s
    always = track["kind"] == "video" or place == resource["master_room"]
    expected_s = lesson_s if always else track["expected_s"]
    offset = None
    if track["kind"] == "audio":
        pictures = next(
            (
                decoded[other["track"]].pictures
                for other in resource["tracks"]
                if other.get("site_room") == track.get("site_room")
                and other["source"] == "camera"
            ),
            [],
        )
        offset = av_offset_ms(pictures, decoded[track["track"]].onsets)
    return RecordedTrack(
        name=f"{resource['site_rooms'].get(place, place)} {track['source']}",
        site_room=place,
        kind=track["kind"],
        duration_s=media_s,
        expected_s=expected_s,
        completeness=min(1.0, media_s / expected_s) if expected_s else 1.0,
        av_offset_ms=offset,
    )


def shortest_of_room(tracks: Sequence[RecordedTrack], site_room: str) -> float:
    """Seconds of media in the shortest track of one classroom."""
    return min((t.duration_s for t in tracks if t.site_room == site_room), default=0.0)
