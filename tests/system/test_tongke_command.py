"""The `tongke` command as a person runs it: real processes, embedded defaults."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
import pytest
import pytest_asyncio

from common.db import Database
from common.errors import UnavailableError
from common.identity import JoinGrant, Signer
from common.protocol.base import parse_message
from common.protocol.signalling import Bye, Join, Joined, sfu_message
from scheduler.app import MIGRATIONS, VERSION_TABLE
from scheduler.catalogue.store import Catalogue
from scheduler.importer.run import import_files
from scheduler.sample import sample_uploads
from tests.support.guard import GUARD_S
from tongke.demo.processes import Program
from tongke.demo.server import Server


def tongke(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tongke", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=GUARD_S)


# One event loop for the file, so that tests that only look can share a server.
on_the_shared_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """One for all tests that only look at it."""
    server = Server(tmp_path_factory.mktemp("server"))
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def mortal(tmp_path: Path) -> AsyncIterator[Server]:
    """A server of its own for a test that stops or kills it."""
    server = Server(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def gone(pid: int) -> None:
    async with asyncio.timeout(GUARD_S):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
            await asyncio.sleep(0.02)


def children(server: Server) -> list[psutil.Process]:
    assert server.program is not None
    return psutil.Process(server.program.pid).children(recursive=True)


@on_the_shared_loop
async def test_the_house_is_healthy_and_counts_itself(server: Server) -> None:
    health = await server.get("/healthz")
    assert health["healthy"]
    assert set(health["services"]) == {"sfu", "scheduler", "recorder", "monitoring"}
    metrics = (await server.get_bytes("/metrics")).decode()
    for family in ("classroom_sfu_", "classroom_sessions", "classroom_recording"):
        assert family in metrics


@on_the_shared_loop
async def test_every_api_describes_itself(server: Server) -> None:
    for prefix in ("/api/v1", "/library/v1", "/status/v1"):
        document = await server.get(f"{prefix}/openapi.json")
        assert document["openapi"] == "3.1.0"


@on_the_shared_loop
async def test_a_second_server_on_the_same_data_is_refused_with_a_sentence(
    server: Server,
) -> None:
    second = await asyncio.to_thread(
        tongke, "up", "--data", str(server.folder / "data"), "--port", "0"
    )
    assert second.returncode == 2
    assert "正被另一个服务使用" in second.stderr
    assert (await server.get("/healthz"))["healthy"]


@on_the_shared_loop
async def test_a_killed_house_leaves_no_child_and_opens_again(mortal: Server) -> None:
    bus = next(child for child in children(mortal) if "valkey" in child.name())
    assert mortal.program is not None
    os.kill(mortal.program.pid, signal.SIGKILL)
    await gone(bus.pid)
    await mortal.stop()
    await mortal.start()
    assert (await mortal.get("/healthz"))["healthy"]


@on_the_shared_loop
async def test_a_house_that_is_asked_to_stop_closes_everything(mortal: Server) -> None:
    bus = next(child for child in children(mortal) if "valkey" in child.name())
    assert mortal.program is not None
    await mortal.program.stop()
    await gone(bus.pid)
    assert "Traceback" not in mortal.program.log.read_text()


@on_the_shared_loop
async def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = await asyncio.to_thread(
            tongke, "up", "--data", str(tmp_path / "d"), "--port", port
        )
    assert answer.returncode == 2
    assert "可能被占用" in answer.stderr


def test_a_service_alone_needs_a_bus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    answer = tongke("scheduler", "--data", str(tmp_path), "--port", "0")
    assert answer.returncode == 2
    assert "bus.url" in answer.stderr


def test_a_wrong_configuration_names_the_option(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("[sfu]\nprot = 1\n")
    answer = tongke("up", "--config", str(file))
    assert answer.returncode == 2
    assert "sfu.prot" in answer.stderr


def test_a_key_made_by_the_command_signs_in(tmp_path: Path) -> None:
    answer = tongke("token", "王老师", "teacher", "--data", str(tmp_path))
    signer = Signer((tmp_path / "secret").read_text())
    assert signer.read_access(answer.stdout.strip(), 0).name == "王老师"


async def enter_sample(folder: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder}/tongke.db")
    await database.migrate(MIGRATIONS, VERSION_TABLE)
    await import_files(Catalogue(database), sample_uploads())
    await database.close()


def test_a_key_says_whose_timetable_is_theirs_by_name_or_id(tmp_path: Path) -> None:
    asyncio.run(enter_sample(tmp_path))
    where = ("--data", str(tmp_path))
    whose = ("--teacher", "王老师", "--school", "dingyuan-centre")
    answer = tongke("token", "王老师", "teacher", *whose, *where)
    signer = Signer((tmp_path / "secret").read_text())
    grant = signer.read_access(answer.stdout.strip(), 0)
    assert (grant.teacher, grant.school) == ("dingyuan-music", "dingyuan-centre")
    refused = tongke("token", "王老师", "teacher", "--teacher", "王", *where)
    assert refused.returncode == 2
    assert "dingyuan-music  王老师" in refused.stderr


def test_a_key_for_a_teacher_of_an_empty_server_says_what_to_do(
    tmp_path: Path,
) -> None:
    whose = ("--teacher", "wang", "--data", str(tmp_path))
    refused = tongke("token", "王老师", "teacher", *whose)
    assert refused.returncode == 2
    assert "请先导入名单" in refused.stderr


def test_a_key_for_an_unknown_role_is_refused_with_the_known_ones(
    tmp_path: Path,
) -> None:
    answer = tongke("token", "x", "king", "--data", str(tmp_path))
    assert answer.returncode == 2
    assert "librarian" in answer.stderr


def test_the_doctor_finds_this_machine_able(tmp_path: Path) -> None:
    answer = tongke("doctor", "--data", str(tmp_path / "new"))
    assert "媒体引擎" in answer.stdout
    assert answer.returncode == 0, answer.stdout


@on_the_shared_loop
async def test_the_pages_are_served(server: Server) -> None:
    for path in ("/", "/teach", "/room", "/library", "/status", "/sign-in"):
        async with server.http.get(path) as answer:
            assert answer.status == 200, path
            assert answer.content_type == "text/html"


@on_the_shared_loop
async def test_a_program_that_ends_by_itself_is_noticed_with_its_log(
    tmp_path: Path,
) -> None:
    program = await Program.start("wrong", ["up", "--config", "/nowhere"], tmp_path)
    async with asyncio.timeout(GUARD_S):
        while program.is_running:
            await asyncio.sleep(0.05)
    with pytest.raises(UnavailableError, match="nowhere"):
        program.check()


@on_the_shared_loop
async def test_nobody_reads_the_timetable_without_a_key(server: Server) -> None:
    async with (
        aiohttp.ClientSession(server.base_url) as stranger,
        stranger.get("/api/v1/today") as answer,
    ):
        assert answer.status == 401


@on_the_shared_loop
async def test_a_house_that_closes_tells_its_participants_to_come_back(
    mortal: Server,
) -> None:
    grant = JoinGrant(room="ses-1", role="observer", name="巡课")
    token = mortal.join_token(grant)
    async with mortal.http.ws_connect(mortal.sfu_url) as socket:
        await socket.send_str(Join(token=token).to_json())
        heard = parse_message(sfu_message, await socket.receive_str())
        assert isinstance(heard, Joined)
        assert mortal.program is not None
        stopping = asyncio.create_task(mortal.program.stop())
        async with asyncio.timeout(GUARD_S):
            while not isinstance(heard, Bye):
                heard = parse_message(sfu_message, await socket.receive_str())
    await stopping
    assert (heard.reason, heard.retry) == ("shutdown", True)
