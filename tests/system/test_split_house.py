"""Each service a program of its own: a lesson, and a recorder killed in the middle."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, demo_lesson
from tests.support.guard import GUARD_S
from tests.support.split_house import LEAD_S, SplitHouse, read
from tests.support.today import send_sample_of_today
from tongke.demo.classroom import Classroom

_LESSON_S = 30.0
_KILL_AFTER_S = 8.0
_RESTART_AFTER_S = 1.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SplitHouse]:
    house = SplitHouse(tmp_path)
    await house.start()
    async with house.http("scheduler") as http:
        await send_sample_of_today(http)
    yield house
    await house.stop()


async def add_lesson(house: SplitHouse) -> dict[str, Any]:
    async with house.http("scheduler") as http:
        starts_at = time.time() + LEAD_S + 2
        body = demo_lesson(starts_at, starts_at + _LESSON_S)
        async with http.post("/api/v1/lessons", json=body) as answer:
            answer.raise_for_status()
            lesson: dict[str, Any] = await answer.json()
            return lesson


async def start_rooms(house: SplitHouse) -> list[Classroom]:
    master = Classroom(DEMO_MASTER, "主讲", "master", house.folder, house)
    room = Classroom(DEMO_ROOMS[0], "教学点", "room", house.folder, house)
    await asyncio.gather(master.start(), room.start())
    async with asyncio.timeout(GUARD_S), house.http("scheduler") as http:
        while sum(r["online"] for r in await read(http, "/api/v1/site-rooms")) < 2:
            for one in (master, room):
                one.check()
            await asyncio.sleep(0.1)
    return [master, room]


async def until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.time()))


async def finished(house: SplitHouse, session: str) -> dict[str, Any]:
    async with asyncio.timeout(GUARD_S), house.http("scheduler") as http:
        while True:
            view: dict[str, Any] = await read(http, f"/api/v1/sessions/{session}")
            if view["state"] == "ended" and view["resource"]:
                return view
            await asyncio.sleep(0.2)


async def test_a_lesson_over_four_programs_survives_a_killed_recorder(
    house: SplitHouse,
) -> None:
    rooms = await start_rooms(house)
    lesson = await add_lesson(house)
    await until(lesson["starts_at"] + _KILL_AFTER_S)
    killed_at = time.time()
    await house.kill("recorder")
    await asyncio.sleep(_RESTART_AFTER_S)
    await house.start_service("recorder")
    down_s = time.time() - killed_at
    view = await finished(house, lesson["session"])
    reports = [await room.finished() for room in rooms]
    await asyncio.gather(*(room.stop() for room in rooms))

    # The lesson itself never noticed.
    assert [line["to_state"] for line in view["history"]][-2:] == ["ending", "ended"]
    assert all(report["connections"] == 1 for report in reports)

    async with house.http("recorder") as http:
        resource = await read(http, f"/library/v1/resources/{view['resource']}")
        gaps = await read(http, f"/library/v1/resources/{view['resource']}/gaps")
    assert resource["session"] == lesson["session"]
    camera = next(t for t in resource["tracks"] if t["track"].endswith("1.camera"))
    # What was lost is what is declared: the time it was down, and at most the second
    # before the kill and the join after the start, which a busy machine draws out.
    assert down_s - 1 <= camera["lost_s"] <= down_s + _LESSON_S / 3
    assert "recorder_down" in str(gaps)


async def test_monitoring_sees_the_rooms_over_the_bus(house: SplitHouse) -> None:
    rooms = await start_rooms(house)
    async with asyncio.timeout(GUARD_S), house.http("monitoring") as http:
        while True:
            overview = await read(http, "/status/v1/overview")
            rooms_seen = {r["site_room"]: r["state"] for r in overview["rooms"]}
            online = {id for id, state in rooms_seen.items() if state != "offline"}
            if online >= {DEMO_MASTER, DEMO_ROOMS[0]}:
                break
            await asyncio.sleep(0.1)
    await asyncio.gather(*(room.stop() for room in rooms))
