"""The WebSocket door: `join` within ten seconds, then one message at a time.

Whatever comes in is parsed once, here, and answered with a clear error or followed.
A message that cannot be followed is refused and the lesson goes on; only before
`join`, by flooding, by sheer size or with binary does a socket lose its place.

Cookies play no part (the token is in the first message), so a foreign page cannot
act for a signed-in person and `Origin` needs no check.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from common import log
from common.clock import Clock
from common.config import SfuSection
from common.errors import (
    DeniedError,
    ParseError,
    RemoteError,
    TongkeError,
    UnavailableError,
)
from common.identity import Signer
from common.ids import ParticipantId, PublicationId
from common.protocol.base import parse_message
from common.protocol.signalling import (
    ErrorMessage,
    Join,
    Leave,
    LowerHand,
    Ping,
    Pong,
    RaiseHand,
    Report,
    SetMuted,
    SetPaused,
    SetStage,
    participant_message,
)
from sfu.door import SocketDoor
from sfu.flood import TokenBucket
from sfu.live import Entrance, LiveRoom
from sfu.lobby import Lobby, Place
from sfu.metrics import SfuMetrics
from sfu.node import Node

JOIN_DEADLINE_S = 10.0
_GOODBYES = {0, 1000, 1001}
"""Close codes (RFC 6455 §7.4): none given, normal, page left."""
BURST_S = 3.0
"""A socket may say this many seconds' worth of messages at once."""
_log = log.get("signalling")


@dataclass(frozen=True, slots=True)
class _Joined:
    room: LiveRoom
    who: ParticipantId
    door: SocketDoor


class Signalling:
    def __init__(
        self,
        node: Node,
        signer: Signer,
        config: SfuSection,
        clock: Clock,
        metrics: SfuMetrics,
    ) -> None:
        self._node = node
        self._signer = signer
        self._config = config
        self._clock = clock
        self._metrics = metrics
        self._lobby = Lobby(config.waiting_per_address, config.waiting_total)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Raises UnavailableError(`too_many_connections`) instead of an upgrade."""
        place = self._enter(request)
        try:
            return await self._welcome(request, place)
        finally:
            place.leave()

    def _enter(self, request: web.Request) -> Place:
        try:
            return self._lobby.enter(request.remote or "")
        except UnavailableError as error:
            self._metrics.signalling_errors.labels(error.code).inc()
            _log.warning("x connection", code=error.code, remote=request.remote)
            raise

    async def _welcome(
        self, request: web.Request, place: Place
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            # No pong within 1.5 heartbeats: the socket counts as broken.
            heartbeat=self._config.vanished_s / 1.5,
            # Our own limit answers with a sentence; beyond this aiohttp hangs up.
            max_msg_size=4 * self._config.message_bytes,
        )
        await socket.prepare(request)
        door = SocketDoor(socket, on_slow=lambda: self._drop_slow(request))
        writing = asyncio.create_task(door.run())
        try:
            await self._serve(socket, door, place)
        finally:
            door.end()
            await writing
        return socket

    async def _serve(
        self, socket: web.WebSocketResponse, door: SocketDoor, place: Place
    ) -> None:
        here: _Joined | None = None
        try:
            async with asyncio.timeout(JOIN_DEADLINE_S):
                here = await self._admit(socket, door)
        except TimeoutError:
            door.finish(self._error(_TOO_LATE, fatal=True))
        except TongkeError as error:
            door.finish(self._error(error, fatal=True))
        if here is not None:
            place.leave()
            await self._follow(socket, here)

    async def _admit(
        self, socket: web.WebSocketResponse, door: SocketDoor
    ) -> _Joined | None:
        text = await self._receive(socket)
        if text is None:
            return None
        message = parse_message(participant_message, text)
        if not isinstance(message, Join):
            raise ParseError(
                "join_first", zh="请先发送 join", en="the first message must be join"
            )
        if message.version < 1:
            raise ParseError(
                "bad_version", zh="协议版本过旧", en="this wire version is not spoken"
            )
        now_s = self._clock.wall_us() / 1_000_000
        grant, until = self._signer.read_join_until(message.token, now_s)
        entrance = Entrance(
            grant, message.name, message.offer, message.publications, until
        )
        room, joined = self._node.join(entrance, door)
        door.send(joined)
        return _Joined(room, ParticipantId(joined.participant), door)

    async def _follow(self, socket: web.WebSocketResponse, here: _Joined) -> None:
        bucket = TokenBucket(
            self._config.messages_per_s,
            self._config.messages_per_s * BURST_S,
            self._clock.mono_s(),
        )
        try:
            while (text := await self._receive(socket)) is not None:
                if not bucket.take(self._clock.mono_s()):
                    raise _FLOOD
                self._obey(here, text)
        except TongkeError as error:
            here.door.finish(self._error(error, fatal=True))
            here.room.leave(here.who, "removed")
        finally:
            self._part(socket, here)

    def _part(self, socket: web.WebSocketResponse, here: _Joined) -> None:
        """A close frame is a goodbye; anything else is a broken line."""
        if socket.close_code in _GOODBYES:
            here.room.leave(here.who, "left")
        else:
            here.room.lose_door(here.who, here.door)

    async def _receive(self, socket: web.WebSocketResponse) -> str | None:
        """One text, None when the socket is over. Raises ParseError."""
        message = await socket.receive()
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
            return None
        if message.type is WSMsgType.ERROR:
            return None
        if message.type is not WSMsgType.TEXT:
            raise ParseError(
                "not_text", zh="只接受文本消息", en="only text messages are understood"
            )
        if len(message.data) > self._config.message_bytes:
            raise ParseError(
                "message_too_large", zh="消息过大", en="this message is too large"
            )
        return str(message.data)

    def _obey(self, here: _Joined, text: str) -> None:
        if here.who not in here.room.seats:
            return
        try:
            message = parse_message(participant_message, text)
            handler = _HANDLERS.get(type(message))
            if handler is None:
                raise ParseError(
                    "already_joined", zh="已经加入课堂", en="already joined"
                )
            handler(here, message)
        except RemoteError as error:
            here.door.send(self._error(error, fatal=False))

    def _error(self, error: TongkeError, *, fatal: bool) -> ErrorMessage:
        self._metrics.signalling_errors.labels(error.code).inc()
        _log.info("x message", code=error.code, fatal=fatal, reason=error.en)
        return ErrorMessage(code=error.code, zh=error.zh, en=error.en, fatal=fatal)

    def _drop_slow(self, request: web.Request) -> None:
        """The reading half then ends by itself; the room waits for nobody."""
        self._metrics.slow_sockets.inc()
        _log.warning("x slow_socket", remote=request.remote)
        if request.transport is not None:
            request.transport.abort()


_TOO_LATE = RemoteError(
    "join_timeout", zh="连接后 10 秒内没有加入", en="no join within 10 s"
)
_FLOOD = DeniedError(
    "flood", zh="消息过于频繁，连接已断开", en="too many messages, disconnected"
)


def _leave(here: _Joined, _message: Leave) -> None:
    here.room.leave(here.who, "left")
    here.door.end()


_Handler = Callable[[_Joined, Any], None]
_HANDLERS: Mapping[type, _Handler] = {
    Leave: _leave,
    RaiseHand: lambda here, m: here.room.raise_hand(here.who, m.raised),
    SetStage: lambda here, m: here.room.set_stage(
        here.who, ParticipantId(m.participant), m.on_stage
    ),
    SetMuted: lambda here, m: here.room.set_muted(
        here.who, ParticipantId(m.participant), m.muted
    ),
    SetPaused: lambda here, m: here.room.set_paused(
        here.who, PublicationId(m.publication), m.paused
    ),
    LowerHand: lambda here, m: here.room.lower_hand(
        here.who, ParticipantId(m.participant)
    ),
    Report: lambda here, m: here.room.report(here.who, m),
    Ping: lambda here, m: here.door.send(Pong(id=m.id)),
}
