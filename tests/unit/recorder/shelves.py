"""A finished recording with real media in a real object store, made without a room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.objects import Objects
from recorder.manifest import Ended, Expect, Manifest, Run, Segment, Track
from recorder.playlist import init_name, segment_name
from recorder.segments import Append, NewRun, PlacedFrame, writer_for
from recorder.storage import object_path
from tests.support import marked
from tests.unit.recorder.facts import new_manifest


@dataclass(frozen=True)
class Piece:
    """Marked media captured from `start_s` on; `width` is the picture's."""

    start_s: int
    seconds: int
    width: int = 320


def frames(kind: str, piece: Piece) -> list[PlacedFrame]:
    video = kind == "video"
    rate = marked.FPS if video else 50
    units = (
        marked.flashing_frames(piece.width, piece.width * 9 // 16)
        if video
        else marked.beeping_packets()
    )
    start_us = piece.start_s * 1_000_000
    return [
        PlacedFrame(
            position_us=start_us + index * 1_000_000 // rate,
            data=units[index % len(units)],
            codec="H264" if video else "opus",
            keyframe=not video or index % rate == 0,
            contiguous=index > 0,
            capture_us=None,
            arrival_us=0,
        )
        for index in range(piece.seconds * rate)
    ]


async def shelve(
    objects: Objects, tracks: Mapping[str, Sequence[Piece]], end_s: int
) -> Manifest:
    """`tracks`: `master.camera`, `room-a.microphone`, ... with what was recorded."""
    manifest = new_manifest()
    for name, pieces in tracks.items():
        place, source = name.split(".")
        kind = "audio" if source == "microphone" else "video"
        info = {"track": name, "participant": place, "source": source, "kind": kind}
        role = "master" if place == "master" else "room"
        manifest.apply(Track.model_validate({**info, "role": role, "name": place}))
        manifest.apply(Expect(track=name, at_us=0, expected=True))
        await _store(objects, manifest, name, kind, pieces)
    manifest.apply(Ended(at_us=end_s * 1_000_000, reason="bell"))
    path = object_path("rec-1", "manifest.json")
    await objects.put(path, manifest.model_dump_json().encode())
    return manifest


async def _store(
    objects: Objects, manifest: Manifest, name: str, kind: str, pieces: Sequence[Piece]
) -> None:
    writer = writer_for(kind, name, 2_000_000)
    for piece in pieces:
        for frame in frames(kind, piece):
            writer.add(frame)
    media: dict[str, bytes] = {}
    for write in writer.close():
        match write:
            case NewRun():
                media[init_name(write.run.run)] = write.init
                manifest.apply(write.run)
            case Append():
                path = segment_name(write.segment, write.run)
                media[path] = media.get(path, b"") + write.data
            case Segment() | Run():
                manifest.apply(write)
    for file, data in media.items():
        await objects.put(object_path("rec-1", name, file), data)
