"""From the spool to the object store, in order, for as long as it takes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from common import log
from common.errors import UnavailableError
from common.objects import Objects
from recorder.manifest import Manifest
from recorder.metrics import RecorderMetrics
from recorder.playlist import segment_name
from recorder.spool import Spool

_POLL_S = 0.5
_RETRY_S = 1.0
_log = log.get("storage")


def object_path(recording: str, *parts: str) -> str:
    return "/".join(("recordings", recording, *parts))


class Uploader:
    """Puts closed files and then removes them here: one at a time, oldest first.

    `trouble(error)` is called at the first failure and `trouble(None)` when a put
    works again.
    """

    def __init__(
        self,
        spool: Spool,
        objects: Objects,
        recording: str,
        trouble: Callable[[UnavailableError | None], None],
        metrics: RecorderMetrics,
    ) -> None:
        self._spool = spool
        self._objects = objects
        self._recording = recording
        self._trouble = trouble
        self._metrics = metrics
        self._one_at_a_time = asyncio.Lock()
        self._failing = False

    async def run(self) -> None:
        while True:
            emptied = await self.drain_once()
            await asyncio.sleep(_POLL_S if emptied else _RETRY_S)

    async def drain_once(self) -> bool:
        """False when the store refused something."""
        async with self._one_at_a_time:
            for path in await asyncio.to_thread(self._spool.waiting):
                if not await self._put(path):
                    return False
        return True

    async def _put(self, path: Path) -> bool:
        name = object_path(self._recording, path.parent.name, path.name)
        try:
            data = await asyncio.to_thread(path.read_bytes)
            await self._objects.put(name, data)
        except UnavailableError as error:
            if not self._failing:
                _log.warning("store_trouble", code=error.code, en=error.en)
            self._failing = True
            self._trouble(error)
            return False
        if self._failing:
            self._failing = False
            self._trouble(None)
        await asyncio.to_thread(path.unlink)
        self._metrics.bytes.inc(len(data))
        return True


async def verified(objects: Objects, manifest: Manifest) -> Manifest:
    """The manifest with only those segments that the store has whole."""
    recording = manifest.started.recording
    checked = manifest.model_copy(deep=True)
    sizes = await objects.sizes(object_path(recording) + "/")
    for name, track in checked.tracks.items():
        kept = [
            s
            for s in track.segments
            if sizes.get(object_path(recording, name, segment_name(s.segment, s.run)))
            == s.bytes
        ]
        if len(kept) < len(track.segments):
            lost = len(track.segments) - len(kept)
            _log.error("segments_missing_in_store", track=name, count=lost)
        track.segments = kept
    return checked
