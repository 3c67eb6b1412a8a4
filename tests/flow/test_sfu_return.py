"""Going away and coming back: by will, by a broken line, by being replaced."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.bus import Bus
from common.protocol.signalling import RaiseHand, SetStage
from tests.flow.sfu_house import SfuHouse, open_house


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


async def test_the_master_classroom_coming_back_replaces_itself(
    house: SfuHouse,
) -> None:
    north = await house.room("north", video_slots=2)
    old = await house.master()
    await north.slot_of(old.id, "camera")
    new = await house.master()
    bye = await old.bye("replaced")
    assert not bye.retry
    picture = await north.slot_of(new.id, "camera")
    await north.gets_frames(picture.mid)
    await north.misses(old.id)


async def test_a_room_whose_socket_broke_is_still_seen_and_comes_back_as_it_was(
    house: SfuHouse,
) -> None:
    teacher = await house.master(video_slots=2)
    old = await house.room("north")
    await teacher.say(SetStage(participant=old.id, on_stage=True))
    picture = await teacher.slot_of(old.id, "camera")
    await teacher.gets_frames(picture.mid)
    await old.break_socket()
    await old.until(lambda: old.closed, "the socket is gone")
    await teacher.gets_frames(picture.mid, 10)
    new = await house.room("north")
    await teacher.sees(new.id, lambda p: p.on_stage and not p.muted)
    await teacher.misses(old.id)
    picture = await teacher.slot_of(new.id, "camera")
    await teacher.gets_frames(picture.mid)


async def test_a_hand_that_was_up_is_still_up_after_a_reconnect(
    house: SfuHouse,
) -> None:
    teacher = await house.master()
    old = await house.room("north")
    await old.say(RaiseHand())
    before = await teacher.sees(old.id, lambda p: p.hand_raised_at is not None)
    new = await house.room("north")
    after = await teacher.sees(new.id, lambda p: p.hand_raised_at is not None)
    assert after.hand_raised_at == before.hand_raised_at


async def test_a_peer_that_vanishes_without_a_word_is_gone_soon(
    house: SfuHouse,
) -> None:
    teacher = await house.master(video_slots=2)
    north = await house.room("north")
    picture = await teacher.slot_of(north.id, "camera")
    await teacher.gets_frames(picture.mid)
    await north.vanish()
    await teacher.misses(north.id)
    await teacher.until(
        lambda: all(slot.participant is None for slot in teacher.slots.values()),
        "its slot is empty",
    )
    event = await house.ear.event("room.participant_left", participant=north.id)
    assert event.reason == "media_lost"
    assert house.service.node.media.counters()["peers"] == 1


async def test_a_console_that_loses_its_socket_is_gone_at_once(
    house: SfuHouse,
) -> None:
    teacher = await house.master()
    console = await house.peer(house.token("assistant", name="助教")).join()
    await teacher.sees(console.id, lambda p: True)
    await console.break_socket()
    await teacher.misses(console.id)


async def test_a_participant_without_media_path_is_told_to_come_back(
    house: SfuHouse,
) -> None:
    """The answer is never used: ICE never completes."""
    from common.protocol.signalling import Join
    from rtc import Client

    client = Client(receive_video=1, bind="127.0.0.1")
    peer = await house.peer("").open()
    await peer.say(Join(token=house.token("room", name="x"), offer=client.offer()))
    assert (await peer.bye("media_lost")).retry
    client.close()


async def test_closing_the_node_tells_everyone_to_come_back(
    bus: Bus, tmp_path: Path
) -> None:
    async with open_house(bus, tmp_path) as house:
        teacher = await house.master()
        north = await house.room("north")
        await house.service.stop()
        for peer in (teacher, north):
            assert (await peer.bye("shutdown")).retry
        await house.ear.event("room.closed", session="ses-1")


async def test_an_empty_room_is_closed_after_a_while(bus: Bus, tmp_path: Path) -> None:
    async with open_house(bus, tmp_path, empty_room_s=0.5) as house:
        north = await house.room("north")
        await north.close()
        await house.ear.event("room.closed", session="ses-1")
        again = await house.room("north")
        assert again.joined is not None
