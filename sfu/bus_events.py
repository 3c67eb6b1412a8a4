"""The bus side of the node: lessons in, news of rooms out."""

import asyncio
from collections import deque

from common import log
from common.bus import Bus
from common.errors import UnavailableError
from common.ids import RoomId
from common.protocol.events import (
    BusEvent,
    Event,
    RecordingState,
    SessionEnd,
    SessionPrepare,
    SessionStart,
)
from sfu.node import Node

WAITING_MAX = 10_000
RETRY_S = 1.0
_log = log.get("sfu_bus")


class Announcer:
    """Says events in order without making a room wait. While the bus is away they
    are kept, the oldest given up first: the lesson goes on without it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: deque[Event] = deque(maxlen=WAITING_MAX)
        self._news = asyncio.Event()

    def announce(self, event: Event) -> None:
        self._waiting.append(event)
        self._news.set()

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if not await self.flush():
                await asyncio.sleep(RETRY_S)
                self._news.set()

    async def flush(self) -> bool:
        """Says what waits; False when the bus is away."""
        while self._waiting:
            event = self._waiting[0]
            try:
                await self._bus.publish(event)
            except UnavailableError as error:
                _log.warning("x announce", reason=str(error))
                return False
            if self._waiting and self._waiting[0] is event:
                self._waiting.popleft()
        return True


async def listen(bus: Bus, node: Node, name: str) -> None:
    """Follows the timetable's commands for ever. `name`: this node's reader."""
    async for event in bus.subscribe(f"sfu-{name}"):
        follow(node, event)


def follow(node: Node, event: BusEvent) -> None:
    match event:
        case SessionPrepare() | SessionStart():
            node.prepare(event.facts)
        case SessionEnd():
            node.end(RoomId(event.session))
        case RecordingState():
            node.set_recording(RoomId(event.session), event.state == "recording")
        case _:
            return
