"""A scheduler process killed in mid-lesson, and started again."""

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from common.bus import Bus
from common.children import die_with_parent
from common.identity import AccessGrant, DeviceGrant, Signer
from common.protocol.base import parse_message
from common.protocol.control import AgentReport, Hello, Prepare, Start, control_message
from common.protocol.events import RecordingState, RoomClosed
from common.valkey import ValkeyChild
from scheduler.sample import DEMO_ROOMS, demo_lesson, send_sample
from tests.flow.scheduler_probe import listening

SECRET = "a-secret-for-tests-of-more-than-32-characters"
DEADLINE_S = 40.0
LIFE = ["preparing", "ready", "live", "ending", "ended"]


class SchedulerProcess:
    """`tongke scheduler`, as an operator runs it."""

    def __init__(self, folder: Path, bus_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}"
        self.signer = Signer(SECRET)
        self._config = folder / "tongke.toml"
        self._config.write_text(
            f'[server]\nport = {port}\ndata_dir = "{folder}/data"\n'
            f'[auth]\nsecret = "{SECRET}"\n[bus]\nurl = "{bus_url}"\n'
            "[scheduler]\nlead_s = 30\nending_grace_s = 5\n"
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tongke", "scheduler"),
            *("--config", str(self._config)),
            preexec_fn=die_with_parent,
        )
        async with asyncio.timeout(DEADLINE_S), self.client() as http:
            while not await _is_up(http):
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL: no chance to say good-bye."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def client(self) -> aiohttp.ClientSession:
        operator = AccessGrant(name="运维", roles=["operator"])
        key = self.signer.access(operator, 600, time.time())
        headers = {"Authorization": f"Bearer {key}"}
        return aiohttp.ClientSession(self.base_url, headers=headers)

    @asynccontextmanager
    async def agent(
        self, room: str, joined: str | None = None
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        token = self.signer.device(DeviceGrant(site_room=room), 600, time.time())
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(self.base_url, headers=headers) as http,
            http.ws_connect("/control/v1/ws") as channel,
        ):
            hello = Hello(site_room=room, software="test", joined_session=joined)
            await channel.send_str(hello.to_json())
            yield channel


async def _is_up(http: aiohttp.ClientSession) -> bool:
    try:
        async with http.get("/healthz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_scheduler_killed_in_mid_lesson_finds_it_again(tmp_path: Path) -> None:
    valkey = ValkeyChild(tmp_path / "bus")
    await valkey.start()
    bus = Bus(valkey.url)
    scheduler = SchedulerProcess(tmp_path, valkey.url)
    await scheduler.start()
    try:
        async with listening(bus) as heard:
            async with scheduler.client() as http:
                await send_sample(http)
                now = time.time()
                body = demo_lesson(now, now + 45)
                async with http.post("/api/v1/lessons", json=body) as answer:
                    session = (await answer.json())["session"]
            async with scheduler.agent(DEMO_ROOMS[0]) as channel:
                report = AgentReport(state="in_lesson", session=session)
                await channel.send_str(report.to_json())
                await heard.says(session, "state:live")
                await scheduler.kill()
            starts = heard.kinds(session).count("session.start")
            await scheduler.start()
            await heard.says(session, "session.start", times=starts + 1)
            async with scheduler.agent(DEMO_ROOMS[0], joined=session) as channel:
                for kind in (Prepare, Start):
                    text = await channel.receive_str(timeout=DEADLINE_S)
                    message = parse_message(control_message, text)
                    assert isinstance(message, kind)
                    assert message.session == session
            async with scheduler.client() as http:
                url = f"/api/v1/sessions/{session}/end"
                async with http.post(url) as answer:
                    assert answer.status == 200
            await bus.publish(RoomClosed(at=0, session=session, node="n"))
            done = RecordingState(
                at=0, session=session, recording="r", state="finished"
            )
            await bus.publish(done)
            await heard.says(session, "state:ended")
            # Killed between saying and noting that it was said, it says it again.
            told = [kind for kind in heard.kinds(session) if kind.startswith("state:")]
            assert list(dict.fromkeys(told)) == [f"state:{state}" for state in LIFE]
            async with (
                scheduler.client() as http,
                http.get(f"/api/v1/sessions/{session}") as answer,
            ):
                history = (await answer.json())["history"]
            assert [line["to_state"] for line in history] == LIFE
    finally:
        await scheduler.kill()
        await bus.close()
        await valkey.stop()
