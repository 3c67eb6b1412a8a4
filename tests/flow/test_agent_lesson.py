"""Rooms in a lesson on the real SFU: real engine, real sockets, real encoders."""

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from classroom_agent import capture as capture_module
from classroom_agent.capture import Placeholder, VideoCapture
from classroom_agent.devices.contract import DeviceLost, Picture
from classroom_agent.devices.test_pattern import TestPatternCamera
from classroom_agent.room_media import RoomMedia
from common.bus import Bus
from common.clock import SystemClock
from common.config import AuthSection, Config, ServerSection, SfuSection
from common.identity import JoinGrant, Signer
from common.metrics import Registry
from common.protocol.events import SessionEnd
from sfu.app import SfuService
from tests.support.agent_far_side import until
from tests.support.agent_rooms import AttendingRoom, attending, small_room
from tests.support.guard import GUARD_S
from tongke.demo.ports import free_port

SECRET = "a secret that is only used by these tests"
MASTER, ROOM = "centre-101", "zhangpu-1"


class Node:
    """An SFU on one fixed port that can be stopped and started again."""

    def __init__(self, bus: Bus, data_dir: Path) -> None:
        self._bus = bus
        self._data_dir = data_dir
        self._port = free_port()
        self._running: tuple[SfuService, web.AppRunner] | None = None
        self.url = f"ws://127.0.0.1:{self._port}/sfu/v1/ws"

    async def start(self) -> None:
        config = Config(
            server=ServerSection(data_dir=self._data_dir),
            auth=AuthSection(secret=SECRET),
            sfu=SfuSection(bind="127.0.0.1", port=0),
        )
        service = SfuService(config, self._bus, SystemClock(), Registry())
        await service.start()
        app = web.Application()
        app.add_routes(list(service.routes()))
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._running = (service, runner)

    async def stop(self) -> None:
        if self._running is not None:
            service, runner = self._running
            self._running = None
            await service.stop()
            await runner.cleanup()


@pytest.fixture
async def node(bus: Bus, tmp_path: Path) -> AsyncIterator[Node]:
    node = Node(bus, tmp_path / "node")
    await node.start()
    yield node
    await node.stop()


def token(site_room: str, role: str = "room", ttl_s: float = 3600) -> str:
    grant = JoinGrant.model_validate(
        {
            "room": "ses-1",
            "role": role,
            "site_room": site_room,
            "publish": ["camera", "screen", "microphone"],
            "control": role == "master",
        }
    )
    return Signer(SECRET).join(grant, ttl_s, time.time())


@asynccontextmanager
async def lesson_of_two(
    node: Node, tmp_path: Path, master_media: RoomMedia | None = None
) -> AsyncIterator[tuple[AttendingRoom, AttendingRoom]]:
    centre = small_room(MASTER, tmp_path, screen=True)
    point = small_room(ROOM, tmp_path)
    async with (
        attending(centre, node.url, token(MASTER, "master"), master_media) as master,
        attending(point, node.url, token(ROOM)) as room,
    ):
        await until(lambda: master.frames > 10 and room.frames > 10)
        yield master, room


async def test_the_rooms_see_the_master_and_the_master_sees_them(
    node: Node, tmp_path: Path
) -> None:
    async with lesson_of_two(node, tmp_path) as (master, room):
        await until(lambda: room.sound > 96_000)
        await until(lambda: room.frames > 80)
        sources = {
            slot.source: slot.frames
            for slot in room.lesson.figures.playout.slots()
            if slot.frames
        }
        assert set(sources) == {"camera", "screen"}
        assert sources["camera"] > sources["screen"]
    for summary in (master.lesson.figures.summary(), room.lesson.figures.summary()):
        assert summary["connections"] == 1
        assert summary["end"] == "left"
        assert 0 < summary["join_ms"] < 5000
        assert 0 <= summary["glass_to_glass_ms"]["median"] < 1000
        assert summary["glass_to_glass_ms"]["count"] > 5
    heard = room.lesson.figures.playout.totals()
    assert heard.concealed_samples < heard.audio_samples / 2


async def test_a_lost_node_is_found_again_by_every_room(
    node: Node, tmp_path: Path
) -> None:
    async with lesson_of_two(node, tmp_path) as (master, room):
        await node.stop()
        await until(lambda: "reconnecting" in room.states)
        await node.start()
        before = (master.frames, room.frames)
        await until(
            lambda: master.frames > before[0] + 20 and room.frames > before[1] + 20,
        )
        await until(lambda: len(room.lesson.figures.joins) == 2)
        assert room.states[-1] == "joined"


async def test_the_end_of_the_lesson_ends_it_without_coming_back(
    node: Node, tmp_path: Path, bus: Bus
) -> None:
    async with lesson_of_two(node, tmp_path) as (master, room):
        await bus.publish(SessionEnd(at=time.time(), session="ses-1", reason="bell"))
        async with asyncio.timeout(GUARD_S):
            assert await room.task == "lesson_ended"
            assert await master.task == "lesson_ended"


async def test_a_refused_token_is_not_tried_again(node: Node, tmp_path: Path) -> None:
    config = small_room(ROOM, tmp_path)
    stale = token(ROOM, ttl_s=-3600)
    async with attending(config, node.url, stale) as room, asyncio.timeout(GUARD_S):
        assert await room.task == "refused: token_expired"


async def test_a_room_that_waits_for_its_server_joins_when_it_is_there(
    node: Node, tmp_path: Path
) -> None:
    await node.stop()
    config = small_room(ROOM, tmp_path)
    async with attending(config, node.url, token(ROOM)) as room:
        await until(lambda: room.states.count("reconnecting") >= 2)
        await node.start()
        await until(lambda: "joined" in room.states)


async def test_a_camera_unplugged_in_the_lesson_becomes_a_placeholder_and_comes_back(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_module, "_REOPEN_MAX_S", 0.5)
    cable = threading.Event()
    cable.set()

    class Camera(TestPatternCamera):
        def read(self) -> Picture:
            if not cable.is_set():
                raise DeviceLost(zh="摄像头没有信号", en="no signal from the camera")
            return super().read()

        def open(self) -> None:
            self.read()
            super().open()

    media = RoomMedia(small_room(MASTER, tmp_path, screen=False))
    media.camera = VideoCapture(
        "camera",
        lambda: Camera(MASTER, 640, 360, 25),
        Placeholder("camera_lost", 640, 360),
    )
    async with lesson_of_two(node, tmp_path, media) as (_, room):
        playout = room.lesson.figures.playout
        await until(lambda: playout.delays.count > 20)
        cable.clear()
        await until(lambda: media.camera is not None and media.camera.fault is not None)
        # The placeholder still comes, but without a capture time in it.
        await asyncio.sleep(1.0)
        marked, frames = playout.delays.count, room.frames
        await until(lambda: room.frames > frames + 3)
        assert playout.delays.count <= marked + 1
        cable.set()
        await until(lambda: playout.delays.count > marked + 20)
        assert len(room.states) == 1, "the connection never noticed"


async def test_what_nobody_looks_at_is_not_encoded(node: Node, tmp_path: Path) -> None:
    async with lesson_of_two(node, tmp_path) as (_, room):
        camera = next(
            publication
            for publication in room.lesson._publications
            if publication.source == "camera"
        )
        # Off stage a room is a small tile: its large layer rests.
        await until(lambda: not camera._layers[1].active)  # type: ignore[attr-defined]
        assert camera._layers[0].active  # type: ignore[attr-defined]


@pytest.mark.slow
async def test_the_program_joins_at_once_and_writes_what_it_measured(
    node: Node, tmp_path: Path
) -> None:
    """`python -m classroom_agent ROOM.toml --sfu ... --token ...`"""
    room_file, report = tmp_path / "room.toml", tmp_path / "out" / "report.json"
    room_file.write_text(
        f'site_room = "{ROOM}"\nstate_dir = "{tmp_path}"\n'
        '[camera]\nkind = "test_pattern"\nwidth = 640\nheight = 360\n'
        '[microphone]\nkind = "test_tone"\n[network]\nloopback = true\n'
    )
    centre = small_room(MASTER, tmp_path, screen=True)
    async with attending(centre, node.url, token(MASTER, "master")) as master:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "classroom_agent", str(room_file), "--sfu", node.url),
            *("--token", token(ROOM), "--report", str(report)),
        )
        try:
            await until(lambda: master.frames > 50)
            program.terminate()
            async with asyncio.timeout(GUARD_S):
                assert await program.wait() == 0
        finally:
            if program.returncode is None:
                program.kill()
    figures = json.loads(report.read_text())
    assert figures["site_room"] == ROOM
    assert figures["end"] == "left"
    assert figures["frames"] > 20
    assert figures["cpu_s"] > 0
    assert figures["lessons"][0]["slots"][0]["source"] == "camera"
