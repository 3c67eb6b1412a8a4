"""The room's agenda on its own disk. A power cut leaves the old one or the new one."""

import os
from pathlib import Path

from pydantic import ValidationError

from classroom_agent.agenda import Kept
from common import log

NAME = "agenda.json"
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


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
