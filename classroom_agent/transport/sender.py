"""Our encoded frames through aiortc's sender.

aiortc encodes with an encoder of its own that costs a whole core and cannot be told
anything. `EncodedSender` replaces just that step: it takes frames that are already
encoded, hands keyframe requests, REMB and loss to whoever encodes, and says in its
sender reports when the media was *captured* (RFC 3550 §6.4.1: the NTP and RTP stamps
of a report are the same instant; aiortc pairs the time of sending with the RTP stamp
of capture, so each track would be off by its own encoding time).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc import MediaStreamTrack
from aiortc.codecs.h264 import H264Encoder as _Packetizer
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame, RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from classroom_agent.encode import Encoded
from classroom_agent.losses import Losses

_NTP_EPOCH_S = 2_208_988_800
"""1900-01-01 to 1970-01-01, RFC 5905 §6."""
_QUEUE = 64


@dataclass
class Feedback:
    """What the far side says about one track. Called on the event loop."""

    on_keyframe_request: Callable[[], None]
    on_remb: Callable[[int], None] = lambda _bps: None
    on_loss: Callable[[float], None] = lambda _ratio: None


@dataclass
class Feed:
    """What one EncodedSender sends."""

    clock_rate: int
    feedback: Feedback
    queue: asyncio.Queue[Encoded] = field(
        default_factory=lambda: asyncio.Queue(maxsize=_QUEUE)
    )
    pulled: bool = False
    """The connection is up and frames are asked for."""
    last: Encoded | None = None
    reported: bool = False
    losses: Losses = field(default_factory=Losses)
    sent: int = 0
    dropped: int = 0

    def put(self, frame: Encoded) -> None:
        """Drops while there is no connection, and when it cannot keep up: then
        everything up to the next keyframe is useless, so one is asked for."""
        if not self.pulled:
            return
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.dropped += 1
            self.feedback.on_keyframe_request()


class FedTrack(MediaStreamTrack):
    """What aiortc wants to see as a track; the frames go another way."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> None:  # type: ignore[override]
        raise MediaStreamError


class EncodedSender(RTCRtpSender):
    """An RTCRtpSender that `adopt` has turned into one of ours: RTCPeerConnection
    makes its senders itself and cannot be given another class."""

    _feed: Feed

    @classmethod
    def adopt(cls, sender: RTCRtpSender, feed: Feed) -> "EncodedSender":
        sender.__class__ = cls
        assert isinstance(sender, EncodedSender)
        sender._feed = feed
        return sender

    async def _next_encoded_frame(
        self, codec: RTCRtpCodecParameters
    ) -> RTCEncodedFrame:
        feed = self._feed
        if not feed.pulled:
            feed.pulled = True
            feed.feedback.on_keyframe_request()
        if feed.last is not None and not feed.reported:
            # Do not make a recorder wait a second for the first sender report.
            feed.reported = True
            await self._send_rtcp([self._report()])
        frame = await feed.queue.get()
        feed.last = frame
        feed.sent += 1
        if self.kind == "video":
            units = _Packetizer._split_bitstream(frame.data)
            payloads = _Packetizer._packetize(units)
        else:
            payloads = [frame.data]
        return RTCEncodedFrame(payloads, frame.rtp_time, frame.level_dbov)  # type: ignore[arg-type]

    def _send_keyframe(self) -> None:
        self._feed.feedback.on_keyframe_request()

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        await super()._handle_rtcp_packet(packet)
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    ratio = self._feed.losses.ratio(
                        report.packets_lost, report.highest_sequence
                    )
                    self._feed.feedback.on_loss(ratio)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bps, ssrcs = unpack_remb_fci(packet.fci)
            except (ValueError, IndexError):
                return
            if self._ssrc in ssrcs:
                self._feed.feedback.on_remb(bps)

    async def _send_rtcp(self, packets: list[AnyRtcpPacket]) -> None:
        if any(isinstance(packet, RtcpSrPacket) for packet in packets):
            if self._feed.last is None:
                return  # A report before the first frame would pair nothing with 0.
            rest = [p for p in packets if not isinstance(p, RtcpSrPacket)]
            packets = [self._report(), *rest]
        await super()._send_rtcp(packets)

    def _report(self) -> RtcpSrPacket:
        """Now, on both clocks: the last frame's RTP stamp carried on from its
        capture time."""
        last = self._feed.last
        assert last is not None
        now_us = time.time_ns() // 1000
        ticks = (now_us - last.capture_us) * self._feed.clock_rate // 1_000_000
        ntp = ((now_us // 1_000_000 + _NTP_EPOCH_S) << 32) | (
            (now_us % 1_000_000 << 32) // 1_000_000
        )
        # aiortc finds round-trip times by comparing what receivers echo with this.
        self._RTCRtpSender__lsr = (ntp >> 16) & 0xFFFFFFFF
        self._RTCRtpSender__lsr_time = time.time()
        return RtcpSrPacket(
            ssrc=self._ssrc,
            sender_info=RtcpSenderInfo(
                ntp_timestamp=ntp,
                rtp_timestamp=(self._RTCRtpSender__rtp_timestamp + ticks) & 0xFFFFFFFF,  # type: ignore[attr-defined]
                packet_count=self._RTCRtpSender__packet_count & 0xFFFFFFFF,  # type: ignore[attr-defined]
                octet_count=self._RTCRtpSender__octet_count & 0xFFFFFFFF,  # type: ignore[attr-defined]
            ),
        )
