"""Two lessons back to back in the same rooms: real node, real agents, real recorder,
each a program of its own."""

import asyncio
import time
from typing import Any

from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, demo_lesson
from tests.support.split_house import LEAD_S, SplitHouse, read
from tests.system.test_split_house import finished, house, start_rooms, until

__all__ = ["house"]

_LESSON_S = 20.0
_MOVED_S = 12.0
"""From one lesson's last to the next one's first picture; a busy machine takes most
of it, a quiet one two seconds."""
_BELL_S = 5.0
"""As much for a bell of a real clock. Bells are exact where time is an argument:
`tests/flow/test_scheduler_clock.py`."""


async def add_lessons(house: SplitHouse) -> list[dict[str, Any]]:
    starts_at = time.time() + LEAD_S + 2
    lessons = []
    async with house.http("scheduler") as http:
        for number in range(2):
            start = starts_at + number * _LESSON_S
            body = demo_lesson(start, start + _LESSON_S)
            async with http.post("/api/v1/lessons", json=body) as answer:
                answer.raise_for_status()
                lessons.append(await answer.json())
    return lessons


async def sessions_of_rooms(house: SplitHouse) -> set[str]:
    async with house.http("scheduler") as http:
        rooms = await read(http, "/api/v1/site-rooms")
    ours = {DEMO_MASTER, DEMO_ROOMS[0]}
    return {room["session"] for room in rooms if room["id"] in ours}


def moment(view: dict[str, Any], state: str) -> float:
    lines = [line["at"] for line in view["history"] if line["to_state"] == state]
    return float(lines[0])


async def test_rooms_stay_in_one_lesson_until_its_bell_and_then_are_in_the_next(
    house: SplitHouse,
) -> None:
    rooms = await start_rooms(house)
    first, second = await add_lessons(house)
    # The second is being prepared, and pulls nobody out of the first.
    await until(second["starts_at"] - 1.5)
    async with house.http("scheduler") as http:
        preparing = await read(http, f"/api/v1/sessions/{second['session']}")
    assert preparing["state"] == "preparing"
    assert await sessions_of_rooms(house) == {first["session"]}
    async with asyncio.timeout(_LESSON_S):
        while await sessions_of_rooms(house) != {second["session"]}:
            await asyncio.sleep(0.1)
    assert time.time() - second["starts_at"] < _MOVED_S
    views = [await finished(house, lesson["session"]) for lesson in (first, second)]
    await asyncio.gather(*(room.stop() for room in rooms))

    # One bell for both: the first ends and the second begins.
    assert moment(views[0], "ending") - first["ends_at"] < _BELL_S
    assert moment(views[1], "live") - second["starts_at"] < _BELL_S
    bell = next(line for line in views[1]["history"] if line["to_state"] == "live")
    handed = f"handover {' '.join(sorted((DEMO_MASTER, DEMO_ROOMS[0])))}"
    assert handed in bell["detail"]
    assert all(view["state"] == "ended" for view in views)

    async with house.http("recorder") as http:
        for view in views:
            resource = await read(http, f"/library/v1/resources/{view['resource']}")
            assert abs(resource["duration_s"] - _LESSON_S) < _BELL_S
            tracks = {track["track"]: track for track in resource["tracks"]}
            camera = next(t for n, t in tracks.items() if n.endswith("1.camera"))
            assert camera["duration_s"] > _LESSON_S - _MOVED_S
