"""Runs one order of the solver in a child process and hands over what it says."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

from common import log
from scheduler.edition.worker import Order

_LINE_BYTES = 64_000_000
_GRACE_S = 120.0
"""Beyond its time, before a worker that does not stop is ended. It comes last on a
busy machine: 20 s to load the solver and read its order were measured there."""
_log = log.get("solver")


class Child:
    """One worker. `stop` asks it to end with what it has; `lines` ends when it does."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._has_order = False

    async def lines(self) -> AsyncGenerator[dict[str, Any]]:
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scheduler.edition.worker"),
            # `-m` looks there: the program need not be started in our own folder.
            cwd=Path(__file__).parents[2],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        _log.info("- worker", pid=process.pid, kind=self._order.kind)
        try:
            packed = await asyncio.to_thread(self._order.pack)
            with suppress(ConnectionError):
                process.stdin.write(packed)
                await process.stdin.drain()
            self._has_order = True
            if self._stopping:
                self._ask()
            async with asyncio.timeout(self._order.seconds + _GRACE_S):
                async for line in process.stdout:
                    yield json.loads(line)
                await process.wait()
        except TimeoutError:
            _log.warning("x worker_too_slow", pid=process.pid)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def stop(self) -> None:
        self._stopping = True
        self._ask()

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _ask(self) -> None:
        """Never before the order: the worker would read it as part of that."""
        pipe = self._process.stdin if self._process else None
        if pipe is not None and self._has_order and not pipe.is_closing():
            pipe.write(b"stop\n")
