"""A second process for the other core: Python's threads share one.

It is forked, so that it knows at once what the first one knows, and answers through a
pipe. It never outlives the `with` it was made for, nor the first process.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from common.children import die_with_parent


def can_fork() -> bool:
    """Elsewhere it does not exist, or breaks system libraries."""
    return sys.platform == "linux"


class Fork:
    """Sends what `work` answers, None for nothing. To be made where no CP-SAT search
    runs: its threads would be missing in the other process."""

    def __init__(self, work: Callable[[], bytes | None]) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_begin, args=(work, self._pipe, other, os.getpid()), daemon=True
        )
        self._process.start()
        other.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def answer(self) -> bytes | None:
        """None: there is none yet, or the process ended without one."""
        try:
            return self._pipe.recv_bytes() if self._pipe.poll(0) else None
        except (EOFError, OSError):
            return None


def _begin(
    work: Callable[[], bytes | None],
    first: Connection,
    mine: Connection,
    parent: int,
) -> None:
    first.close()
    # Ctrl-C reaches both; the first one says what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    if os.getppid() != parent:
        return
    answer = work()
    if answer is not None:
        mine.send_bytes(answer)
