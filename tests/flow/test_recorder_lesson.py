"""A lesson recorded by the real recorder from the real SFU, killed and resumed."""

import asyncio
import contextlib
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from common.bus import Bus
from common.identity import AccessGrant, AccessRole, Signer
from common.protocol.events import LessonFacts, SessionEnd, SessionStart
from common.valkey import ValkeyChild
from tests.flow.sfu_house import SECRET, Peer, SfuHouse, facts, open_house
from tests.support import marked

pytestmark = pytest.mark.slow

CONFIG = """
[server]
data_dir = "{data}"
public_url = "{url}"
[auth]
secret = "{secret}"
"""


class MarkedPeer(Peer):
    """Publishes flashes and beeps, captured at the same instants."""

    async def _send_media(self) -> None:
        pictures, sound = marked.flashing_frames(), marked.beeping_packets()
        start_s, start_us = time.monotonic(), time.time_ns() // 1000
        assert self._media is not None
        for tick in range(10**9):
            await asyncio.sleep(max(start_s + tick * 0.02 - time.monotonic(), 0))
            at_us = start_us + tick * 20_000
            for (source, _), mid in self.layers.items():
                if source == "microphone":
                    data = sound[tick % len(sound)]
                    self._media.engine.send_frame(mid, data, at_us)
                elif tick % 2 == 0:
                    data = pictures[tick // 2 % len(pictures)]
                    self._media.engine.send_frame(mid, data, at_us)


@dataclass
class Scene:
    house: SfuHouse
    bus: Bus
    bus_url: str
    data: Path
    facts: LessonFacts
    process: asyncio.subprocess.Process | None = None
    port: int = 0

    async def start_recorder(self) -> None:
        config = self.data / "tongke.toml"
        url = str(self.house.server.make_url("")).rstrip("/")
        config.write_text(CONFIG.format(data=self.data, url=url, secret=SECRET))
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.flow.recorder_probe"),
            *(str(config), self.bus_url),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            self.port = int(await self.process.stdout.readline())

    async def kill_recorder(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        self.process = None

    async def keep_starting(self) -> None:
        """`session.start` is repeated while the lesson is live."""
        while True:
            await self.bus.publish(SessionStart(at=time.time(), facts=self.facts))
            await asyncio.sleep(1)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/library/v1{path}"

    def headers(self, *roles: AccessRole) -> dict[str, str]:
        grant = AccessGrant(name="测试", roles=list(roles))
        token = Signer(SECRET).access(grant, 3600, time.time())
        return {"Authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Any:  # noqa: ANN401
        headers = self.headers("observer")
        async with self.house.session.get(self.url(path), headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def marked_master(self) -> MarkedPeer:
        token = self.house.token(
            "master", "camera", "microphone", name="王老师", site_room="centre-101"
        )
        peer = MarkedPeer(self.house, token, publish=("camera", "microphone"))
        self.house.peers.append(peer)
        await peer.join()
        return peer


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    server = ValkeyChild(tmp_path / "bus")
    await server.start()
    bus = Bus(server.url)
    await bus.connect()
    marked.flashing_frames()
    marked.beeping_packets()
    lesson = facts("分数的加减法", 2400)
    async with open_house(bus, tmp_path / "sfu") as house:
        scene = Scene(house, bus, server.url, tmp_path, lesson)
        yield scene
        if scene.process is not None:
            await scene.kill_recorder()
    await bus.close()
    await server.stop()


@contextlib.asynccontextmanager
async def live(scene: Scene) -> AsyncIterator[None]:
    await scene.house.prepare(title=scene.facts.title)
    await scene.start_recorder()
    await scene.marked_master()
    starting = asyncio.create_task(scene.keep_starting())
    try:
        yield
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)


async def ring_bell(scene: Scene) -> tuple[Any, float]:
    """Ends the lesson; the finished event, and the seconds until it came."""
    rang = time.time()
    await scene.bus.publish(SessionEnd(at=rang, session="ses-1", reason="bell"))
    finished = await scene.house.ear.event(
        "recording.state", session="ses-1", state="finished"
    )
    return finished, time.time() - rang


def open_media(url: str, headers: dict[str, str]) -> Any:  # noqa: ANN401
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return av.open(url, options={"headers": lines})


async def download(scene: Scene, resource: str) -> Path:
    async with asyncio.timeout(60):
        while True:
            state = await scene.get(f"/resources/{resource}/download")
            assert state["state"] != "failed"
            if state["state"] == "ready":
                break
            await asyncio.sleep(0.2)
    path = scene.data / "lesson.mp4"
    url = scene.url(f"/resources/{resource}/download.mp4")
    headers = scene.headers("observer")
    async with scene.house.session.get(url, headers=headers) as answer:
        assert (
            "filename*=UTF-8''%E6%95%B0%E5%AD%A6"
            in answer.headers[aiohttp.hdrs.CONTENT_DISPOSITION]
        )
        path.write_bytes(await answer.read())
    return path


@pytest.mark.timeout(120)
async def test_a_lesson_is_recorded_played_found_and_downloaded(scene: Scene) -> None:
    async with live(scene):
        began = await scene.house.ear.event("recording.state", state="recording")
        await asyncio.sleep(8)
        playing = await scene.get("/live/ses-1")
        assert playing["resource"] == began.resource
    finished, took_s = await ring_bell(scene)
    assert took_s <= 10
    lesson_s = time.time() - took_s - began.at
    tracks = {track.track: track for track in finished.tracks}
    assert set(tracks) == {"centre-101.camera", "centre-101.microphone"}
    for track in tracks.values():
        assert track.completeness >= 0.99, track
        assert abs(track.duration_s - lesson_s) <= 1, (track, lesson_s)
    found = await scene.get("/resources?q=分数")
    assert [item["id"] for item in found["items"]] == [finished.resource]

    url = scene.url(f"/resources/{finished.resource}/master.m3u8")
    seen, heard = await asyncio.to_thread(play, url, scene.headers("observer"))
    assert len(seen) >= 6
    check_sync("playlist", seen, heard)

    path = await download(scene, finished.resource)
    with av.open(str(path)) as container:
        codecs = {stream.codec_context.name for stream in container.streams}
        assert codecs == {"h264", "aac"}
        assert abs(container.duration / 1e6 - lesson_s) <= 1
    check_sync("download", *(await asyncio.to_thread(play, str(path), {})))


def play(url: str, headers: dict[str, str]) -> tuple[list[float], list[float]]:
    with open_media(url, headers) as container:
        seen = marked.flashes(container.decode(video=0))
    with open_media(url, headers) as container:
        heard = marked.beeps(container.decode(audio=0))
    return seen, heard


def check_sync(what: str, seen: list[float], heard: list[float]) -> None:
    offsets = marked.offsets_ms(seen, heard)
    assert len(offsets) >= len(seen) - 1, (seen, heard)
    print(f"{what}: sound after picture, ms: {[round(o, 1) for o in offsets]}")
    assert abs(statistics.median(offsets)) <= 40
    assert max(map(abs, offsets[2:])) <= 40


@pytest.mark.timeout(120)
async def test_a_killed_recorder_goes_on_into_the_same_recording(scene: Scene) -> None:
    async with live(scene):
        began = await scene.house.ear.event("recording.state", state="recording")
        await asyncio.sleep(6)
        killed = time.time()
        await scene.kill_recorder()
        await asyncio.sleep(1.5)
        await scene.start_recorder()
        restarted = time.time()
        await asyncio.sleep(6)
    finished, _ = await ring_bell(scene)
    assert finished.resource == began.resource
    told = await scene.get(f"/resources/{finished.resource}/gaps")
    assert len(told) == 2
    for track in told:
        assert [gap["reason"] for gap in track["gaps"]] == ["recorder_down"], track
        gap = track["gaps"][0]
        start_s = began.at + gap["start_us"] / 1e6
        end_s = began.at + gap["end_us"] / 1e6
        print(
            f"{track['track']}: lost before the kill {killed - start_s:.2f} s, "
            f"after the restart {end_s - restarted:.2f} s"
        )
        assert killed - start_s <= 1
        assert end_s - restarted <= 2
    url = scene.url(f"/resources/{finished.resource}")
    headers = scene.headers("observer")
    media = f"{url}/tracks/centre-101.camera/index.m3u8"
    async with scene.house.session.get(media, headers=headers) as answer:
        text = await answer.text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.count("#EXT-X-GAP") >= 1
    check_sync(
        "resumed", *(await asyncio.to_thread(play, f"{url}/master.m3u8", headers))
    )
    path = await download(scene, finished.resource)
    check_sync("download", *(await asyncio.to_thread(play, str(path), {})))
