"""A rural line gets thin in mid-lesson: pictures give way, sound does not."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiortc
import pytest

from common.bus import Bus
from common.protocol.signalling import Join, Joined, Report
from tests.flow.sfu_house import Peer, SfuHouse, open_house, until
from tests.flow.sfu_thin_line import thin_line
from tests.support.loopback import loopback_ice


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


async def degraded(house: SfuHouse, peer: Peer) -> str | None:
    """The words of the node about a participant's line."""
    report = Report(
        interval_s=1,
        video_frames=0,
        video_fps=0,
        freezes=0,
        freeze_s=0,
        audio_samples=0,
        concealed_samples=0,
    )
    house.ear.heard.clear()
    await peer.say(report)
    event = await house.ear.event("room.quality", participant=peer.id)
    words: str | None = event.degraded
    return words


@pytest.mark.slow
async def test_a_line_that_gets_thin_keeps_the_sound_and_says_what_was_given_up(
    house: SfuHouse,
) -> None:
    """The test pictures need about 180 kbit/s high and 20 low, the sound about 100:
    on a line of 190 there is room for the sound and the small picture only."""
    teacher = await house.master()
    async with thin_line(house.service.node.media.port, 5_000_000) as line:
        north = await house.room(
            "north", audio_slots=1, video_slots=1, publish=(), through=line.through
        )
        picture = await north.slot_of(teacher.id, "camera", layer="high")
        sound = await north.slot_of(teacher.id, "microphone")
        await north.gets_frames(picture.mid, 50)
        assert await degraded(house, north) is None

        line.rate_bps = 190_000
        await north.slot_of(teacher.id, "camera", layer="low")
        await north.gets_frames(sound.mid, 100)
        await north.gets_frames(picture.mid, 25)
        words = await degraded(house, north)
        assert words is not None
        assert "教师画面已缩小" in words

        line.rate_bps = 5_000_000
        async with asyncio.timeout(40):
            while north.slots[picture.mid].layer != "high":
                await asyncio.sleep(0.2)
        await north.gets_frames(picture.mid, 25)


@pytest.mark.slow
async def test_a_receiver_without_transport_cc_is_helped_too(house: SfuHouse) -> None:
    """aiortc, as in a classroom agent: only REMB and loss tell of its line.

    Its jitter buffer may hold the picture for 512 packets after such a burst of
    loss, so here the sound is what must go on.
    """
    teacher = await house.master()
    async with thin_line(house.service.node.media.port, 5_000_000) as line:
        with loopback_ice():
            peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
            heard = FrameCount()
            peer.on("track", heard.count)
            peer.addTransceiver("audio", direction="recvonly")
            peer.addTransceiver("video", direction="recvonly")
            await peer.setLocalDescription(await peer.createOffer())
            north = await house.peer("").open()
            token = house.token("room", name="north", site_room="north")
            await north.say(Join(token=token, offer=peer.localDescription.sdp))
            joined = await north.heard(Joined)
            assert joined.answer is not None
            answer = line.through(joined.answer)
            await peer.setRemoteDescription(
                aiortc.RTCSessionDescription(sdp=answer, type="answer")
            )
            await north.slot_of(teacher.id, "camera", layer="high")
            await heard.more("video", 50)

            line.rate_bps = 190_000
            await north.slot_of(teacher.id, "camera", layer="low")
            assert line.dropped > 0
            await heard.more("audio", 100)
            heard.stop()
            await peer.close()


class FrameCount:
    """Decodes what comes and counts it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def count(self, track: aiortc.MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._read(track)))

    async def _read(self, track: aiortc.MediaStreamTrack) -> None:
        with contextlib.suppress(aiortc.mediastreams.MediaStreamError):
            while True:
                await track.recv()
                self._counts[track.kind] += 1
                self._changed.set()

    async def more(self, kind: str, count: int) -> None:
        goal = self._counts[kind] + count
        await until(lambda: self._counts[kind] >= goal, self._changed, kind)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
