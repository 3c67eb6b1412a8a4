"""The agent's media on the wire, seen by a plain aiortc peer over real sockets."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import av
import pytest
from aiortc import VideoStreamTrack

from classroom_agent import barcode
from classroom_agent.capture import AudioCapture, Placeholder, VideoCapture
from classroom_agent.devices.test_pattern import (
    TestPatternCamera,
    TestToneMicrophone,
)
from classroom_agent.encode import OpusEncoder, VideoSettings
from classroom_agent.playout import Playout, luma_of
from classroom_agent.publish import AudioPublication, VideoPublication
from classroom_agent.transport import MediaPeer, Sinks, guard
from tests.support.agent_far_side import (
    FarSide,
    connected,
    ignoring_sinks,
    receiver_report,
    until,
)
from tests.support.guard import GUARD_S

LOW = VideoSettings(320, 180, 25, 400_000, "ultrafast", 60)
HIGH = VideoSettings(640, 360, 25, 600_000, "ultrafast", 60)
NTP_EPOCH_S = 2_208_988_800


@dataclass
class Room:
    peer: MediaPeer
    far: FarSide
    camera: VideoPublication
    microphone: AudioPublication
    mids: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def publishing() -> AsyncIterator[Room]:
    """Camera in two layers and a microphone, decoded at the far side."""
    loop = asyncio.get_running_loop()
    camera = VideoPublication(
        "camera",
        VideoCapture(
            "camera",
            lambda: TestPatternCamera("room-a", 640, 360, 25),
            Placeholder("camera_lost", 640, 360),
        ),
        [("low", LOW), ("high", HIGH)],
        loop,
    )
    microphone = AudioPublication(
        AudioCapture("microphone", lambda: TestToneMicrophone("room-a")),
        OpusEncoder(48_000),
        48_000,
        loop,
    )
    peer, far = MediaPeer(ignoring_sinks(), None, loopback=True), FarSide()
    publications = (microphone, camera)
    for publication in publications:
        publication.attach(peer)
        publication.start()
    try:
        async with connected(peer, far):
            mids = {
                f"{offer.source}-{layer.name}": layer.mid
                for offer in (publication.offer() for publication in publications)
                for layer in offer.layers
            }
            for mid in mids.values():
                await _decoded(far, mid)
            yield Room(peer, far, camera, microphone, mids)
    finally:
        for publication in publications:
            publication.stop()


async def _decoded(far: FarSide, mid: str) -> None:
    await until(lambda: len(far.heard[mid].frames) > 5)


def keyframes(room: Room, layer: str) -> int:
    """IDR pictures seen at the far side: an SPS aggregated or alone starts each."""
    packets = room.far.heard[room.mids[f"camera-{layer}"]].packets
    starts = (packet.payload for packet in packets if len(packet.payload) > 4)
    return sum(
        payload[0] & 0x1F == 7 or (payload[0] & 0x1F == 24 and payload[3] & 0x1F == 7)
        for payload in starts
    )


async def test_both_layers_and_the_sound_are_decoded_by_another_stack() -> None:
    async with publishing() as room:
        low = room.far.heard[room.mids["camera-low"]].frames[-1]
        high = room.far.heard[room.mids["camera-high"]].frames[-1]
        assert isinstance(low, av.VideoFrame)
        assert isinstance(high, av.VideoFrame)
        assert (low.width, high.width) == (320, 640)
        assert barcode.read(luma_of(high), 1_795_000_000_000_000) is not None


async def test_a_picture_loss_indication_makes_a_keyframe_of_that_layer_only() -> None:
    async with publishing() as room:
        before_low, before_high = keyframes(room, "low"), keyframes(room, "high")
        await room.far.ask_keyframe(room.mids["camera-high"])
        await until(lambda: keyframes(room, "high") > before_high)
        assert keyframes(room, "low") == before_low


async def test_remb_and_loss_bring_the_bitrate_down() -> None:
    async with publishing() as room:
        mid = room.mids["camera-high"]
        await room.far.say_remb(mid, 150_000)
        await until(lambda: room.camera.target_bps()["high"] <= 150_000)
        before = room.camera.target_bps()["low"]
        low = room.far.heard[room.mids["camera-low"]]
        await room.far.say(room.mids["camera-low"], receiver_report(low.ssrc, 128))
        await until(lambda: room.camera.target_bps()["low"] < before)


async def test_a_layer_nobody_looks_at_is_not_encoded() -> None:
    async with publishing() as room:
        room.camera.on_demand(["low"], {"low": 100_000})
        await asyncio.sleep(0.2)
        before = room.camera.encoded_frames()
        await until(lambda: room.camera.encoded_frames()["low"] > before["low"] + 10)
        assert room.camera.encoded_frames()["high"] <= before["high"] + 1
        seen = keyframes(room, "high")
        room.camera.on_demand(["low", "high"], {})
        await until(lambda: keyframes(room, "high") > seen)


async def test_sender_reports_tell_the_time_of_capture() -> None:
    """Through its own barcode each picture says when it was made; the report must
    say the same for its RTP time, so that sound and picture can be put together."""
    async with publishing() as room:
        heard = room.far.heard[room.mids["camera-high"]]
        await until(lambda: len(heard.reports) >= 2)
        frame = heard.frames[-1]
        assert isinstance(frame, av.VideoFrame)
        assert frame.pts is not None
        report = heard.reports[-1].sender_info
        report_us = ntp_to_us(report.ntp_timestamp)
        # aiortc's pts count from the first packet of the stream.
        rtp_time = (heard.packets[0].timestamp + frame.pts) & 0xFFFFFFFF
        ticks = (rtp_time - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        told_us = report_us + ticks * 1_000_000 // 90_000
        made_us = barcode.read(luma_of(frame), report_us)
        assert made_us is not None
        assert abs(told_us - made_us) < 3_000


async def test_sound_and_picture_are_on_one_clock() -> None:
    """Beep and flash begin at each whole second; both reports must agree on when."""
    async with publishing() as room:
        heard = room.far.heard[room.mids["microphone-high"]]
        await until(lambda: len(heard.reports) >= 2)
        report = heard.reports[-1].sender_info
        packet = heard.packets[-1]
        ticks = (packet.timestamp - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        told_us = ntp_to_us(report.ntp_timestamp) + ticks * 1_000_000 // 48_000
        # The test microphone cuts its packets at whole multiples of 20 ms.
        assert (told_us + 10_000) % 20_000 == pytest.approx(10_000, abs=3_000)


async def test_packets_carry_their_audio_level() -> None:
    async with publishing() as room:
        heard = room.far.heard[room.mids["microphone-high"]]

        def loudest() -> int:
            """RFC 6464 counts from 0, the loudest, to 127."""
            levels = [packet.extensions.audio_level for packet in heard.packets]
            return min(int(level[1]) for level in levels if level is not None)

        await until(lambda: loudest() < 15)


async def test_stray_and_forged_datagrams_do_not_end_the_session() -> None:
    """Measured on aiortc 1.16: one empty datagram from anywhere closed it for ever."""
    async with publishing() as room:
        address = ice_address(room.peer)
        before = guard.dropped.total()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (
                b"",
                b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28",  # fatal DTLS alert
                b"\x16\xfe\xfd" + bytes(60),
                b"\x80",
                b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12) + b"\x00\x24\x00\x01",
            ):
                stranger.sendto(datagram, address)
        await until(lambda: guard.dropped.total() >= before + 4)
        heard = room.far.heard[room.mids["camera-high"]]
        packets = len(heard.packets)
        await until(lambda: len(heard.packets) > packets + 20)
        assert room.peer.state == "connected"


async def test_a_slot_shows_what_the_far_side_sends_with_its_delay() -> None:
    class Pattern(VideoStreamTrack):
        def __init__(self) -> None:
            super().__init__()
            self._camera = TestPatternCamera("room-b", 640, 360, 25)

        async def recv(self) -> av.VideoFrame:
            picture = await asyncio.to_thread(self._camera.read)
            picture.frame.pts, picture.frame.time_base = await self.next_timestamp()
            return picture.frame

    playout = Playout()
    peer = MediaPeer(playout_sinks(playout), None, loopback=True)
    peer.receive("audio", 1)
    peer.receive("video", 2)
    async with connected(peer, FarSide([Pattern()])):
        await until(lambda: playout.totals().video_frames > 30)
    assert playout.delays.count > 20
    median = playout.delays.quantile(0.5)
    assert median is not None
    assert 0 <= median < 1000


async def test_a_lost_far_side_is_noticed() -> None:
    async with publishing() as room:
        await room.far.pc.close()
        async with asyncio.timeout(GUARD_S):
            await room.peer.wait_lost()


def playout_sinks(playout: Playout) -> Sinks:
    return Sinks(on_video=playout.on_video, on_audio=playout.on_audio)


def ntp_to_us(ntp: int) -> int:
    return ((ntp >> 32) - NTP_EPOCH_S) * 1_000_000 + (ntp & 0xFFFFFFFF) * 10**6 // 2**32


def ice_address(peer: MediaPeer) -> tuple[str, int]:
    sdp = peer._pc.localDescription.sdp
    found = re.search(r"candidate:\S+ 1 udp \d+ (127\.0\.0\.1) (\d+)", sdp)
    assert found is not None
    return found[1], int(found[2])
