"""A running scheduler and rooms that call it, for tests."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from common.bus import Bus
from common.clock import Clock, SystemClock
from common.config import Config
from common.http import application
from common.identity import AccessGrant, AccessRole, DeviceGrant, Signer
from common.metrics import Registry
from common.protocol.base import parse_message
from common.protocol.control import (
    Agenda,
    AgentReport,
    AgentState,
    ControlMessage,
    Hello,
    ServerTime,
    control_message,
)
from scheduler.app import SchedulerService
from scheduler.sample import demo_lesson
from tests.support.guard import GUARD_S
from tests.support.today import ZONE, sample_of_today

SECRET = "a-secret-for-tests-of-more-than-32-characters"


class Room:
    """An agent as the scheduler sees one: a real WebSocket, no devices."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, name: str) -> None:
        self.socket = socket
        self.name = name

    async def says(self, state: AgentState, session: str | None = None) -> None:
        report = AgentReport(state=state, session=session)
        await self.socket.send_str(report.to_json())

    async def hears(self) -> ControlMessage:
        """The next that tells the room what to do; agendas come when they come."""
        while True:
            message = await self._receive()
            if not isinstance(message, Agenda | ServerTime):
                return message

    async def hears_a(self, kind: type[Any]) -> Any:  # noqa: ANN401 - the kind asked for
        """The next message of a kind; others before it are passed over."""
        while True:
            message = await self._receive()
            if isinstance(message, kind):
                return message

    async def closed(self) -> aiohttp.WSMessage:
        """The close of the channel; whatever was said before it is passed over."""
        while True:
            frame = await self.socket.receive(timeout=GUARD_S)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return frame

    async def _receive(self) -> ControlMessage:
        text = await self.socket.receive_str(timeout=GUARD_S)
        return parse_message(control_message, text)


@dataclass
class House:
    """A running scheduler with somebody signed in as an operator."""

    service: SchedulerService
    server: TestServer
    http: aiohttp.ClientSession
    signer: Signer
    config: Config

    async def enter_sample(self) -> None:
        await self.service.catalogue.put(sample_of_today())

    async def call(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> Any:  # noqa: ANN401 - JSON
        async with self.http.request(method, "/api/v1" + path, json=body) as answer:
            text = await answer.text()
            assert answer.status == status, text
            return await answer.json(content_type=None) if text else None

    async def call_as(
        self, role: AccessRole, method: str, path: str, body: object = None
    ) -> tuple[int, Any]:
        key = self.signer.access(
            AccessGrant(name="某人", roles=[role]), 600, time.time()
        )
        headers = {"Authorization": f"Bearer {key}"}
        async with self.http.request(
            method, "/api/v1" + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, await answer.json(content_type=None) if text else None

    async def lesson(self, in_s: float, length_s: float) -> dict[str, Any]:
        now = time.time()
        body = demo_lesson(now + in_s, now + in_s + length_s)
        lesson: dict[str, Any] = await self.call("POST", "/lessons", body, status=201)
        return lesson

    async def room(self, name: str, joined: str | None = None) -> Room:
        token = self.signer.device(DeviceGrant(site_room=name), 600, time.time())
        headers = {"Authorization": f"Bearer {token}"}
        socket = await self.http.ws_connect("/control/v1/ws", headers=headers)
        hello = Hello(site_room=name, software="test", joined_session=joined)
        await socket.send_str(hello.to_json())
        return Room(socket, name)

    async def state(self, session: str) -> str:
        return str((await self.call("GET", f"/sessions/{session}"))["state"])


async def open_house(config: Config, bus: Bus, clock: Clock | None = None) -> House:
    service = SchedulerService(config, bus, clock or SystemClock(), Registry())
    await service.start()
    signer = Signer(SECRET)
    app = application(signer, SystemClock())
    app.add_routes(service.routes())
    server = TestServer(app)
    await server.start_server()
    key = signer.access(AccessGrant(name="运维", roles=["operator"]), 600, time.time())
    http = aiohttp.ClientSession(
        server.make_url("/"), headers={"Authorization": f"Bearer {key}"}
    )
    return House(service, server, http, signer, config)


async def close_house(house: House) -> None:
    await house.http.close()
    await house.service.stop()
    await house.server.close()


def config_at(folder: Path, url: str = "", **scheduler: float) -> Config:
    return Config.model_validate(
        {
            "server": {"data_dir": folder / "data", "time_zone": ZONE},
            "auth": {"secret": SECRET},
            "database": {"url": url},
            "scheduler": {"lead_s": 60, "ending_grace_s": 3, **scheduler},
        }
    )


@pytest.fixture
async def house(tmp_path: Path, database_url: str, bus: Bus) -> AsyncIterator[House]:
    house = await open_house(config_at(tmp_path, database_url), bus)
    await house.enter_sample()
    yield house
    await close_house(house)


@pytest.fixture
async def one_house(tmp_path: Path, bus: Bus) -> AsyncIterator[House]:
    """On SQLite only, where the database is not what is tested."""
    house = await open_house(config_at(tmp_path), bus)
    await house.enter_sample()
    yield house
    await close_house(house)
