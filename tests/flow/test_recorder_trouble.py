"""A full disk and an unwritable store while a lesson is recorded: real file systems."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flow.recorder_house import Scene, live, open_scene, ring_bell

pytestmark = pytest.mark.slow
Disk = Callable[[str], Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Makes file systems of their own, 6 MB and 400 names each."""
    if os.geteuid() != 0:
        pytest.fail("these tests mount a small tmpfs and need root")
    mounted: list[Path] = []

    def make(name: str) -> Path:
        place = tmp_path / name
        place.mkdir()
        mount = [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=6m,nr_inodes=400",
            "tongke-test",
            str(place),
        ]
        subprocess.run(mount, check=True)
        mounted.append(place)
        return place

    yield make
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(place)], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    return filler


def use_up_names(place: Path) -> Path:
    """No file and no directory can be made any more."""
    filler = place / "names"
    filler.mkdir()
    with contextlib.suppress(OSError):
        for number in range(1000):
            (filler / str(number)).touch()
    return filler


def places(store: Path, spool: Path) -> str:
    return (
        f'[objects]\nurl = "file://{store}/objects"\n'
        f'[recorder]\nspool_dir = "{spool}/spool"\n'
    )


async def well_again(scene: Scene) -> None:
    scene.house.ear.heard.clear()
    await scene.house.ear.event("recording.state", state="recording", reason="")


def untouched(scene: Scene) -> bool:
    """The lesson itself does not notice."""
    master = scene.house.peers[0]
    return master.connected and not master.closed


async def test_a_full_disk_is_told_declared_and_survived(
    tmp_path: Path, disk: Disk
) -> None:
    spool = disk("spool-disk")
    async with open_scene(tmp_path, places(tmp_path, spool)) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(4)
            filler = fill(spool)
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("no_space: ")
            assert untouched(scene)
            filler.unlink()
            await well_again(scene)
            await asyncio.sleep(4)
        finished, _ = await ring_bell(scene)
        told = await scene.get(f"/resources/{finished.resource}/gaps")
        for track in told:
            assert [gap["reason"] for gap in track["gaps"]] == ["no_space"], told
        tracks = {track.track: track for track in finished.tracks}
        camera = tracks["centre-101.camera"]
        assert 0 < camera.lost_s < camera.duration_s
        assert camera.duration_s > 8


async def test_a_full_object_store_is_told_and_loses_nothing(
    tmp_path: Path, disk: Disk
) -> None:
    store = disk("store-disk")
    async with open_scene(tmp_path, places(store, tmp_path)) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(3)
            filler = fill(store)
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("store_full: ")
            await asyncio.sleep(3)
            assert untouched(scene)
            assert list((tmp_path / "spool").glob("*/*/*.m4s"))
            filler.unlink()
            await well_again(scene)
            await asyncio.sleep(2)
        finished, _ = await ring_bell(scene)
        assert [track.completeness for track in finished.tracks] == [1, 1]
        for track in await scene.get(f"/resources/{finished.resource}/gaps"):
            assert track["gaps"] == []


async def test_one_full_disk_for_both_is_survived(tmp_path: Path, disk: Disk) -> None:
    place = disk("disk")
    async with open_scene(tmp_path, places(place, place)) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(4)
            filler = fill(place)
            await ear.event("recording.state", state="trouble")
            await asyncio.sleep(2)
            filler.unlink()
            await well_again(scene)
            await asyncio.sleep(4)
        finished, _ = await ring_bell(scene)
        for track in await scene.get(f"/resources/{finished.resource}/gaps"):
            assert [gap["reason"] for gap in track["gaps"]] == ["no_space"], track


async def test_a_disk_that_is_full_at_the_bell_is_declared(
    tmp_path: Path, disk: Disk
) -> None:
    spool = disk("spool-disk")
    config = places(tmp_path, spool)
    async with open_scene(tmp_path, config) as scene:
        ear = scene.house.ear
        async with live(scene, before_bell=lambda: use_up_names(spool)):
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("no_space: ")
            await asyncio.sleep(2)
            assert untouched(scene)
            shutil.rmtree(spool / "names")
            await well_again(scene)
            await asyncio.sleep(4)
        finished, _ = await ring_bell(scene)
        for track in await scene.get(f"/resources/{finished.resource}/gaps"):
            (gap,) = track["gaps"]
            assert (gap["start_us"], gap["reason"]) == (0, "no_space")
        for figures in finished.tracks:
            assert 0 < figures.lost_s < figures.expected_s
            assert figures.duration_s >= 3.5


async def test_an_unwritable_store_loses_nothing(tmp_path: Path, disk: Disk) -> None:
    store = disk("store-disk")
    async with open_scene(tmp_path, places(store, tmp_path)) as scene:
        ear = scene.house.ear
        async with live(scene):
            await ear.event("recording.state", state="recording")
            await asyncio.sleep(3)
            remount(store, "ro")
            trouble = await ear.event("recording.state", state="trouble")
            assert trouble.reason.startswith("store_unwritable: ")
            await asyncio.sleep(3)
            remount(store, "rw")
            await well_again(scene)
        finished, _ = await ring_bell(scene)
        assert [track.completeness for track in finished.tracks] == [1, 1]
