"""The sending half of one WebSocket: a bounded queue that never makes a room wait."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from common.protocol.base import Message
from common.protocol.signalling import Bye, ErrorMessage

QUEUE_MAX = 256
SEND_DEADLINE_S = 10.0


class SocketDoor:
    """What cannot be sent in time is not sent late: the socket is dropped.

    `on_slow` is called once, when the far side does not take what it is sent.
    """

    def __init__(
        self, socket: web.WebSocketResponse, on_slow: Callable[[], None]
    ) -> None:
        self._socket = socket
        self._on_slow = on_slow
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE_MAX)
        self._closing = False

    def send(self, message: Message) -> None:
        self.send_text(message.to_json())

    def send_text(self, text: str) -> None:
        if self._closing:
            return
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self._drop()

    def finish(self, last: Bye | ErrorMessage) -> None:
        """The last word, then the socket is closed."""
        self.send(last)
        self.end()

    def end(self) -> None:
        """What is queued is still sent."""
        if self._closing:
            return
        self._closing = True
        try:
            self._queue.put_nowait(None)
        except asyncio.QueueFull:
            self._drop()

    async def run(self) -> None:
        """Sends until `end`, then closes the socket."""
        try:
            while (text := await self._queue.get()) is not None:
                async with asyncio.timeout(SEND_DEADLINE_S):
                    await self._socket.send_str(text)
            async with asyncio.timeout(SEND_DEADLINE_S):
                await self._socket.close()
        except TimeoutError:
            self._drop()
        except ConnectionError:
            # Gone already: the reading half sees it too.
            self._closing = True

    def _drop(self) -> None:
        self._closing = True
        self._on_slow()
