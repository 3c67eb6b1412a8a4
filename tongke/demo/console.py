"""The teacher's console of the demo: control without media, over real signalling."""

import asyncio
from collections.abc import Callable

import aiohttp

from common.errors import RemoteError, UnavailableError
from common.protocol.base import parse_message
from common.protocol.signalling import (
    Bye,
    ErrorMessage,
    Join,
    Joined,
    ParticipantState,
    RoomState,
    SetStage,
    sfu_message,
)
from common.tasks import end_task


class Console:
    """Joins with a control token; `state` is the newest the SFU said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._changed = asyncio.Condition()
        self.state: RoomState | None = None
        self._error: ErrorMessage | None = None
        self.ended = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def join(cls, http: aiohttp.ClientSession, url: str, token: str) -> "Console":
        console = cls(await http.ws_connect(url))
        await console._send(Join(token=token, name="老师的控制台").to_json())
        return console

    async def _send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def _read(self) -> None:
        async for raw in self._socket:
            message = parse_message(sfu_message, raw.data)
            async with self._changed:
                if isinstance(message, Joined):
                    self.state = message.state
                elif isinstance(message, RoomState):
                    self.state = message
                elif isinstance(message, ErrorMessage):
                    self._error = message
                elif isinstance(message, Bye):
                    self.ended.set()
                self._changed.notify_all()
        self.ended.set()

    async def wait_until(
        self, seen: Callable[[RoomState], bool], deadline_s: float, what: str
    ) -> RoomState:
        """Raises UnavailableError(`not_seen`) or RemoteError with the SFU's words."""

        def done() -> bool:
            return self._error is not None or (
                self.state is not None and seen(self.state)
            )

        try:
            async with asyncio.timeout(deadline_s), self._changed:
                await self._changed.wait_for(done)
        except TimeoutError as error:
            raise UnavailableError(
                "not_seen", zh=f"没有等到：{what}", en=f"did not see: {what}"
            ) from error
        if self._error is not None:
            raise RemoteError(self._error.code, zh=self._error.zh, en=self._error.en)
        assert self.state is not None
        return self.state

    async def set_stage(self, participant: ParticipantState, on_stage: bool) -> None:
        message = SetStage(participant=participant.id, on_stage=on_stage)
        await self._send(message.to_json())

    async def close(self) -> None:
        await self._socket.close()
        await end_task(self._reader)
