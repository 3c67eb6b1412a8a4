"""Receive slots on aiortc, with a picture buffer that neither waits nor sticks.

aiortc holds a picture until the first packet of the *next* one (a frame interval
late), sticks for 512 packets when one is lost for good (seconds at classroom
bitrates), and ends a track for ever on an RTCP BYE, although a slot outlives the
participants it shows.
"""

import time

import av
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.codecs.h264 import H264Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtpPacket,
    pack_remb_fci,
)
from av.codec.context import Flags

from classroom_agent.line_delay import LineDelay
from common import log

_log = log.get("classroom_agent")

PATIENCE_S = 0.4
"""A hole not filled by retransmission in this time is given up."""
_REORDER = 1000
_H264_IDR, _H264_SPS = 5, 7


class SlotReceiver(RTCRtpReceiver):
    """An RTCRtpReceiver that `adopt` has turned into one of ours. `line` is shared by
    all slots of a connection."""

    _line: LineDelay

    @classmethod
    def adopt(
        cls, receiver: RTCRtpReceiver, kind: str, line: LineDelay
    ) -> "SlotReceiver":
        receiver.__class__ = cls
        assert isinstance(receiver, SlotReceiver)
        receiver._line = line
        # aiortc's REMB is one slot's throughput, whatever the line could carry: an SFU
        # that believes it starves the room within seconds (measured). Ours speaks for
        # the whole line, and only when it is too full.
        receiver._RTCRtpReceiver__remote_bitrate_estimator = None  # type: ignore[attr-defined]
        if kind == "video":
            receiver._RTCRtpReceiver__jitter_buffer = PictureBuffer()  # type: ignore[attr-defined]
        return receiver

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        sent = packet.extensions.abs_send_time
        if sent is not None:
            bps = self._line.add(sent, arrival_time_ms, len(packet.payload))
            if bps is not None:
                _log.debug("downlink_full", bps=bps)
                await self._send_rtcp(self._remb(bps, packet.ssrc))
        await super()._handle_rtp_packet(packet, arrival_time_ms)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if not isinstance(packet, RtcpByePacket):
            await super()._handle_rtcp_packet(packet)

    def _remb(self, bps: int, ssrc: int) -> RtcpPsfbPacket:
        own_ssrc = self._RTCRtpReceiver__rtcp_ssrc  # type: ignore[attr-defined]
        fci = pack_remb_fci(bps, [ssrc])
        return RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=fci)


class PictureBuffer:
    """Packets in, whole H.264 pictures out, in order.

    Complete at the marker bit (RFC 6184 §5.1). At the start and after a picture was
    given up nothing is handed out until the next IDR, which is asked for again and
    again: a still picture is better than a broken one.
    """

    def __init__(self) -> None:
        self._packets: dict[int, RtpPacket] = {}
        self._next: int | None = None
        self._newest = 0
        self._hole_since_s: float | None = None
        self._need_keyframe = True
        self._asked_s = float("-inf")

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """(whether to ask for a keyframe, a picture if one is complete now)."""
        return self.add_at(packet, time.monotonic())

    def add_at(
        self, packet: RtpPacket, now_s: float
    ) -> tuple[bool, JitterFrame | None]:
        number = self._unwrap(packet.sequence_number)
        if self._next is None or abs(number - self._next) > _REORDER:
            self._restart(number)
            if starts_with_keyframe(packet._data):  # type: ignore[attr-defined]
                self._asked_s = now_s  # It is coming: give it time.
        assert self._next is not None
        if number < self._next:
            return False, None
        self._packets[number] = packet
        self._newest = max(self._newest, number)
        self._give_up_old_hole(now_s)
        picture = self._take_picture()
        return self._may_ask(now_s), picture

    def _may_ask(self, now_s: float) -> bool:
        if not self._need_keyframe or now_s - self._asked_s < PATIENCE_S:
            return False
        self._asked_s = now_s
        return True

    def _take_picture(self) -> JitterFrame | None:
        assert self._next is not None
        parts: list[bytes] = []
        number = self._next
        while (packet := self._packets.get(number)) is not None:
            parts.append(packet._data)  # type: ignore[attr-defined]
            number += 1
            if packet.marker:
                return self._hand_out(number, parts, packet.timestamp)
        return None

    def _hand_out(
        self, end: int, parts: list[bytes], timestamp: int
    ) -> JitterFrame | None:
        assert self._next is not None
        for number in range(self._next, end):
            del self._packets[number]
        self._next, self._hole_since_s = end, None
        data = b"".join(parts)
        if self._need_keyframe:
            if not starts_with_keyframe(data):
                return self._take_picture()
            self._need_keyframe = False
        return JitterFrame(data=data, timestamp=timestamp)

    def _give_up_old_hole(self, now_s: float) -> None:
        """Skips behind the last hole when it is too old."""
        assert self._next is not None
        has_hole = len(self._packets) < self._newest - self._next + 1
        if not has_hole:
            self._hole_since_s = None
        elif self._hole_since_s is None:
            self._hole_since_s = now_s
        elif now_s - self._hole_since_s >= PATIENCE_S:
            self._hole_since_s = None
            self._need_keyframe = True
            self._skip_to(self._after_last_hole())

    def _after_last_hole(self) -> int:
        number = self._newest
        while number - 1 in self._packets:
            number -= 1
        return number

    def _skip_to(self, number: int) -> None:
        """To the first whole picture at or after `number`."""
        while (packet := self._packets.get(number)) is not None:
            if starts_with_keyframe(packet._data):  # type: ignore[attr-defined]
                break
            number += 1
            if packet.marker:
                break
        self._packets = {n: p for n, p in self._packets.items() if n >= number}
        self._next = number

    def _restart(self, number: int) -> None:
        self._need_keyframe = True
        self._packets.clear()
        self._next = self._newest = number
        self._hole_since_s = None

    def _unwrap(self, sequence_number: int) -> int:
        """16-bit sequence number -> the extended one nearest to the newest."""
        ahead = (sequence_number - self._newest) & 0xFFFF
        return self._newest + (ahead if ahead < 0x8000 else ahead - 0x10000)


def starts_with_keyframe(data: bytes) -> bool:
    """Whether Annex B data begins with SPS or an IDR slice."""
    return len(data) > 4 and data[4] & 0x1F in (_H264_IDR, _H264_SPS)


def light_decoder(codec: RTCRtpCodecParameters) -> Decoder:
    """aiortc's decoder, in the thread it has and no others."""
    decoder = get_decoder(codec)
    if isinstance(decoder, H264Decoder):
        context: av.VideoCodecContext = decoder.codec
        context.thread_count = 1
        context.flags |= Flags.low_delay
    return decoder
