"""Where the library finds manifests and media: running lessons first, then objects."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from common.errors import NotFoundError
from common.objects import Objects
from recorder.library.model import Resource
from recorder.manifest import Manifest, TrackRecord
from recorder.storage import object_path

_KEPT = 64
_FILE = re.compile(r"run-\d+\.mp4|\d{6}-r\d+\.m4s")


class Running(Protocol):
    """A recording being made in this process."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def directory(self) -> Path: ...


class Shelf:
    def __init__(self, objects: Objects, running: Mapping[str, Running]) -> None:
        """`running`: by resource id."""
        self.objects = objects
        self._running = running
        self._manifests: OrderedDict[str, Manifest] = OrderedDict()

    async def manifest(self, resource: Resource) -> Manifest:
        """Raises NotFoundError(`not_playable_yet`)."""
        running = self._running.get(resource.id)
        if running is not None:
            return running.manifest
        known = self._manifests.get(resource.recording)
        if known is None:
            try:
                path = object_path(resource.recording, "manifest.json")
                known = Manifest.model_validate_json(await self.objects.get(path))
            except NotFoundError as error:
                raise NotFoundError(
                    "not_playable_yet",
                    zh="这节课的录像还没有准备好，请稍后再看",
                    en="this recording is not ready yet, try again later",
                ) from error
            self._manifests[resource.recording] = known
            while len(self._manifests) > _KEPT:
                self._manifests.popitem(last=False)
        return known

    def forget(self, recording: str) -> None:
        """Its manifest was written anew."""
        self._manifests.pop(recording, None)

    async def track(self, resource: Resource, track: str) -> TrackRecord:
        """Raises NotFoundError(`no_such_track`)."""
        found = (await self.manifest(resource)).find(track)
        if found is None:
            raise _missing()
        return found

    async def media(self, resource: Resource, track: str, name: str) -> bytes:
        """One segment or init segment. Raises NotFoundError(`no_such_object`)."""
        if not _FILE.fullmatch(name):
            raise _missing()
        await self.track(resource, track)
        running = self._running.get(resource.id)
        if running is not None:
            path = running.directory / track / name
            try:
                return await asyncio.to_thread(path.read_bytes)
            except FileNotFoundError:
                pass  # the object store has it already
        return await self.objects.get(object_path(resource.recording, track, name))


def _missing() -> NotFoundError:
    return NotFoundError("no_such_track", zh="没有这一路录像", en="no such track")
