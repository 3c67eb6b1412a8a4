"""Rooms on the control channel, with real bus, database and time."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from common.bus import Bus
from common.identity import DeviceGrant
from common.protocol.control import (
    End,
    Hello,
    NextLesson,
    Prepare,
    Start,
)
from common.protocol.events import AgentStateChanged, RecordingState, RoomClosed
from scheduler.sample import DEMO_MASTER, DEMO_ROOMS
from tests.flow.scheduler_house import (
    House,
    close_house,
    config_at,
    house,
    one_house,
    open_house,
)
from tests.flow.scheduler_probe import listening
from tests.support.guard import GUARD_S

__all__ = ["house", "one_house"]

# ---- a lesson -------------------------------------------------------------------


async def test_a_lesson_wakes_its_rooms_starts_at_the_bell_and_ends(
    house: House, bus: Bus
) -> None:
    rooms = [await house.room(name) for name in (DEMO_MASTER, *DEMO_ROOMS)]
    for room in rooms:
        assert await room.hears() == NextLesson()
    async with listening(bus) as heard:
        lesson = await house.lesson(in_s=2, length_s=6)
        session = lesson["session"]
        for room in rooms:
            prepare = await room.hears_a(Prepare)
            grant = house.signer.read_join(prepare.token, time.time())
            assert (grant.room, grant.site_room) == (session, room.name)
            assert grant.role == ("master" if room.name == DEMO_MASTER else "room")
            assert prepare.sfu_url == house.config.sfu_url
            await room.says("waiting", session)
        await heard.says(session, "state:ready")
        for room in rooms:
            assert (await room.hears_a(Start)).session == session
            assert time.time() >= lesson["starts_at"]
            await room.says("in_lesson", session)
        for room in rooms:
            assert await room.hears_a(End) == End(session=session, reason="bell")
            assert time.time() >= lesson["ends_at"]
            await room.says("standby")
        await bus.publish(RoomClosed(at=time.time(), session=session, node="n"))
        done = RecordingState(
            at=time.time(),
            session=session,
            recording="rec-1",
            state="finished",
            resource="res-1",
        )
        await bus.publish(done)
        await heard.says(session, "state:ended")
    view = await house.call("GET", f"/sessions/{session}")
    assert (view["resource"], view["reason"]) == ("res-1", "confirmed")
    assert view["reason_zh"] == "教室已关闭、录像已完成"
    states = [line["to_state"] for line in view["history"]]
    assert states == ["preparing", "ready", "live", "ending", "ended"]


async def test_an_agent_that_comes_in_mid_lesson_is_told_at_once(
    one_house: House, bus: Bus
) -> None:
    async with listening(bus) as heard:
        lesson = await one_house.lesson(in_s=0, length_s=60)
        await heard.says(lesson["session"], "state:live")
    room = await one_house.room(DEMO_ROOMS[0])
    assert (await room.hears()).type == "prepare"
    start = await room.hears()
    assert (start.type, getattr(start, "session", "")) == ("start", lesson["session"])


async def test_an_agent_that_still_sits_in_a_finished_lesson_is_sent_home(
    one_house: House, bus: Bus
) -> None:
    async with listening(bus) as heard:
        lesson = await one_house.lesson(in_s=0, length_s=60)
        session = lesson["session"]
        await heard.says(session, "state:live")
    await one_house.call("POST", f"/sessions/{session}/end")
    room = await one_house.room(DEMO_ROOMS[0], joined=session)
    assert await room.hears() == End(session=session, reason="teacher")


async def test_the_next_lesson_waits_until_the_room_is_out_of_this_one(
    one_house: House,
) -> None:
    first = await one_house.lesson(in_s=0, length_s=6)
    second = await one_house.lesson(in_s=7, length_s=20)
    room = await one_house.room(DEMO_ROOMS[0])
    assert (await room.hears_a(Prepare)).session == first["session"]
    await room.says("in_lesson", first["session"])
    assert (await room.hears_a(End)).session == first["session"]
    assert (await room.hears_a(Prepare)).session == second["session"]


async def test_the_idle_screen_follows_the_timetable(one_house: House) -> None:
    room = await one_house.room(DEMO_ROOMS[0])
    assert await room.hears() == NextLesson()
    lesson = await one_house.lesson(in_s=600, length_s=60)
    shown = await room.hears()
    assert isinstance(shown, NextLesson)
    assert shown.title == "三年级音乐"
    assert shown.starts_at == pytest.approx(lesson["starts_at"])
    await one_house.call("DELETE", f"/lessons/{lesson['lesson']}", status=204)
    assert await room.hears() == NextLesson()


async def test_the_teacher_ends_early_and_every_room_hears_why(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=0, length_s=60)
    room = await one_house.room(DEMO_ROOMS[0])
    await room.hears_a(Start)
    status, view = await one_house.call_as(
        "teacher", "POST", f"/sessions/{lesson['session']}/end"
    )
    assert (status, view["state"]) == (200, "ending")
    assert view["reason_zh"] == "教师提前下课（某人）"
    end = await room.hears_a(End)
    assert end == End(session=lesson["session"], reason="teacher")
    # The rest of the hour is free for another lesson.
    await one_house.lesson(in_s=5, length_s=50)
    again = await one_house.call_as(
        "teacher", "POST", f"/sessions/{lesson['session']}/end"
    )
    assert (again[0], again[1]["code"]) == (409, "wrong_state")


async def test_a_cancelled_lesson_sends_its_rooms_home(one_house: House) -> None:
    lesson = await one_house.lesson(in_s=30, length_s=60)
    room = await one_house.room(DEMO_ROOMS[0])
    await room.hears_a(Prepare)
    view = await one_house.call("POST", f"/lessons/{lesson['lesson']}/cancel")
    assert view["state"] == "cancelled"
    end = await room.hears_a(End)
    assert end == End(session=lesson["session"], reason="cancelled")


# ---- agents ---------------------------------------------------------------------


async def test_others_hear_of_an_agent_that_comes_changes_and_goes(
    one_house: House, bus: Bus
) -> None:
    async with listening(bus) as heard:

        def told() -> list[tuple[str, bool, str | None]]:
            return [
                (e.name, e.online, e.state)
                for e in heard.events
                if isinstance(e, AgentStateChanged)
            ]

        room = await one_house.room(DEMO_ROOMS[0])
        await room.says("standby")
        await room.says("checking")
        await heard.until(lambda _: len(told()) == 2)
        await room.socket.close()
        await heard.until(lambda _: len(told()) == 3)
        name = "年家岗湖里同步课堂教室"
        assert told() == [
            (name, True, "standby"),
            (name, True, "checking"),
            (name, False, None),
        ]


async def test_a_silent_agent_is_given_up(tmp_path: Path, bus: Bus) -> None:
    house = await open_house(config_at(tmp_path, agent_silent_s=0.3), bus)
    await house.enter_sample()
    room = await house.room(DEMO_ROOMS[0])
    await room.hears()
    closed = await room.closed()
    assert closed.type is aiohttp.WSMsgType.CLOSE
    views = await house.call("GET", "/site-rooms")
    assert not any(view["online"] for view in views)
    await close_house(house)


async def test_a_room_that_connects_again_takes_over_its_old_channel(
    one_house: House,
) -> None:
    first = await one_house.room(DEMO_ROOMS[0])
    await first.hears()
    second = await one_house.room(DEMO_ROOMS[0])
    await second.hears()
    closed = await first.closed()
    assert (closed.type, closed.extra) == (aiohttp.WSMsgType.CLOSE, "replaced")
    views = await one_house.call("GET", "/site-rooms")
    online = [view["id"] for view in views if view["online"]]
    assert online == [DEMO_ROOMS[0]]


async def test_a_device_of_no_known_room_or_with_a_bad_token_is_turned_away(
    one_house: House,
) -> None:
    async def knock(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await one_house.http.ws_connect("/control/v1/ws", headers=headers)
        return caught.value.status

    unknown = DeviceGrant(site_room="nowhere")
    good = DeviceGrant(site_room=DEMO_ROOMS[0])
    assert await knock("rubbish") == 401
    assert await knock(one_house.signer.device(good, -60, time.time())) == 401
    assert await knock(one_house.signer.device(unknown, 60, time.time())) == 404


async def test_what_an_agent_says_wrongly_does_not_end_its_channel(
    one_house: House,
) -> None:
    room = await one_house.room(DEMO_ROOMS[0])
    await room.hears()
    for text in ("{", '{"type":"dance"}', '{"type":"agent_report","state":"asleep"}'):
        await room.socket.send_str(text)
    await room.socket.send_bytes(b"\x00\x01")
    await room.says("check_failed")
    async with asyncio.timeout(GUARD_S):
        while True:
            views = await one_house.call("GET", "/site-rooms")
            (mine,) = [v for v in views if v["id"] == DEMO_ROOMS[0]]
            if mine["state"] == "check_failed":
                break


async def test_a_hello_of_another_room_is_refused(one_house: House) -> None:
    token = one_house.signer.device(
        DeviceGrant(site_room=DEMO_ROOMS[0]), 60, time.time()
    )
    headers = {"Authorization": f"Bearer {token}"}
    socket = await one_house.http.ws_connect("/control/v1/ws", headers=headers)
    await socket.send_str(Hello(site_room=DEMO_ROOMS[1], software="x").to_json())
    closed = await socket.receive(timeout=GUARD_S)
    assert closed.data == aiohttp.WSCloseCode.POLICY_VIOLATION
