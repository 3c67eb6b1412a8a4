"""A real SFU on a real port with a real bus, and real participants for its tests."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from common import http
from common.bus import Bus
from common.clock import SystemClock
from common.config import AuthSection, Config, ServerSection, SfuSection
from common.identity import JoinGrant, Signer
from common.metrics import Registry, metrics_route
from common.protocol.events import (
    BusEvent,
    HandChanged,
    LessonFacts,
    SessionEnd,
    SessionPrepare,
)
from common.protocol.signalling import (
    Role,
    Source,
)
from sfu.app import SfuService
from tests.flow.sfu_peer import Peer, until
from tests.support.guard import GUARD_S

SECRET = "a secret that is only used by these tests"


class BusEar:
    """Everything said on the bus."""

    def __init__(self) -> None:
        self.heard: list[BusEvent] = []
        self._changed = asyncio.Event()

    async def ready(self, bus: Bus) -> None:
        """A reader hears what is said after it began: here it has begun."""
        probe = HandChanged(at=0.0, session="probe", participant="probe", raised=True)
        async with asyncio.timeout(GUARD_S):
            while not self.heard:
                await bus.publish(probe)
                await asyncio.sleep(0.05)

    async def listen(self, bus: Bus) -> None:
        async for event in bus.subscribe("test-ear"):
            self.heard.append(event)
            self._changed.set()

    async def event(self, kind: str, **facts: object) -> Any:  # noqa: ANN401
        """The first event of a type with these facts."""

        def find() -> BusEvent | None:
            for event in self.heard:
                if event.type == kind and all(
                    getattr(event, key) == value for key, value in facts.items()
                ):
                    return event
            return None

        return await until(find, self._changed, f"{kind} {facts}")


@dataclass
class SfuHouse:
    service: SfuService
    server: TestServer
    bus: Bus
    ear: BusEar
    registry: Registry
    session: aiohttp.ClientSession
    signer: Signer = field(default_factory=lambda: Signer(SECRET))
    peers: list["Peer"] = field(default_factory=list)

    @property
    def ws_url(self) -> str:
        return str(self.server.make_url("/sfu/v1/ws"))

    def token(
        self,
        role: Role,
        *publish: Source,
        room: str = "ses-1",
        name: str = "",
        site_room: str | None = None,
        control: bool | None = None,
        ttl_s: float = 3600,
    ) -> str:
        grant = JoinGrant(
            room=room,
            role=role,
            name=name,
            site_room=site_room,
            publish=list(publish),
            control=role == "master" if control is None else control,
        )
        return self.signer.join(grant, ttl_s, time.time())

    def peer(self, token: str, **kind: Any) -> "Peer":  # noqa: ANN401
        peer = Peer(self, token, **kind)
        self.peers.append(peer)
        return peer

    async def master(self, **kind: Any) -> "Peer":  # noqa: ANN401
        token = self.token(
            "master", "camera", "microphone", name="王老师", site_room="centre-101"
        )
        kind.setdefault("publish", ("camera", "microphone"))
        return await self.peer(token, **kind).join()

    async def room(self, site: str, **kind: Any) -> "Peer":  # noqa: ANN401
        token = self.token("room", "camera", "microphone", name=site, site_room=site)
        kind.setdefault("publish", ("camera", "microphone"))
        return await self.peer(token, **kind).join()

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    async def prepare(self, *, title: str = "数学", ends_in_s: float = 2400) -> None:
        """Said again until the node has opened the room, as the scheduler does."""
        event = SessionPrepare(at=time.time(), facts=facts(title, ends_in_s))
        async with asyncio.timeout(GUARD_S):
            while "ses-1" not in self.service.node.rooms:
                await self.bus.publish(event)
                await asyncio.sleep(0.1)

    async def end(self) -> None:
        await self.bus.publish(
            SessionEnd(at=time.time(), session="ses-1", reason="bell")
        )


def facts(title: str, ends_in_s: float) -> LessonFacts:
    return LessonFacts(
        lesson="les-1",
        session="ses-1",
        title=title,
        kind="delivery",
        stage="小学",
        subject="数学",
        grade="三年级",
        teacher="王老师",
        district="定远县",
        school="中心校",
        master_room="centre-101",
        site_rooms={"centre-101": "中心校 101"},
        starts_at=time.time(),
        ends_at=time.time() + ends_in_s,
    )


@contextlib.asynccontextmanager
async def open_house(
    bus: Bus, data_dir: Path, **sfu: object
) -> AsyncIterator[SfuHouse]:
    section = SfuSection(**{"bind": "127.0.0.1", "port": 0, "vanished_s": 3, **sfu})
    config = Config(
        server=ServerSection(data_dir=data_dir),
        auth=AuthSection(secret=SECRET),
        sfu=section,
    )
    clock, registry, ear = SystemClock(), Registry(), BusEar()
    hearing = asyncio.create_task(ear.listen(bus))
    await ear.ready(bus)
    service = SfuService(config, bus, clock, registry)
    await service.start()
    app = http.application(Signer(SECRET), clock)
    app.add_routes(service.routes())
    app.add_routes([metrics_route(registry), web.get("/", _nothing)])
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        house = SfuHouse(service, server, bus, ear, registry, session)
        try:
            yield house
        finally:
            for peer in house.peers:
                await peer.close()
            await service.stop()
            await server.close()
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response()
