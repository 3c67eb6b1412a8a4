"""The bell rings while the scheduler is dead: rooms go by the agenda that they keep."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, demo_lesson
from tests.support.guard import GUARD_S
from tests.support.split_house import LEAD_S, SplitHouse, read
from tests.support.today import ZONE, send_sample_of_today
from tongke.demo.classroom import Classroom
from tongke.demo.ports import free_port
from tongke.demo.server import LEAD_S as SERVER_LEAD_S
from tongke.demo.server import Server

ROOM = DEMO_ROOMS[0]
LESSON_S = 50.0
BACK_AFTER_S = 10.0
"""The dead scheduler is started again so long after the bell."""
PAST_AGENDA_S = (5.0, 60.0)
"""For the rooms to be told and to write it down; the second for a slow machine."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SplitHouse]:
    house = SplitHouse(tmp_path)
    await house.start()
    async with house.http("scheduler") as http:
        await send_sample_of_today(http)
    yield house
    await house.stop()


async def add_lesson(http: aiohttp.ClientSession, in_s: float) -> dict[str, Any]:
    starts_at = time.time() + in_s
    body = demo_lesson(starts_at, starts_at + LESSON_S)
    async with http.post("/api/v1/lessons", json=body) as answer:
        answer.raise_for_status()
        lesson: dict[str, Any] = await answer.json()
        return lesson


async def agendas(http: aiohttp.ClientSession) -> dict[str, str]:
    """Room -> version of the agenda that is current and safe on its disk."""
    return {
        view["id"]: view["agenda"]["version"]
        for view in await read(http, "/api/v1/site-rooms")
        if view["agenda"] and view["agenda"]["is_current"]
    }


async def kept_by(
    http: aiohttp.ClientSession, rooms: set[str], other_than: dict[str, str]
) -> dict[str, str]:
    async with asyncio.timeout(GUARD_S):
        while True:
            kept = await agendas(http)
            if all(kept.get(r) not in (None, other_than.get(r)) for r in rooms):
                return kept
            await asyncio.sleep(0.1)


async def lesson_kept_by(
    http: aiohttp.ClientSession, rooms: set[str], lead_s: float
) -> dict[str, Any]:
    """A lesson that all of `rooms` have on their disks before they are woken."""
    known = await kept_by(http, rooms, {})
    for in_s in PAST_AGENDA_S:
        lesson = await add_lesson(http, lead_s + in_s)
        known = await kept_by(http, rooms, known)
        if time.time() < lesson["starts_at"] - lead_s:
            return lesson
        async with http.post(f"/api/v1/lessons/{lesson['lesson']}/cancel") as answer:
            answer.raise_for_status()
        known = await kept_by(http, rooms, known)
    raise AssertionError("the machine is too slow for this test")


async def until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.time()))


async def inside(house: SplitHouse, session: str) -> set[str]:
    """Rooms that sit in the media room, as the SFU sees it."""
    async with house.http("sfu") as http:
        return {
            one["site_room"]
            for room in await read(http, "/sfu/v1/rooms")
            if room["state"]["room"] == session
            for one in room["state"]["participants"]
            if one.get("site_room")
        }


async def packets_out(house: SplitHouse) -> float:
    """What the SFU has sent to all rooms so far."""
    async with house.http("sfu") as http, http.get("/metrics") as answer:
        text = await answer.text()
    name = 'classroom_rtp_packets_total{direction="out"}'
    return next(
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith(name)
    )


async def finished(house: SplitHouse, session: str) -> dict[str, Any]:
    async with asyncio.timeout(GUARD_S), house.http("scheduler") as http:
        while True:
            view: dict[str, Any] = await read(http, f"/api/v1/sessions/{session}")
            if view["state"] == "ended" and view["resource"]:
                return view
            await asyncio.sleep(0.2)


async def test_a_lesson_begins_without_its_scheduler_which_then_takes_it_over(
    house: SplitHouse,
) -> None:
    master = Classroom(DEMO_MASTER, "主讲", "master", house.folder, house)
    point = Classroom(ROOM, "教学点", "room", house.folder, house)
    await asyncio.gather(master.start(), point.start())
    both: set[str] = {DEMO_MASTER, ROOM}
    async with house.http("scheduler") as http:
        lesson = await lesson_kept_by(http, both, LEAD_S)
    session, bell = lesson["session"], lesson["starts_at"]
    await house.kill("scheduler")

    await until(bell)
    async with asyncio.timeout(GUARD_S):
        while await inside(house, session) != both:
            await asyncio.sleep(0.1)
    before = await packets_out(house)
    await until(bell + BACK_AFTER_S / 2)
    assert await packets_out(house) > before + 100

    await until(bell + BACK_AFTER_S)
    await house.start_service("scheduler")
    view = await finished(house, session)
    reports = [await room.finished() for room in (master, point)]
    await asyncio.gather(master.stop(), point.stop())

    # The rooms never noticed that somebody took over.
    for report in reports:
        assert report["connections"] == 1
        assert report["end"] in ("bell", "lesson_ended")
        assert report["frames"] > 0.5 * 25 * LESSON_S
    # The master hears nobody: all rooms begin muted.
    assert reports[1]["audio_samples"] > 0.8 * 48_000 * LESSON_S
    # The scheduler did, and what was left is recorded.
    history = {line["to_state"]: line for line in view["history"]}
    began = history["live"]["at"]
    assert began >= bell + BACK_AFTER_S
    detail = history["live"]["detail"]
    assert "late" in detail
    assert not any(room in detail for room in both), "it is in the lesson"
    async with house.http("recorder") as http:
        resource = await read(http, f"/library/v1/resources/{view['resource']}")
    left_s = lesson["ends_at"] - began
    assert resource["duration_s"] == pytest.approx(left_s, abs=3)


async def test_a_room_keeps_trying_a_dead_server_and_joins_for_the_rest(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path, ZONE)
    await server.start()
    room, port = Classroom(ROOM, "教学点", "room", tmp_path, server), free_port()
    with (tmp_path / f"{ROOM}.toml").open("a") as config:
        config.write(f"[display]\nport = {port}\n")
    try:
        await send_sample_of_today(server.http)
        await room.start()
        lesson = await lesson_kept_by(server.http, {ROOM}, SERVER_LEAD_S)
        assert server.program is not None
        os.kill(server.program.pid, signal.SIGKILL)
        await server.stop()

        page = await shown(port, "会一直尝试到下课")
        assert lesson["title"] in page
        assert "按留存的课表上课" in page
        await until(lesson["starts_at"] + 3)
        await server.start()
        async with asyncio.timeout(GUARD_S):
            while True:
                view = await server.get(f"/api/v1/sessions/{lesson['session']}")
                if any(one["present"] for one in view["rooms"]):
                    break
                await asyncio.sleep(0.1)
        assert time.time() < lesson["ends_at"]
        await server.post(f"/api/v1/sessions/{lesson['session']}/end", {})
        assert (await room.finished())["connections"] == 1
    finally:
        await room.stop()
        await server.stop()


async def shown(port: int, sentence: str) -> str:
    """The room's own page, once it says so."""
    async with asyncio.timeout(GUARD_S), aiohttp.ClientSession() as browser:
        while True:
            async with browser.get(f"http://127.0.0.1:{port}/") as answer:
                page = await answer.text()
            if sentence in page:
                return page
            await asyncio.sleep(0.2)
