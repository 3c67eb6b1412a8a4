"""A publication that carries nothing now: a screen not shared, a camera off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.bus import Bus
from common.protocol.signalling import SetPaused
from tests.flow.sfu_house import SfuHouse, open_house
from tests.flow.sfu_peer import Peer


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


async def teacher_with_a_screen(house: SfuHouse) -> Peer:
    token = house.token(
        "master", "camera", "microphone", "screen", site_room="centre-101"
    )
    publish = ("camera", "microphone", "screen")
    return await house.peer(token, publish=publish, paused=("screen",)).join()


def shown(peer: Peer) -> list[str | None]:
    return [s.source for s in peer.slots.values() if s.kind == "video"]


async def test_a_screen_is_shown_from_a_keyframe_when_sharing_begins(
    house: SfuHouse,
) -> None:
    teacher = await teacher_with_a_screen(house)
    await teacher.demand("screen", [])
    north = await house.room("north", video_slots=2)
    camera = await north.slot_of(teacher.id, "camera")
    await north.gets_frames(camera.mid)
    assert shown(north) == ["camera", None]

    await teacher.pause("screen", False)
    slides = await north.slot_of(teacher.id, "screen", layer="high", reason=None)
    await teacher.demand("screen", ["high"])
    await north.gets_frames(slides.mid)
    assert north.first_is_key[slides.mid]


async def test_a_slot_is_free_at_once_when_sharing_stops(
    house: SfuHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Silence alone would free it too, later.
    monkeypatch.setattr("sfu.flow.GONE_AFTER_S", float("inf"))
    teacher = await teacher_with_a_screen(house)
    north = await house.room("north", video_slots=2)
    await teacher.pause("screen", False)
    slides = await north.slot_of(teacher.id, "screen")
    await north.gets_frames(slides.mid)

    await teacher.pause("screen")
    await north.until(lambda: shown(north) == ["camera", None], "no slides")
    await teacher.demand("screen", [])
    await north.sees(teacher.id, lambda p: [x.paused for x in p.publications][2])

    await teacher.pause("screen", False)
    again = await north.slot_of(teacher.id, "screen")
    await north.gets_frames(again.mid)


async def test_the_next_in_line_takes_the_slot_of_a_camera_that_is_off(
    house: SfuHouse,
) -> None:
    teacher = await house.master(video_slots=1)
    north = await house.room("north")
    await teacher.slot_of(north.id, "camera")
    south = await house.room("south")
    await teacher.sees(south.id, lambda p: True)
    await north.pause("camera")
    tile = await teacher.slot_of(south.id, "camera")
    await teacher.gets_frames(tile.mid)


async def test_a_recorders_slot_stays_and_says_that_nothing_is_expected(
    house: SfuHouse,
) -> None:
    teacher = await teacher_with_a_screen(house)
    recorder = await house.peer(
        house.token("recorder", name="recorder"), audio_slots=1, video_slots=2
    ).join()
    slides = await recorder.slot_of(teacher.id, "screen", layer=None, reason="paused")
    await teacher.pause("screen", False)
    shared = await recorder.slot_of(teacher.id, "screen", layer="high", reason=None)
    assert shared.mid == slides.mid
    await recorder.gets_frames(slides.mid)
    await teacher.pause("microphone")
    sound = await recorder.slot_of(teacher.id, "microphone", layer=None)
    assert sound.reason == "paused"
    await teacher.pause("microphone", False)
    await recorder.slot_of(teacher.id, "microphone", layer="high", reason=None)
    await recorder.gets_frames(sound.mid, 25)


async def test_nobody_pauses_anothers_publication(house: SfuHouse) -> None:
    teacher = await house.master(video_slots=1)
    north = await house.room("north")
    tile = await teacher.slot_of(north.id, "camera")
    theirs = north.publication("camera")
    await teacher.say(SetPaused(publication=theirs, paused=True))
    error = await teacher.refused("no_such_publication")
    assert not error.fatal
    await teacher.gets_frames(tile.mid)
