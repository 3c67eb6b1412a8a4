"""The capture time of a frame is true or unknown, whatever a slot went through."""

import asyncio
from collections.abc import AsyncIterator
from statistics import median

import pytest

from rtc import Client, PeerClosed
from tests.unit.rtc.support import (
    LOOPBACK,
    TRACKS,
    End,
    Hub,
    Kind,
    h264_frame,
    now_us,
    number_of,
    opus_frame,
    wait_for,
)

TYPICAL_US, WORST_US = 20_000, 100_000
"""On loopback; the worst is left to a busy machine."""
KINDS: tuple[Kind, ...] = ("audio", "video")


class Classroom:
    """Sends sound and picture of the same instants, each frame a keyframe."""

    def __init__(self, end: End, first: int, moments: dict[int, int]) -> None:
        self._end = end
        self._next = first
        self._moments = moments
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        media = self._end.engine
        while True:
            number, at_us = self._next, now_us()
            self._moments[number] = at_us
            self._next += 1
            for mid, (kind, _) in zip(media.send_mids, TRACKS * 2, strict=False):
                frame = opus_frame(number)
                if kind == "video":
                    frame = h264_frame(number, keyframe=True, size=500)
                media.send_frame(mid, frame, at_us)
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


def assert_true(room: End, moments: dict[int, int]) -> None:
    for kind in KINDS:
        errors = [
            abs(f.capture_us - moments[number_of(f)])
            for f in room.frames(kind)
            if f.capture_us is not None
        ]
        assert max(errors) < WORST_US, kind
        assert median(errors) < TYPICAL_US, kind


def known(room: End) -> dict[Kind, int]:
    """How many frames carry a capture time."""
    return {
        kind: sum(f.capture_us is not None for f in room.frames(kind)) for kind in KINDS
    }


async def hear_more(room: End, count: int = 30) -> None:
    before = known(room)
    await wait_for(lambda: all(known(room)[k] >= before[k] + count for k in KINDS))


async def test_a_slot_that_waited_long_tells_no_wrong_capture_times(hub: Hub) -> None:
    """Reports of the waiting slots come first, with nothing to report on."""
    moments: dict[int, int] = {}
    room = await hub.viewer()
    await asyncio.sleep(2.5)
    teacher = await hub.publisher()
    hub.show("room", room, "teacher", teacher)
    lesson = Classroom(teacher, 0, moments)
    await hear_more(room)
    await lesson.stop()
    assert_true(room, moments)


async def test_capture_times_stay_true_over_pauses_and_changes_of_the_stage(
    hub: Hub,
) -> None:
    moments: dict[int, int] = {}
    first, second = await hub.publisher("first"), await hub.publisher("second")
    room = await hub.viewer()
    lessons = [Classroom(first, 0, moments), Classroom(second, 1_000_000, moments)]
    hub.show("room", room, "first", first)
    await hear_more(room)
    for name, end in (("second", second), ("first", first), ("second", second)):
        hub.show("room", room, name, end)
        await hear_more(room)
    for kind in KINDS:
        hub.engine.select_layer("room", room.mid(kind), None)
    await asyncio.sleep(1.5)
    for kind in KINDS:
        hub.engine.select_layer("room", room.mid(kind), 0)
    await hear_more(room)
    for lesson in lessons:
        await lesson.stop()
    assert_true(room, moments)
    heard = {kind: {number_of(f) for f in room.frames(kind)} for kind in KINDS}
    together = heard["audio"] & heard["video"]
    assert len(together) > 60
    times = {
        kind: {number_of(f): f.capture_us for f in room.frames(kind)} for kind in KINDS
    }
    apart = [
        abs(sound - picture)
        for sound, picture in (
            (times["audio"][number], times["video"][number]) for number in together
        )
        if sound is not None and picture is not None
    ]
    assert median(apart) < 2_000
    assert max(apart) < WORST_US


async def test_capture_times_stay_true_over_a_change_of_layer(hub: Hub) -> None:
    moments: dict[int, int] = {}
    client = Client(send=[*TRACKS, ("video", "H264")], bind=LOOPBACK)
    agent = await hub.join("agent", client)
    sound, low, high = client.send_mids
    room = await hub.viewer()
    slot = room.mid("video")
    hub.engine.connect_slot("room", room.mid("audio"), [("agent", sound, None)])
    hub.engine.connect_slot("room", slot, [("agent", low, None), ("agent", high, None)])
    agent_sends = _Layers(agent, 0, moments)
    await hear_more(room)
    for layer in (1, 0, 1):
        hub.engine.select_layer("room", slot, layer)
        await hear_more(room)
    await agent_sends.stop()
    assert_true(room, moments)


class _Layers(Classroom):
    """The second picture is the same moment's, encoded 60 ms later."""

    async def _run(self) -> None:
        media = self._end.engine
        sound, low, high = media.send_mids
        waiting: list[tuple[bytes, int]] = []
        while True:
            number, at_us = self._next, now_us()
            self._moments[number] = at_us
            self._next += 1
            frame = h264_frame(number, keyframe=True, size=500)
            media.send_frame(sound, opus_frame(number), at_us)
            media.send_frame(low, frame, at_us)
            waiting.append((frame, at_us))
            if len(waiting) > 3:
                media.send_frame(high, *waiting.pop(0))
            await asyncio.sleep(0.02)


async def test_a_publisher_that_comes_again_is_given_its_true_capture_times(
    hub: Hub,
) -> None:
    moments: dict[int, int] = {}
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    lesson = Classroom(teacher, 0, moments)
    await hear_more(room)
    await lesson.stop()
    await teacher.close()
    await wait_for(lambda: hub.said(PeerClosed, peer="teacher"))
    again = await hub.publisher()
    hub.show("room", room, "teacher", again)
    lesson = Classroom(again, 1_000_000, moments)
    await hear_more(room)
    await lesson.stop()
    assert_true(room, moments)
    assert room.numbers("video")[-1] >= 1_000_000
