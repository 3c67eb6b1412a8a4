"""A real participant of an SFU: a WebSocket and, if it has media, an rtc.Client."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import aiohttp

from common.protocol.base import Message
from common.protocol.signalling import (
    Bye,
    Demand,
    ErrorMessage,
    Join,
    Joined,
    LayerOffer,
    ParticipantState,
    PublicationOffer,
    RoomState,
    SetPaused,
    Slots,
    SlotState,
    Source,
    sfu_message,
)
from rtc import Client, Closed, Connected, Frame
from rtc.aio import WatchedClient
from tests.support.encoded import h264_frames, opus_packets
from tests.support.guard import GUARD_S

M = TypeVar("M")


async def until(
    check: Callable[[], M | None], changed: asyncio.Event, what: str = ""
) -> M:
    """Waits for `check` to say something; looks again at every change."""
    try:
        async with asyncio.timeout(GUARD_S):
            while True:
                found = check()
                if found:
                    return found
                changed.clear()
                await changed.wait()
    except TimeoutError:
        raise AssertionError(f"waited {GUARD_S} s in vain: {what}") from None


class Door(Protocol):
    """Where a participant comes in."""

    @property
    def session(self) -> aiohttp.ClientSession: ...

    @property
    def ws_url(self) -> str: ...


class Peer:
    """A participant with a real WebSocket and, if it has media, a real `rtc.Client`.

    `publish`: cameras have two layers (`low`, `high`), each a track of its own.
    """

    def __init__(
        self,
        door: Door,
        token: str,
        *,
        publish: Sequence[Source] = (),
        paused: Sequence[Source] = (),
        audio_slots: int = 0,
        video_slots: int = 0,
        name: str = "",
        through: Callable[[str], str] = str,
    ) -> None:
        """`through` sees the answer before the media engine does. `paused`: what
        is published but carries nothing yet."""
        self._door = door
        self._token = token
        self._name = name
        self._publish = publish
        self._paused = paused
        self._slots = (audio_slots, video_slots)
        self._through = through
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._media: WatchedClient | None = None
        self.layers: dict[tuple[Source, str], str] = {}
        """(source, layer) -> mid."""
        self.sending: set[str] = set()
        """Mids whose frames are really sent."""
        self.messages: list[Message] = []
        self.frames: Counter[str] = Counter()
        self.first_is_key: dict[str, bool] = {}
        """Mid -> is the first frame that came a keyframe?"""
        self.sizes: dict[str, int] = {}
        """Mid -> bytes of the newest frame."""
        self.connected = False
        self.closed = False
        self.joined: Joined | None = None
        self.state: RoomState | None = None
        self.slots: dict[str, SlotState] = {}

    @property
    def id(self) -> str:
        assert self.joined is not None
        return self.joined.participant

    # ---- coming and going -----------------------------------------------------

    async def open(self) -> "Peer":
        self._socket = await self._door.session.ws_connect(self._door.ws_url)
        self._spawn(self._read(self._socket))
        return self

    async def join(self) -> "Peer":
        """Joins and waits for the answer; media goes up in the background."""
        await self.open()
        offer = self._make_media() if self._publish or any(self._slots) else None
        await self.say(
            Join(
                token=self._token,
                name=self._name,
                offer=offer,
                publications=self._offers(),
            )
        )
        joined = await self.heard(Joined)
        if self._media is not None and joined.answer is not None:
            self._media.engine.accept(self._through(joined.answer))
            self._spawn(self._send_media())
        return self

    def _make_media(self) -> str:
        send: list[tuple[Any, str]] = []
        keys: list[tuple[Source, str]] = []
        for source in self._publish:
            names = ("low", "high") if source == "camera" else ("high",)
            for name in names:
                audio = source == "microphone"
                send.append(("audio", "opus") if audio else ("video", "H264"))
                keys.append((source, name))
        client = Client(
            send=send,
            receive_audio=self._slots[0],
            receive_video=self._slots[1],
            bind="127.0.0.1",
        )
        self._media = WatchedClient(client, self._on_media)
        self.layers = dict(zip(keys, client.send_mids, strict=True))
        self.sending = {
            mid
            for (source, _), mid in self.layers.items()
            if source not in self._paused
        }
        return client.offer()

    def _offers(self) -> list[PublicationOffer]:
        return [
            PublicationOffer(
                source=source,
                kind="audio" if source == "microphone" else "video",
                layers=[
                    LayerOffer(name=name, mid=mid)
                    for (owner, name), mid in self.layers.items()
                    if owner == source
                ],
                paused=source in self._paused,
            )
            for source in self._publish
        ]

    async def say(self, message: Message) -> None:
        await self.say_text(message.to_json())

    async def say_text(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send_str(text)

    def publication(self, source: Source) -> str:
        """The id of one's own publication."""
        assert self.joined is not None
        mid = next(m for (s, _), m in self.layers.items() if s == source)
        return self.joined.publications[mid]

    async def pause(self, source: Source, paused: bool = True) -> None:
        """As a browser does it: the track first, then the word."""
        mids = {mid for (owner, _), mid in self.layers.items() if owner == source}
        self.sending = self.sending - mids if paused else self.sending | mids
        publication = self.publication(source)
        await self.say(SetPaused(publication=publication, paused=paused))

    async def vanish(self) -> None:
        """As if the plug was pulled: no goodbye on either path."""
        assert self._socket is not None
        transport = self._socket.get_extra_info("socket")
        assert transport is not None
        await self._stop_tasks()
        response = self._socket._response
        assert response.connection is not None
        assert response.connection.transport is not None
        response.connection.transport.abort()
        await self._close_media()

    async def break_socket(self) -> None:
        """Only the signalling breaks; the media goes on."""
        assert self._socket is not None
        response = self._socket._response
        assert response.connection is not None
        assert response.connection.transport is not None
        response.connection.transport.abort()

    async def close(self) -> None:
        await self._stop_tasks()
        if self._socket is not None:
            await self._socket.close()
        await self._close_media()

    async def _close_media(self) -> None:
        media, self._media = self._media, None
        if media is not None:
            await media.close()

    async def _stop_tasks(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, work: Any) -> None:  # noqa: ANN401
        self._tasks.append(asyncio.create_task(work))

    # ---- what arrives ---------------------------------------------------------

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for packet in socket:
            if packet.type is not aiohttp.WSMsgType.TEXT:
                break
            self._take(sfu_message.validate_json(packet.data))
            self._changed.set()
        self.closed = True
        self._changed.set()

    def _take(self, message: Message) -> None:
        self.messages.append(message)
        if isinstance(message, Joined):
            self.joined, self.state = message, message.state
            self.slots = {slot.mid: slot for slot in message.slots}
        if isinstance(message, RoomState):
            self.state = message
        if isinstance(message, Slots):
            self.slots = {slot.mid: slot for slot in message.slots}

    def _on_media(self, event: object) -> None:
        if isinstance(event, Connected):
            self.connected = True
        elif isinstance(event, Frame):
            self.frames[event.mid] += 1
            self.first_is_key.setdefault(event.mid, event.keyframe)
            self.sizes[event.mid] = len(event.data)
        elif isinstance(event, Closed):
            self.connected = False
        self._changed.set()

    async def _send_media(self) -> None:
        """25 pictures and 50 packets of sound a second: small low, larger high."""
        pictures = {
            "low": h264_frames(50, width=160, height=90),
            "high": h264_frames(50, width=640, height=360),
        }
        sound = opus_packets(50)
        tick = 0
        while True:
            now_us = time.time_ns() // 1000
            for (source, name), mid in self.layers.items():
                if mid not in self.sending or self._media is None:
                    continue
                if source == "microphone":
                    data = sound[tick % 50]
                elif tick % 2 == 0:
                    data = pictures[name][tick // 2 % 50][0]
                else:
                    continue
                self._media.engine.send_frame(mid, data, now_us)
            tick += 1
            await asyncio.sleep(0.02)

    async def until(self, check: Callable[[], M | None], what: str = "") -> M:
        return await until(check, self._changed, what)

    async def heard(self, kind: type[M], **facts: object) -> M:
        """The first message of a kind with these facts."""

        def find() -> M | None:
            for message in self.messages:
                if isinstance(message, kind) and all(
                    getattr(message, key) == value for key, value in facts.items()
                ):
                    return message
            return None

        return await self.until(find, f"{kind.__name__} {facts}: {self.messages[-3:]}")

    async def refused(self, code: str) -> ErrorMessage:
        """An error with a sentence in both languages; a fatal one also hangs up."""
        error = await self.heard(ErrorMessage, code=code)
        assert error.zh
        assert error.en
        if error.fatal:
            await self.until(lambda: self.closed, "the socket is closed")
        return error

    async def sees(
        self, who: str, check: Callable[[ParticipantState], bool]
    ) -> ParticipantState:
        def find() -> ParticipantState | None:
            people = self.state.participants if self.state else []
            return next((p for p in people if p.id == who and check(p)), None)

        return await self.until(find, f"{who} in {self.state}")

    async def misses(self, who: str) -> None:
        await self.until(
            lambda: self.state and all(p.id != who for p in self.state.participants),
            f"{who} gone from {self.state}",
        )

    async def slot_of(self, who: str, source: Source, **facts: object) -> SlotState:
        def find() -> SlotState | None:
            for slot in self.slots.values():
                if (slot.participant, slot.source) == (who, source) and all(
                    getattr(slot, key) == value for key, value in facts.items()
                ):
                    return slot
            return None

        return await self.until(find, f"{source} of {who} {facts} in {self.slots}")

    async def gets_frames(self, mid: str, count: int = 5) -> None:
        """So many more frames arrive in a slot."""
        goal = self.frames[mid] + count
        await self.until(
            lambda: self.frames[mid] >= goal, f"frames in {mid}: {self.frames}"
        )

    async def demand(self, source: Source, layers: list[str]) -> Demand:
        """The newest demand for a publication comes to name these layers."""
        publication = self.publication(source)

        def newest() -> Demand | None:
            told = [
                m
                for m in self.messages
                if isinstance(m, Demand) and m.publication == publication
            ]
            return told[-1] if told and list(told[-1].layers) == layers else None

        return await self.until(newest, f"demand {layers} for {source}")

    async def bye(self, reason: str) -> Bye:
        bye = await self.heard(Bye, reason=reason)
        await self.until(lambda: self.closed, "the socket is closed")
        return bye


def as_text(message: Message, **changes: object) -> str:
    """A message with fields bent, as a faulty client might send it."""
    return json.dumps({**json.loads(message.to_json()), **changes})
