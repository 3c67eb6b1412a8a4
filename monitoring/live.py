"""The wall and the news that it changed, for those who watch it."""

import asyncio

from common.clock import Clock
from common.protocol.events import BusEvent
from monitoring.cards import Overview
from monitoring.collect import Wall
from monitoring.overview import overview


class Live:
    """One wall, many watchers; `close` lets every watcher go."""

    def __init__(self, clock: Clock) -> None:
        self.wall = Wall()
        self._clock = clock
        self._changed = asyncio.Event()
        self.closed = False

    def now(self) -> float:
        return self._clock.wall_us() / 1_000_000

    def overview(self) -> Overview:
        return overview(self.wall, self.now())

    def apply(self, event: BusEvent) -> bool:
        """True when the event was news."""
        news = self.wall.apply(event)
        if news:
            self._wake()
        return news

    async def wait_for_change(self, timeout_s: float) -> None:
        """Returns at the next change, at `close`, or after the timeout."""
        changed = self._changed
        try:
            async with asyncio.timeout(timeout_s):
                await changed.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        waited_for, self._changed = self._changed, asyncio.Event()
        waited_for.set()
