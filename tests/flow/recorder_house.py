"""A real recorder in a process of its own beside a real SFU, for its tests."""

import asyncio
import contextlib
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import av

from common.bus import Bus
from common.identity import AccessGrant, AccessRole, Signer
from common.protocol.events import (
    LessonFacts,
    SessionEnd,
    SessionPrepare,
    SessionStart,
)
from common.valkey import ValkeyChild
from tests.flow.sfu_house import SECRET, SfuHouse, facts, open_house
from tests.flow.sfu_peer import Peer
from tests.support import marked
from tests.support.guard import GUARD_S

BELL_IN_S = 1.5
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
    more_config: str = ""
    process: asyncio.subprocess.Process | None = None
    port: int = 0

    async def start_recorder(self) -> None:
        config = self.data / "tongke.toml"
        url = str(self.house.server.make_url("")).rstrip("/")
        text = CONFIG.format(data=self.data, url=url, secret=SECRET)
        config.write_text(text + self.more_config)
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.flow.recorder_probe"),
            *(str(config), self.bus_url),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(GUARD_S):
            self.port = int(await self.process.stdout.readline())

    async def kill_recorder(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        self.process = None

    async def stop_recorder(self) -> None:
        """As an operator does: SIGTERM."""
        assert self.process is not None
        self.process.terminate()
        async with asyncio.timeout(GUARD_S):
            assert await self.process.wait() == 0
        self.process = None

    async def keep_starting(self) -> None:
        """`session.start` is repeated while the lesson is live."""
        while True:
            bell = self.facts.starts_at
            start = SessionStart(at=time.time(), facts=self.facts, began_at=bell)
            await self.bus.publish(start)
            await asyncio.sleep(1)

    async def recorder_in_room(self) -> None:
        """As it is before the lesson begins."""
        preparing = asyncio.create_task(self._keep_preparing())
        await self.house.ear.event("room.participant_joined", role="recorder")
        preparing.cancel()

    async def _keep_preparing(self) -> None:
        """A reader hears only what is said after it began to listen."""
        while True:
            await self.bus.publish(SessionPrepare(at=time.time(), facts=self.facts))
            await asyncio.sleep(0.1)

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


@contextlib.asynccontextmanager
async def open_scene(tmp_path: Path, more_config: str = "") -> AsyncIterator[Scene]:
    server = ValkeyChild(tmp_path / "bus")
    await server.start()
    bus = Bus(server.url)
    await bus.connect()
    marked.flashing_frames()
    marked.beeping_packets()
    lesson = facts("分数的加减法", 2400)
    async with open_house(bus, tmp_path / "sfu") as house:
        scene = Scene(house, bus, server.url, tmp_path, lesson, more_config)
        try:
            yield scene
        finally:
            if scene.process is not None:
                await scene.kill_recorder()
    await bus.close()
    await server.stop()


@contextlib.asynccontextmanager
async def live(
    scene: Scene, late_s: float = 0, before_bell: Callable[[], object] = lambda: None
) -> AsyncIterator[None]:
    """`late_s`: so long after the bell the recorder is there for the first time."""
    await scene.house.prepare(title=scene.facts.title)
    master = await scene.marked_master()
    await master.until(lambda: master.connected, "the master's media")
    if not late_s:
        await scene.start_recorder()
        await scene.recorder_in_room()
    before_bell()
    bell = time.time() + (0 if late_s else BELL_IN_S)
    scene.facts = scene.facts.model_copy(update={"starts_at": bell})
    await asyncio.sleep(late_s or BELL_IN_S)
    if late_s:
        await scene.start_recorder()
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


def open_media(url: str, headers: dict[str, str], **more: str) -> Any:  # noqa: ANN401
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return av.open(url, options={"headers": lines, **more})


async def download(scene: Scene, resource: str) -> Path:
    async with asyncio.timeout(GUARD_S):
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


def play(url: str, headers: dict[str, str]) -> tuple[list[float], list[float]]:
    with open_media(url, headers) as container:
        seen = marked.flashes(container.decode(video=0))
    with open_media(url, headers) as container:
        heard = marked.beeps(container.decode(audio=0))
    return seen, heard


def check_sync(what: str, seen: list[float], heard: list[float], torn: int = 0) -> None:
    """`torn`: marks that a hole may have cut in two, such as a beep half lost."""
    offsets = marked.offsets_ms(seen, heard)
    assert len(offsets) >= len(seen) - 1, (seen, heard)
    print(f"{what}: sound after picture, ms: {[round(o, 1) for o in offsets]}")
    assert abs(statistics.median(offsets)) <= 40
    assert sorted(map(abs, offsets))[-1 - torn] <= 40
