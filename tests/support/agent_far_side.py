"""A plain aiortc peer at the other end of a MediaPeer: an independent WebRTC stack
that shows what the agent really puts on the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

from classroom_agent.transport import MediaPeer, Sinks
from tests.support.guard import GUARD_S


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(GUARD_S):
        while not what():
            await asyncio.sleep(0.01)


@dataclass
class Heard:
    """What one receiver of the far side got."""

    receiver: RTCRtpReceiver
    packets: list[RtpPacket] = field(default_factory=list)
    reports: list[RtcpSrPacket] = field(default_factory=list)
    frames: list[av.VideoFrame | av.AudioFrame] = field(default_factory=list)
    """At most the last 200."""

    @property
    def ssrc(self) -> int:
        return int(self.packets[0].ssrc)


class FarSide:
    """Answers one offer; sends `tracks` into the slots offered, in order."""

    def __init__(self, tracks: list[MediaStreamTrack] | None = None) -> None:
        # The default policy forgets to move the third section to the shared transport.
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.heard: dict[str, Heard] = {}
        self._tracks = list(tracks or [])
        self._tasks: list[asyncio.Task[None]] = []

    async def answer(self, offer: str) -> str:
        await self.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in self.pc.getTransceivers():
            if transceiver._offerDirection == "sendonly":
                wanted = [t for t in self._tracks if t.kind == transceiver.kind]
                if wanted:
                    self._tracks.remove(wanted[0])
                    transceiver.sender.replaceTrack(wanted[0])
                    transceiver.direction = "sendonly"
            else:
                heard = Heard(transceiver.receiver)
                self.heard[str(transceiver.mid)] = heard
                _listen(heard)
                self._tasks.append(asyncio.create_task(_decode(heard)))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    async def ask_keyframe(self, mid: str) -> None:
        heard = self.heard[mid]
        await heard.receiver._send_rtcp_pli(heard.ssrc)

    async def say_remb(self, mid: str, bps: int) -> None:
        heard = self.heard[mid]
        packet = RtcpPsfbPacket(
            fmt=15, ssrc=1, media_ssrc=0, fci=pack_remb_fci(bps, [heard.ssrc])
        )
        await heard.receiver._send_rtcp(packet)

    async def say(self, mid: str, packet: AnyRtcpPacket) -> None:
        await self.heard[mid].receiver._send_rtcp(packet)

    async def close(self) -> None:
        await self.pc.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def connected(
    peer: MediaPeer, far: FarSide
) -> AsyncIterator[tuple[MediaPeer, FarSide]]:
    """Offer, answer, media up; closes both in the end."""
    try:
        await peer.accept(await far.answer(await peer.offer()))
        assert await peer.wait_connected(GUARD_S)
        yield peer, far
    finally:
        await peer.close()
        await far.close()


def ignoring_sinks() -> Sinks:
    return Sinks(on_video=lambda _mid, _frame: None, on_audio=lambda _m, _f: None)


def _listen(heard: Heard) -> None:
    """Notes each RTP packet and sender report before aiortc handles it."""
    receiver = heard.receiver
    handle_rtp, handle_rtcp = receiver._handle_rtp_packet, receiver._handle_rtcp_packet

    async def on_rtp(packet: RtpPacket, arrival_time_ms: int) -> None:
        heard.packets.append(packet)
        await handle_rtp(packet, arrival_time_ms)

    async def on_rtcp(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            heard.reports.append(packet)
        await handle_rtcp(packet)

    receiver._handle_rtp_packet = on_rtp  # type: ignore[method-assign]
    receiver._handle_rtcp_packet = on_rtcp  # type: ignore[method-assign]


async def _decode(heard: Heard) -> None:
    try:
        while True:
            frame = await heard.receiver.track.recv()
            assert isinstance(frame, av.VideoFrame | av.AudioFrame)
            heard.frames.append(frame)
            del heard.frames[:-200]
    except MediaStreamError:
        return


def receiver_report(ssrc: int, fraction_lost: int) -> RtcpRrPacket:
    """`fraction_lost` in 1/256 (RFC 3550 §6.4.1)."""
    info = RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=fraction_lost,
        packets_lost=1,
        highest_sequence=1,
        jitter=0,
        lsr=0,
        dlsr=0,
    )
    return RtcpRrPacket(ssrc=1, reports=[info])
