"""The room's agenda on its own disk. A power cut leaves the old one or the new one."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from classroom_agent.agenda import Kept
from common import log

NAME = "agenda.json"
SAVE_AGAIN_S = 30.0
_MODE = 0o600  # it holds join tokens
_log = log.get("classroom_agent")


class AgendaFile:
    def __init__(self, directory: Path, site_room: str) -> None:
        self._path = directory / NAME
        self._site_room = site_room

    def load(self) -> Kept:
        """An empty one when there is none, or none of this room that can be read."""
        nothing = Kept(site_room=self._site_room)
        try:
            kept = Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return nothing
        except (OSError, ValidationError) as error:
            why = str(error).splitlines()[0]
            _log.error("agenda_unreadable", path=str(self._path), why=why)
            return nothing
        if kept.site_room != self._site_room:
            _log.warning("agenda_of_another_room", site_room=kept.site_room)
            return nothing
        return kept

    def save(self, kept: Kept) -> None:
        """Blocks until it is safe on the disk. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        try:
            os.fchmod(file, _MODE)
            _write_all(file, kept.to_json().encode())
            os.fsync(file)
        finally:
            os.close(file)
        part.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


class AgendaKeeper:
    """Writes what is to be kept, one at a time and in a thread: a slow disk holds
    nothing up. `on_saved` runs on the event loop."""

    def __init__(self, file: AgendaFile, on_saved: Callable[[], None]) -> None:
        self._file = file
        self._on_saved = on_saved
        self._wanted = self.saved = file.load()
        """`saved`: what is safe on the disk."""
        self._news = asyncio.Event()

    def keep(self, kept: Kept) -> None:
        if kept is not self._wanted:
            self._wanted = kept
            self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            kept = self._wanted
            try:
                await asyncio.to_thread(self._file.save, kept)
            except OSError as error:
                _log.error("agenda_not_saved", why=str(error))
                await asyncio.sleep(SAVE_AGAIN_S)
                self._news.set()
                continue
            self.saved = kept
            self._on_saved()


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
