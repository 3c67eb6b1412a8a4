"""The house as separate programs that meet on a bus, as in a cluster."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp

from common.clock import SystemClock
from common.identity import AccessGrant, DeviceGrant, JoinGrant, Signer, ensure_secret
from common.valkey import ValkeyChild
from tests.support.guard import GUARD_S
from tests.support.today import ZONE
from tongke.demo.ports import free_port
from tongke.demo.processes import Program

SERVICES = ("sfu", "scheduler", "recorder", "monitoring")
LEAD_S = 6.0

_CONFIG = """\
[server]
public_url = "http://127.0.0.1:{sfu}"
data_dir = "{data}"
time_zone = "{zone}"
[bus]
url = "{bus}"
[sfu]
bind = "127.0.0.1"
advertise = ["127.0.0.1"]
port = {media}
[scheduler]
lead_s = {lead}
"""


class SplitHouse:
    """One program for each service, each on its own port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bus = ValkeyChild(folder / "bus")
        self._ports = {name: free_port() for name in SERVICES}
        self._programs: dict[str, Program] = {}
        self.signer = Signer(ensure_secret("", folder / "data"))
        self._config = folder / "tongke.toml"

    @property
    def base_url(self) -> str:
        return self.url("scheduler")

    @property
    def sfu_url(self) -> str:
        return f"ws://127.0.0.1:{self._ports['sfu']}/sfu/v1/ws"

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._ports[service]}"

    def device_token(self, site_room: str) -> str:
        return self.signer.device(DeviceGrant(site_room=site_room), 3600, _now_s())

    def join_token(self, grant: JoinGrant) -> str:
        return self.signer.join(grant, 3600, _now_s())

    def http(self, service: str) -> aiohttp.ClientSession:
        """A session of an operator with one service. The caller closes it."""
        grant = AccessGrant(name="test", roles=["operator"])
        key = self.signer.access(grant, 3600, _now_s())
        headers = {"Authorization": f"Bearer {key}"}
        return aiohttp.ClientSession(self.url(service), headers=headers)

    async def start(self) -> None:
        await self._bus.start()
        self._config.write_text(
            _CONFIG.format(
                sfu=self._ports["sfu"],
                data=self.folder / "data",
                zone=ZONE,
                bus=self._bus.url,
                media=free_port(),
                lead=LEAD_S,
            )
        )
        await asyncio.gather(*(self.start_service(name) for name in SERVICES))

    async def start_service(self, name: str) -> None:
        """Until it is healthy."""
        port = str(self._ports[name])
        arguments = [name, "--config", str(self._config), "--port", port]
        program = await Program.start(name, arguments, self.folder)
        self._programs[name] = program
        async with asyncio.timeout(GUARD_S), self.http(name) as http:
            while not await _is_healthy(http):
                program.check()
                await asyncio.sleep(0.1)

    async def kill(self, name: str) -> None:
        """`kill -9`."""
        os.kill(self._programs[name].pid, signal.SIGKILL)
        await self._programs[name].stop()

    async def stop(self) -> None:
        await asyncio.gather(*(program.stop() for program in self._programs.values()))
        await self._bus.stop()


async def read(http: aiohttp.ClientSession, path: str) -> Any:  # noqa: ANN401 - JSON
    async with http.get(path) as answer:
        answer.raise_for_status()
        return await answer.json()


async def _is_healthy(http: aiohttp.ClientSession) -> bool:
    try:
        async with http.get("/healthz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def _now_s() -> float:
    return SystemClock().wall_us() / 1_000_000
