"""Looks at the coming days of the calendar now and then, for whoever is on call."""

import asyncio

from common import log
from common.clock import Clock
from common.errors import UnavailableError
from scheduler.catalogue.desk import WorldDesk
from scheduler.term.ahead import doubtful_days
from scheduler.term.metrics import CalendarMetrics

_EVERY_S = 600.0

_log = log.get("calendar")


class CalendarWatch:
    def __init__(self, desk: WorldDesk, clock: Clock, metrics: CalendarMetrics) -> None:
        self._desk = desk
        self._clock = clock
        self._metrics = metrics

    async def run(self) -> None:
        """For ever. A database that is away is asked again the next time."""
        while True:
            try:
                await self.look()
            except UnavailableError as error:
                _log.warning("database_away", error=str(error))
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        days = doubtful_days(await self._desk.world(), self._clock.now())
        self._metrics.looked(days)
