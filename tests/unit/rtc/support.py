"""Synthetic frames, and engine ends whose events a test can wait for."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self, TypeVar

from rtc import (
    Answer,
    Client,
    ClientEvent,
    Closed,
    Connected,
    Forwarder,
    ForwarderEvent,
    Frame,
    KeyframeRequested,
    PeerConnected,
)
from rtc.aio import WatchedClient, WatchedForwarder
from tests.support.guard import GUARD_S

E = TypeVar("E")
Kind = Literal["audio", "video"]
LOOPBACK = "127.0.0.1"
TRACKS: list[tuple[Kind, str]] = [("audio", "opus"), ("video", "H264")]
START = b"\0\0\0\1"
SPS = START + bytes.fromhex("6742e01f8c8d40501e90f00f08846a")
PPS = START + bytes.fromhex("68ce3c80")


def now_us() -> int:
    return time.time_ns() // 1000


def h264_frame(number: int, *, keyframe: bool, size: int = 3000) -> bytes:
    """One access unit that carries its number; no decoder could show it."""
    body = f"{number:08d}".encode() + b"\x55" * size
    return SPS + PPS + START + b"\x65" + body if keyframe else START + b"\x41" + body


def number_of(frame: Frame) -> int:
    """The number `h264_frame` or `opus_frame` put in."""
    if frame.kind == "audio":
        return int(frame.data[1:9])
    slice_type = b"\x65" if frame.keyframe else b"\x41"
    return int(frame.data.partition(START + slice_type)[2][:8])


def opus_frame(number: int) -> bytes:
    return b"\xfc" + f"{number:08d}".encode() + b"\x55" * 40


async def wait_for(condition: Callable[[], E]) -> E:
    """Polls until the condition holds; its last value is the result."""
    deadline = time.monotonic() + GUARD_S
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {GUARD_S} s: {condition}")
        await asyncio.sleep(0.01)
    return value


class Hub:
    """A Forwarder on loopback that remembers what it said."""

    def __init__(self, *, tcp: bool = True) -> None:
        self.events: list[ForwarderEvent] = []
        self.engine = Forwarder(bind=LOOPBACK, tcp=tcp)
        self._watched = WatchedForwarder(self.engine, self.events.append)
        self._ends: list[End] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for end in self._ends:
            await end.close()
        await self._watched.close()

    def said(self, kind: type[E], **fields: object) -> list[E]:
        """Events of one kind whose fields have these values."""
        return [
            event
            for event in self.events
            if isinstance(event, kind)
            and all(getattr(event, name) == value for name, value in fields.items())
        ]

    def dropped(self, reason: str) -> int:
        return self.engine.counters()[f"dropped_{reason}"]

    async def join(self, name: str, client: Client) -> "End":
        """Connects a client and waits until both sides know."""
        answer = self.engine.accept(name, client.offer())
        end = End(client, answer)
        self._ends.append(end)
        client.accept(answer.sdp)
        await wait_for(lambda: end.said(Connected))
        await wait_for(lambda: self.said(PeerConnected, peer=name))
        return end

    async def publisher(
        self, name: str = "teacher", *, tcp_only: bool = False
    ) -> "End":
        client = Client(send=TRACKS, bind=LOOPBACK, tcp_only=tcp_only)
        return await self.join(name, client)

    async def viewer(self, name: str = "room", *, tcp_only: bool = False) -> "End":
        client = Client(
            receive_audio=1, receive_video=1, bind=LOOPBACK, tcp_only=tcp_only
        )
        return await self.join(name, client)

    def show(self, receiver: str, end: "End", sender: str, source: "End") -> None:
        """Points the receiver's slots at what the sender publishes."""
        for kind in ("audio", "video"):
            layer = (sender, source.mid(kind), None)
            self.engine.connect_slot(receiver, end.mid(kind), [layer])


class End:
    """A Client that remembers what it said and received."""

    def __init__(self, client: Client, answer: Answer) -> None:
        self.engine = client
        self.answer = answer
        self.events: list[ClientEvent] = []
        self._watched = WatchedClient(client, self.events.append)

    def said(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def frames(self, kind: str) -> list[Frame]:
        return [frame for frame in self.said(Frame) if frame.kind == kind]

    def numbers(self, kind: str) -> list[int]:
        return [number_of(frame) for frame in self.frames(kind)]

    def closed(self) -> bool:
        return bool(self.said(Closed))

    def mid(self, kind: str) -> str:
        return next(s.mid for s in self.answer.sections if s.kind == kind)

    async def close(self) -> None:
        await self._watched.close()


class Camera:
    """Sends numbered frames at a steady pace; keyframes when asked, or each 60th."""

    def __init__(self, end: End, mid: str | None = None, *, first: int = 0) -> None:
        self.sent: list[int] = []
        self._end = end
        self._mid = mid or end.mid("video")
        self._next = first
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        asked = -1
        while True:
            requests = sum(
                request.mid == self._mid
                for request in self._end.said(KeyframeRequested)
            )
            keyframe = requests != asked or self._next % 60 == 0
            asked = requests
            frame = h264_frame(self._next, keyframe=keyframe)
            self._end.engine.send_frame(self._mid, frame, now_us())
            self.sent.append(self._next)
            self._next += 1
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
