"""One classroom of the demo: a real agent process with test-pattern devices."""

import asyncio
import json
from pathlib import Path
from typing import Any, Literal, Protocol

from common.errors import UnavailableError
from common.identity import JoinGrant
from tongke.demo.processes import Program

_REPORT_DEADLINE_S = 60.0

_CONFIG = """\
site_room = "{site_room}"
name = "{name}"
state_dir = "{state}"
min_free_bytes = 100_000_000
[server]
url = "{url}"
device_token = "{token}"
[camera]
kind = "test_pattern"
[screen]
kind = "{screen}"
[microphone]
kind = "test_tone"
[network]
loopback = true
"""


class House(Protocol):
    """What a classroom needs to know of the server, in one process or many."""

    @property
    def base_url(self) -> str:
        """Where the scheduler is reached."""
        ...

    @property
    def sfu_url(self) -> str: ...

    def device_token(self, site_room: str) -> str: ...

    def join_token(self, grant: JoinGrant) -> str: ...


class Classroom:
    """`role` decides only whether there is a screen to share."""

    def __init__(
        self,
        site_room: str,
        name: str,
        role: Literal["master", "room"],
        folder: Path,
        server: House,
    ) -> None:
        self.site_room, self.name, self.role = site_room, name, role
        self._folder = folder
        self._server = server
        self._config = folder / f"{site_room}.toml"
        self._report = folder / f"{site_room}.json"
        self._program: Program | None = None
        self._config.write_text(
            _CONFIG.format(
                site_room=site_room,
                name=name,
                state=folder / site_room,
                url=server.base_url,
                token=server.device_token(site_room),
                screen="test_pattern" if role == "master" else "none",
            )
        )

    async def start(self) -> None:
        """Follows the timetable: comes up idle and waits to be woken."""
        await self._start([])

    async def start_direct(self, grant: JoinGrant, seconds: float) -> None:
        """Joins at once, without a timetable, and leaves after `seconds`."""
        token = self._server.join_token(grant)
        where = ["--sfu", self._server.sfu_url, "--token", token]
        await self._start([*where, "--seconds", str(seconds)])

    async def _start(self, more: list[str]) -> None:
        self._report.unlink(missing_ok=True)
        command = ["agent", str(self._config), "--report", str(self._report), *more]
        self._program = await Program.start(self.site_room, command, self._folder)

    async def finished(self) -> dict[str, Any]:
        """What it measured, once its lesson is over.

        Raises UnavailableError(`no_report`)."""
        try:
            async with asyncio.timeout(_REPORT_DEADLINE_S):
                # Another process writes it: there is nothing to wait on but the file.
                while not self._report.exists():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise UnavailableError(
                "no_report",
                zh=f"{self.name} 没有交出测量结果，日志在 {self._folder}",
                en=f"no report of {self.site_room}, logs in {self._folder}",
            ) from error
        figures: dict[str, Any] = json.loads(self._report.read_text())
        return figures

    def check(self) -> None:
        """Raises UnavailableError when the program has ended by itself."""
        if self._program is not None:
            self._program.check()

    async def stop(self) -> None:
        if self._program is not None:
            await self._program.stop()
