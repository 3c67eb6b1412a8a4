"""A full disk and an unwritable store while a lesson is recorded: real file systems."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.recorder_house import live, open_scene, ring_bell

pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 6 MB."""
    if os.geteuid() != 0:
        pytest.fail("these tests mount a small tmpfs and need root")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tongke-test", str(place)]
    subprocess.run(mount, check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(place)], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    return filler


@pytest.mark.timeout(120)
async def test_a_full_disk_is_told_declared_and_survived(
    tmp_path: Path, disk: Path
) -> None:
    config = (
        f'[objects]\nurl = "file://{disk}/objects"\n'
        f'[recorder]\nspool_dir = "{disk}/spool"\n'
    )
    async with open_scene(tmp_path, config) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(4)
            filler = fill(disk)
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("no_space: ")
            # The lesson itself does not notice.
            master = scene.house.peers[0]
            assert master.connected
            filler.unlink()
            ear.heard.clear()
            await ear.event("recording.state", state="recording", reason="")
            await asyncio.sleep(4)
        finished, _ = await ring_bell(scene)
        told = await scene.get(f"/resources/{finished.resource}/gaps")
        for track in told:
            assert [gap["reason"] for gap in track["gaps"]] == ["no_space"], told
        tracks = {track.track: track for track in finished.tracks}
        camera = tracks["centre-101.camera"]
        assert 0 < camera.lost_s < camera.duration_s
        assert camera.duration_s > 8


@pytest.mark.timeout(120)
async def test_an_unwritable_store_loses_nothing(tmp_path: Path, disk: Path) -> None:
    config = f'[objects]\nurl = "file://{disk}/objects"\n'
    async with open_scene(tmp_path, config) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(3)
            remount(disk, "ro")
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("store_unwritable: ")
            await asyncio.sleep(3)
            remount(disk, "rw")
            ear.heard.clear()
            await ear.event("recording.state", state="recording", reason="")
        finished, _ = await ring_bell(scene)
        assert [track.completeness for track in finished.tracks] == [1, 1]
