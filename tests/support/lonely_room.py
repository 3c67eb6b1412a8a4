"""A room without a scheduler: its kept agenda, and a real SFU nobody tells anything."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

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
from common.identity import JoinGrant, Signer
from common.ids import RoomId
from common.metrics import Registry
from common.protocol.control import RoomLesson
from sfu.app import SfuService
from tests.support.agent_rooms import small_room

SECRET = "a secret that is only used by these tests"
SIGNER = Signer(SECRET)
MASTER, ROOM, SESSION = "dingyuan", "huli", "ses-1"
DEAD = "http://127.0.0.1:9"


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
        self,
        starts_in_s: float,
        ends_in_s: float,
        *,
        opens_in_s: float = -60,
        site_room: str = ROOM,
    ) -> RoomLesson:
        """`opens_in_s`: when its tokens become good."""
        now = time.time()
        role: Literal["master", "room"] = "master" if site_room == MASTER else "room"
        grant = JoinGrant(
            room=SESSION,
            role=role,
            name=site_room,
            site_room=site_room,
            publish=["camera", "microphone"],
        )
        looks = grant.model_copy(update={"publish": []})
        opens_at = now + opens_in_s
        tokens = [
            SIGNER.join(one, 600, now, not_before_s=opens_at) for one in (grant, looks)
        ]
        return RoomLesson(
            session=SESSION,
            title="三年级音乐",
            role=role,
            subject="音乐",
            teacher="王老师",
            starts_at=now + starts_in_s,
            ends_at=now + ends_in_s,
            sfu_url=self.url,
            token=tokens[0],
            screen_token=tokens[1] if role == "room" else None,
        )


async def _well(_request: web.Request) -> web.Response:
    return web.json_response({})


@asynccontextmanager
async def lonely_node(bus: Bus, folder: Path) -> AsyncIterator[Node]:
    config = Config(
        server=HouseServer(data_dir=folder),
        auth=AuthSection(secret=SECRET),
        sfu=SfuSection(bind="127.0.0.1", port=0),
    )
    service = SfuService(config, bus, SystemClock(), Registry())
    await service.start()
    app = http.application(SIGNER, SystemClock())
    app.add_routes([*service.routes(), web.get("/healthz", _well)])
    server = TestServer(app)
    await server.start_server()
    try:
        yield Node(service, server)
    finally:
        await service.stop()
        await server.close()


def room_that_keeps(
    folder: Path, *lessons: RoomLesson, port: int = 0, site_room: str = ROOM
) -> RoomConfig:
    """`port`: of its own page."""
    state_dir = folder / site_room
    kept = Kept(site_room=site_room, version="v1", told_at=time.time(), lead_s=60)
    AgendaFile(state_dir, site_room).save(
        kept.model_copy(update={"lessons": tuple(lessons)})
    )
    return small_room(site_room, state_dir).model_copy(
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
