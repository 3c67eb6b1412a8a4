"""The all-in-one server as a child process, and its HTTP API as a client sees it."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from common.clock import SystemClock
from common.errors import RemoteError, UnavailableError
from common.identity import (
    AccessGrant,
    DeviceGrant,
    JoinGrant,
    Signer,
    ensure_secret,
)
from scheduler.catalogue.value import DEFAULT_ZONE
from tongke.demo.ports import free_port
from tongke.demo.processes import Program

_START_DEADLINE_S = 60.0
_DAY_S = 86_400.0
LEAD_S = 8.0

_CONFIG = """\
[server]
port = {port}
data_dir = "{data}"
time_zone = "{zone}"
[sfu]
bind = "127.0.0.1"
advertise = ["127.0.0.1"]
port = {media_port}
[scheduler]
lead_s = {lead}
"""


class Server:
    """`await start()`, then talk to it as an operator; `await stop()` is idempotent."""

    def __init__(self, folder: Path, time_zone: str = DEFAULT_ZONE) -> None:
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._data = folder / "data"
        self._config = folder / "tongke.toml"
        self._config.write_text(
            _CONFIG.format(
                port=self.port,
                data=self._data,
                zone=time_zone,
                media_port=free_port(),
                lead=LEAD_S,
            )
        )
        self.signer = Signer(ensure_secret("", self._data))
        self._http: aiohttp.ClientSession | None = None
        self.program: Program | None = None

    async def start(self) -> None:
        """Raises UnavailableError when it does not become healthy in time."""
        headers = {"Authorization": f"Bearer {self.access_key()}"}
        self._http = aiohttp.ClientSession(self.base_url, headers=headers)
        self.program = await Program.start(
            "server", ["up", "--config", str(self._config)], self.folder
        )
        try:
            async with asyncio.timeout(_START_DEADLINE_S):
                while not await self._is_healthy():
                    self.program.check()
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise UnavailableError(
                "not_healthy",
                zh=f"服务没有按时就绪，日志在 {self.program.log}",
                en=f"the server is not healthy, log in {self.program.log}",
            ) from error

    async def _is_healthy(self) -> bool:
        try:
            async with self.http.get("/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    @property
    def http(self) -> aiohttp.ClientSession:
        assert self._http is not None
        return self._http

    @property
    def sfu_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/sfu/v1/ws"

    def access_key(self) -> str:
        grant = AccessGrant(name="演示 demo", roles=["operator"])
        return self.signer.access(grant, _DAY_S, _now_s())

    def device_token(self, site_room: str) -> str:
        return self.signer.device(DeviceGrant(site_room=site_room), _DAY_S, _now_s())

    def join_token(self, grant: JoinGrant) -> str:
        return self.signer.join(grant, _DAY_S, _now_s())

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Raises RemoteError with the problem's own code."""
        async with self.http.get(path) as answer:
            return await _json(answer)

    async def get_bytes(self, path: str) -> bytes:
        async with self.http.get(path) as answer:
            if answer.status >= 400:
                await _json(answer)
            return await answer.read()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Raises RemoteError with the problem's own code."""
        async with self.http.post(path, json=body) as answer:
            return await _json(answer)

    async def patch(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        async with self.http.patch(path, json=body) as answer:
            return await _json(answer)

    async def put(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        async with self.http.put(path, json=body) as answer:
            return await _json(answer)

    async def delete(self, path: str) -> None:
        async with self.http.delete(path) as answer:
            await _json(answer)

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
        if self.program is not None:
            await self.program.stop()


async def _json(answer: aiohttp.ClientResponse) -> Any:  # noqa: ANN401 - JSON
    if answer.status == 204:
        return None
    if answer.status < 400:
        return await answer.json()
    problem = {"code": str(answer.status), "zh": "", "en": await answer.text()}
    if answer.content_type == "application/problem+json":
        problem = await answer.json(content_type=None)
    raise RemoteError(
        problem["code"], zh=problem["zh"], en=f"{answer.url}: {problem['en']}"
    )


def _now_s() -> float:
    return SystemClock().wall_us() / 1_000_000
