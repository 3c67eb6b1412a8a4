"""Frames from a Client through a Forwarder's slots to other Clients, over loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtc import (
    AudioLevel,
    BandwidthEstimate,
    Client,
    Estimate,
    Frame,
    IngressStats,
    KeyframeRequested,
    PeerClosed,
    PeerConnected,
    PeerStats,
    SlotStats,
    UsageError,
)
from tests.unit.rtc.support import (
    LOOPBACK,
    Camera,
    End,
    Hub,
    h264_frame,
    now_us,
    number_of,
    opus_frame,
    wait_for,
)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


def ordered(numbers: list[int]) -> bool:
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_frames_arrive_whole_and_in_order(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: len(room.frames("video")) >= 50)
    await camera.stop()
    video = room.frames("video")
    assert video[0].keyframe
    assert all(frame.contiguous for frame in video)
    assert ordered(room.numbers("video"))
    sizes = {len(f.data) for f in video if not f.keyframe}
    assert sizes == {len(h264_frame(1, keyframe=False))}
    times = [frame.rtp_time for frame in video]
    assert times == sorted(set(times))
    assert {f.clock_rate for f in video} == {90_000}


async def test_sound_and_picture_of_one_moment_carry_the_same_capture_time(
    hub: Hub,
) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    moments: dict[int, int] = {}
    for number in range(150):
        moments[number] = now_us()
        teacher.engine.send_frame(
            teacher.mid("video"),
            h264_frame(number, keyframe=number % 10 == 0),
            moments[number],
        )
        teacher.engine.send_frame(
            teacher.mid("audio"), opus_frame(number), moments[number]
        )
        await asyncio.sleep(0.02)

    def captured(kind: str) -> dict[int, int]:
        return {
            number_of(f): f.capture_us
            for f in room.frames(kind)
            if f.capture_us is not None
        }

    await wait_for(lambda: 149 in captured("video") and 149 in captured("audio"))
    both = sorted(captured("video").keys() & captured("audio").keys())[-20:]
    for number in both:
        video, audio = captured("video")[number], captured("audio")[number]
        assert abs(video - audio) < 5_000
        assert abs(video - moments[number]) < 100_000


async def test_a_new_viewer_gets_a_keyframe_without_waiting(hub: Hub) -> None:
    teacher = await hub.publisher()
    first = await hub.viewer("first")
    hub.show("first", first, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: len(first.frames("video")) > 10)
    second = await hub.viewer("second")
    hub.show("second", second, "teacher", teacher)
    await wait_for(lambda: second.frames("video"))
    await camera.stop()
    assert second.frames("video")[0].keyframe
    assert len(teacher.said(KeyframeRequested)) >= 2


async def test_keyframe_requests_are_throttled(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    teacher.engine.send_frame(
        teacher.mid("video"), h264_frame(0, keyframe=True), now_us()
    )
    await wait_for(lambda: room.frames("video"))
    before = hub.engine.counters()["plis_out"]
    for _ in range(50):
        hub.engine.request_keyframe("teacher", teacher.mid("video"))
    await wait_for(lambda: hub.engine.counters()["plis_out"] > before)
    assert hub.engine.counters()["plis_out"] == before + 1


async def test_a_slot_changes_its_layer_only_at_a_keyframe_and_without_a_seam(
    hub: Hub,
) -> None:
    client = Client(send=[("video", "H264"), ("video", "H264")], bind=LOOPBACK)
    agent = await hub.join("agent", client)
    low, high = client.send_mids
    room = await hub.viewer()
    slot = room.mid("video")
    hub.engine.connect_slot("room", slot, [("agent", low, None), ("agent", high, None)])
    small = Camera(agent, low)
    large = Camera(agent, high, first=1_000_000)
    await wait_for(lambda: len(room.frames("video")) > 20)
    assert max(room.numbers("video")) < 1_000_000
    hub.engine.select_layer("room", slot, 1)
    await wait_for(lambda: max(room.numbers("video")) >= 1_000_000 + 10)
    hub.engine.select_layer("room", slot, 0)
    await wait_for(lambda: room.numbers("video")[-1] < 1_000_000)
    await small.stop()
    await large.stop()
    video = room.frames("video")
    numbers = room.numbers("video")
    switches = [
        i
        for i in range(1, len(video))
        if (numbers[i] >= 1_000_000) != (numbers[i - 1] >= 1_000_000)
    ]
    assert len(switches) == 2
    for at in switches:
        assert video[at].keyframe
        passed = video[at].rtp_time - video[at - 1].rtp_time
        assert 0 < passed < 90_000
    assert all(frame.contiguous for frame in video)


async def test_a_paused_slot_is_silent_and_resumes_at_a_keyframe(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: len(room.frames("video")) > 5)
    hub.engine.select_layer("room", room.mid("video"), None)
    await asyncio.sleep(0.2)
    before = len(room.frames("video"))
    await asyncio.sleep(0.2)
    assert len(room.frames("video")) == before
    hub.engine.select_layer("room", room.mid("video"), 0)
    await wait_for(lambda: len(room.frames("video")) > before + 5)
    await camera.stop()
    assert room.frames("video")[before].keyframe
    assert all(frame.contiguous for frame in room.frames("video"))


async def test_a_room_muted_by_the_teacher_is_not_heard(hub: Hub) -> None:
    room, teacher = await hub.publisher("room"), await hub.viewer("teacher")
    hub.show("teacher", teacher, "room", room)
    talking = asyncio.create_task(talk(room))
    await wait_for(lambda: len(teacher.frames("audio")) > 5)
    hub.engine.set_forwarding("room", room.mid("audio"), False)
    await wait_for(lambda: hub.dropped("muted") > 3)
    await asyncio.sleep(0.1)
    heard = len(teacher.frames("audio"))
    muted = hub.dropped("muted")
    await wait_for(lambda: hub.dropped("muted") > muted + 5)
    assert len(teacher.frames("audio")) == heard
    hub.engine.set_forwarding("room", room.mid("audio"), True)
    await wait_for(lambda: len(teacher.frames("audio")) > heard + 5)
    talking.cancel()
    assert all(frame.contiguous for frame in teacher.frames("audio"))


async def talk(end: End) -> None:
    number = 0
    while True:
        end.engine.send_frame(end.mid("audio"), opus_frame(number), now_us())
        number += 1
        await asyncio.sleep(0.02)


async def test_a_slot_that_shows_nobody_receives_nothing(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: len(room.frames("video")) > 5)
    hub.engine.connect_slot("room", room.mid("video"), [])
    await asyncio.sleep(0.2)
    before = len(room.frames("video"))
    await asyncio.sleep(0.2)
    await camera.stop()
    assert len(room.frames("video")) == before


async def test_a_picture_moves_from_one_publisher_to_another(hub: Hub) -> None:
    first, second = await hub.publisher("first"), await hub.publisher("second")
    room = await hub.viewer()
    hub.show("room", room, "first", first)
    cameras = [Camera(first), Camera(second, first=1_000_000)]
    await wait_for(lambda: len(room.frames("video")) > 10)
    hub.show("room", room, "second", second)
    await wait_for(lambda: room.numbers("video")[-1] >= 1_000_000)
    for camera in cameras:
        await camera.stop()
    video = room.frames("video")
    assert all(frame.contiguous for frame in video)
    times = [frame.rtp_time for frame in video]
    assert times == sorted(set(times))


async def test_a_publisher_that_leaves_frees_its_name_and_its_viewers_stay(
    hub: Hub,
) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: room.frames("video"))
    await camera.stop()
    await teacher.close()
    await wait_for(lambda: hub.said(PeerClosed, peer="teacher", reason="closed"))
    again = await hub.publisher()
    hub.show("room", room, "teacher", again)
    before = len(room.frames("video"))
    camera = Camera(again)
    await wait_for(lambda: len(room.frames("video")) > before + 5)
    await camera.stop()
    assert not room.closed()


async def test_a_removed_peer_is_told_goodbye(hub: Hub) -> None:
    room = await hub.viewer()
    hub.engine.remove("room")
    await wait_for(room.closed)
    await wait_for(lambda: hub.said(PeerClosed, peer="room", reason="removed"))
    hub.engine.remove("room")
    with pytest.raises(UsageError) as raised:
        hub.engine.select_layer("room", room.mid("video"), 0)
    assert raised.value.code == "no_such_peer"


async def test_figures_come_once_a_second(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    hub.engine.set_desired_bitrate("room", 2_000_000)
    camera = Camera(teacher)
    await wait_for(lambda: len(hub.said(SlotStats, mid=room.mid("video"))) >= 3)
    await camera.stop()
    ingress = hub.said(IngressStats, peer="teacher", mid=teacher.mid("video"))[-1]
    assert ingress.packets > 50
    assert ingress.lost == 0
    assert ingress.keyframes >= 1
    assert 500_000 < ingress.bitrate_bps < 3_000_000
    slot = hub.said(SlotStats, peer="room", mid=room.mid("video"))[-1]
    assert slot.layer == 0
    assert slot.bitrate_bps > 500_000
    assert hub.said(PeerStats, peer="room")[-1].tx_bytes > 100_000
    assert hub.said(BandwidthEstimate, peer="room")[-1].source == "twcc"
    counters = hub.engine.counters()
    assert counters["peers"] == 2
    assert counters["packets_out"] > 50
    assert 0 < counters["engine_cpu_us"] < 10_000_000


async def test_a_tcp_only_client_takes_part(hub: Hub) -> None:
    teacher = await hub.publisher(tcp_only=True)
    room = await hub.viewer(tcp_only=True)
    assert hub.said(PeerConnected, peer="room")[0].transport == "tcp"
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: len(room.frames("video")) > 20)
    await camera.stop()
    assert ordered(room.numbers("video"))


async def test_vp8_is_forwarded_to_who_can_take_it(hub: Hub) -> None:
    client = Client(send=[("video", "VP8")], bind=LOOPBACK)
    browser = await hub.join("browser", client)
    assert browser.answer.sections[0].codec == "VP8"
    room = await hub.viewer()
    mid = client.send_mids[0]
    hub.engine.connect_slot("room", room.mid("video"), [("browser", mid, None)])

    def keyframe(number: int) -> bytes:
        """Frame tag of a keyframe (RFC 6386 §9.1), then something to carry."""
        return b"\x10\x02\x00\x9d\x01\x2a" + number.to_bytes(4, "big") + b"\x77" * 3000

    for number in range(20):
        client.send_frame(mid, keyframe(number), now_us())
        await asyncio.sleep(0.02)
    await wait_for(lambda: len(room.frames("video")) > 10)
    frame: Frame = room.frames("video")[0]
    assert (frame.codec, frame.keyframe) == ("VP8", True)
    assert frame.data[10:] == b"\x77" * 3000


async def test_discarded_media_is_counted(hub: Hub) -> None:
    teacher = await hub.publisher()
    client = Client(receive_video=1, bind=LOOPBACK, discard_media=True)
    load = await hub.join("load", client)
    mid = teacher.mid("video")
    hub.engine.connect_slot("load", load.mid("video"), [("teacher", mid, None)])
    camera = Camera(teacher)
    await wait_for(lambda: client.counters()["frames_in"] > 20)
    await camera.stop()
    assert not load.said(Frame)
    assert client.counters()["frames_lost"] == 0


async def test_a_publisher_is_told_its_ceiling(hub: Hub) -> None:
    teacher = await hub.publisher()
    hub.engine.cap_ingress("teacher", teacher.mid("video"), 300_000)
    camera = Camera(teacher)

    def told() -> bool:
        estimates = [e.bps for e in teacher.said(Estimate)]
        return bool(estimates) and 290_000 < estimates[-1] < 310_000

    await wait_for(told)
    await camera.stop()


async def test_levels_are_reported_only_for_who_sends_them(hub: Hub) -> None:
    room = await hub.publisher()
    talking = asyncio.create_task(talk(room))
    stats = {"peer": "teacher", "mid": room.mid("audio")}
    await wait_for(lambda: hub.said(IngressStats, **stats))
    talking.cancel()
    assert not hub.said(AudioLevel)
