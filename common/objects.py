"""Objects: whole files under a path, in a local directory or an S3-compatible store.

The only user of obstore. Local writes are atomic (temporary file, then rename) and,
once a put returns, safe at a power cut: the file and the folders on its way are synced.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
)
from obstore.exceptions import (
    NotFoundError as StoreNotFound,
)
from obstore.store import LocalStore, ObjectStore, from_url

from common.errors import ConflictError, NotFoundError, UnavailableError

# Below this much free space nothing new is written: the database beside it needs room.
_RESERVE_BYTES = 1_000_000


class Objects:
    """`url`: `file:///directory`, `s3://bucket/prefix`, `memory:///`."""

    def __init__(self, url: str) -> None:
        parsed = urlparse(url)
        self._directory: Path | None = None
        self._store: ObjectStore
        if parsed.scheme == "file":
            self._directory = Path(unquote(parsed.path))
            self._directory.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(self._directory, automatic_cleanup=True)
        else:
            self._store = from_url(url)

    async def put(self, path: str, data: bytes) -> None:
        """Writes or replaces. Raises UnavailableError: no_space, store_unwritable."""
        await self._put(path, data, "overwrite")

    async def put_new(self, path: str, data: bytes) -> None:
        """As `put`; raises ConflictError(`object_exists`) if the path is taken."""
        await self._put(path, data, "create")

    async def put_file(self, path: str, file: Path) -> None:
        """Writes or replaces from a local file, in parts."""
        self._check_space((await asyncio.to_thread(file.stat)).st_size)
        try:
            await obstore.put_async(self._store, path, file)
            await self._sync(path)
        except (BaseError, OSError) as error:
            raise _unwritable(error) from error

    async def _put(self, path: str, data: bytes, mode: str) -> None:
        self._check_space(len(data))
        try:
            await obstore.put_async(self._store, path, data, mode=mode)  # type: ignore[arg-type]
            await self._sync(path)
        except AlreadyExistsError as error:
            raise ConflictError(
                "object_exists", zh=f"{path} 已存在", en=f"{path} exists"
            ) from error
        except (BaseError, OSError) as error:
            raise _unwritable(error) from error

    async def _sync(self, path: str) -> None:
        """A name is safe only when its folder is, and that one's own name too
        (fsync(2)). An S3 store has done so before it answers."""
        if self._directory is not None:
            await asyncio.to_thread(_sync_up_to, self._directory, path)

    def _check_space(self, size: int) -> None:
        if self._directory is None:
            return
        try:
            free = shutil.disk_usage(self._directory).free
        except OSError as error:
            raise _unwritable(error) from error
        if free < size + _RESERVE_BYTES:
            raise UnavailableError(
                "no_space", zh="存储空间已满，请清理磁盘", en="the object store is full"
            )

    async def get(self, path: str) -> bytes:
        """Raises NotFoundError(`no_such_object`)."""
        try:
            result = await obstore.get_async(self._store, path)
            return bytes(await result.bytes_async())
        except (StoreNotFound, FileNotFoundError) as error:
            raise _missing(path) from error
        except (BaseError, OSError) as error:
            raise _unreadable(error) from error

    async def get_range(self, path: str, start: int, length: int) -> bytes:
        """Raises NotFoundError(`no_such_object`)."""
        try:
            part = await obstore.get_range_async(
                self._store, path, start=start, length=length
            )
            return bytes(part)
        except (StoreNotFound, FileNotFoundError) as error:
            raise _missing(path) from error
        except (BaseError, OSError) as error:
            raise _unreadable(error) from error

    async def size(self, path: str) -> int:
        """Bytes. Raises NotFoundError(`no_such_object`)."""
        try:
            return int((await obstore.head_async(self._store, path))["size"])
        except (StoreNotFound, FileNotFoundError) as error:
            raise _missing(path) from error
        except (BaseError, OSError) as error:
            raise _unreadable(error) from error

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """Paths below a prefix, in no promised order."""
        async for batch in obstore.list(self._store, prefix):
            for meta in batch:
                yield meta["path"]

    async def sizes(self, prefix: str) -> dict[str, int]:
        """Path -> bytes of everything below a prefix."""
        try:
            return {
                meta["path"]: int(meta["size"])
                async for batch in obstore.list(self._store, prefix)
                for meta in batch
            }
        except (BaseError, OSError) as error:
            raise _unreadable(error) from error

    async def delete(self, path: str) -> None:
        """Idempotent. Raises UnavailableError(`store_unwritable`)."""
        try:
            await obstore.delete_async(self._store, path)
        except (StoreNotFound, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise _unwritable(error) from error


def _sync_up_to(root: Path, path: str) -> None:
    file = root / path
    # Everything below `root` on the way, the file first.
    way = [file, *file.parents]
    for place in way[: way.index(root) + 1]:
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _missing(path: str) -> NotFoundError:
    return NotFoundError("no_such_object", zh=f"没有 {path}", en=f"no object {path}")


def _unreadable(error: Exception) -> UnavailableError:
    return UnavailableError("store_unreadable", zh="读不了对象存储", en=str(error))


def _unwritable(error: Exception) -> UnavailableError:
    full = "No space left" in str(error) or "os error 28" in str(error)
    return UnavailableError(
        "no_space" if full else "store_unwritable",
        zh="存储空间已满，请清理磁盘" if full else "写不了对象存储，请检查权限与连接",
        en=str(error),
    )
