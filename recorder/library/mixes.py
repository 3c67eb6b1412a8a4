"""After class: one sound with everybody in it, for those who only press play.

Nothing waits for it. Until it is there, the teacher's microphone is the default sound;
it appears with one write of the manifest. A small file in the spool directory remembers
what is still to be mixed, over restarts.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import log
from common.clock import Clock
from common.errors import NotFoundError, TongkeError
from common.objects import Objects
from recorder.library.downloads import Order, run_child
from recorder.manifest import MIX, Manifest, TrackRecord
from recorder.playlist import sounds
from recorder.storage import object_path

TRACK_FILE = "track.json"
_ENDING = ".mix"
_RETRIES_S = (60.0, 600.0)
"""A store that is away; then at the next start of the recorder."""
_log = log.get("mixes")


class Mixes:
    def __init__(
        self,
        objects: Objects,
        objects_url: str,
        work_dir: Path,
        spool_dir: Path,
        turn: asyncio.Semaphore,
        clock: Clock,
        published: Callable[[str], None],
    ) -> None:
        """`turn`: shared with all else that mixes. `published(recording)`: its
        manifest is another one now."""
        self._objects = objects
        self._objects_url = objects_url
        self._work_dir = work_dir.resolve()
        self._spool_dir = spool_dir
        self._turn = turn
        self._clock = clock
        self._published = published
        self._tasks: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Goes on with what was left at the last stop."""
        for path in sorted(self._spool_dir.glob("*" + _ENDING)):
            self._start(path.stem)

    async def want(self, recording: str) -> None:
        """Of a finished recording, whose manifest lies in the store."""
        try:
            await asyncio.to_thread(self._mark(recording).touch)
        except OSError as error:
            _log.warning("mix_not_remembered", recording=recording, error=str(error))
        self._start(recording)

    def _mark(self, recording: str) -> Path:
        return self._spool_dir / (recording + _ENDING)

    def _start(self, recording: str) -> None:
        task = asyncio.create_task(self._make(recording))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, recording: str) -> None:
        for pause_s in (*_RETRIES_S, None):
            try:
                async with self._turn:
                    await self._mix(recording)
                await asyncio.to_thread(self._mark(recording).unlink, missing_ok=True)
                return
            except (TongkeError, OSError) as error:
                _log.warning("mix_failed", recording=recording, error=str(error))
            if pause_s is not None:
                await asyncio.sleep(pause_s)

    async def _mix(self, recording: str) -> None:
        try:
            manifest = await self._manifest(recording)
        except NotFoundError:
            return  # removed meanwhile
        heard = [track for track in sounds(manifest) if track.segments]
        if len(heard) < 2 or MIX in manifest.derived:
            return
        began_s = self._clock.mono_s()
        await asyncio.to_thread(self._work_dir.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work_dir) as name:
            directory = Path(name) / MIX
            order = Order(
                objects_url=self._objects_url,
                manifest=manifest,
                video=None,
                output=directory,
                product="sound",
            )
            await run_child(order.model_dump_json(), lambda share: None)
            await self._publish(recording, directory)
        took_s = round(self._clock.mono_s() - began_s, 2)
        length_s = round(manifest.end_us / 1e6, 1)
        _log.info("mixed", recording=recording, seconds=took_s, lesson_s=length_s)

    async def _publish(self, recording: str, directory: Path) -> None:
        for path in await asyncio.to_thread(_media_files, directory):
            data = await asyncio.to_thread(path.read_bytes)
            await self._objects.put(object_path(recording, MIX, path.name), data)
        text = await asyncio.to_thread((directory / TRACK_FILE).read_text)
        manifest = await self._manifest(recording)
        manifest.derived[MIX] = TrackRecord.model_validate_json(text)
        whole = manifest.model_dump_json().encode()
        await self._objects.put(object_path(recording, "manifest.json"), whole)
        self._published(recording)

    async def _manifest(self, recording: str) -> Manifest:
        path = object_path(recording, "manifest.json")
        return Manifest.model_validate_json(await self._objects.get(path))

    async def settled(self) -> None:
        """Returns when nothing is being made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.settled()


def _media_files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.m*"))
