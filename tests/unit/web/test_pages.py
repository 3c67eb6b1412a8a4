"""The pages as the server hands them out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from common import http
from common.clock import SystemClock
from common.errors import UnavailableError
from common.identity import Signer
from web.pages import MISSING, SHELLS, page_routes

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What a build leaves behind, in small."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "today-ABC.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("not a page")
    for name in (*SHELLS.values(), MISSING):
        (folder / f"{name}.html").write_text(f"<tk-{name}></tk-{name}>")
    return folder


@pytest.fixture
async def client(dist: Path) -> AsyncIterator[Client]:
    app = http.application(Signer("x" * 32), SystemClock())
    app.add_routes(page_routes(dist))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_every_page_has_a_clean_path(client: Client) -> None:
    for path, name in SHELLS.items():
        answer = await client.get(path)
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert f"tk-{name}" in await answer.text()


async def test_no_page_may_run_inline_scripts_or_be_framed(client: Client) -> None:
    policy = (await client.get("/")).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_hashed_files_are_kept_for_good_and_pages_are_not(client: Client) -> None:
    asset = await client.get("/assets/today-ABC.js")
    assert "immutable" in asset.headers["Cache-Control"]
    assert (await client.get("/teach")).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["gone-1.js", "..%2f..%2fsecret.txt", "%2e%2e"])
async def test_nothing_but_the_assets_is_handed_out(client: Client, name: str) -> None:
    answer = await client.get(URL(f"/assets/{name}", encoded=True))
    assert answer.status == 404


async def test_who_comes_to_no_page_is_told_so_on_one(client: Client) -> None:
    answer = await client.get("/stauts", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert "tk-missing" in await answer.text()
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/stauts", "/api/v1/nothing"])
async def test_a_program_is_told_by_a_problem(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 404
    problem = await answer.json(content_type="application/problem+json")
    assert problem["code"] == "no_such_path"


def test_a_server_without_built_pages_says_what_to_do(dist: Path) -> None:
    (dist / "room.html").unlink()
    with pytest.raises(UnavailableError, match="make web") as caught:
        page_routes(dist)
    assert caught.value.code == "pages_not_built"
    assert "make web" in caught.value.zh
