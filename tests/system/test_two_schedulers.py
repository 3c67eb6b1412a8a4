"""Two schedulers, programs of their own, on one bus and one database; the one that
leads is killed or frozen in mid-lesson."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy.engine import make_url

from common.bus import Bus
from common.protocol.base import parse_message
from common.protocol.control import AgentReport, End, Start, control_message
from common.valkey import ValkeyChild
from scheduler.sample import DEMO_ROOMS, demo_lesson
from tests.flow.scheduler_probe import Heard, listening
from tests.support.guard import GUARD_S
from tests.support.scheduler_process import SchedulerProcess
from tests.support.today import send_sample_of_today

LEASE_S = 3.0


@dataclass
class Pair:
    """`first` leads."""

    first: SchedulerProcess
    second: SchedulerProcess
    bus: Bus


@pytest.fixture
async def pair(tmp_path: Path, database_url: str) -> AsyncIterator[Pair]:
    valkey = ValkeyChild(tmp_path / "bus")
    await valkey.start()
    bus = Bus(valkey.url)
    first, second = (
        SchedulerProcess(tmp_path / name, valkey.url, database_url, LEASE_S)
        for name in ("first", "second")
    )
    await first.start()
    await second.start()
    async with first.client() as http:
        await send_sample_of_today(http)
    yield Pair(first, second, bus)
    for process in (first, second):
        await process.kill()
    await bus.close()
    await valkey.stop()


def freeze_between_writes(process: SchedulerProcess, database_url: str) -> None:
    """A file of SQLite has one writer: one that is frozen in mid-write holds up all."""
    process.freeze()
    if not database_url.startswith("sqlite"):
        return
    path = make_url(database_url).database
    assert path is not None
    with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            process.thaw()
            other.execute("PRAGMA busy_timeout=5000")
            other.execute("BEGIN IMMEDIATE")
            process.freeze()
        other.execute("ROLLBACK")


async def read(process: SchedulerProcess, path: str) -> Any:  # noqa: ANN401 - JSON
    async with process.client() as http, http.get("/api/v1" + path) as answer:
        answer.raise_for_status()
        return await answer.json()


async def add_lesson(
    process: SchedulerProcess, in_s: float, length_s: float
) -> dict[str, Any]:
    starts_at = time.time() + in_s
    body = demo_lesson(starts_at, starts_at + length_s)
    async with process.client() as http, http.post("/api/v1/lessons", json=body) as a:
        a.raise_for_status()
        lesson: dict[str, Any] = await a.json()
        return lesson


async def hears(channel: aiohttp.ClientWebSocketResponse, kind: type[Any]) -> Any:  # noqa: ANN401
    while True:
        text = await channel.receive_str(timeout=GUARD_S)
        message = parse_message(control_message, text)
        if isinstance(message, kind):
            return message


async def until_it_leads(process: SchedulerProcess) -> dict[str, Any]:
    async with asyncio.timeout(GUARD_S):
        while True:
            state: dict[str, Any] = await read(process, "/scheduler")
            if state["leading"]:
                return state
            await asyncio.sleep(0.05)


async def life(process: SchedulerProcess, session: str) -> list[str]:
    view = await read(process, f"/sessions/{session}")
    return [line["to_state"] for line in view["history"]]


def told(heard: Heard, session: str) -> list[str]:
    """Its states in order. A process that stops between saying and noting that it
    was said leaves the next one to say it again."""
    states = [kind for kind in heard.kinds(session) if kind.startswith("state:")]
    return list(dict.fromkeys(states))


async def test_the_leader_is_killed_in_mid_lesson_and_the_other_ends_it_on_its_bell(
    pair: Pair,
) -> None:
    assert (await read(pair.first, "/scheduler"))["leading"]
    assert not (await read(pair.second, "/scheduler"))["leading"]
    async with (
        listening(pair.bus) as heard,
        pair.second.agent(DEMO_ROOMS[0]) as channel,
    ):
        lesson = await add_lesson(pair.second, in_s=2, length_s=20)
        session = lesson["session"]
        assert (await hears(channel, Start)).session == session
        report = AgentReport(state="in_lesson", session=session)
        await channel.send_str(report.to_json())
        await heard.says(session, "state:live")
        await pair.first.kill()
        assert (await until_it_leads(pair.second))["fence"] == 2
        # It says again what runs: a recorder that was away would find its way back.
        starts = heard.kinds(session).count("session.start")
        await heard.says(session, "session.start", starts + 1)
        end = await hears(channel, End)
        assert end == End(session=session, reason="bell")
        assert time.time() >= lesson["ends_at"]
        await heard.until(lambda _: "state:ended" in heard.kinds(session))
    assert told(heard, session) == [
        "state:preparing",
        "state:ready",
        "state:live",
        "state:ending",
        "state:ended",
    ]
    expected = ["preparing", "ready", "live", "ending", "ended"]
    assert await life(pair.second, session) == expected
    # Who comes back looks on.
    await pair.first.start()
    again = await read(pair.first, "/scheduler")
    assert (again["leading"], again["fence"]) == (False, 2)


async def test_a_frozen_leader_that_wakes_up_does_nothing_twice(
    pair: Pair, database_url: str
) -> None:
    async with listening(pair.bus) as heard:
        lesson = await add_lesson(pair.second, in_s=6, length_s=12)
        session = lesson["session"]
        await heard.says(session, "state:preparing")
        freeze_between_writes(pair.first, database_url)
        # The bell rings without it, the lesson runs, then it wakes up.
        await heard.until(lambda _: "state:live" in heard.kinds(session))
        pair.first.thaw()
        await heard.until(lambda _: "state:failed" in heard.kinds(session))
    assert told(heard, session) == [
        "state:preparing",
        "state:ready",
        "state:live",
        "state:failed",  # Nobody came.
    ]
    assert await life(pair.first, session) == ["preparing", "ready", "live", "failed"]
    states = [await read(each, "/scheduler") for each in (pair.first, pair.second)]
    assert [state["leading"] for state in states] == [False, True]
