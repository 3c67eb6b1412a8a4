"""One connection to the SFU: what we publish, what we receive, one SDP exchange."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from classroom_agent.encode import Encoded
from classroom_agent.line_delay import LineDelay
from classroom_agent.transport import guard
from classroom_agent.transport.receiver import SlotReceiver
from classroom_agent.transport.sender import (
    EncodedSender,
    FedTrack,
    Feed,
    Feedback,
)
from common.errors import RemoteError
from common.protocol.signalling import Kind

PeerState = Literal["connecting", "connected", "lost"]

_CLOCK_RATE: dict[Kind, int] = {"audio": 48_000, "video": 90_000}


@dataclass(frozen=True, slots=True)
class TurnServer:
    url: str
    user: str
    password: str


class Sender:
    """One published section. `mid` is known after `MediaPeer.offer`."""

    def __init__(self, transceiver: RTCRtpTransceiver, feed: Feed) -> None:
        self._transceiver = transceiver
        self._feed = feed

    @property
    def mid(self) -> str:
        return str(self._transceiver.mid)

    def send(self, frame: Encoded) -> None:
        """Event loop only. Never blocks; drops while there is no connection."""
        self._feed.put(frame)

    @property
    def is_open(self) -> bool:
        """The connection is up and takes frames."""
        return self._feed.pulled

    @property
    def frames_sent(self) -> int:
        return self._feed.sent


@dataclass
class Sinks:
    """Where decoded media goes, with the mid of its slot. Event loop."""

    on_video: Callable[[str, av.VideoFrame], None]
    on_audio: Callable[[str, av.AudioFrame], None]


@dataclass
class _Slot:
    kind: Kind
    transceiver: RTCRtpTransceiver
    task: asyncio.Task[None] | None = field(default=None)


class MediaPeer:
    """Use once: add sections, `offer`, `accept`, `close`.

    `loopback`: also offer 127.0.0.1, from then on for the whole process.
    """

    def __init__(self, sinks: Sinks, turn: TurnServer | None, loopback: bool) -> None:
        guard.install()
        if loopback:
            guard.allow_loopback()
        self._pc = RTCPeerConnection(
            RTCConfiguration(
                iceServers=_ice_servers(turn), bundlePolicy=RTCBundlePolicy.MAX_BUNDLE
            )
        )
        self._pc.on("connectionstatechange", self._on_state)
        self._sinks = sinks
        self._slots: list[_Slot] = []
        self._line = LineDelay()
        self._state: PeerState = "connecting"
        self._changed = asyncio.Event()

    def publish(self, kind: Kind, feedback: Feedback) -> Sender:
        feed = Feed(_CLOCK_RATE[kind], feedback)
        transceiver = self._pc.addTransceiver(FedTrack(kind), direction="sendonly")
        EncodedSender.adopt(transceiver.sender, feed)
        _prefer_codec(transceiver, kind)
        return Sender(transceiver, feed)

    def receive(self, kind: Kind, count: int) -> None:
        for _ in range(count):
            transceiver = self._pc.addTransceiver(kind, direction="recvonly")
            SlotReceiver.adopt(transceiver.receiver, kind, self._line)
            _prefer_codec(transceiver, kind)
            self._slots.append(_Slot(kind, transceiver))

    async def offer(self) -> str:
        """The SDP with all candidates."""
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return self._pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        """Raises RemoteError(`bad_sdp`)."""
        try:
            await self._pc.setRemoteDescription(
                RTCSessionDescription(sdp=answer, type="answer")
            )
        # Everything that aiortc's SDP parser was seen to raise on broken input.
        except (
            ValueError,
            AssertionError,
            AttributeError,
            KeyError,
            IndexError,
            StopIteration,
        ) as error:
            raise RemoteError(
                "bad_sdp", zh="服务器的应答无法使用", en=f"unusable answer: {error!r}"
            ) from error
        for slot in self._slots:
            slot.task = asyncio.create_task(self._consume(slot))

    @property
    def state(self) -> PeerState:
        return self._state

    async def wait_lost(self) -> None:
        """Returns when the connection failed or was closed."""
        while self._state != "lost":
            self._changed.clear()
            await self._changed.wait()

    async def wait_connected(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                while self._state == "connecting":
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return self._state == "connected"

    async def close(self) -> None:
        """Idempotent. Senders first, then slots, then transports (docs/closing.md)."""
        await self._pc.close()
        tasks = [slot.task for slot in self._slots if slot.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._set_state("lost")

    async def _consume(self, slot: _Slot) -> None:
        """Always drains: an unread track's queue grows without bound."""
        mid = str(slot.transceiver.mid)
        track: MediaStreamTrack = slot.transceiver.receiver.track
        sink: Callable[[str, Any], None] = (
            self._sinks.on_video if slot.kind == "video" else self._sinks.on_audio
        )
        receive: Callable[[], Awaitable[Any]] = track.recv
        try:
            while True:
                sink(mid, await receive())
        except MediaStreamError:
            return

    async def _on_state(self) -> None:
        state = self._pc.connectionState
        if state == "connected":
            self._set_state("connected")
        elif state in ("failed", "closed"):
            self._set_state("lost")

    def _set_state(self, state: PeerState) -> None:
        self._state = state
        self._changed.set()


def _ice_servers(turn: TurnServer | None) -> list[RTCIceServer]:
    """Never the library's default, a public server abroad."""
    if turn is None:
        return []
    return [RTCIceServer(turn.url, username=turn.user, credential=turn.password)]


def _prefer_codec(transceiver: RTCRtpTransceiver, kind: Kind) -> None:
    """H.264 (with RTX) and Opus only: nothing on the path transcodes."""
    wanted = ("video/h264", "video/rtx") if kind == "video" else ("audio/opus",)
    capabilities = RTCRtpSender.getCapabilities(kind).codecs
    transceiver.setCodecPreferences(
        [codec for codec in capabilities if codec.mimeType.lower() in wanted]
    )
