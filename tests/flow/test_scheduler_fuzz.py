"""Every operation of the scheduler's HTTP interface, tried by machine.

schemathesis makes requests from the interface's own description, good and bad, and
compares each answer with it. Nothing is left out of it: the only door that the
description does not name is the WebSocket of the agents, which has tests of its own.
`TONGKE_FUZZ_DEEP=<examples>` makes that many for each operation instead of a few.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import pytest
from yarl import URL

from common.bus import Bus
from common.identity import AccessGrant, AccessRole
from tests.flow import fuzz_town
from tests.flow.scheduler_house import (
    House,
    close_house,
    config_at,
    one_house,
    open_house,
)
from tests.support.postgres import PostgresServer

__all__ = ["one_house"]

DEEP = int(os.environ.get("TONGKE_FUZZ_DEEP", "0"))
SEED = 1
ROLES: tuple[AccessRole, ...] = get_args(AccessRole)
ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def label(method: str, path: str) -> str:
    return f"{method} {path}"


@pytest.fixture
def named(one_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house that programs of its own find by the environment."""
    return _named(one_house, monkeypatch)


def _named(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    grant = AccessGrant(name="运维", roles=["operator"])
    key = house.signer.access(grant, 24 * 3600, time.time())
    url = str(house.server.make_url("/")).rstrip("/")
    monkeypatch.setenv("TONGKE_FUZZ_URL", url)
    monkeypatch.setenv("TONGKE_FUZZ_KEY", key)
    fuzz_town.addresses.cache_clear()
    fuzz_town.bodies.cache_clear()
    fuzz_town.answers.cache_clear()
    return house


# ---- what the description says -------------------------------------------------------


async def test_every_operation_says_what_it_does_and_how_it_refuses(
    one_house: House,
) -> None:
    document = await one_house.call("GET", "/openapi.json")
    found = list(operations(document))
    assert len(found) > 100
    names = [operation["operationId"] for _, _, operation in found]
    assert sorted(set(names)) == sorted(names)
    problem = document["components"]["schemas"]["Problem"]
    assert {"code", "zh", "en", "status"} <= set(problem["required"])
    for method, path, operation in found:
        where = label(method, path)
        assert len(operation["summary"]) > 5, where
        refusal = operation["responses"]["default"]["content"]
        schema = refusal["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}, where
    # A model of another module's name would stand here as `scheduler__api__View`.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


async def test_every_operation_is_closed_to_strangers_and_to_the_wrong_role(
    one_house: House,
) -> None:
    document = await one_house.call("GET", "/openapi.json")
    open_to_all = set()
    for method, path, operation in operations(document):
        if "security" not in operation:
            open_to_all.add(operation["operationId"])
            continue
        enough = {role for one in operation["security"] for role in one["access"]}
        where = label(method, path)
        answer = await refused(one_house, method, path, None)
        assert answer == (401, "sign_in"), where
        if not enough:
            continue
        for role in set(ROLES) - enough - {"operator"}:
            answer = await refused(one_house, method, path, role)
            assert answer == (403, "denied"), (where, role)
    assert open_to_all == {"sign_in", "sign_out", "read_calendar"}


async def refused(
    house: House, method: str, path: str, role: AccessRole | None
) -> tuple[int, str]:
    headers = {"Authorization": ""}
    if role is not None:
        grant = AccessGrant(name="某人", roles=[role])
        key = house.signer.access(grant, 600, time.time())
        headers = {"Authorization": f"Bearer {key}"}
    url = path.replace("{", "").replace("}", "")
    async with house.http.request(method, url, headers=headers) as answer:
        text = await answer.text()
        assert answer.content_type == "application/problem+json", text
        return answer.status, json.loads(text)["code"]


# ---- answers as described ------------------------------------------------------------

# What is between fields (`a move names to_weekday`) is in no schema: a body that the
# schema takes may be refused, as long as it is in the words of a problem.
CONFIG = """
hooks = "tests.flow.fuzz_hooks"
request-timeout = 120
[generation]
deterministic = true
database = "none"
max-examples = {examples}
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "401", "403", "404", "409", "422"]
"""


@pytest.mark.slow
@pytest.mark.timeout(36_000 if DEEP else 900)
async def test_every_answer_is_as_the_description_says(
    named: House, tmp_path: Path
) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(examples=DEEP or 4))
    url, key = os.environ["TONGKE_FUZZ_URL"], os.environ["TONGKE_FUZZ_KEY"]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", f"{url}/api/v1/openapi.json", "--no-color", "--continue-on-failure"),
        *("-H", f"Authorization: Bearer {key}", "--warnings", "off"),
        *("--phases", "examples,coverage,fuzzing"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await child.communicate()
    assert child.returncode == 0, told.decode()


# ---- values that a database or a calendar may choke on -------------------------------


BAD: tuple[Any, ...] = (
    "\x00",
    "a\x00b",
    "\ud800",
    "\udcff",
    "\u202e\ufeff\U0010ffff",
    "长" * 100_000,
    "-",
    "%00",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    -1,
    1e308,
    float("nan"),
    float("-inf"),
    None,
    True,
    [],
    {},
)


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for name, inner in inside:
        yield value, name
        yield from leaves(inner)


@pytest.fixture
async def postgres_house(
    tmp_path: Path,
    postgres: PostgresServer,
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    """PostgreSQL takes less than SQLite: no NUL, no integer beyond 64 bits."""
    house = await open_house(config_at(tmp_path, postgres.new_database()), bus)
    await house.enter_sample()
    yield _named(house, monkeypatch)
    await close_house(house)


@pytest.mark.slow
@pytest.mark.timeout(36_000 if DEEP else 600)
async def test_a_bad_value_anywhere_is_never_our_own_fault(
    postgres_house: House,
) -> None:
    house, pick = postgres_house, random.Random(SEED)
    document = await house.call("GET", "/openapi.json")
    for method, path, operation in operations(document):
        where, name = label(method, path), operation["operationId"]
        real = await asyncio.to_thread(fuzz_town.addresses, where)
        good = await asyncio.to_thread(fuzz_town.bodies, where, name)
        for _ in range(DEEP or 6):
            request = Request.like(pick, path, operation, real, good)
            status, text = await request.send(house, method)
            assert status < 500, (where, request, text)


class Request:
    """A good request with one bad value in it."""

    def __init__(self, path: str, query: dict[str, str], body: Any) -> None:  # noqa: ANN401
        self.path, self.query, self.body = path, query, body

    def __repr__(self) -> str:
        return f"{self.path}?{self.query} {json.dumps(self.body)[:600]}"

    @classmethod
    def like(
        cls,
        pick: random.Random,
        path: str,
        operation: Json,
        real: list[Json],
        good: list[Json],
    ) -> "Request":
        asked = {p["name"]: p["in"] for p in operation["parameters"]}
        filled = dict(pick.choice(real)) if real else {}
        inside = {name: filled.get(name, "x") for name, at in asked.items()}
        body = deepcopy(pick.choice(good)) if good else None
        places: list[tuple[Any, Any]] = [*leaves(body), *((inside, n) for n in inside)]
        if places:
            within, name = pick.choice(places)
            within[name] = pick.choice(BAD)
        query = {n: wire(v) for n, v in inside.items() if asked[n] == "query"}
        for name, at in asked.items():
            if at == "path":
                piece = quote(wire(inside[name]), safe="")
                path = path.replace(f"{{{name}}}", piece)
        return cls(path, query, body)

    async def send(self, house: House, method: str) -> tuple[int, str]:
        query = "&".join(
            f"{name}={quote(v, safe='')}" for name, v in self.query.items()
        )
        url = URL(f"{self.path}?{query}", encoded=True)
        data = None if self.body is None else json.dumps(self.body)
        async with house.http.request(method, url, data=data) as answer:
            return answer.status, await answer.text(errors="replace")


def wire(value: object) -> str:
    """As much of a value as fits into an address."""
    return str(value).encode("utf-8", "ignore").decode()[:500] or "0"
