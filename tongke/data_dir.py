"""One data directory belongs to one server at a time."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from common.errors import ConflictError


class DataDirLock:
    """Holds `flock(2)` on one file for each service; the kernel lets go when the
    process ends in whatever way.

    Raises ConflictError(`data_dir_in_use`) naming the process that holds it.
    """

    def __init__(self, directory: Path, services: Iterable[str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._files: list[IO[str]] = []
        for service in services:
            try:
                self._files.append(_lock(directory / f"{service}.lock"))
            except ConflictError:
                self.release()
                raise

    def release(self) -> None:
        """Idempotent."""
        while self._files:
            self._files.pop().close()


def _lock(path: Path) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read().strip() or "?"
        file.close()
        raise ConflictError(
            "data_dir_in_use",
            zh=f"数据目录 {path.parent} 正被另一个服务使用（进程 {holder}）。"
            "请先停掉它，或用 --data 换一个目录。",
            en=f"the data directory {path.parent} is in use by another server "
            f"(process {holder}). Stop it, or choose another with --data.",
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
