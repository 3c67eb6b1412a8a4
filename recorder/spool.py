"""The recorder's own disk: what is safe at a kill before the object store has it.

One directory per recording:

    journal.jsonl                 one record a line (recorder/manifest.py), fsynced
    <track>/run-1.mp4             init segment
    <track>/000007-r1.part        open segment: whole fragments, appended and fsynced
    <track>/000007-r1.m4s         closed segment, waiting for the object store

A file leaves the directory when the object store has it. Everything here blocks: it is
called from a worker thread, never from the event loop.
"""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from common import log
from common.errors import ConflictError, ParseError
from common.protocol.base import parse_message
from recorder import boxes
from recorder.manifest import (
    Ended,
    Expect,
    Hole,
    Manifest,
    Outage,
    Record,
    Segment,
    Started,
    Track,
    record,
)
from recorder.playlist import init_name, segment_name
from recorder.segments import Append, NewRun, Write

_log = log.get("spool")
_MEDIA = re.compile(r"(\d{6})-r(\d+)\.(?:part|m4s)")
_NO_MEDIA = (Started, Track, Hole, Outage, Expect, Ended)
_JOURNAL = "journal.jsonl"
_ROOM_BYTES = 16_000_000


class Spool:
    """One recording's directory. Not thread-safe: one caller at a time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._parts: dict[str, tuple[Path, BinaryIO]] = {}
        self._unwritten: list[str] = []
        self._journal_size = 0

    def open(self) -> list[Record]:
        """Makes or finds the directory; answers what its journal tells.

        A torn last line is cut off.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        journal = self.directory / _JOURNAL
        data = journal.read_bytes() if journal.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        self._journal_size = len(whole)
        return [parse_message(record, line) for line in whole.splitlines()]

    def write(self, writes: Sequence[Write | Record]) -> list[Record]:
        """Makes all of it durable, in order; answers the records among it.

        Raises OSError; then `forget_parts` and, when there is room, `adopt` put the
        directory in order again. Records of no media are kept in memory meanwhile.
        """
        touched: set[str] = set()
        records: list[Record] = []
        for index, item in enumerate(writes):
            try:
                entry = self._write_one(item, touched)
            except OSError:
                self.note(w for w in writes[index:] if isinstance(w, _NO_MEDIA))
                raise
            if entry is not None:
                records.append(entry)
                if not isinstance(item, NewRun):
                    self.note([entry])
        for track in touched:
            os.fsync(self._parts[track][1].fileno())
        self._flush_journal()
        return records

    def _write_one(self, item: Write | Record, touched: set[str]) -> Record | None:
        match item:
            case Append():
                self._append(item)
                touched.add(item.track)
                return None
            case NewRun():
                # Told at once: a kill must not leave media of an unknown run.
                self._write_init(item)
                self.note([item.run])
                self._flush_journal()
                return item.run
            case Segment():
                self._close_part(item)
                touched.discard(item.track)
        return item

    def note(self, entries: Iterable[Record]) -> None:
        """Keeps records in memory for the next successful write."""
        self._unwritten += [entry.to_json() + "\n" for entry in entries]

    def _append(self, item: Append) -> None:
        path = self._track(item.track) / f"{item.segment:06d}-r{item.run}.part"
        held = self._parts.get(item.track)
        if held is None or held[0] != path:
            held = (path, path.open("ab", buffering=0))
            self._parts[item.track] = held
            _sync_directory(path.parent)
        _write_whole(held[1], item.data)

    def _write_init(self, item: NewRun) -> None:
        path = self._track(item.run.track) / init_name(item.run.run)
        with path.open("wb", buffering=0) as file:
            _write_whole(file, item.init)
            os.fsync(file.fileno())
        _sync_directory(path.parent)

    def _close_part(self, segment: Segment) -> None:
        path, file = self._parts.pop(segment.track)
        os.fsync(file.fileno())
        file.close()
        path.rename(path.parent / segment_name(segment.segment, segment.run))

    def _flush_journal(self) -> None:
        if not self._unwritten:
            return
        data = "".join(self._unwritten).encode()
        with (self.directory / _JOURNAL).open("ab", buffering=0) as file:
            # What an earlier failure left half written goes first.
            file.truncate(self._journal_size)
            _write_whole(file, data)
            os.fsync(file.fileno())
        if not self._journal_size:
            _sync_directory(self.directory)
            _sync_directory(self.directory.parent)
        self._journal_size += len(data)
        self._unwritten.clear()

    def _track(self, track: str) -> Path:
        path = self.directory / track
        if not path.exists():
            path.mkdir()
            _sync_directory(self.directory)
        return path

    def forget_parts(self) -> None:
        """Closes open files after a failure; their whole fragments can be adopted."""
        for _, file in self._parts.values():
            file.close()
        self._parts.clear()

    def adopt(self, manifest: Manifest) -> list[Record]:
        """Makes closed segments of what a kill or a full disk left, and says which.

        Raises OSError.
        """
        self._flush_journal()
        adopted: list[Record] = []
        for path in sorted(self.directory.glob("*/*")):
            match = _MEDIA.fullmatch(path.name)
            track = manifest.tracks.get(path.parent.name)
            if match is None or track is None:
                continue
            number = int(match[1])
            if any(s.segment == number for s in track.segments):
                continue
            segment = _adopt_file(path, track.info, number, int(match[2]))
            if segment is not None:
                adopted.append(segment)
        self.note(adopted)
        self._flush_journal()
        return adopted

    def waiting(self) -> list[Path]:
        """Files the object store has not got, init segments first, then by age."""
        inits = sorted(self.directory.glob("*/run-*.mp4"))
        return inits + sorted(
            self.directory.glob("*/*.m4s"), key=lambda p: (p.stat().st_mtime, p.name)
        )

    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.directory.glob("*/*"))

    def has_room(self) -> bool:
        """Enough for some seconds, so that a full disk is not tried in vain."""
        usage = shutil.disk_usage(self.directory)
        return usage.free > min(_ROOM_BYTES, usage.total // 10)

    def highest(self, track: str) -> int:
        """The highest segment number on this disk, 0 without any."""
        names = (path.name for path in (self.directory / track).glob("*"))
        found = map(_MEDIA.fullmatch, names)
        return max((int(match[1]) for match in found if match), default=0)

    def remove(self) -> None:
        self.forget_parts()
        shutil.rmtree(self.directory, ignore_errors=True)


def _sync_directory(path: Path) -> None:
    """A new name is safe at a power cut only with its directory (fsync(2))."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_whole(file: BinaryIO, data: bytes) -> None:
    """A raw write may be short, as on a disk that is nearly full (write(2))."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _adopt_file(path: Path, track: Track, number: int, run: int) -> Segment | None:
    """Cuts a torn tail off. A file without one whole fragment is removed."""
    data = path.read_bytes()
    try:
        whole = list(boxes.whole_fragments(data))
    except ParseError as error:
        _log.warning("x segment", path=str(path), reason=str(error))
        whole = []
    if not whole:
        path.unlink()
        return None
    size = whole[-1].end
    if size < len(data):
        with path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())
    path.rename(path.parent / segment_name(number, run))
    video = track.kind == "video"
    scale = boxes.VIDEO_TIMESCALE if video else boxes.AUDIO_TIMESCALE
    end_ticks = whole[-1].start_ticks + whole[-1].ticks
    return Segment(
        track=track.track,
        segment=number,
        run=run,
        start_us=round(whole[0].start_ticks * 1_000_000 / scale),
        end_us=round(end_ticks * 1_000_000 / scale),
        bytes=size,
        sha256=hashlib.sha256(data[:size]).hexdigest(),
        frames=sum(facts.samples for facts in whole),
    )


def lock_directory(directory: Path) -> BinaryIO:
    """Keeps a second recorder off the same disk; held until the file is closed.

    Raises ConflictError(`spool_in_use`).
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = (directory / "lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ConflictError(
            "spool_in_use",
            zh=f"另一个录制服务正在使用 {directory}",
            en=f"another recorder uses {directory}",
        ) from error
    return file
