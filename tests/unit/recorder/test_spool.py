"""The spool: what a kill, a torn line and a full disk leave behind."""

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from common.errors import ConflictError
from recorder import manifest as m
from recorder.manifest import Manifest, Record, Track
from recorder.segments import PlacedFrame, VideoWriter, Write
from recorder.spool import Spool, lock_directory
from tests.support.encoded import h264_frames
from tests.unit.recorder.facts import new_manifest

TRACK = Track(track="cam", participant="p", source="camera", kind="video")


def placed(index: int, data: bytes, keyframe: bool, capture: int = 0) -> PlacedFrame:
    return PlacedFrame(index * 40_000, data, "H264", keyframe, True, capture, 0)


def fresh(spool: Spool) -> Manifest:
    manifest = new_manifest()
    entries: list[Record] = [manifest.started, TRACK]
    spool.write(entries)
    manifest.apply(TRACK)
    return manifest


def decoded(spool: Spool, manifest: Manifest) -> list[float]:
    track = manifest.tracks["cam"]
    directory = spool.directory / "cam"
    data = (directory / "run-1.mp4").read_bytes()
    for segment in track.segments:
        path = directory / f"{segment.segment:06d}-r{segment.run}.m4s"
        assert path.stat().st_size == segment.bytes
        data += path.read_bytes()
    with av.open(io.BytesIO(data), "r") as container:
        return [frame.time for frame in container.decode(video=0)]


_CHILD = """
import sys, time
from pathlib import Path
from recorder.segments import PlacedFrame, VideoWriter
from recorder.spool import Spool
from tests.support.encoded import h264_frames
from tests.unit.recorder.test_spool import fresh, placed

frames = h264_frames(250)
spool = Spool(Path(sys.argv[1]))
spool.open()
fresh(spool)
writer = VideoWriter("cam", 2_000_000)
for index, (data, keyframe) in enumerate(frames):
    writer.add(placed(index, data, keyframe))
    print(index, flush=True)
    time.sleep(0.004)
    if index % 9 == 8:
        spool.write(writer.cut())
"""


@pytest.mark.slow
def test_a_kill_in_mid_lesson_costs_less_than_a_second(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) == 132:
            break
    child.send_signal(signal.SIGKILL)
    came_s = max([132, *map(int, child.stdout)]) * 0.04
    child.wait()
    spool = Spool(tmp_path)
    manifest = m.fold(spool.open())
    assert manifest is not None
    for entry in spool.adopt(manifest):
        manifest.apply(entry)
    times = decoded(spool, manifest)
    assert times == pytest.approx([i * 0.04 for i in range(len(times))])
    assert came_s - 1.0 <= times[-1] <= came_s
    assert m.fold(Spool(tmp_path).open()) == manifest


def test_a_torn_journal_line_is_cut_off_and_the_rest_stands(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.open()
    fresh(spool)
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"type":"ended","at')
    again = Spool(tmp_path)
    assert len(again.open()) == 2
    again.write([m.Ended(at_us=5, reason="bell")])
    assert len(Spool(tmp_path).open()) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 600 kB."""
    if os.geteuid() != 0:
        pytest.fail("this test mounts a small tmpfs and needs root")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tongke-test", str(place)]
    subprocess.run(mount, check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_costs_only_what_did_not_fit(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(400_000))
    spool = Spool(small_disk / "rec")
    spool.open()
    manifest = fresh(spool)
    writer = VideoWriter("cam", 2_000_000)
    frames = h264_frames(250, width=640, height=360)
    failed_at = feed(writer, spool, manifest, frames)
    assert failed_at is not None
    spool.forget_parts()
    writer.forget()
    before = m.Outage(start_us=failed_at, end_us=failed_at + 1, reason="no_space")
    with pytest.raises(OSError, match="No space"):
        spool.write([before, *oversized()])
    filler.unlink()
    for entry in spool.adopt(manifest):
        manifest.apply(entry)
    assert failed_at - manifest.end_us < 1_000_000
    times = decoded(spool, manifest)
    assert times == pytest.approx([i * 0.04 for i in range(len(times))])
    again = m.fold(Spool(small_disk / "rec").open())
    assert again is not None
    assert again.tracks == manifest.tracks
    assert again.outages == [before]


def feed(
    writer: VideoWriter,
    spool: Spool,
    manifest: Manifest,
    frames: tuple[tuple[bytes, bool], ...],
) -> int | None:
    """Position where the disk refused."""
    for index, (data, keyframe) in enumerate(frames):
        writer.add(placed(index, data, keyframe))
        if index % 9 == 8:
            try:
                for entry in spool.write(writer.cut()):
                    manifest.apply(entry)
            except OSError as error:
                return index * 40_000 if error.errno == errno.ENOSPC else None
    return None


def oversized() -> list[Write]:
    writer = VideoWriter("cam", 2_000_000, next_segment=900, next_run=900)
    for index, (data, keyframe) in enumerate(h264_frames(250, width=640, height=360)):
        writer.add(placed(index, data * 3, keyframe))
    return writer.close()


def test_a_second_recorder_on_the_same_disk_is_refused(tmp_path: Path) -> None:
    first = lock_directory(tmp_path)
    with pytest.raises(ConflictError) as refused:
        lock_directory(tmp_path)
    assert refused.value.code == "spool_in_use"
    first.close()
    lock_directory(tmp_path).close()
