"""The MP4 download: what FFmpeg sees and hears in it."""

import asyncio
from pathlib import Path

import av
import numpy as np
import pytest

from common.errors import ConflictError, NotFoundError
from common.objects import Objects
from recorder.library.downloads import Downloads, DownloadState
from recorder.manifest import Manifest
from tests.support import marked
from tests.unit.recorder.facts import new_manifest
from tests.unit.recorder.shelves import Piece, shelve


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(f"file://{tmp_path}/objects")


def new_downloads(tmp_path: Path, objects: Objects) -> Downloads:
    url, work = f"file://{tmp_path}/objects", tmp_path / "work"
    return Downloads(objects, url, work, asyncio.Semaphore(1))


async def made(
    tmp_path: Path, objects: Objects, manifest: Manifest, video: str | None = None
) -> Path:
    downloads = new_downloads(tmp_path, objects)
    state: DownloadState = await downloads.state(manifest, video)
    assert state.state == "preparing"
    await downloads.settled()
    state = await downloads.state(manifest, video)
    assert (state.state, state.progress) == ("ready", 1)
    data = await objects.get(downloads.path(manifest, video))
    assert len(data) == state.bytes
    path = tmp_path / "lesson.mp4"
    path.write_bytes(data)
    return path


def marks(path: Path) -> tuple[list[float], list[float]]:
    with av.open(str(path)) as container:
        seen = marked.flashes(container.decode(video=0))
    with av.open(str(path)) as container:
        heard = marked.beeps(container.decode(audio=0))
    return [round(s, 1) for s in seen], [round(h, 1) for h in heard]


async def test_all_sound_is_mixed_at_its_lesson_time(
    tmp_path: Path, objects: Objects
) -> None:
    tracks = {
        "master.camera": [Piece(0, 8)],
        "master.microphone": [Piece(0, 3)],
        "room-a.microphone": [Piece(5, 2)],
    }
    path = await made(tmp_path, objects, await shelve(objects, tracks, 8))
    seen, heard = marks(path)
    assert seen == [0, 1, 2, 3, 4, 5, 6, 7]
    assert heard == [0, 1, 2, 5, 6]
    with av.open(str(path)) as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(8, abs=0.1)
        names = [stream.codec_context.name for stream in container.streams]
        assert names == ["h264", "aac"]


async def test_over_a_hole_the_last_picture_stands_and_sound_is_silent(
    tmp_path: Path, objects: Objects
) -> None:
    both = [Piece(1, 3), Piece(7, 2)]
    tracks = {"master.camera": both, "master.microphone": both}
    path = await made(tmp_path, objects, await shelve(objects, tracks, 10))
    seen, heard = marks(path)
    # The first picture (a white one) stands from the start.
    assert seen == [0, 2, 3, 7, 8]
    assert heard == [1, 2, 3, 7, 8]
    with av.open(str(path)) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.size]
        assert len(times) == 5 * marked.FPS
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(10, abs=0.1)


async def test_a_change_of_size_in_mid_lesson_decodes(
    tmp_path: Path, objects: Objects
) -> None:
    tracks = {"master.camera": [Piece(0, 2), Piece(2, 2, width=640)]}
    path = await made(tmp_path, objects, await shelve(objects, tracks, 4))
    with av.open(str(path)) as container:
        widths = [frame.width for frame in container.decode(video=0)]
    assert widths == [320] * 50 + [640] * 50


async def test_sound_alone_can_be_downloaded(tmp_path: Path, objects: Objects) -> None:
    tracks = {"master.microphone": [Piece(0, 3)]}
    path = await made(tmp_path, objects, await shelve(objects, tracks, 3))
    with av.open(str(path)) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert len(heard) / 48_000 == pytest.approx(3, abs=0.05)


async def test_what_cannot_be_downloaded_is_said(
    tmp_path: Path, objects: Objects
) -> None:
    downloads = new_downloads(tmp_path, objects)
    with pytest.raises(ConflictError) as running:
        await downloads.state(new_manifest(), None)
    assert running.value.code == "still_recording"
    tracks = {"master.camera": [Piece(0, 2)]}
    manifest = await shelve(objects, tracks, 2)
    with pytest.raises(NotFoundError) as missing:
        await downloads.state(manifest, "no-such")
    assert missing.value.code == "no_such_track"
    await objects.delete("recordings/rec-1/master.camera/run-1.mp4")
    await downloads.state(manifest, None)
    await downloads.settled()
    assert (await downloads.state(manifest, None)).state == "failed"
