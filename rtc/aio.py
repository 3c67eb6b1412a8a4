"""Engine events on an asyncio loop.

The engine fills a bounded queue and makes a descriptor readable; the loop takes
events in batches. Nothing of the engine ever runs Python.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Generic, Protocol, TypeVar

from rtc import Client, ClientEvent, Forwarder, ForwarderEvent

E = TypeVar("E")

BATCH = 256
"""Events handed over before other tasks of the loop get their turn."""


class _Source(Protocol[E]):
    def fileno(self) -> int: ...
    def drain(self, limit: int = ...) -> list[E]: ...
    def close(self) -> None: ...


class _Watched(Generic[E]):
    """Calls `on_event` in the running loop for each event of an engine object."""

    def __init__(self, source: _Source[E], on_event: Callable[[E], None]) -> None:
        self._source = source
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        self._descriptor = source.fileno()
        self._closed = False
        self._loop.add_reader(self._descriptor, self._take)

    def _take(self) -> None:
        # The descriptor stays readable while events wait: the next batch comes
        # with the loop's next turn.
        for event in self._source.drain(BATCH):
            self._on_event(event)

    async def close(self) -> None:
        """Closes the engine object off the loop, then hands over what it said last.

        Idempotent.
        """
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._descriptor)
        await asyncio.to_thread(self._source.close)
        while events := self._source.drain(BATCH):
            for event in events:
                self._on_event(event)


class WatchedForwarder(_Watched[ForwarderEvent]):
    """A Forwarder whose events arrive in the loop."""

    def __init__(
        self, forwarder: Forwarder, on_event: Callable[[ForwarderEvent], None]
    ) -> None:
        super().__init__(forwarder, on_event)
        self.engine = forwarder


class WatchedClient(_Watched[ClientEvent]):
    """A Client whose events arrive in the loop."""

    def __init__(self, client: Client, on_event: Callable[[ClientEvent], None]) -> None:
        super().__init__(client, on_event)
        self.engine = client


async def events(source: _Source[E]) -> AsyncIterator[E]:
    """Yields events as they come, for ever; closing the iterator stops watching.

    The engine object itself stays open.
    """
    loop = asyncio.get_running_loop()
    descriptor = source.fileno()
    readable = asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        while True:
            batch = source.drain(BATCH)
            for event in batch:
                yield event
            if not batch:
                readable.clear()
                # What came between the empty batch and the clearing keeps the
                # descriptor readable, so the loop sets the event again.
                await readable.wait()
    finally:
        loop.remove_reader(descriptor)
