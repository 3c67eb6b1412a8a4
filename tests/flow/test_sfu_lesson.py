"""A lesson through the SFU: real sockets, real media, a real bus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.bus import Bus
from common.protocol.events import RecordingState
from common.protocol.signalling import (
    Leave,
    LowerHand,
    Ping,
    Pong,
    RaiseHand,
    Report,
    SetMuted,
    SetStage,
)
from tests.flow.sfu_house import SfuHouse, open_house


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


async def test_the_teachers_picture_and_sound_reach_a_room(house: SfuHouse) -> None:
    teacher = await house.master()
    north = await house.room("north", audio_slots=3, video_slots=3)
    picture = await north.slot_of(teacher.id, "camera")
    sound = await north.slot_of(teacher.id, "microphone")
    await north.gets_frames(picture.mid, 25)
    await north.gets_frames(sound.mid, 50)


async def test_a_room_goes_from_the_low_to_the_high_layer_of_the_teacher(
    house: SfuHouse,
) -> None:
    teacher = await house.master()
    north = await house.room("north", video_slots=3)
    picture = await north.slot_of(teacher.id, "camera", layer="high")
    await north.gets_frames(picture.mid)


async def test_a_muted_room_is_not_heard_until_it_is_on_stage(house: SfuHouse) -> None:
    teacher = await house.master(audio_slots=2, video_slots=2)
    north = await house.room("north")
    tile = await teacher.slot_of(north.id, "camera", layer="low")
    await teacher.gets_frames(tile.mid)
    assert all(
        slot.participant is None
        for slot in teacher.slots.values()
        if slot.kind == "audio"
    )

    await teacher.say(SetStage(participant=north.id, on_stage=True))
    await north.sees(north.id, lambda p: p.on_stage and not p.muted)
    sound = await teacher.slot_of(north.id, "microphone", reason=None)
    await teacher.gets_frames(sound.mid, 25)
    await teacher.slot_of(north.id, "camera", layer="high")
    event = await house.ear.event("room.stage_changed", on_stage=True)
    assert (event.participant, event.by) == (north.id, "王老师")

    await teacher.say(SetStage(participant=north.id, on_stage=False))
    await north.sees(north.id, lambda p: not p.on_stage and p.muted)
    await teacher.slot_of(north.id, "camera", layer="low")
    await teacher.until(
        lambda: all(
            s.participant is None for s in teacher.slots.values() if s.kind == "audio"
        ),
        "no sound slot shows the room",
    )


async def test_muting_stops_the_sound_where_it_comes_in(house: SfuHouse) -> None:
    teacher = await house.master(audio_slots=2)
    north = await house.room("north")
    recorder = await house.peer(
        house.token("recorder", name="recorder"), audio_slots=3, video_slots=3
    ).join()
    await teacher.say(SetMuted(participant=north.id, muted=False))
    heard = await recorder.slot_of(north.id, "microphone", reason=None)
    await recorder.gets_frames(heard.mid, 25)
    await teacher.say(SetMuted(participant=north.id, muted=True))
    await recorder.slot_of(north.id, "microphone", reason="muted")
    other = await recorder.slot_of(teacher.id, "microphone")
    await recorder.gets_frames(other.mid, 10)
    before = recorder.frames[heard.mid]
    await recorder.gets_frames(other.mid, 50)
    assert recorder.frames[heard.mid] == before


async def test_a_room_cannot_open_itself(house: SfuHouse) -> None:
    await house.master()
    north = await house.room("north")
    await north.say(SetMuted(participant=north.id, muted=False))
    error = await north.refused("muted_by_teacher")
    assert not error.fatal


async def test_hands_go_up_in_order_and_down_on_stage(house: SfuHouse) -> None:
    teacher = await house.master()
    north, south = await house.room("north"), await house.room("south")
    await south.say(RaiseHand())
    first = await teacher.sees(south.id, lambda p: p.hand_raised_at is not None)
    await north.say(RaiseHand())
    second = await teacher.sees(north.id, lambda p: p.hand_raised_at is not None)
    assert first.hand_raised_at is not None
    assert second.hand_raised_at is not None
    assert first.hand_raised_at < second.hand_raised_at
    await house.ear.event("room.hand_changed", participant=south.id, raised=True)
    await teacher.say(SetStage(participant=south.id, on_stage=True))
    await teacher.sees(south.id, lambda p: p.hand_raised_at is None)
    await teacher.say(LowerHand(participant=north.id))
    await north.sees(north.id, lambda p: p.hand_raised_at is None)
    await house.ear.event("room.hand_changed", participant=north.id, raised=False)


async def test_an_observer_sees_the_lesson_and_is_seen_by_nobody(
    house: SfuHouse,
) -> None:
    teacher = await house.master(audio_slots=1, video_slots=1)
    watcher = await house.peer(
        house.token("observer", name="巡课"), audio_slots=2, video_slots=2
    ).join()
    picture = await watcher.slot_of(teacher.id, "camera")
    await watcher.gets_frames(picture.mid)
    north = await house.room("north")
    await teacher.sees(north.id, lambda p: True)
    assert teacher.state is not None
    assert [p.role for p in teacher.state.participants] == ["master", "room"]


async def test_a_console_without_media_controls_the_room(house: SfuHouse) -> None:
    north = await house.room("north")
    console = await house.peer(
        house.token("assistant", name="王老师", control=True)
    ).join()
    assert console.joined is not None
    assert console.joined.control
    assert console.joined.answer is None
    await console.say(SetStage(participant=north.id, on_stage=True))
    await north.sees(north.id, lambda p: p.on_stage)


async def test_a_recorder_gets_everything_and_its_slots_never_move(
    house: SfuHouse,
) -> None:
    recorder = await house.peer(
        house.token("recorder", name="recorder"), audio_slots=4, video_slots=4
    ).join()
    north = await house.room("north")
    first = await recorder.slot_of(north.id, "camera")
    teacher = await house.master()
    second = await recorder.slot_of(teacher.id, "camera", layer="high")
    await recorder.gets_frames(first.mid)
    await recorder.gets_frames(second.mid)
    await teacher.say(SetStage(participant=north.id, on_stage=True))
    on_stage = await recorder.slot_of(north.id, "camera", layer="high")
    assert on_stage.mid == first.mid
    assert (await recorder.slot_of(teacher.id, "camera")).mid == second.mid


async def test_a_publisher_is_told_which_layers_somebody_looks_at(
    house: SfuHouse,
) -> None:
    teacher = await house.master(video_slots=2)
    north = await house.room("north")
    demand = await north.demand("camera", ["low"])
    assert set(demand.max_bps) == {"low"}
    await teacher.demand("camera", [])
    await teacher.say(SetStage(participant=north.id, on_stage=True))
    await north.demand("camera", ["low", "high"])


async def test_the_timetable_names_the_room_and_its_end(house: SfuHouse) -> None:
    await house.prepare(title="三年级 数学 第3节")
    await house.ear.event("room.opened", session="ses-1")
    teacher = await house.master()
    await teacher.until(
        lambda: teacher.state and teacher.state.title == "三年级 数学 第3节",
        "the title",
    )
    assert teacher.state is not None
    assert teacher.state.ends_at is not None


async def test_the_recording_light_follows_the_recorder(house: SfuHouse) -> None:
    teacher = await house.master()
    for state, shown in (("recording", True), ("trouble", False)):
        await house.bus.publish(
            RecordingState(
                at=0.0,
                session="ses-1",
                recording="rec-1",
                state=state,
            )
        )
        await teacher.until(
            lambda shown=shown: (
                teacher.state  # type: ignore[misc]
                and teacher.state.recording == shown
            ),
            f"recording light {shown}",
        )


async def test_the_bell_ends_the_lesson_for_everyone(house: SfuHouse) -> None:
    await house.prepare()
    teacher = await house.master()
    north = await house.room("north")
    await house.end()
    for peer in (teacher, north):
        bye = await peer.bye("lesson_ended")
        assert not bye.retry
    await house.ear.event("room.closed", session="ses-1")
    await house.ear.event(
        "room.participant_left", participant=north.id, reason="lesson_ended"
    )
    late = await house.peer(house.token("room", name="late")).open()
    await late.say_text('{"type": "join", "token": "' + house.token("room") + '"}')
    assert (await late.refused("room_ended")).fatal


async def test_a_report_becomes_news_with_what_the_node_saw(house: SfuHouse) -> None:
    await house.master()
    north = await house.room("north", video_slots=3)
    report = Report(
        interval_s=10,
        video_frames=250,
        video_fps=25,
        freezes=0,
        freeze_s=0,
        audio_samples=480_000,
        concealed_samples=0,
        join_ms=420,
    )
    await north.say(report)
    event = await house.ear.event("room.quality", participant=north.id)
    assert event.report == report
    assert event.site_room == "north"
    assert event.estimate_bps > 0


async def test_ping_is_answered_and_leave_is_a_goodbye(house: SfuHouse) -> None:
    teacher = await house.master()
    north = await house.room("north")
    await north.say(Ping(id=7))
    await north.heard(Pong, id=7)
    await north.say(Leave())
    await teacher.misses(north.id)
    await house.ear.event("room.participant_left", participant=north.id, reason="left")
    await house.ear.event("room.participant_joined", participant=north.id)
