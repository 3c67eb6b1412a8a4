"""`tongke timetable` as a person runs it, and the demo's timetable in other years."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from scheduler.sample import FOLDER as SAMPLE
from tests.support.guard import GUARD_S
from tongke.demo.server import Server
from tongke.demo.timetable import DemoTimetable

TERM = ("--term", "2026-autumn")
on_the_shared_loop = pytest.mark.asyncio(loop_scope="module")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tongke", "timetable", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=GUARD_S)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    await server.start()
    yield server
    await server.stop()


async def on(
    server: Server, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    where = ("--server", server.base_url, "--key", server.access_key())
    return await asyncio.to_thread(run, *arguments, *where)


def test_files_are_solved_and_the_answer_passes_the_check(tmp_path: Path) -> None:
    out = tmp_path / "课表.xlsx"
    solved = run("solve", SAMPLE, *TERM, "--seconds", "5", "--out", out)
    assert solved.returncode == 0, solved.stdout + solved.stderr
    assert "最优" not in solved.stdout
    checked = run("check", SAMPLE, out, *TERM)
    assert checked.returncode == 0, checked.stdout
    assert "0 处冲突" in checked.stdout
    unsolved = run("check", SAMPLE, *TERM)
    assert unsolved.returncode == 1
    assert "没有时间" in unsolved.stdout


def test_wishes_that_cannot_be_are_explained(tmp_path: Path) -> None:
    """A teacher who is away on every day cannot give the lessons of the week."""
    closed = tmp_path / "不可排时间.csv"
    closed.write_text(
        "编号,原因,教师\nwang-away,长期病假,dingyuan-music\n", encoding="utf-8"
    )
    explained = run("explain", SAMPLE, closed, *TERM)
    assert explained.returncode == 1, explained.stdout + explained.stderr
    assert "长期病假" in explained.stdout


def test_a_faulty_file_is_named_with_its_place(tmp_path: Path) -> None:
    faulty = tmp_path / "教师.csv"
    faulty.write_text("编号,学校,姓名\nx,no-such-school,某\n", encoding="utf-8")
    refused = run("check", SAMPLE, faulty, *TERM)
    assert refused.returncode == 2
    assert re.search(r"教师\.csv:2 .*no-such-school", refused.stderr)


def test_of_many_faulty_rows_fifty_are_shown_unless_all_are_asked_for(
    tmp_path: Path,
) -> None:
    faulty = tmp_path / "教师.csv"
    rows = "".join(f"t{n},no-such-school,某\n" for n in range(70))
    faulty.write_text(f"编号,学校,姓名\n{rows}", encoding="utf-8")
    refused = run("check", SAMPLE, faulty, *TERM)
    assert refused.stderr.count("教师.csv:") == 50
    assert "20 more" in refused.stderr
    every = run("check", SAMPLE, faulty, *TERM, "--all")
    assert every.stderr.count("教师.csv:") == 70


def test_without_a_server_the_remedy_is_said(tmp_path: Path) -> None:
    refused = run(
        "check", "--data", tmp_path, "--server", "http://127.0.0.1:9", "--key", "k"
    )
    assert refused.returncode == 2
    assert "tongke up" in refused.stderr


@on_the_shared_loop
async def test_a_server_imports_solves_checks_and_exports(
    server: Server, tmp_path: Path
) -> None:
    looked = await on(server, "import", SAMPLE, "--check")
    assert looked.returncode == 0, looked.stderr
    assert await server.get("/api/v1/terms") == [], "a dry run writes nothing"
    brought = await on(server, "import", SAMPLE)
    assert brought.returncode == 0, brought.stderr
    solved = await on(server, "solve", *TERM, "--seconds", "4")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    edition = re.findall(r"edition (\S+)", solved.stdout)[0]
    checked = await on(server, "check", "--edition", edition)
    assert checked.returncode == 0, checked.stdout
    out = tmp_path / "out.xlsx"
    assert (await on(server, "export", out)).returncode == 0
    assert out.read_bytes().startswith(b"PK")


@on_the_shared_loop
async def test_the_demo_has_a_term_in_other_years_too(server: Server) -> None:
    assert (await on(server, "import", SAMPLE)).returncode == 0
    figures = await DemoTimetable(server, datetime(2031, 7, 9, tzinfo=UTC)).make()
    assert figures.placed == figures.wanted > 0
    assert figures.broken_rules == 0
    assert figures.dated > figures.placed
