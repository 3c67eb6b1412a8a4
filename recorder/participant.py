"""The recorder as a receive-only participant of one room. Comes back by itself."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import aiohttp

from common import log
from common.errors import ParseError
from common.protocol.base import parse_message
from common.protocol.signalling import (
    Bye,
    ErrorMessage,
    Join,
    Joined,
    Ping,
    RoomState,
    SfuMessage,
    Slots,
    sfu_message,
)
from recorder.tap import Tap
from rtc import Client, ClientEvent, Closed, Connected, Frame, RemoteError
from rtc.aio import WatchedClient

_FIRST_RETRY_S = 0.2
_LONGEST_RETRY_S = 3.0
_JOIN_DEADLINE_S = 10.0
_SIGN_OF_LIFE_S = 5.0
_log = log.get("participant")


@dataclass(frozen=True)
class Seats:
    """How many publications of each kind can be recorded at once."""

    audio: int
    video: int


class Participant:
    """`run` until cancelled, or until the SFU says that the lesson is over."""

    def __init__(
        self, url: str, token: Callable[[], str], tap: Tap, seats: Seats
    ) -> None:
        self._url = url
        self._token = token
        self._tap = tap
        self._seats = seats
        self._client: WatchedClient | None = None
        self._broken = asyncio.Event()
        self.connected = False

    async def run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while True:
            try:
                if not await self._take_part():
                    return
                retry_s = _FIRST_RETRY_S
            except (aiohttp.ClientError, OSError, TimeoutError, RemoteError) as error:
                _log.warning("room_not_reached", error=str(error) or repr(error))
            except ParseError as error:
                _log.warning("x signalling", reason=str(error))
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, _LONGEST_RETRY_S)

    def request_keyframes(self, track: str) -> None:
        if self._client is not None:
            for mid in self._tap.mids(track):
                self._client.engine.request_keyframe(mid)

    async def _take_part(self) -> bool:
        """One participation. False: the lesson is over, do not come back."""
        self._broken.clear()
        client = Client(
            receive_audio=self._seats.audio, receive_video=self._seats.video
        )
        self._client = WatchedClient(client, self._on_engine)
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(self._url, heartbeat=_SIGN_OF_LIFE_S) as socket,
            ):
                return await self._talk(socket, client)
        finally:
            self.connected = False
            watched, self._client = self._client, None
            self._tap.away()
            await watched.close()

    async def _talk(
        self, socket: aiohttp.ClientWebSocketResponse, client: Client
    ) -> bool:
        join = Join(token=self._token(), name="录制", offer=client.offer())
        await socket.send_str(join.to_json())
        async with asyncio.timeout(_JOIN_DEADLINE_S):
            first = await _receive(socket)
        if isinstance(first, ErrorMessage):
            _log.warning("join_refused", code=first.code, en=first.en)
            return True
        if not isinstance(first, Joined) or first.answer is None:
            return True
        client.accept(first.answer)
        self._tap.room(first.state)
        self._ask_keyframes(self._tap.slots(first.slots))
        broken = asyncio.create_task(self._broken.wait())
        listening = asyncio.create_task(self._listen(socket))
        alive = asyncio.create_task(_keep_alive(socket))
        try:
            await asyncio.wait({broken, listening}, return_when=asyncio.FIRST_COMPLETED)
            return listening.result() if listening.done() else True
        finally:
            for task in (broken, listening, alive):
                task.cancel()
            await asyncio.gather(broken, listening, alive, return_exceptions=True)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        while True:
            match await _receive(socket):
                case None:
                    return True
                case RoomState() as state:
                    self._ask_keyframes(self._tap.room(state))
                case Slots() as slots:
                    self._ask_keyframes(self._tap.slots(slots.slots))
                case Bye() as bye:
                    _log.info("bye", reason=bye.reason, retry=bye.retry)
                    return bye.retry

    def _ask_keyframes(self, mids: Iterable[str]) -> None:
        for mid in mids:
            self._ask_keyframe(mid)

    def _ask_keyframe(self, mid: str) -> None:
        if self._client is not None:
            self._client.engine.request_keyframe(mid)

    def _on_engine(self, event: ClientEvent) -> None:
        match event:
            case Frame():
                if self._tap.frame(event):
                    self._ask_keyframe(event.mid)
            case Connected():
                self.connected = True
            case Closed() if self._client is not None:
                _log.warning("media_lost", reason=event.reason)
                self._broken.set()


async def _receive(socket: aiohttp.ClientWebSocketResponse) -> SfuMessage | None:
    """The next message, None when the socket is closed. Raises ParseError."""
    message = await socket.receive()
    if message.type is not aiohttp.WSMsgType.TEXT:
        return None
    return parse_message(sfu_message, message.data)


async def _keep_alive(socket: aiohttp.ClientWebSocketResponse) -> None:
    number = 0
    while True:
        await asyncio.sleep(_SIGN_OF_LIFE_S)
        number += 1
        await socket.send_str(Ping(id=number).to_json())
