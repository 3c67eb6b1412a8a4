"""aiortc, what classroom agents are made of, against the Forwarder."""

import asyncio
import fractions
from collections.abc import AsyncIterator
from contextlib import suppress

import av
import numpy as np
import pytest
from aiortc import (
    AudioStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from rtc import Answer, AudioLevel, Client, PeerConnected
from tests.support.loopback import loopback_ice
from tests.unit.rtc.support import LOOPBACK, Camera, Hub, now_us, opus_frame, wait_for


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    with loopback_ice():
        async with Hub() as hub:
            yield hub


class Counter:
    """Consumes a remote track as an agent must, and counts."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self.kind = track.kind
        self.frames: list[av.VideoFrame | av.AudioFrame] = []
        self._task = asyncio.create_task(self._run(track))

    async def _run(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                self.frames.append(frame)

    def stop(self) -> None:
        self._task.cancel()


class Pattern(VideoStreamTrack):
    """A moving picture, so that the encoder has something to do."""

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        picture = np.full((240, 320, 3), (pts // 3000) % 255, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


def prefer_h264(connection: RTCPeerConnection) -> None:
    codecs = RTCRtpSender.getCapabilities("video").codecs
    h264 = [c for c in codecs if c.mimeType == "video/H264"]
    rtx = [c for c in codecs if c.mimeType == "video/rtx"]
    for transceiver in connection.getTransceivers():
        if transceiver.kind == "video":
            transceiver.setCodecPreferences(h264 + rtx)


async def connect(hub: Hub, name: str, connection: RTCPeerConnection) -> Answer:
    await connection.setLocalDescription(await connection.createOffer())
    answer = hub.engine.accept(name, connection.localDescription.sdp)
    description = RTCSessionDescription(sdp=answer.sdp, type="answer")
    await connection.setRemoteDescription(description)
    await wait_for(lambda: hub.said(PeerConnected, peer=name))
    return answer


def new_connection() -> RTCPeerConnection:
    # Without max-bundle aiortc 1.16 routes two bundled sections of one kind to the
    # first receiver.
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


async def test_what_an_agent_publishes_arrives_as_whole_frames(hub: Hub) -> None:
    agent = new_connection()
    agent.addTransceiver(AudioStreamTrack(), direction="sendonly")
    agent.addTransceiver(Pattern(), direction="sendonly")
    prefer_h264(agent)
    answer = await connect(hub, "agent", agent)
    assert [s.direction for s in answer.sections] == ["publish", "publish"]
    assert [s.codec for s in answer.sections] == ["opus", "H264"]
    room = await hub.viewer()
    for section in answer.sections:
        layer = ("agent", section.mid, None)
        hub.engine.connect_slot("room", room.mid(section.kind), [layer])
    await wait_for(lambda: len(room.frames("video")) > 30)
    await wait_for(lambda: len(room.frames("audio")) > 30)
    video = room.frames("video")
    assert video[0].keyframe
    assert all(f.contiguous for f in video)
    decoder = av.CodecContext.create("h264", "r")
    pictures = [p for f in video for p in decoder.decode(av.Packet(f.data))]
    assert len(pictures) > 25
    await wait_for(lambda: room.frames("audio")[-1].capture_us is not None)
    await wait_for(lambda: hub.said(AudioLevel, peer="agent"))
    assert hub.said(AudioLevel)[-1].level_dbov == -127
    await agent.close()


async def test_an_agent_decodes_sound_and_two_pictures(hub: Hub) -> None:
    agent = new_connection()
    agent.addTransceiver("audio", direction="recvonly")
    agent.addTransceiver("video", direction="recvonly")
    agent.addTransceiver("video", direction="recvonly")
    counters: list[Counter] = []
    agent.on("track", lambda track: counters.append(Counter(track)))
    prefer_h264(agent)
    answer = await connect(hub, "agent", agent)
    assert not answer.estimates_bandwidth
    teacher = await hub.publisher()
    hub.engine.connect_slot(
        "agent", answer.sections[0].mid, [("teacher", teacher.mid("audio"), None)]
    )
    for section in answer.sections[1:]:
        layer = ("teacher", teacher.mid("video"), None)
        hub.engine.connect_slot("agent", section.mid, [layer])
    encoder = real_encoder()
    for number in range(150):
        picture = np.full((240, 320, 3), number, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format="yuv420p"
        )
        frame.pts = number
        for packet in encoder.encode(frame):
            teacher.engine.send_frame(teacher.mid("video"), bytes(packet), now_us())
        teacher.engine.send_frame(teacher.mid("audio"), silence(), now_us())
        await asyncio.sleep(0.02)
    await wait_for(lambda: all(len(c.frames) > 20 for c in counters))
    assert sorted(c.kind for c in counters) == ["audio", "video", "video"]
    for counter in counters:
        counter.stop()
    await agent.close()


def real_encoder() -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.time_base = fractions.Fraction(1, 50)
    encoder.profile = "Baseline"
    encoder.options = {"tune": "zerolatency", "preset": "ultrafast", "g": "25"}
    return encoder


def silence() -> bytes:
    """20 ms of silence (RFC 6716: hybrid fullband code, all-zero range data)."""
    return b"\xf8\xff\xfe"


async def test_an_agent_is_asked_for_a_keyframe(hub: Hub) -> None:
    agent = new_connection()
    sender = agent.addTransceiver(Pattern(), direction="sendonly").sender
    prefer_h264(agent)
    answer = await connect(hub, "agent", agent)
    room = await hub.viewer()
    requests: list[int] = []
    original = sender._send_keyframe

    def count() -> None:
        requests.append(now_us())
        original()

    sender._send_keyframe = count  # type: ignore[method-assign]
    layer = ("agent", answer.sections[0].mid, None)
    hub.engine.connect_slot("room", room.mid("video"), [layer])
    await wait_for(lambda: requests)
    await wait_for(lambda: room.frames("video"))
    assert room.frames("video")[0].keyframe
    await agent.close()


async def test_an_agent_in_a_room_sends_and_receives_at_once(hub: Hub) -> None:
    agent = new_connection()
    agent.addTransceiver(Pattern(), direction="sendonly")
    agent.addTransceiver("audio", direction="recvonly")
    counters: list[Counter] = []
    agent.on("track", lambda track: counters.append(Counter(track)))
    prefer_h264(agent)
    answer = await connect(hub, "agent", agent)
    client = Client(
        send=[("audio", "opus"), ("video", "H264")], receive_video=1, bind=LOOPBACK
    )
    teacher = await hub.join("teacher", client)
    video, audio = answer.sections
    slot = client.receive_mids[0][0]
    hub.engine.connect_slot("teacher", slot, [("agent", video.mid, None)])
    hub.engine.connect_slot(
        "agent", audio.mid, [("teacher", client.send_mids[0], None)]
    )
    camera = Camera(teacher, client.send_mids[1])
    for number in range(60):
        client.send_frame(client.send_mids[0], opus_frame(number), now_us())
        await asyncio.sleep(0.02)
    await wait_for(lambda: len(teacher.frames("video")) > 20)
    await wait_for(lambda: hub.engine.counters()["packets_out"] > 60)
    await camera.stop()
    for counter in counters:
        counter.stop()
    await agent.close()
