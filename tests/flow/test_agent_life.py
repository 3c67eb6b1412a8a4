"""A room's day: the real scheduler wakes the agent, the real SFU holds the lesson."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from classroom_agent import selfcheck
from classroom_agent.agent import Agent
from classroom_agent.capture import AudioCapture
from classroom_agent.config import (
    DisplaySection,
    Microphone,
    RoomConfig,
    ServerSection,
    VideoDevice,
)
from classroom_agent.devices.contract import Sound
from classroom_agent.room_media import RoomMedia
from common import http
from common.bus import Bus
from common.clock import SystemClock
from common.config import AuthSection, Config, SchedulerSection, SfuSection
from common.config import ServerSection as HouseServer
from common.identity import AccessGrant, DeviceGrant, Signer
from common.metrics import Registry
from common.protocol.control import AgentReport, AgentState
from scheduler.app import SchedulerService
from scheduler.sample import DEMO_ROOMS, demo_lesson
from sfu.app import SfuService
from tests.support.agent_far_side import until
from tests.support.agent_rooms import small_room
from tests.support.guard import GUARD_S
from tests.support.today import ZONE, sample_of_today
from tongke.demo.ports import free_port

SECRET = "a secret that is only used by these tests"
SIGNER = Signer(SECRET)
LEAD_S = 4.0
ROOM = DEMO_ROOMS[0]


class House:
    """Scheduler and SFU on one port, as `tongke up` has them."""

    def __init__(self, url: str, client: aiohttp.ClientSession) -> None:
        self.url = url
        self._client = client

    async def site_room(self, id: str) -> dict[str, Any]:
        async with self._client.get("/api/v1/site-rooms") as answer:
            rooms = await answer.json()
        return next(room for room in rooms if room["id"] == id)

    async def plan_lesson(self, starts_in_s: float, lasts_s: float) -> None:
        starts_at = time.time() + starts_in_s
        body = demo_lesson(starts_at, starts_at + lasts_s)
        async with self._client.post("/api/v1/lessons", json=body) as answer:
            assert answer.status < 300, await answer.text()


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[House]:
    port = free_port()
    config = Config(
        server=HouseServer(port=port, data_dir=tmp_path / "house", time_zone=ZONE),
        auth=AuthSection(secret=SECRET),
        sfu=SfuSection(bind="127.0.0.1", port=0),
        scheduler=SchedulerSection(lead_s=LEAD_S),
    )
    (tmp_path / "house").mkdir()
    clock = SystemClock()
    scheduler = SchedulerService(config, bus, clock, Registry())
    sfu = SfuService(config, bus, clock, Registry())
    await sfu.start()
    await scheduler.start()
    app = http.application(SIGNER, clock)
    app.add_routes([*scheduler.routes(), *sfu.routes(), web.get("/healthz", _well)])
    server = TestServer(app, port=port)
    await server.start_server()
    operator = AccessGrant(name="运维", roles=["operator"])
    headers = {"Authorization": f"Bearer {SIGNER.access(operator, 600, time.time())}"}
    url = str(server.make_url("")).rstrip("/")
    async with aiohttp.ClientSession(url, headers=headers) as client:
        await scheduler.catalogue.put(sample_of_today())
        yield House(url, client)
    await scheduler.stop()
    await sfu.stop()
    await server.close()


async def _well(_request: web.Request) -> web.Response:
    return web.json_response({})


def room_config(url: str, tmp_path: Path, **changes: object) -> RoomConfig:
    key = SIGNER.device(DeviceGrant(site_room=ROOM), 600, time.time())
    config = small_room(ROOM, tmp_path)
    server = ServerSection(url=url, device_token=key)
    return config.model_copy(update={"server": server, **changes})


@asynccontextmanager
async def running(
    config: RoomConfig, report: Path | None = None
) -> AsyncIterator[tuple[Agent, list[AgentState]]]:
    """An agent and every state it reports."""
    agent = Agent(config, report)
    states: list[AgentState] = []
    send = agent._control.report

    async def note(message: AgentReport) -> None:
        if not states or states[-1] != message.state:
            states.append(message.state)
        await send(message)

    agent._control.report = note  # type: ignore[assignment,method-assign]
    task = asyncio.create_task(agent.run())
    try:
        yield agent, states
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.slow
async def test_the_timetable_wakes_the_room_and_the_bell_sends_it_home(
    house: House, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    config = room_config(house.url, tmp_path)
    async with running(config, report) as (agent, states):
        await until(lambda: agent._control.connected)
        await house.plan_lesson(starts_in_s=LEAD_S + 1, lasts_s=6)
        await until(lambda: "in_lesson" in states)
        await until(lambda: states[-1] == "standby")
    assert states == ["standby", "checking", "waiting", "in_lesson", "standby"]
    figures = json.loads(report.read_text())
    assert figures["end"] in ("bell", "lesson_ended")
    assert figures["connections"] == 1


async def test_a_room_switched_on_in_mid_lesson_goes_straight_in(
    house: House, tmp_path: Path
) -> None:
    await house.plan_lesson(starts_in_s=0.5, lasts_s=60)
    await asyncio.sleep(2)
    async with running(room_config(house.url, tmp_path)) as (_, states):
        await until(lambda: "in_lesson" in states)
    assert "checking" not in states


async def test_a_room_whose_clock_is_off_says_so_and_still_keeps_the_right_time(
    house: House, tmp_path: Path
) -> None:
    class Ahead(SystemClock):
        def wall_us(self) -> int:
            return super().wall_us() + 90_000_000

    agent = Agent(room_config(house.url, tmp_path), clock=Ahead())
    task = asyncio.create_task(agent.run())
    try:
        await until(lambda: agent._clock.skew_s() is not None)
        assert agent._clock.skew_s() == pytest.approx(90, abs=1)
        assert agent._clock.now_s() == pytest.approx(time.time(), abs=1)
        (clock,) = agent._checks_to_tell()
        assert (clock.name, clock.ok) == ("clock", False)
        assert "+90 秒" in clock.zh
        # Kept, so that the next boot without a server knows it too.
        await until(lambda: agent._keeper.saved.clock_skew_s is not None)
        seen = await house.site_room(ROOM)
        assert seen["clock_skew_s"] == pytest.approx(90, abs=2)
        await until(lambda: agent._keeper.saved.version is not None)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_self_check_names_what_is_wrong_with_the_room(
    house: House, tmp_path: Path
) -> None:
    config = room_config(
        house.url,
        tmp_path,
        camera=VideoDevice(kind="v4l2", device="/dev/video77"),
        microphone=Microphone(kind="test_tone"),
        min_free_bytes=10**18,
    )
    media = RoomMedia(config)
    media.start()
    try:
        results = {check.name: check for check in await selfcheck.run(config, media)}
    finally:
        media.stop()
    assert set(results) == {"network", "clock", "camera", "microphone", "disk"}
    assert "摄像头" in results["camera"].zh
    assert "请清理" in results["disk"].zh
    assert [name for name, check in results.items() if check.ok] == [
        "network",
        "clock",
        "microphone",
    ]


async def test_a_silent_microphone_and_an_absent_server_are_said(
    tmp_path: Path,
) -> None:
    class Deaf:
        def open(self) -> None: ...

        def read(self) -> Sound:
            time.sleep(0.02)
            return Sound(np.zeros(960, dtype=np.int16), time.time_ns() // 1000)

        def close(self) -> None: ...

    config = room_config("http://127.0.0.1:9", tmp_path)
    media = RoomMedia(config)
    media.camera, media.microphone = None, AudioCapture("microphone", Deaf)
    media.start()
    results = {check.name: check for check in await selfcheck.run(config, media)}
    media.stop()
    assert "静音键" in results["microphone"].zh
    assert "检查网线" in results["network"].zh


async def test_a_clock_that_is_off_is_said() -> None:
    header = "Sun, 22 Nov 2026 05:00:00 GMT"
    true_s = 1_795_323_600.4
    assert selfcheck.judge_clock(header, true_s).ok
    assert "+9 秒" in selfcheck.judge_clock(header, true_s + 9).zh
    assert "-40 秒" in selfcheck.judge_skew(-40).zh
    assert selfcheck.judge_skew(1.5).ok
    assert not selfcheck.judge_clock("", true_s).ok


async def test_the_display_waits_with_a_clock_and_then_leads_to_the_room_page(
    house: House, tmp_path: Path
) -> None:
    port = free_port()
    display = DisplaySection(port=port, access_key="k")
    away = room_config("http://127.0.0.1:9", tmp_path, display=display)
    async with running(away), aiohttp.ClientSession() as browser:
        await _answers(browser, port)
        async with browser.get(f"http://127.0.0.1:{port}/") as answer:
            assert "正在连接服务器" in await answer.text()
        async with browser.get(f"http://127.0.0.1:{port}/state") as answer:
            assert (await answer.json())["state"] == "standby"
    here = room_config(house.url, tmp_path, display=display)
    async with running(here), aiohttp.ClientSession() as browser:
        await _answers(browser, port)
        page = browser.get(f"http://127.0.0.1:{port}/", allow_redirects=False)
        async with page as answer:
            assert answer.headers["Location"] == (
                f"{house.url}/room?site_room={ROOM}#key=k"
            )


async def test_the_browser_is_started_in_kiosk_mode_and_again_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom_agent.display._RESTART_S", 0.05)
    log = tmp_path / "calls"
    browser = tmp_path / "kiosk.sh"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    browser.chmod(0o755)
    port = free_port()
    display = DisplaySection(port=port, chromium=str(browser))
    config = room_config("http://127.0.0.1:9", tmp_path, display=display)
    async with running(config):
        await until(lambda: log.exists() and len(log.read_text().splitlines()) >= 2)
    call = log.read_text().splitlines()[0]
    assert "--kiosk" in call
    assert call.endswith(f"http://127.0.0.1:{port}/")


async def _answers(browser: aiohttp.ClientSession, port: int) -> None:
    async with asyncio.timeout(GUARD_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with browser.get(f"http://127.0.0.1:{port}/state"):
                    return
            await asyncio.sleep(0.02)
