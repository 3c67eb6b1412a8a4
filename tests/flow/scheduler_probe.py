"""Listens on the real bus, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from common.bus import Bus
from common.ids import new_id
from common.protocol.events import BusEvent, RoomOpened
from tests.support.guard import GUARD_S


class Heard:
    """All events since it began to listen."""

    def __init__(self) -> None:
        self.events: list[BusEvent] = []
        self._news = asyncio.Condition()

    async def add(self, event: BusEvent) -> None:
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    async def until(self, enough: Callable[[list[BusEvent]], bool]) -> None:
        async with asyncio.timeout(GUARD_S), self._news:
            await self._news.wait_for(lambda: enough(self.events))

    def kinds(self, session: str) -> list[str]:
        """Commands by type, states as `state:<name>`, of one session, in order."""
        return [
            f"state:{e.state}" if e.type == "session.state" else e.type
            for e in self.events
            if e.type.startswith("session.") and session in e.to_json()
        ]

    async def says(self, session: str, kind: str, times: int = 1) -> None:
        await self.until(lambda _: self.kinds(session).count(kind) >= times)


@asynccontextmanager
async def listening(bus: Bus) -> AsyncIterator[Heard]:
    heard = Heard()
    name = new_id("probe")

    async def listen() -> None:
        async for event in bus.subscribe(name):
            await heard.add(event)

    task = asyncio.create_task(listen())
    # A new reader starts at now: say something until it is heard, then forget it.
    async with asyncio.timeout(GUARD_S):
        while not heard.events:
            await bus.publish(RoomOpened(at=0, session=name, node="probe"))
            await asyncio.sleep(0.02)
    # The last marker may still be under way; it names a session nobody asks for.
    heard.events.clear()
    try:
        yield heard
    finally:
        task.cancel()
