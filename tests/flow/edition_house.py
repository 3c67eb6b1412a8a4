"""A running scheduler with a small generated district, and its editions over HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.bus import Bus
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.world import World
from scheduler.solver.generate import Size, Synthetic, generate
from scheduler.solver.problem import Placement, Problem, StreamId
from scheduler.term.weekly import weekly_problem
from tests.flow.scheduler_house import House, close_house, config_at, open_house
from tests.support.synthetic_world import TERM, rows_of_problem

SMALL = Size(points=8, lessons=24)
NEVER_PROVEN = Size(points=50, lessons=300)
"""Large enough for the solver to improve it until somebody stops it."""
Json = dict[str, Any]


@dataclass
class Office:
    """A house and the district that its timetabler works on."""

    house: House
    made: Synthetic
    world: World

    @property
    def problem(self) -> Problem:
        return weekly_problem(self.world, TERM, 2).problem

    async def call(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> Any:  # noqa: ANN401 - JSON
        return await self.house.call(method, path, body, status=status)

    async def edition(self, **wish: object) -> Json:
        body = {"week": 2, **wish}
        path = f"/terms/{TERM.id}/editions"
        edition: Json = await self.call("POST", path, body, status=201)
        return edition

    async def board(self, edition: str) -> Json:
        board: Json = await self.call("GET", f"/editions/{edition}/board")
        return board

    async def change(self, edition: Json, *changes: Json, status: int = 200) -> Json:
        """Changes at the revision that `edition` knows, which learns the new one."""
        body = {"revision": edition["revision"], "changes": list(changes)}
        path = f"/editions/{edition['id']}/changes"
        answer: Json = await self.call("POST", path, body, status=status)
        edition["revision"] = answer.get("revision", edition["revision"])
        return answer

    async def filled(self, **wish: object) -> Json:
        """A draft with the hidden timetable of the district."""
        edition = await self.edition(**wish)
        await self.change(edition, *(placing(p) for p in sorted(self.made.hidden)))
        return edition

    async def solve(self, edition: Json, seconds: float = 2, **order: object) -> Json:
        path = f"/editions/{edition['id']}/solve"
        body = {"seconds": seconds, **order}
        job: Json = await self.call("POST", path, body, status=202)
        return job

    async def told(self, job: str) -> AsyncIterator[Json]:
        """What the stream of a job says, until it ends."""
        url = f"/api/v1/jobs/{job}/stream"
        async with self.house.http.get(url) as answer:
            assert answer.content_type == "text/event-stream"
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def ended(self, job: str) -> Json:
        """How it ended."""
        return [view async for view in self.told(job)][-1]

    async def publish(self, edition: Json, status: int = 200, **order: object) -> Json:
        path = f"/editions/{edition['id']}/publish"
        body = {"revision": edition["revision"], **order}
        answer: Json = await self.call("POST", path, body, status=status)
        return answer


def placing(placement: Placement) -> Json:
    return {
        "kind": "place",
        "course": placement.stream,
        "weekday": placement.weekday,
        "start": placement.start,
    }


def placements_of(board: Json) -> frozenset[Placement]:
    return frozenset(
        Placement(StreamId(p["course"]), p["weekday"], p["start"])
        for p in board["placements"]
    )


async def open_office(
    folder: Path,
    bus: Bus,
    url: str = "",
    *,
    size: Size = SMALL,
    term: Term = TERM,
) -> Office:
    house = await open_house(config_at(folder, url), bus)
    made = generate(size, 7)
    rows = list(rows_of_problem(made.problem, term))
    await house.service.catalogue.put(rows)
    world = World()
    world.put(rows)
    return Office(house, made, world)


@pytest.fixture
async def office(tmp_path: Path, database_url: str, bus: Bus) -> AsyncIterator[Office]:
    office = await open_office(tmp_path, bus, database_url)
    yield office
    await close_house(office.house)


@pytest.fixture
async def one_office(tmp_path: Path, bus: Bus) -> AsyncIterator[Office]:
    """On SQLite only, where the database is not what is tested."""
    office = await open_office(tmp_path, bus)
    yield office
    await close_house(office.house)


@pytest.fixture
async def large_office(tmp_path: Path, bus: Bus) -> AsyncIterator[Office]:
    office = await open_office(tmp_path, bus, size=NEVER_PROVEN)
    yield office
    await close_house(office.house)
