"""One recording while its lesson runs: frames in, safe segments out, trouble told."""

import asyncio
import contextlib
import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from common import log
from common.clock import Clock
from common.config import RecorderSection
from common.errors import UnavailableError
from common.objects import Objects
from common.tasks import end_task
from recorder.manifest import (
    Ended,
    Expect,
    GapReason,
    Hole,
    Manifest,
    Outage,
    Record,
    Run,
    Segment,
    Track,
)
from recorder.metrics import RecorderMetrics
from recorder.segments import PlacedFrame, TrackWriter, Write, writer_for
from recorder.spool import Spool
from recorder.storage import Uploader
from recorder.timeline import ParticipantClock, TrackClock
from rtc import Frame

TICK_S = 0.35
"""How much media may be in memory only; a kill costs this and the write itself."""
_PENDING_LIMIT_BYTES = 64_000_000
_KEYFRAME_WAIT_US = 4_000_000
_KEYFRAME_EVERY_US = 500_000
_SILENT_US = 5_000_000
_REPAIR_EVERY_S = 1.0
_log = log.get("recording")

SENTENCES: dict[str, tuple[str, str]] = {
    "no_space": (
        "录制磁盘已满，课堂不受影响；请清理空间，录制会自动继续",
        "the recorder's disk is full; the lesson goes on, free some space and "
        "recording continues by itself",
    ),
    "spool_unwritable": (
        "录制磁盘写不进去，课堂不受影响；请检查磁盘与权限，录制会自动继续",
        "the recorder's disk cannot be written; the lesson goes on, check the disk and "
        "its permissions and recording continues by itself",
    ),
    "spool_limit": (
        "对象存储一直写不进去，本机暂存已到上限，正在丢失录像；请修复对象存储",
        "the object store still refuses and the recorder's disk is at its limit: media "
        "is being lost, mend the object store",
    ),
    "store_full": (
        "对象存储已满，录像暂存本机；请清理对象存储，上传会自动继续",
        "the object store is full, media is kept on the recorder's disk; free some "
        "space there and the upload continues by itself",
    ),
    "store_unwritable": (
        "对象存储写不进去，录像暂存本机；请检查存储的权限与连接",
        "the object store cannot be written, media is kept on the recorder's disk; "
        "check its permissions and connection",
    ),
    "disk_slow": (
        "录制磁盘太慢，丢弃了几秒录像",
        "the recorder's disk is too slow, some seconds were dropped",
    ),
    "no_media": (
        "录制端收不到课堂的音视频，请检查主讲教室与 SFU",
        "the recorder gets no media, check the master classroom and the SFU",
    ),
}


@dataclass
class _Live:
    """One track as it is being written."""

    info: Track
    writer: TrackWriter
    clock: TrackClock
    publication: str
    resumed: bool = True
    """The next frame is not the neighbour of the one before it."""
    expected: bool = False
    last_us: int = -1
    keyframe_us: int = 0
    asked_us: int = field(default=-_KEYFRAME_EVERY_US)


class Recording:
    """`run` it as a task; `halt`, then `finish_media` or `pause`."""

    def __init__(
        self,
        manifest: Manifest,
        spool: Spool,
        objects: Objects,
        clock: Clock,
        section: RecorderSection,
        metrics: RecorderMetrics,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        """`tell(reason)`: an empty reason means that all is well again."""
        self.manifest = manifest
        self.spool = spool
        self.request_keyframes: Callable[[str], None] = lambda track: None
        self._clock = clock
        self._section = section
        self._metrics = metrics
        self._tell = tell
        self._uploader = Uploader(
            spool, objects, manifest.started.recording, self._store_trouble, metrics
        )
        self._tracks: dict[str, _Live] = {}
        self._people: dict[str, ParticipantClock] = {}
        self._news: list[Record] = []
        self._troubles: dict[str, str] = {}
        self._told = ""
        self._blocked: GapReason | None = None
        self._blocked_since_us = 0
        self._next_repair_s = 0.0
        self._last_frame_us = self.now_us()
        self._closing = False
        self._from_bell = not manifest.tracks
        """The first that is seen of the room is taken to be there since the bell."""
        self._halted = asyncio.Event()

    # ---- what the tap says ----------------------------------------------------

    def now_us(self) -> int:
        return self._clock.wall_us() - self.manifest.started.origin_us

    def watch(self, track: Track, publication: str) -> None:
        live = self._tracks.get(track.track)
        if live is None:
            live = self._tracks[track.track] = self._new_track(track, publication)
        else:
            live.publication = publication
            live.clock = self._track_clock(track.participant)
        live.resumed = True
        live.info = track
        self.note(track)

    def expect(self, track: str, *, expected: bool, found: bool = False) -> None:
        live = self._tracks.get(track)
        at_us = 0 if found and self._from_bell else max(self.now_us(), 1)
        if live is None:
            # Known from before a restart, and not in the room any more.
            self.note(Expect(track=track, at_us=at_us, expected=expected))
        elif live.expected != expected:
            live.expected = expected
            live.keyframe_us = self.now_us()
            self.note(Expect(track=track, at_us=at_us, expected=expected))

    def frame(self, track: str, frame: Frame) -> bool:
        live = self._tracks[track]
        self._metrics.frames.labels(frame.kind).inc()
        self._last_frame_us = self.now_us()
        if self._blocked is not None or self._closing:
            live.resumed = True
            return False
        position = live.clock.place(
            frame.rtp_time, frame.clock_rate, frame.capture_us, frame.arrival_us
        )
        if position <= live.last_us:
            return False
        placed = PlacedFrame(
            position_us=position,
            data=frame.data,
            codec=frame.codec,
            keyframe=frame.keyframe,
            contiguous=frame.contiguous and not live.resumed,
            capture_us=frame.capture_us,
            arrival_us=frame.arrival_us,
        )
        live.last_us = position
        live.resumed = False
        if frame.keyframe:
            live.keyframe_us = self.now_us()
        return self._once_in_a_while(live, live.writer.add(placed))

    def _once_in_a_while(self, live: _Live, wanted: bool) -> bool:
        now = self.now_us()
        if not wanted or now - live.asked_us < _KEYFRAME_EVERY_US:
            return False
        live.asked_us = now
        return True

    def _new_track(self, track: Track, publication: str) -> _Live:
        known = self.manifest.tracks.get(track.track)
        numbers = [s.segment for s in known.segments] if known else []
        runs = [r.run for r in known.runs] if known else []
        on_disk = self.spool.highest(track.track)
        writer = writer_for(
            track.kind,
            track.track,
            round(self._section.segment_s * 1_000_000),
            next_segment=max([0, on_disk, *numbers]) + 1,
            next_run=max(runs, default=0) + 1,
        )
        expected = bool(known and known.expects and known.expects[-1].expected)
        return _Live(
            track,
            writer,
            self._track_clock(track.participant),
            publication,
            expected=expected,
            last_us=known.end_us if known else -1,
            keyframe_us=self.now_us(),
        )

    def _track_clock(self, participant: str) -> TrackClock:
        person = self._people.setdefault(participant, ParticipantClock())
        return TrackClock(person, self.manifest.started.origin_us)

    def note(self, entry: Record) -> None:
        """A record to be written with the next tick."""
        self.manifest.apply(entry)
        self._news.append(entry)

    # ---- the loop -------------------------------------------------------------

    def halt(self) -> None:
        """Lets `run` return after the write it is in; never cancel it instead: the
        disk would go on behind our back."""
        self._halted.set()

    async def run(self) -> None:
        """Until `halt`."""
        uploading = asyncio.create_task(self._uploader.run())
        try:
            while not self._halted.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._halted.wait()
                await self.tick()
        finally:
            await end_task(uploading)

    async def tick(self) -> None:
        self._ask_keyframes()
        self._watch_silence()
        await self._check_limits()
        if self._blocked is None:
            writes = [w for live in self._tracks.values() for w in live.writer.cut()]
            await self._write(writes)
        else:
            await self._repair()
        await self._say()

    async def _write(self, writes: list[Write]) -> None:
        news, self._news = self._news, []
        holes = [write for write in writes if isinstance(write, Hole)]
        for hole in holes:
            self.manifest.apply(hole)
        try:
            done = await asyncio.to_thread(self.spool.write, [*news, *writes])
        except OSError as error:
            self.refuse(error)
            return
        for entry in done:
            if isinstance(entry, Run | Segment):
                self.manifest.apply(entry)

    def refuse(self, error: OSError) -> None:
        """The recorder's disk said no: frames are let go until it takes them again."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            self._block("no_space", "no_space", str(error))
        else:
            self._block("store_unwritable", "spool_unwritable", str(error))

    def _block(self, reason: GapReason, trouble: str, detail: str) -> None:
        """Nothing can be written: forget what is not safe, until there is room."""
        _log.warning("recording_blocked", reason=trouble, detail=detail)
        self._blocked = reason
        self._blocked_since_us = self._safe_until_us()
        self._troubles["disk"] = trouble
        self._next_repair_s = self._clock.mono_s() + _REPAIR_EVERY_S
        self.spool.forget_parts()
        for live in self._tracks.values():
            live.writer.forget()

    def _safe_until_us(self) -> int:
        ends = [track.end_us for track in self.manifest.tracks.values()]
        return min([end for end in ends if end], default=0)

    async def _repair(self) -> None:
        if self._clock.mono_s() < self._next_repair_s:
            return
        self._next_repair_s = self._clock.mono_s() + _REPAIR_EVERY_S
        outage = Outage(
            start_us=self._blocked_since_us,
            end_us=self.now_us(),
            reason=self._blocked or "no_space",
        )
        if await self._over_limit():
            return
        try:
            if not await asyncio.to_thread(self.spool.has_room):
                return
            for entry in await asyncio.to_thread(self.spool.adopt, self.manifest):
                self.manifest.apply(entry)
            news, self._news = self._news, []
            await asyncio.to_thread(self.spool.write, [*news, outage])
        except OSError:
            return
        self.manifest.apply(outage)
        self._blocked = None
        self._troubles.pop("disk", None)
        for live in self._tracks.values():
            live.keyframe_us = 0
        _log.info("recording_goes_on")

    async def _check_limits(self) -> None:
        pending = sum(live.writer.pending_bytes for live in self._tracks.values())
        if self._blocked is None and pending > _PENDING_LIMIT_BYTES:
            detail = f"{pending} bytes wait in memory"
            self._block("disk_slow", "disk_slow", detail)
        elif self._blocked is None and await self._over_limit():
            detail = "the spool is at its limit"
            self._block("store_unwritable", "spool_limit", detail)

    async def _over_limit(self) -> bool:
        """The spool fills only while the store refuses."""
        if "store" not in self._troubles:
            return False
        size = await asyncio.to_thread(self.spool.size_bytes)
        self._metrics.spool_bytes.set(size)
        return size > self._section.spool_limit_bytes

    def _ask_keyframes(self) -> None:
        """A segment must end some time: browsers send keyframes only when asked."""
        now = self.now_us()
        for name, live in self._tracks.items():
            waited = now - live.keyframe_us > _KEYFRAME_WAIT_US
            if live.info.kind == "video" and live.expected and waited:
                live.keyframe_us = now
                self.request_keyframes(name)

    def _watch_silence(self) -> None:
        if self.now_us() - self._last_frame_us > _SILENT_US:
            self._troubles["media"] = "no_media"
        else:
            self._troubles.pop("media", None)

    def _store_trouble(self, error: UnavailableError | None) -> None:
        if error is None:
            self._troubles.pop("store", None)
        else:
            full = error.code == "no_space"
            self._troubles["store"] = "store_full" if full else "store_unwritable"

    @property
    def trouble(self) -> str:
        """What is wrong now, as `code: 中文 / English`; empty when nothing is."""
        codes = dict.fromkeys(self._troubles.values())
        told = (f"{code}: {' / '.join(SENTENCES[code])}" for code in codes)
        return "; ".join(told)

    async def _say(self) -> None:
        if self.trouble != self._told:
            self._told = self.trouble
            await self._tell(self._told)

    # ---- the end --------------------------------------------------------------

    async def pause(self) -> None:
        """The recorder stops, the lesson does not: everything safe, to be resumed."""
        await self._close_writers()

    async def finish_media(self, at_us: int, reason: str) -> None:
        """Ends the media at the bell and waits until the store has all of it."""
        await self._close_writers()
        self.note(Ended(at_us=max(at_us, 1), reason=reason))
        while self._blocked is not None or self._news:
            if self._blocked is None:
                await self._write([])
            else:
                await self._repair()
            await self._say()
            if self._blocked is not None:
                await asyncio.sleep(_REPAIR_EVERY_S)
        while not await self._uploader.drain_once():
            await self._say()
            await asyncio.sleep(_REPAIR_EVERY_S)
        await self._say()

    async def _close_writers(self) -> None:
        self._closing = True
        if self._blocked is None:
            writes = [w for live in self._tracks.values() for w in live.writer.close()]
            await self._write(writes)
