"""The service: follows the bus, records what is live, keeps the library."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from aiohttp import web

from common import log
from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.db import Database
from common.identity import Signer, ensure_secret
from common.metrics import Registry
from common.objects import Objects
from common.protocol.events import (
    LessonFacts,
    SessionEnd,
    SessionPrepare,
    SessionStart,
)
from recorder.library.api import Library
from recorder.library.downloads import Downloads
from recorder.library.mixes import Mixes
from recorder.library.shelf import Shelf
from recorder.library.store import LibraryStore
from recorder.manifest import Manifest
from recorder.metrics import RecorderMetrics
from recorder.recovery import unfinished, unfinished_in
from recorder.session import Around, Session, is_forgotten, recording_id
from recorder.spool import Spool, lock_directory

_STALE_S = 30.0
"""`session.start` comes every 10 s while a lesson is live; an older one is history."""
_WATCH_S = 5.0
_MIXING_AT_ONCE = 1
_MIGRATIONS = Path(__file__).parent / "library" / "migrations"
_log = log.get("recorder")


class RecorderService:
    def __init__(
        self, config: Config, bus: Bus, clock: Clock, metrics: Registry
    ) -> None:
        self._config = config
        self._bus = bus
        self._clock = clock
        self._metrics = RecorderMetrics(metrics)
        self._database = Database(config.database_url)
        self._store = LibraryStore(self._database)
        self._objects = Objects(config.objects_url)
        self._sessions: dict[str, Session] = {}
        self._running: dict[str, Session] = {}
        """By resource id: those that have something to play."""
        self._shelf = Shelf(self._objects, self._running)
        work_dir = config.server.data_dir / "downloads"
        turn = asyncio.Semaphore(_MIXING_AT_ONCE)
        url = config.objects_url
        self._downloads = Downloads(self._objects, url, work_dir, turn)
        self._mixes = Mixes(
            self._objects,
            url,
            work_dir,
            config.spool_dir,
            turn,
            clock,
            self._shelf.forget,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._lock: BinaryIO | None = None

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        zone = ZoneInfo(self._config.server.time_zone)
        library = Library(self._store, self._shelf, self._downloads, self._clock, zone)
        return library.router().routes()

    async def start(self) -> None:
        """Migrates, goes on with what a kill interrupted, then listens.

        Raises ConflictError(`spool_in_use`).
        """
        self._lock = lock_directory(self._config.spool_dir)
        await self._database.migrate(_MIGRATIONS, "library_version")
        for spool, manifest in unfinished(self._config.spool_dir):
            self._resume(spool, manifest)
        self._mixes.resume()
        self._tasks = [
            asyncio.create_task(_forever("listen", self._listen)),
            asyncio.create_task(_forever("watch", self._watch)),
        ]

    def _resume(self, spool: Spool, manifest: Manifest) -> None:
        facts = manifest.started.facts
        self._session(facts).resume(spool, manifest)
        _log.info("recording_resumed", session=facts.session)

    def _resume_from_disk(self, session: str) -> None:
        """A recording whose work failed is taken up again."""
        if session not in self._sessions:
            found = unfinished_in(self._config.spool_dir / recording_id(session))
            if found is not None:
                self._resume(*found)

    def _session(self, facts: LessonFacts) -> Session:
        session = self._sessions.get(facts.session)
        if session is None:
            config = self._config
            secret = ensure_secret(config.auth.secret, config.server.data_dir)
            around = Around(
                config,
                self._bus,
                self._clock,
                self._objects,
                self._store,
                Signer(secret),
                self._metrics,
                self._running,
                self._mixes.want,
            )
            session = self._sessions[facts.session] = Session(facts, around)
        return session

    async def _listen(self) -> None:
        async for event in self._bus.subscribe("recorder"):
            match event:
                case SessionPrepare():
                    if self._is_news(event.at):
                        self._session(event.facts).join()
                case SessionStart():
                    if self._is_news(event.at):
                        await self._begin(event)
                case SessionEnd():
                    self._forget_over()
                    self._resume_from_disk(event.session)
                    session = self._sessions.get(event.session)
                    if session is not None:
                        session.end(event.at, event.reason)

    def _is_news(self, at_s: float) -> bool:
        return self._clock.wall_us() / 1e6 - at_s < _STALE_S

    async def _begin(self, event: SessionStart) -> None:
        facts = event.facts
        known = await self._store.of_session(facts.session)
        if known is None or known.state == "recording":
            self._forget_over()
            self._resume_from_disk(facts.session)
            session = self._session(facts)
            session.hear(facts)
            session.begin(event.began_at)

    def _forget_over(self) -> None:
        over = [name for name, session in self._sessions.items() if session.over]
        for name in over:
            del self._sessions[name]

    async def _watch(self) -> None:
        """Ends what nobody ended, and forgets what is over."""
        while True:
            await asyncio.sleep(_WATCH_S)
            now_s = self._clock.wall_us() / 1e6
            self._forget_over()
            for session in self._sessions.values():
                silent_s = self._clock.mono_s() - session.heard_s
                if is_forgotten(session.facts, silent_s, now_s):
                    session.end(now_s, "bell")
            self._metrics.running.set(len(self._running))
            troubled = sum(bool(s.trouble) for s in self._running.values())
            self._metrics.in_trouble.set(troubled)

    async def stop(self) -> None:
        """What is running is made safe and resumed at the next start."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(s.stop() for s in self._sessions.values()))
        self._sessions.clear()
        await self._downloads.close()
        await self._mixes.close()
        await self._database.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def health(self) -> dict[str, bool]:
        troubled = any(session.trouble for session in self._running.values())
        return {
            "database": await self._database.ping(),
            "bus": await self._bus.ping(),
            "recording": not troubled,
        }


async def _forever(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """The outermost loop of a task: a bug is logged and the work goes on."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("task_failed", task=name)
            await asyncio.sleep(1)
