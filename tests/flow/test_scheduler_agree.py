"""Agreeing to a repair changes everything or nothing, whatever breaks on the way."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from common.db import Database
from scheduler.repair.kept import ProposalId
from tests.flow.absences import TERM, away, furnish, lesson
from tests.flow.agreeing import AFTER, COMMIT, broken_at, choices_of, repair_desk, rows
from tests.flow.scheduler_house import House, house
from tests.support.guard import GUARD_S

__all__ = ["house"]

Json = dict[str, Any]


_WRITES = 9
"""That one agreement makes: the proposal, a cancellation, a move, the notices."""


class Broken(Exception):
    """What no part of the scheduler expects."""


def fail() -> None:
    raise Broken


@dataclass
class Waiting:
    """One lesson that will move and one that will be cancelled."""

    house: House
    database: Database
    proposal: str
    moving: str
    given_up: Json
    choices: list[Json]

    async def state(self) -> str:
        found: Json = await self.house.call("GET", f"/repairs/{self.proposal}")
        return str(found["state"])

    async def agree(self) -> None:
        path = f"/repairs/{self.proposal}/agree"
        await self.house.call("POST", path, {"choices": self.choices})

    async def is_done(self) -> None:
        """Everything that agreeing promises, as people see it."""
        assert await self.state() == "agreed"
        moved = await self.house.call("GET", f"/lessons/{self.moving}")
        assert moved["version"] == 2
        session = await self.house.call("GET", f"/sessions/{self.given_up['session']}")
        assert session["state"] == "cancelled"
        [notice] = await self.house.call("GET", "/notices?teacher=li")
        assert "取消" in notice["zh"]
        assert len(await self.house.call("GET", "/notices?site_room=huli-room")) == 1


@pytest.fixture
async def waiting(house: House) -> AsyncIterator[Waiting]:
    await furnish(house)
    first = await lesson(house, "music", 2, 2)
    second = await lesson(house, "song", 2, 3)
    body = away("school", "huli", 1, 7)
    proposal = await house.call("POST", TERM, body, status=201)
    stuck = {one["lesson"]: one for one in proposal["stuck"]}
    assert stuck.keys() == {first["lesson"], second["lesson"]}
    day = stuck[first["lesson"]]["dates"][0]
    database = Database(house.config.database.url)
    choices = [
        {
            "lesson": first["lesson"],
            "kind": "date",
            "day": day["day"],
            "start": day["start"],
        },
        {"lesson": second["lesson"], "kind": "cancel"},
    ]
    yield Waiting(house, database, proposal["id"], first["lesson"], second, choices)
    await database.close()


async def test_an_error_at_any_write_leaves_all_as_it_was(waiting: Waiting) -> None:
    before = await rows(waiting.database)
    desk = repair_desk(waiting.database, waiting.house.service._starter)
    proposal, choices = ProposalId(waiting.proposal), choices_of(waiting.choices)
    broken: list[str] = []
    for step in (COMMIT, *map(str, range(1, 100))):
        try:
            with broken_at(waiting.database, step, fail):
                await desk.agree(proposal, choices, "周老师")
        except Broken:
            broken.append(step)
            assert await rows(waiting.database) == before, step
        else:
            break
    assert broken[-1] == str(_WRITES), "one write more or less: look at the kills below"
    await waiting.is_done()


@pytest.mark.parametrize("step", [str(_WRITES // 2), COMMIT])
async def test_a_kill_before_the_commit_leaves_all_as_it_was(
    waiting: Waiting, step: str
) -> None:
    before = await rows(waiting.database)
    await killed(waiting, step)
    assert await rows(waiting.database) == before
    assert await waiting.state() == "open"
    await waiting.agree()
    await waiting.is_done()


async def test_a_kill_after_the_commit_leaves_nothing_to_do(waiting: Waiting) -> None:
    await killed(waiting, AFTER)
    await waiting.is_done()
    status, problem = await waiting.house.call_as(
        "timetabler", "POST", f"/repairs/{waiting.proposal}/agree", {}
    )
    assert (status, problem["code"]) == (409, "proposal_closed")


async def killed(waiting: Waiting, step: str) -> None:
    url, choices = waiting.house.config.database.url, json.dumps(waiting.choices)
    words = ("-m", "tests.flow.agreeing", url, waiting.proposal, choices, step)
    child = await asyncio.create_subprocess_exec(sys.executable, *words)
    async with asyncio.timeout(GUARD_S):
        assert await child.wait() == -signal.SIGKILL
