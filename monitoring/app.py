"""The monitoring service: one reader of the bus, one wall, one store."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from common import log
from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.db import Database
from common.metrics import Registry
from common.protocol.events import BusEvent
from monitoring.api import StatusApi
from monitoring.collect import session_of
from monitoring.live import Live
from monitoring.metrics import MonitoringMetrics
from monitoring.store import MonitoringStore

_READER = "monitoring"
# What is over stays on the wall for the rest of the school day.
_WALL_KEEPS_S = 12 * 3600.0
_TIDY_EVERY_S = 600.0
_DAY_S = 86_400.0
_STORE_TRIES = 3
_STORE_PAUSE_S = 1.0

_log = log.get("monitoring")


class MonitoringService:
    """Only listens: when it is away, lessons go on and nobody waits for it."""

    def __init__(
        self, config: Config, bus: Bus, clock: Clock, metrics: Registry
    ) -> None:
        self._keep_s = config.monitoring.keep_days * _DAY_S
        self._bus = bus
        self._database = Database(config.database_url)
        self._store = MonitoringStore(self._database)
        self._live = Live(clock)
        self._metrics = MonitoringMetrics(metrics, self._live.wall, clock)
        self._api = StatusApi(self._live, self._store)
        self._tasks: list[asyncio.Task[None]] = []

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return self._api.routes()

    async def start(self) -> None:
        """Rebuilds the wall from what was known, then listens."""
        await self._store.migrate()
        since = self._live.now() - _WALL_KEEPS_S
        for event in await self._store.known_since(since):
            self._live.apply(event)
        self._tasks = [
            asyncio.create_task(self._listen(), name="monitoring-listen"),
            asyncio.create_task(self._tidy(), name="monitoring-tidy"),
        ]

    async def stop(self) -> None:
        """Watchers first, then the reader, then the database it writes to."""
        self._live.close()
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*map(_end, tasks))
        await self._database.close()

    async def health(self) -> dict[str, bool]:
        return {"bus": await self._bus.ping(), "database": await self._store.ping()}

    async def _listen(self) -> None:
        async for event in self._bus.subscribe(_READER):
            self._metrics.heard(event)
            try:
                await self._take(event)
            except Exception:  # the outermost loop of the reader
                _log.exception("x event", type=event.type)

    async def _take(self, event: BusEvent) -> None:
        """The wall at once, then the store. While the database is away the bus keeps
        what follows; an event that the database refuses is given up after a while."""
        running = self._is_running(event)
        self._live.apply(event)
        refused = 0
        while refused < _STORE_TRIES:
            try:
                await self._record(event, was_running=running)
            except Exception:  # whatever a driver raises: the event is tried again
                refused += await self._store.ping()
                _log.exception("x record", type=event.type, refused=refused)
                await asyncio.sleep(_STORE_PAUSE_S)
            else:
                return

    async def _record(self, event: BusEvent, *, was_running: bool) -> None:
        for change in await self._store.record(event):
            self._metrics.counted(event, change)
        session = session_of(event)
        if not was_running or session is None or self._is_running(event):
            return
        watched = self._live.wall.sessions[session]
        if watched.facts is not None and watched.state != "cancelled":
            rows = await self._store.close_session(watched.facts)
            self._metrics.finished(rows, watched.facts.starts_at, self._live.wall)

    def _is_running(self, event: BusEvent) -> bool:
        """Is the event's session before its end? Judged once per session, when it
        passes from here to `ending` or a final state."""
        watched = self._live.wall.sessions.get(session_of(event) or "")
        return watched is not None and watched.state in ("preparing", "ready", "live")

    async def _tidy(self) -> None:
        while True:
            now = self._live.now()
            self._live.wall.forget(now - _WALL_KEEPS_S)
            try:
                gone = await self._store.prune(now - self._keep_s)
            except Exception:  # the outermost loop of the tidy task
                _log.exception("x prune")
            else:
                if gone:
                    _log.info("- pruned", seats=gone)
            await asyncio.sleep(_TIDY_EVERY_S)


async def _end(task: asyncio.Task[None]) -> None:
    """A cancellation that meets a driver in the middle of a call may come out as the
    driver's own error and be retried: ask until it is heard."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_STORE_PAUSE_S)
