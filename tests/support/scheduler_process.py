"""A scheduler as a program of its own, as an operator runs it."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from common.children import die_with_parent
from common.identity import AccessGrant, DeviceGrant, Signer
from common.protocol.control import Hello
from tests.support.guard import GUARD_S
from tests.support.today import ZONE
from tongke.demo.ports import free_port

SECRET = "a-secret-for-tests-of-more-than-32-characters"


class SchedulerProcess:
    """`database_url` empty: its own. `lease_s`: how long the others wait for it."""

    def __init__(
        self, folder: Path, bus_url: str, database_url: str = "", lease_s: float = 6
    ) -> None:
        folder.mkdir(exist_ok=True)
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.signer = Signer(SECRET)
        self._config = folder / "tongke.toml"
        self._config.write_text(
            f'[server]\nport = {port}\ndata_dir = "{folder}/data"\n'
            f'time_zone = "{ZONE}"\n'
            f'[auth]\nsecret = "{SECRET}"\n[bus]\nurl = "{bus_url}"\n'
            f'[database]\nurl = "{database_url}"\n'
            f"[scheduler]\nlead_s = 30\nending_grace_s = 5\nlease_s = {lease_s}\n"
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tongke", "scheduler"),
            *("--config", str(self._config)),
            preexec_fn=die_with_parent,
        )
        async with asyncio.timeout(GUARD_S), self.client() as http:
            while not await _is_up(http):
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL: no chance to say good-bye."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it does nothing, and does not know."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

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
