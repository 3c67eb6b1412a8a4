"""One session of the recorder: join, record, finish into the library."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from common import log
from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.errors import UnavailableError
from common.identity import JoinGrant, Signer
from common.objects import Objects
from common.protocol.events import LessonFacts, RecordingState
from recorder.gate import Gate
from recorder.library.model import entry_of
from recorder.library.store import LibraryStore, Outcome
from recorder.manifest import (
    Manifest,
    Outage,
    Started,
    completeness,
    figures,
    gaps,
)
from recorder.metrics import RecorderMetrics
from recorder.participant import Participant, Seats
from recorder.recording import Recording
from recorder.recovery import catch_up, still_expected
from recorder.spool import Spool
from recorder.storage import object_path, verified
from recorder.tap import Tap

_SAY_EVERY_S = 10.0
_RETRY_S = 1.0
_PUNCTUAL_US = 1_000_000
"""Who begins later than this after the bell was not there for it."""
_TOKEN_SPARE_S = 7200.0
_MOST_AUDIO, _MOST_VIDEO = 16, 24
_log = log.get("session")

T = TypeVar("T")


_FORGOTTEN_S = 3600.0


def is_forgotten(facts: LessonFacts, silent_s: float, now_s: float) -> bool:
    """Whether a lesson that nobody ended is over: past its end, and the timetable has
    been silent about it for long. A clock set forward alone ends nothing."""
    return now_s > facts.ends_at and silent_s > _FORGOTTEN_S


def recording_id(session: str) -> str:
    """One recording per session, whoever asks and however often."""
    return f"rec-{session}"


@dataclass(frozen=True)
class Around:
    """What every session uses."""

    config: Config
    bus: Bus
    clock: Clock
    objects: Objects
    store: LibraryStore
    signer: Signer
    metrics: RecorderMetrics
    running: "MutableMapping[str, Session]"
    """By resource id."""
    finished: Callable[[str], Awaitable[None]]
    """Told of each recording that is whole in the store."""


class Session:
    """Joins at `prepare`, writes from `begin` to `end`; each may be called again."""

    def __init__(self, facts: LessonFacts, around: Around) -> None:
        self.facts = facts
        self.heard_s = around.clock.mono_s()
        """When the timetable last spoke of it, monotonic."""
        self.over = False
        self._stopping = False
        self._around = around
        self._gate = Gate()
        record_rooms = around.config.recorder.record_rooms
        self._tap = Tap(self._gate, facts.master_room, record_rooms=record_rooms)
        rooms = len(facts.site_rooms) if record_rooms else 1
        seats = Seats(min(rooms + 2, _MOST_AUDIO), min(2 * rooms + 2, _MOST_VIDEO))
        self._participant = Participant(
            around.config.sfu_url, self._token, self._tap, seats
        )
        self._joined: asyncio.Task[None] | None = None
        self._recording: Recording | None = None
        self._work: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()
        self._end: tuple[int, str] = (0, "bell")

    # ---- what can be played while it runs --------------------------------------

    @property
    def manifest(self) -> Manifest:
        assert self._recording is not None, "begin() comes first"
        return self._recording.manifest

    @property
    def directory(self) -> Path:
        assert self._recording is not None, "begin() comes first"
        return self._recording.spool.directory

    @property
    def trouble(self) -> str:
        return self._recording.trouble if self._recording else ""

    # ---- what the bus says -----------------------------------------------------

    def hear(self, facts: LessonFacts) -> None:
        """Said again while the lesson is live; an overrun moves its end."""
        self.facts, self.heard_s = facts, self._around.clock.mono_s()

    def join(self) -> None:
        if self._joined is None and not self._bell.is_set():
            self._joined = asyncio.create_task(self._take_part())

    def begin(self, began_at: float | None = None) -> None:
        """`began_at`: when the session began, Unix seconds; None: at its bell.

        Position 0 is the bell however late this comes: what was missed is declared.
        """
        if self._recording is not None or self._bell.is_set():
            return
        bell_us = round(max(self.facts.starts_at, began_at or 0) * 1_000_000)
        started = Started(
            recording=recording_id(self.facts.session),
            resource=f"res-{self.facts.session}",
            origin_us=min(bell_us, self._around.clock.wall_us()),
            facts=self.facts,
        )
        directory = self._around.config.spool_dir / started.recording
        recording = self._record(Spool(directory), Manifest(started=started))
        recording.note(started)
        late_us = recording.now_us()
        if late_us > _PUNCTUAL_US:
            missed = Outage(start_us=0, end_us=late_us, reason="recorder_down")
            recording.note(missed)
        self._gate.open(recording, started.origin_us)
        self.join()
        self._work = asyncio.create_task(self._run(recording, resumed=False))

    def resume(self, spool: Spool, manifest: Manifest) -> None:
        """Goes on with a recording that a kill interrupted."""
        recording = self._record(spool, manifest)
        if manifest.ended is not None:
            self._end = (manifest.ended.at_us, manifest.ended.reason)
            self._bell.set()
        self._work = asyncio.create_task(self._run(recording, resumed=True))

    def end(self, at_s: float, reason: str) -> None:
        if self._bell.is_set():
            return
        if self._recording is None:
            self.over = True
        else:
            origin_us = self.manifest.started.origin_us
            self._end = (max(round(at_s * 1e6) - origin_us, 0), reason)
        self._bell.set()
        self._leave()

    async def stop(self) -> None:
        """The recorder ends, the lesson may not: all is safe, to be resumed."""
        self._stopping = True
        self._leave()
        if self._work is not None:
            if self._bell.is_set():
                # Finishing is begun again from the spool.
                self._work.cancel()
            elif self._recording is not None:
                self._recording.halt()
        tasks = [task for task in (self._joined, self._work) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- the work --------------------------------------------------------------

    def _record(self, spool: Spool, manifest: Manifest) -> Recording:
        around = self._around
        self._recording = Recording(
            manifest,
            spool,
            around.objects,
            around.clock,
            around.config.recorder,
            around.metrics,
            self._tell,
        )
        self._recording.request_keyframes = self._participant.request_keyframes
        around.running[manifest.started.resource] = self
        return self._recording

    async def _take_part(self) -> None:
        try:
            await self._participant.run()
        except Exception:  # the outermost loop of a participation
            _log.exception("participation_failed", session=self.facts.session)

    def _leave(self) -> None:
        if self._joined is not None:
            self._joined.cancel()

    def _token(self) -> str:
        now_s = self._around.clock.wall_us() / 1e6
        grant = JoinGrant(room=self.facts.session, role="recorder", name="录制")
        ttl_s = max(self.facts.ends_at - now_s, 0) + _TOKEN_SPARE_S
        return self._around.signer.join(grant, ttl_s, now_s)

    async def _run(self, recording: Recording, *, resumed: bool) -> None:
        try:
            await self._open(recording, resumed=resumed)
            await self._until_bell(recording)
            if self._stopping and not self._bell.is_set():
                await recording.pause()
                return
            await self._finish(recording)
        except Exception:  # the outermost loop of a lesson
            # What is in the spool is resumed with the next `session.start`.
            _log.exception("recording_failed", session=self.facts.session)
            await self._publish("failed", "internal")
            recording.spool.forget_parts()
            self._around.running.pop(recording.manifest.started.resource, None)
        self._leave()
        self.over = True

    async def _open(self, recording: Recording, *, resumed: bool) -> None:
        manifest = recording.manifest
        if resumed:
            adopted = await self._retry_disk(
                lambda: recording.spool.adopt(manifest), recording
            )
            for entry in adopted:
                manifest.apply(entry)
            for entry in catch_up(manifest, recording.now_us()):
                recording.note(entry)
            self._tap.away(still_expected(manifest))
            self._gate.open(recording, manifest.started.origin_us)
            self.join()
        else:
            await self._retry_disk(recording.spool.open, recording)
        _log.info("recording", session=self.facts.session, resumed=resumed)

    async def _retry_disk(
        self, work: Callable[[], list[Any]], recording: Recording
    ) -> list[Any]:
        told = False
        while True:
            try:
                return await asyncio.to_thread(work)
            except OSError as error:
                if not told:
                    # Frames must not wait in memory for a disk that may never come.
                    recording.refuse(error)
            if not told:
                told = True
                await self._tell(recording.trouble)
            await asyncio.sleep(_RETRY_S)

    async def _until_bell(self, recording: Recording) -> None:
        running = asyncio.create_task(recording.run())
        bell = asyncio.create_task(self._bell.wait())
        helpers = [
            bell,
            asyncio.create_task(self._enter_library(recording.manifest)),
            asyncio.create_task(self._keep_saying()),
        ]
        try:
            await asyncio.wait({running, bell}, return_when=asyncio.FIRST_COMPLETED)
            recording.halt()
            await running
        finally:
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _enter_library(self, manifest: Manifest) -> None:
        started = manifest.started
        entry = entry_of(
            self.facts, started.resource, started.recording, started.origin_us / 1e6
        )
        await self._patiently(lambda: self._around.store.begin(entry))

    async def _finish(self, recording: Recording) -> None:
        began_s = self._around.clock.mono_s()
        await self._publish("finishing")
        await recording.finish_media(*self._end)
        await self._enter_library(recording.manifest)
        manifest = await self._shelve(recording.manifest)
        self._around.running.pop(manifest.started.resource, None)
        await self._around.finished(manifest.started.recording)
        await asyncio.to_thread(recording.spool.remove)
        self._count(manifest, self._around.clock.mono_s() - began_s)
        await self._patiently(lambda: self._announce("finished", "", manifest))
        _log.info("recording_finished", session=self.facts.session)

    async def _shelve(self, manifest: Manifest) -> Manifest:
        """Verified, with its manifest beside the media and its row in the library."""
        around = self._around

        async def put() -> Manifest:
            checked = await verified(around.objects, manifest)
            path = object_path(checked.started.recording, "manifest.json")
            await around.objects.put(path, checked.model_dump_json().encode())
            told = [figures(checked, track) for track in checked.tracks.values()]
            outcome = Outcome(checked.end_us / 1e6, completeness(told), told)
            await around.store.finish(checked.started.resource, outcome)
            return checked

        return await self._patiently(put)

    def _count(self, manifest: Manifest, took_s: float) -> None:
        metrics = self._around.metrics
        metrics.finished.inc()
        metrics.finish_seconds.observe(took_s)
        for track in manifest.tracks.values():
            for gap in gaps(track, manifest.outages, manifest.end_us):
                seconds = (gap.end_us - gap.start_us) / 1e6
                metrics.gap_seconds.labels(gap.reason).inc(seconds)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Tries until it works; the trouble is told when it begins."""
        told = ""
        while True:
            try:
                return await work()
            except UnavailableError as error:
                if error.code != told:
                    told = error.code
                    _log.warning("waiting", code=error.code, en=error.en)
                    await self._tell(f"{error.code}: {error.zh} / {error.en}")
            await asyncio.sleep(_RETRY_S)

    # ---- what others are told ----------------------------------------------------

    async def _keep_saying(self) -> None:
        while True:
            await self._tell(self.trouble)
            await asyncio.sleep(_SAY_EVERY_S)

    async def _tell(self, trouble: str) -> None:
        await self._publish("trouble" if trouble else "recording", trouble)

    async def _publish(self, state: str, reason: str = "") -> None:
        try:
            await self._announce(state, reason, self.manifest)
        except UnavailableError as error:
            # Said again with the next round.
            _log.warning("state_not_told", state=state, error=str(error))

    async def _announce(self, state: str, reason: str, manifest: Manifest) -> None:
        tracks = [figures(manifest, track) for track in manifest.tracks.values()]
        fields = {
            "at": self._around.clock.wall_us() / 1e6,
            "session": self.facts.session,
            "recording": manifest.started.recording,
            "state": state,
            "reason": reason,
            "resource": manifest.started.resource,
            "tracks": tracks,
        }
        await self._around.bus.publish(RecordingState.model_validate(fields))
