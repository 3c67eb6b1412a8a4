"""The monitoring service whole: real bus, real database, real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import text

from common import http
from common.bus import Bus
from common.clock import SystemClock
from common.config import Config, DatabaseSection, ServerSection
from common.db import Database
from common.identity import AccessGrant, AccessRole, Signer
from common.metrics import Registry
from common.protocol.events import BusEvent
from monitoring.app import MonitoringService
from tests.support.guard import GUARD_S
from tests.unit.monitoring.lesson import (
    SESSION,
    agent,
    ended,
    facts,
    joined,
    left,
    report,
    reported,
    state,
)

SIGNER = Signer("s" * 32)


class Status:
    """One running service and a browser that may look at it."""

    def __init__(self, url: str, browser: ClientSession, registry: Registry) -> None:
        self.url = url
        self.browser = browser
        self.registry = registry

    def token(self, *roles: AccessRole) -> str:
        grant = AccessGrant(name="李", roles=list(roles))
        return SIGNER.access(grant, 600, SystemClock().wall_us() / 1e6)

    def _headers(self, *roles: AccessRole) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*roles)}"}

    async def get(self, path: str, *roles: AccessRole) -> tuple[int, Any]:
        headers = self._headers(*roles) if roles else {}
        async with self.browser.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.json()

    async def stream(self) -> AsyncIterator[dict[str, Any]]:
        headers = self._headers("operator")
        async with self.browser.get(
            self.url + "/overview/stream", headers=headers
        ) as answer:
            assert answer.content_type == "text/event-stream"
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first picture of the stream that is as wanted."""
        async with asyncio.timeout(GUARD_S):
            async for picture in self.stream():
                if wanted(picture):
                    return picture
        raise AssertionError("the stream ended")

    async def truth(
        self, wanted: Callable[[dict[str, dict[str, Any]]], bool]
    ) -> dict[str, dict[str, Any]]:
        """The seats of the lesson by classroom, once they are as wanted: the store
        is written just after the wall."""
        async with asyncio.timeout(GUARD_S):
            while True:
                code, said = await self.get(f"/sessions/{SESSION}/quality", "operator")
                seats = {seat["site_room"]: seat for seat in said.get("seats", ())}
                if code == 200 and wanted(seats):
                    return seats
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(bus: Bus, database_url: str, folder: Path) -> AsyncIterator[Status]:
    async with AsyncExitStack() as closing:
        config = Config(
            server=ServerSection(data_dir=folder),
            database=DatabaseSection(url=database_url),
        )
        registry, clock = Registry(), SystemClock()
        service = MonitoringService(config, bus, clock, registry)
        closing.push_async_callback(service.stop)
        await service.start()
        app = http.application(SIGNER, clock)
        app.add_routes(service.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        closing.push_async_callback(runner.cleanup)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        browser = await closing.enter_async_context(ClientSession())
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/status/v1"
        assert await service.health() == {"bus": True, "database": True}
        await _listening(bus)
        yield Status(url, browser, registry)


async def _listening(bus: Bus) -> None:
    """The reader has taken its place in the stream."""
    async with asyncio.timeout(GUARD_S):
        while not await bus._redis.exists("tongke:position:monitoring"):
            await asyncio.sleep(0.01)


@pytest.fixture
async def publish(bus: Bus) -> Callable[..., Awaitable[None]]:
    async def publish(*events: BusEvent) -> None:
        for event in events:
            await bus.publish(event)

    return publish


def now() -> float:
    return SystemClock().wall_us() / 1e6


def live_lesson(bell: float) -> list[BusEvent]:
    """A lesson whose bell just rang; 蒋集 has not come."""
    from common.protocol.events import SessionPrepare, SessionStart

    return [
        SessionPrepare(at=bell - 180, facts=facts(starts_at=bell)),
        agent("sanguan", "waiting", bell - 60),
        joined("master", bell - 40),
        joined("sanguan", bell - 30),
        SessionStart(at=bell, facts=facts(starts_at=bell)),
        state("live", bell),
        reported("sanguan", bell + 2, report(join_ms=900)),
    ]


def rooms(picture: dict[str, Any]) -> dict[str, str]:
    return {room["site_room"]: room["state"] for room in picture["rooms"]}


async def test_the_page_follows_a_lesson_as_it_happens(
    bus: Bus,
    tmp_path: Path,
    database_url: str,
    publish: Callable[..., Awaitable[None]],
) -> None:
    bell = now() - 3
    async with running(bus, database_url, tmp_path) as status:
        await publish(*live_lesson(bell))
        picture = await status.until(
            lambda seen: rooms(seen).get("sanguan") == "in_lesson"
        )
        assert rooms(picture)["lihe"] == "offline"
        assert picture["rooms"][0]["trouble"]["code"] == "offline_in_lesson"
        assert picture["lessons"][0]["word"]["zh"] == "上课中"

        await publish(agent("sanguan", "in_lesson", now()), left("sanguan", now()))
        picture = await status.until(
            lambda seen: rooms(seen)["sanguan"] == "reconnecting"
        )
        code, same = await status.get("/overview", "observer")
        assert code == 200
        assert rooms(same) == rooms(picture)


async def test_a_service_that_was_killed_knows_everything_again(
    bus: Bus,
    tmp_path: Path,
    database_url: str,
    publish: Callable[..., Awaitable[None]],
) -> None:
    bell = now() - 3
    async with running(bus, database_url, tmp_path) as status:
        await publish(*live_lesson(bell))
        before = await status.until(
            lambda seen: rooms(seen).get("sanguan") == "in_lesson"
        )
    # The last event was being handled when it died: the bus gives it again.
    await publish(left("sanguan", bell + 5))
    async with running(bus, database_url, tmp_path) as status:
        after = await status.until(
            lambda seen: rooms(seen)["sanguan"] != rooms(before)["sanguan"]
        )
        assert after["lessons"][0]["title"] == "一年级音乐：小星星"
        seats = await status.truth(
            lambda seats: seats["sanguan"]["attended_minutes"] == round(35 / 60, 2)
        )
        assert seats["sanguan"]["joins"] == 1


async def test_the_truth_of_a_finished_lesson_names_the_room_that_never_came(
    bus: Bus,
    tmp_path: Path,
    database_url: str,
    publish: Callable[..., Awaitable[None]],
) -> None:
    bell = now() - 3
    async with running(bus, database_url, tmp_path) as status:
        await publish(*live_lesson(bell), ended(bell + 3), state("ended", bell + 4))
        await status.until(
            lambda seen: (
                bool(seen["lessons"]) and seen["lessons"][0]["state"] == "ended"
            )
        )
        seats = await status.truth(lambda seats: len(seats) == 3)
        outcome = {site_room: seat["outcome"] for site_room, seat in seats.items()}
        assert outcome == {"master": "ok", "sanguan": "ok", "lihe": "failed"}
        failed = status.registry.get_sample_value(
            "classroom_lesson_starts_total",
            {"site": "lihe", "outcome": "failed", "reason": "offline"},
        )
        assert failed == 1


async def test_a_database_that_fails_for_a_moment_loses_nothing(
    bus: Bus,
    tmp_path: Path,
    database_url: str,
    publish: Callable[..., Awaitable[None]],
) -> None:
    bell = now() - 3
    async with running(bus, database_url, tmp_path) as status:
        prepared, _, master_joined, *_ = live_lesson(bell)
        await publish(prepared)
        await status.until(lambda seen: bool(seen["lessons"]))
        await _alter(database_url, "alter table lesson_quality rename to away")
        await publish(master_joined)
        await status.until(lambda seen: rooms(seen).get("master") == "waiting")
        await _alter(database_url, "alter table away rename to lesson_quality")
        seats = await status.truth(lambda seats: "master" in seats)
        assert seats["master"]["joins"] == 1


async def _alter(database_url: str, statement: str) -> None:
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.execute(text(statement))
    await database.close()


async def test_only_observers_and_operators_may_look(
    bus: Bus, tmp_path: Path, database_url: str
) -> None:
    async with running(bus, database_url, tmp_path) as status:
        assert (await status.get("/overview"))[0] == 401
        assert (await status.get("/overview", "teacher"))[0] == 403
        assert (await status.get("/overview", "operator"))[0] == 200
        code, problem = await status.get("/sessions/nothing/quality", "operator")
        assert (code, problem["code"]) == (404, "no_such_session")


async def test_the_status_api_describes_itself(
    bus: Bus, tmp_path: Path, database_url: str
) -> None:
    async with running(bus, database_url, tmp_path) as status:
        _, described = await status.get("/openapi.json")
        assert described["openapi"].startswith("3.1")
        assert set(described["paths"]) == {
            "/status/v1/overview",
            "/status/v1/overview/stream",
            "/status/v1/sessions/{id}/quality",
        }


async def test_stopping_lets_the_watchers_of_the_stream_go(
    bus: Bus, tmp_path: Path, database_url: str
) -> None:
    async with AsyncExitStack() as house:
        status = await house.enter_async_context(running(bus, database_url, tmp_path))
        stream = status.stream()
        assert (await anext(stream))["rooms"] == []
        async with asyncio.timeout(GUARD_S):
            await house.aclose()
        await stream.aclose()  # type: ignore[attr-defined]
