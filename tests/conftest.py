"""Fixtures for all: real servers, started once and shared."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.bus import Bus
from common.valkey import ValkeyChild
from tests.support.postgres import PostgresServer

LIVE_FILES = (
    "test_console",
    "test_lesson",
    "test_lonely_room",
    "test_microphone",
    "test_recorder_",
    "test_sfu_thin_line",
)
SLOWEST_FIRST = ("system", "flow")
"""Of two that run at a time, neither shall end minutes after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests carry their markers by where they lie, and come in order of how long the
    files of a folder take."""
    items.sort(key=lambda item: _rank(Path(str(item.fspath)).parent.name))
    for item in items:
        path = Path(str(item.fspath))
        folder = path.parent.name
        if folder == "browser":
            item.add_marker(pytest.mark.browser)
        if folder in ("browser", "system"):
            item.add_marker(pytest.mark.slow)
        if folder in ("browser", "flow") and path.name.startswith(LIVE_FILES):
            item.add_marker(pytest.mark.live)


def _rank(folder: str) -> int:
    return (*SLOWEST_FIRST, folder).index(folder)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With TONGKE_NO_SKIP set (CI installs everything), a skip is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and "TONGKE_NO_SKIP" in os.environ
    ):
        report.outcome = "failed"


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    """A connected bus on a Valkey server of its own."""
    server = ValkeyChild(tmp_path / "bus")
    await server.start()
    bus = Bus(server.url)
    await bus.connect()
    yield bus
    await bus.close()
    await server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL from its wheel, one for the whole run."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; a test that uses this runs once on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/test.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()
