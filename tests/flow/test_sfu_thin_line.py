"""A rural line gets thin in mid-lesson: pictures give way, sound does not, and only
on the line that is thin. How soon they are back is shown in seconds that are merely
counted (`tests/unit/sfu/test_recovery.py`, `test_probing.py`), here that they are."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiortc
import pytest

from common.bus import Bus
from common.protocol.signalling import Join, Joined, Report, SetStage
from tests.flow.sfu_house import SfuHouse, open_house
from tests.flow.sfu_peer import Peer, until
from tests.flow.sfu_thin_line import thin_line
from tests.support.guard import GUARD_S
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
    async with thin_line(house.service.node.media.port, down_bps=5_000_000) as line:
        north = await house.room(
            "north", audio_slots=1, video_slots=1, publish=(), through=line.through
        )
        picture = await north.slot_of(teacher.id, "camera", layer="high")
        sound = await north.slot_of(teacher.id, "microphone")
        await north.gets_frames(picture.mid, 50)
        assert await degraded(house, north) is None

        line.down.rate_bps = 190_000
        await north.slot_of(teacher.id, "camera", layer="low")
        await north.gets_frames(sound.mid, 100)
        await north.gets_frames(picture.mid, 25)
        words = await degraded(house, north)
        assert words is not None
        assert "教师画面已缩小" in words

        line.down.rate_bps = 5_000_000
        async with asyncio.timeout(GUARD_S):
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
    async with thin_line(house.service.node.media.port, down_bps=5_000_000) as line:
        token = house.token("room", name="north", site_room="north")
        async with foreign_receiver(house, token, line.through) as (north, heard):
            await north.slot_of(teacher.id, "camera", layer="high")
            await heard.more("video", 50)

            line.down.rate_bps = 190_000
            await north.slot_of(teacher.id, "camera", layer="low")
            assert line.down.dropped > 0
            await heard.more("audio", 100)


@pytest.mark.slow
async def test_a_paused_picture_is_back_soon_after_the_line_is_good_again(
    house: SfuHouse,
) -> None:
    """On 60 kbit/s not even the sound has room: all pictures stop."""
    teacher = await house.master()
    async with thin_line(house.service.node.media.port) as line:
        token = house.token("room", name="north", site_room="north")
        async with foreign_receiver(house, token, line.through) as (north, heard):
            await north.slot_of(teacher.id, "camera", layer="high")
            await heard.more("video", 50)
            line.down.rate_bps = 60_000
            await north.slot_of(teacher.id, "camera", layer=None, reason="bandwidth")

            line.down.rate_bps = 5_000_000
            async with asyncio.timeout(GUARD_S):
                await north.slot_of(teacher.id, "camera", layer="low")
            await north.slot_of(teacher.id, "camera", layer="high")


@pytest.mark.slow
@pytest.mark.parametrize("receiver", ["rtc.Client", "aiortc"])
async def test_loss_on_a_rooms_uplink_is_not_blamed_on_the_teachers_downlink(
    house: SfuHouse, receiver: str
) -> None:
    """Pictures and sound of the room take 300 kbit/s, its uplink has 250 and holds
    800 ms; what is lost there the teacher's receiver misses too."""
    async with thin_line(house.service.node.media.port, queue_s=0.8, seed=7) as line:
        token = house.token("master", site_room="centre-101")
        opened = (
            own_receiver(house, token)
            if receiver == "rtc.Client"
            else foreign_receiver(house, token)
        )
        async with opened as (teacher, heard):
            north = await house.room("north", through=line.through)
            await teacher.say(SetStage(participant=north.id, on_stage=True))
            await teacher.slot_of(north.id, "camera", layer="high")
            await heard.more("video", 50)

            line.up.rate_bps, line.up.loss = 250_000, 0.02
            async with asyncio.timeout(GUARD_S):
                while line.up.dropped < 250:
                    await asyncio.sleep(0.2)
            # Longer than a starved machine fools transport-cc; true blame stays.
            async with asyncio.timeout(GUARD_S):
                while (await teacher.slot_of(north.id, "camera")).layer != "high":
                    await asyncio.sleep(0.2)
            assert await degraded(house, teacher) is None
            await heard.more("audio", 50)


@asynccontextmanager
async def own_receiver(
    house: SfuHouse, token: str
) -> AsyncIterator[tuple[Peer, "SlotFrames"]]:
    """An `rtc.Client`, which sends transport-cc."""
    peer = await house.peer(token, audio_slots=1, video_slots=1).join()
    yield peer, SlotFrames(peer)


@asynccontextmanager
async def foreign_receiver(
    house: SfuHouse, token: str, through: Callable[[str], str] = str
) -> AsyncIterator[tuple[Peer, "FrameCount"]]:
    """aiortc, as in a classroom agent: only REMB and loss reports tell of its line."""
    heard = FrameCount()
    with loopback_ice():
        media = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        media.on("track", heard.count)
        media.addTransceiver("audio", direction="recvonly")
        media.addTransceiver("video", direction="recvonly")
        await media.setLocalDescription(await media.createOffer())
        peer = await house.peer("").open()
        await peer.say(Join(token=token, offer=media.localDescription.sdp))
        joined = await peer.heard(Joined)
        assert joined.answer is not None
        answer = through(joined.answer)
        await media.setRemoteDescription(
            aiortc.RTCSessionDescription(sdp=answer, type="answer")
        )
    try:
        yield peer, heard
    finally:
        heard.stop()
        await media.close()


class SlotFrames:
    """The same count for our own client, which hands frames over undecoded."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def more(self, kind: str, count: int) -> None:
        mid = next(s.mid for s in self._peer.slots.values() if s.kind == kind)
        await self._peer.gets_frames(mid, count)


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
