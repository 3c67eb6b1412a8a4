"""A room without a scheduler: its kept agenda, and a real SFU."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from classroom_agent.agenda import Kept
from classroom_agent.agenda_file import AgendaFile
from classroom_agent.agent import Agent
from classroom_agent.config import DisplaySection, RoomConfig, ServerSection
from common import http
from common.bus import Bus
from common.clock import SystemClock
from common.config import AuthSection, Config, SfuSection
from common.config import ServerSection as HouseServer
from common.identity import LEEWAY_S, JoinGrant, Signer
from common.ids import RoomId
from common.metrics import Registry
from common.protocol.control import RoomLesson
from sfu.app import SfuService
from tests.support.agent_devices import free_port
from tests.support.agent_far_side import until
from tests.support.agent_rooms import small_room

SECRET = "a secret that is only used by these tests"
SIGNER = Signer(SECRET)
ROOM, SESSION = "huli", "ses-1"
AWAY_S = 0.3
DEAD = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def soon_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom_agent.attendance.AWAY_S", AWAY_S)


class Node:
    """An SFU with nobody to tell it of lessons."""

    def __init__(self, service: SfuService, server: TestServer) -> None:
        self.service = service
        self.url = str(server.make_url("/sfu/v1/ws")).replace("http", "ws", 1)

    def inside(self) -> list[str | None]:
        live = self.service.node.rooms.get(RoomId(SESSION))
        seats = live.seats.values() if live else ()
        return [seat.participant.site_room for seat in seats]

    def end(self) -> None:
        self.service.node.end(RoomId(SESSION))

    def lesson(
        self, starts_in_s: float, ends_in_s: float, *, opens_in_s: float = -60
    ) -> RoomLesson:
        """`opens_in_s`: when its tokens become good."""
        now = time.time()
        grant = JoinGrant(
            room=SESSION,
            role="room",
            name="湖里",
            site_room=ROOM,
            publish=["camera", "microphone"],
        )
        opens_at = now + opens_in_s
        return RoomLesson(
            session=SESSION,
            title="三年级音乐",
            role="room",
            subject="音乐",
            teacher="王老师",
            starts_at=now + starts_in_s,
            ends_at=now + ends_in_s,
            sfu_url=self.url,
            token=SIGNER.join(grant, 600, now, not_before_s=opens_at),
            screen_token=SIGNER.join(
                grant.model_copy(update={"publish": []}),
                600,
                now,
                not_before_s=opens_at,
            ),
        )


@pytest.fixture
async def node(bus: Bus, tmp_path: Path) -> AsyncIterator[Node]:
    (tmp_path / "house").mkdir()
    config = Config(
        server=HouseServer(data_dir=tmp_path / "house"),
        auth=AuthSection(secret=SECRET),
        sfu=SfuSection(bind="127.0.0.1", port=0),
    )
    service = SfuService(config, bus, SystemClock(), Registry())
    await service.start()
    app = http.application(SIGNER, SystemClock())
    app.add_routes([*service.routes(), web.get("/healthz", _well)])
    server = TestServer(app)
    await server.start_server()
    yield Node(service, server)
    await service.stop()
    await server.close()


async def _well(_request: web.Request) -> web.Response:
    return web.json_response({})


def room_that_keeps(folder: Path, *lessons: RoomLesson, port: int = 0) -> RoomConfig:
    kept = Kept(site_room=ROOM, version="v1", told_at=time.time(), lead_s=60)
    AgendaFile(folder / "room", ROOM).save(
        kept.model_copy(update={"lessons": tuple(lessons)})
    )
    return small_room(ROOM, folder / "room").model_copy(
        update={
            "server": ServerSection(url=DEAD, device_token="t"),
            "display": DisplaySection(port=port),
        }
    )


@asynccontextmanager
async def running(config: RoomConfig) -> AsyncIterator[Agent]:
    agent = Agent(config)
    task = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ask(port: int, method: str, path: str, **more: Any) -> tuple[int, str]:  # noqa: ANN401
    async with (
        aiohttp.ClientSession() as browser,
        browser.request(
            method, f"http://127.0.0.1:{port}{path}", allow_redirects=False, **more
        ) as answer,
    ):
        where = answer.headers.get("Location")
        return answer.status, where if where is not None else await answer.text()


async def test_a_room_switched_on_in_mid_lesson_joins_and_leaves_by_its_own_clock(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(-30, 8))
    async with running(config) as agent:
        await until(lambda: node.inside() == [ROOM])
        await until(lambda: agent._state == "in_lesson")
        await until(lambda: agent._state == "standby")
        await until(lambda: node.inside() == [])
        assert agent._summaries[0]["end"] == "bell"
        assert agent._summaries[0]["connections"] == 1


async def test_before_the_bell_it_checks_itself_and_waits_in_the_room(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(5, 60))
    async with running(config) as agent:
        await until(lambda: agent._state == "waiting")
        # The way to the media room was looked at, not to the dead scheduler.
        checks = {check.name: check.ok for check in agent._checks}
        assert checks["network"]
        await until(lambda: node.inside() == [ROOM])
        await until(lambda: agent._state == "in_lesson")


async def test_a_door_that_opens_a_little_later_is_tried_again(
    node: Node, tmp_path: Path
) -> None:
    lesson = node.lesson(-1, 60, opens_in_s=LEEWAY_S + 2)
    async with running(room_that_keeps(tmp_path, lesson)) as agent:
        await until(lambda: agent._state == "reconnecting")
        assert node.inside() == []
        await until(lambda: node.inside() == [ROOM], deadline_s=25)


async def test_a_media_room_that_is_over_is_remembered_on_the_disk(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(-1, 60))
    async with running(config) as agent:
        await until(lambda: agent._state == "in_lesson" and node.inside() == [ROOM])
        node.end()
        await until(lambda: agent._state == "standby")
        await until(lambda: not AgendaFile(config.state_dir, ROOM).load().lessons)
    async with running(config) as agent:
        await until(lambda: agent._wish.alone)
        assert (agent._wish.lesson, agent._state) == (None, "standby")


async def test_a_room_that_was_closed_meanwhile_is_not_knocked_at_for_long(
    node: Node, tmp_path: Path
) -> None:
    node.end()
    config = room_that_keeps(tmp_path, node.lesson(-1, 60))
    async with running(config) as agent:
        await until(lambda: not agent._attendance.kept.lessons)
        await until(lambda: agent._state == "standby")


async def test_the_rooms_screen_shows_the_lesson_from_this_program(
    node: Node, tmp_path: Path
) -> None:
    port = free_port()
    config = room_that_keeps(tmp_path, node.lesson(-1, 60), port=port)
    async with running(config) as agent:
        await until(lambda: agent._state == "in_lesson" and node.inside() == [ROOM])
        await until(lambda: agent._display._has_to_show)
        assert await ask(port, "GET", "/") == (302, f"/room?site_room={ROOM}")
        status, page = await ask(port, "GET", f"/room?site_room={ROOM}")
        assert status == 200
        assert "/assets/" in page
        status, today = await ask(port, "GET", "/api/v1/today")
        assert '"state": "live"' in today
        status, ticket = await ask(port, "POST", f"/api/v1/sessions/{SESSION}/join")
        assert status == 200
        token = json.loads(ticket)["token"]
        grant = SIGNER.read_join(token, time.time())
        assert (grant.site_room, grant.publish) == (ROOM, [])
        assert (await ask(port, "POST", "/api/v1/sessions/other/join"))[0] == 409
        stranger = {"Host": f"evil.example:{port}"}
        for path in ("/", "/state", "/api/v1/today"):
            assert (await ask(port, "GET", path, headers=stranger))[0] == 403


async def test_between_lessons_the_screen_names_the_next_one(
    node: Node, tmp_path: Path
) -> None:
    port = free_port()
    config = room_that_keeps(tmp_path, node.lesson(600, 3000), port=port)
    async with running(config) as agent:
        await until(lambda: agent._wish.alone)
        await until(lambda: "按留存的课表" in agent._display._screen.page(0))
        status, page = await ask(port, "GET", "/")
        assert status == 200
        assert "下一节" in page
        assert "三年级音乐" in page
