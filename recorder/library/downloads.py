"""MP4 downloads: made when first asked for, by a child process, kept for good."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from common import log
from common.errors import ConflictError, NotFoundError, TongkeError, UnavailableError
from common.objects import Objects
from recorder.manifest import Manifest
from recorder.playlist import chosen_video
from recorder.storage import object_path

_log = log.get("downloads")


class DownloadState(BaseModel):
    state: Literal["preparing", "ready", "failed"]
    progress: float
    """0..1."""
    bytes: int = 0
    zh: str = ""
    en: str = ""


class Order(BaseModel):
    """What the child process is told (`recorder/finish.py`)."""

    objects_url: str
    manifest: Manifest
    video: str | None
    output: Path
    """The file to write; for `sound` the folder to make."""
    product: Literal["download", "sound"] = "download"


class Downloads:
    def __init__(
        self,
        objects: Objects,
        objects_url: str,
        work_dir: Path,
        turn: asyncio.Semaphore,
    ) -> None:
        """`turn`: shared with all else that mixes. It is for later and must not take
        every core from a lesson."""
        self._objects = objects
        self._objects_url = objects_url
        self._work_dir = work_dir.resolve()
        self._jobs: dict[str, DownloadState] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = turn

    def path(self, manifest: Manifest, video: str | None) -> str:
        """Where the file lies. Raises NotFoundError(`no_such_track`)."""
        chosen = chosen_video(manifest, video)
        name = chosen.info.track if chosen else "sound"
        return object_path(manifest.started.recording, f"download-{name}.mp4")

    async def state(self, manifest: Manifest, video: str | None) -> DownloadState:
        """How far it is; starts the work when nobody has.

        Raises ConflictError(`still_recording`), NotFoundError(`no_such_track`).
        """
        if manifest.ended is None:
            raise ConflictError(
                "still_recording",
                zh="这节课还在录制，结束后才能下载",
                en="this lesson is still being recorded, download it afterwards",
            )
        path = self.path(manifest, video)
        job = self._jobs.get(path)
        if job is not None and job.state == "preparing":
            return job
        try:
            size = await self._objects.size(path)
        except NotFoundError:
            return self._start(path, manifest, video)
        return DownloadState(state="ready", progress=1, bytes=size)

    def _start(self, path: str, manifest: Manifest, video: str | None) -> DownloadState:
        failed = self._jobs.pop(path, None)
        if failed is not None:
            # Told once; asking again tries again.
            return failed
        job = self._jobs[path] = DownloadState(state="preparing", progress=0)
        task = asyncio.create_task(self._make(path, manifest, video))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def _make(self, path: str, manifest: Manifest, video: str | None) -> None:
        try:
            async with self._turn:
                await self._assemble(path, manifest, video)
            del self._jobs[path]
        except (TongkeError, OSError) as error:
            _log.warning("download_failed", path=path, error=str(error))
            self._jobs[path] = DownloadState(
                state="failed",
                progress=0,
                zh="生成下载文件失败，请稍后重试",
                en="the download could not be made, try again later",
            )

    async def _assemble(self, path: str, manifest: Manifest, video: str | None) -> None:
        self._work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work_dir) as directory:
            output = Path(directory) / "lesson.mp4"

            def tell(share: float) -> None:
                self._jobs[path] = DownloadState(state="preparing", progress=share)

            order = Order(
                objects_url=self._objects_url,
                manifest=manifest,
                video=video,
                output=output,
            )
            await run_child(order.model_dump_json(), tell)
            await self._objects.put_file(path, output)

    async def settled(self) -> None:
        """Returns when nothing is being made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def run_child(order: str, tell: Callable[[float], None]) -> None:
    """Raises UnavailableError(`download_failed`)."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "recorder.finish"),
        # `-m` looks there: the program need not be started in our own folder.
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(order.encode())
        child.stdin.close()
        async for line in child.stdout:
            tell(float(line))
        code = await child.wait()
    except BaseException:
        if child.returncode is None:
            child.kill()
            await child.wait()
        raise
    if code != 0:
        raise UnavailableError("download_failed", en=f"the child ended with {code}")
