"""Our end of the WebSocket to the SFU (`common.protocol.signalling`)."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import aiohttp

from common.errors import DeniedError, ParseError, RemoteError, UnavailableError
from common.protocol.base import Message, parse_message
from common.protocol.signalling import (
    ErrorMessage,
    Join,
    Joined,
    Ping,
    Pong,
    PublicationOffer,
    SfuMessage,
    sfu_message,
)

CONNECT_TIMEOUT_S = 5.0
PING_INTERVAL_S = 2.0
PING_PATIENCE_S = 6.0
"""aiortc notices a dead server after 34 s; silence on this channel is noticed now."""

_TOKEN_CODES = (
    "token_invalid",
    "token_too_early",
    "token_expired",
    "token_wrong_kind",
    "denied",
)


class SfuLink:
    """One connected WebSocket. `join` first, then `messages` until it ends."""

    def __init__(
        self, session: aiohttp.ClientSession, ws: aiohttp.ClientWebSocketResponse
    ) -> None:
        self._session = session
        self._ws = ws
        self._ping_task: asyncio.Task[None] | None = None
        self._pong_at = 0.0

    @classmethod
    async def connect(cls, url: str) -> "SfuLink":
        """Raises UnavailableError(`sfu_unreachable`)."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S)
        session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                ws = await session.ws_connect(
                    url,
                    max_msg_size=1 << 20,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            await session.close()
            raise UnavailableError(
                "sfu_unreachable",
                zh=f"连不上课堂服务器 {url}，正在重试",
                en=f"cannot reach the classroom server {url}: {error}, retrying",
            ) from error
        except asyncio.CancelledError:
            await session.close()
            raise
        return cls(session, ws)

    async def join(
        self,
        token: str,
        name: str,
        offer: str,
        publications: Sequence[PublicationOffer],
    ) -> Joined:
        """Raises DeniedError for a refused token, RemoteError for any other refusal,
        UnavailableError when the line broke."""
        await self.send(
            Join(token=token, name=name, offer=offer, publications=list(publications))
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                answer = await anext(self._parsed())
        except (StopAsyncIteration, TimeoutError) as error:
            raise _gone("no answer to join") from error
        if isinstance(answer, ErrorMessage):
            blame = DeniedError if answer.code in _TOKEN_CODES else RemoteError
            raise blame(answer.code, zh=answer.zh, en=answer.en)
        if not isinstance(answer, Joined):
            raise _gone(f"expected joined, got {answer.type}")
        self._pong_at = asyncio.get_running_loop().time()
        self._ping_task = asyncio.create_task(self._ping())
        return answer

    async def messages(self) -> AsyncIterator[SfuMessage]:
        """Ends when the WebSocket does, or when pings stay unanswered."""
        async for message in self._parsed():
            if isinstance(message, Pong):
                self._pong_at = asyncio.get_running_loop().time()
            else:
                yield message

    async def send(self, message: Message) -> None:
        """Raises UnavailableError."""
        try:
            await self._ws.send_str(message.to_json())
        except (aiohttp.ClientError, ConnectionError, RuntimeError) as error:
            raise _gone(repr(error)) from error

    async def close(self) -> None:
        """Idempotent."""
        if self._ping_task is not None:
            self._ping_task.cancel()
        await self._ws.close()
        await self._session.close()

    async def _parsed(self) -> AsyncIterator[SfuMessage]:
        async for frame in self._ws:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                yield parse_message(sfu_message, frame.data)
            except ParseError:
                # A newer server may say things this program does not know.
                continue

    async def _ping(self) -> None:
        loop = asyncio.get_running_loop()
        number = 0
        while loop.time() - self._pong_at < PING_PATIENCE_S:
            number += 1
            try:
                await self.send(Ping(id=number))
            except UnavailableError:
                break
            await asyncio.sleep(PING_INTERVAL_S)
        await self._ws.close()


def _gone(why: str) -> UnavailableError:
    return UnavailableError(
        "sfu_gone",
        zh="与课堂服务器的连接中断，正在重连",
        en=f"the classroom server is gone ({why}), reconnecting",
    )
