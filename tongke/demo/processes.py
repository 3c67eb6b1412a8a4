"""The demo's programs: real child processes with a log file each."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from common.children import die_with_parent
from common.errors import UnavailableError

_STOP_DEADLINE_S = 15.0


class Program:
    """One `tongke ...` command, running."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, log: Path
    ) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls, name: str, arguments: Sequence[str], folder: Path
    ) -> "Program":
        log = folder / f"{name}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tongke", *arguments),
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    def check(self) -> None:
        """Raises UnavailableError(`program_ended`) with the end of its log."""
        if not self.is_running:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise UnavailableError(
                "program_ended",
                zh=f"{self.name} 意外退出，日志在 {self.log}",
                en=f"{self.name} ended, log in {self.log}:\n{tail}",
            )

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after a while. Idempotent."""
        if not self.is_running:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(_STOP_DEADLINE_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
