"""What a room is given to keep for the time when the scheduler is away."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from common.bus import Bus
from common.errors import DeniedError
from common.identity import DeviceGrant, Signer
from common.protocol.control import Agenda, AgentReport, Hello, ServerTime, Start
from common.protocol.events import ParticipantJoined
from scheduler.sample import DEMO_MASTER, DEMO_ROOMS
from tests.flow.scheduler_house import (
    House,
    Room,
    close_house,
    config_at,
    one_house,
    open_house,
)
from tests.support.guard import GUARD_S
from tests.support.today import ZONE

__all__ = ["one_house"]
LEAD_S = 60.0
DAY_S = 86_400.0


async def room_that_keeps(house: House, name: str, version: str | None) -> Room:
    token = house.signer.device(DeviceGrant(site_room=name), 600, time.time())
    headers = {"Authorization": f"Bearer {token}"}
    socket = await house.http.ws_connect("/control/v1/ws", headers=headers)
    hello = Hello(site_room=name, software="test", agenda=version)
    await socket.send_str(hello.to_json())
    return Room(socket, name)


async def view_of(house: House, room: str) -> dict[str, object]:
    views = await house.call("GET", "/site-rooms")
    return next(view for view in views if view["id"] == room)


async def test_a_room_gets_its_lessons_of_the_next_fourteen_days(
    one_house: House,
) -> None:
    soon = await one_house.lesson(in_s=DAY_S, length_s=2400)
    later = await one_house.lesson(in_s=13 * DAY_S, length_s=2400)
    await one_house.lesson(in_s=15 * DAY_S, length_s=2400)
    room = await one_house.room(DEMO_ROOMS[0])
    agenda: Agenda = await room.hears_a(Agenda)
    assert [one.session for one in agenda.lessons] == [
        soon["session"],
        later["session"],
    ]
    assert agenda.until == pytest.approx(time.time() + 14 * DAY_S, abs=60)
    assert (agenda.lead_s, agenda.zone) == (LEAD_S, ZONE)
    lesson = agenda.lessons[0]
    assert (lesson.title, lesson.subject) == ("三年级音乐", "音乐")
    assert (lesson.starts_at, lesson.ends_at) == (soon["starts_at"], soon["ends_at"])
    assert lesson.sfu_url == one_house.config.sfu_url


async def test_its_tokens_open_the_room_around_the_lesson_and_at_no_other_time(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=3600, length_s=2400)
    grants = {}
    for name in (DEMO_MASTER, DEMO_ROOMS[0]):
        room = await one_house.room(name)
        token = (await room.hears_a(Agenda)).lessons[0].token
        read = one_house.signer.read_join
        with pytest.raises(DeniedError, match="token_too_early"):
            read(token, time.time())
        with pytest.raises(DeniedError, match="token_too_early"):
            read(token, lesson["starts_at"] - LEAD_S - 15)
        grants[name] = read(token, lesson["starts_at"] - LEAD_S)
        assert read(token, lesson["ends_at"] + 590) == grants[name]
        with pytest.raises(DeniedError, match="token_expired"):
            read(token, lesson["ends_at"] + 620)
    assert grants[DEMO_MASTER].role == "master"
    assert grants[DEMO_ROOMS[0]].site_room == DEMO_ROOMS[0]
    assert {grant.room for grant in grants.values()} == {lesson["session"]}


async def test_a_room_that_keeps_this_version_is_not_sent_it_again(
    one_house: House,
) -> None:
    await one_house.lesson(in_s=3600, length_s=2400)
    first = await one_house.room(DEMO_ROOMS[0])
    version = (await first.hears_a(Agenda)).version
    again = await room_that_keeps(one_house, DEMO_ROOMS[0], version)
    await again.hears()
    moved = await one_house.lesson(in_s=7200, length_s=2400)
    fresh = await again.hears_a(Agenda)
    assert fresh.version != version
    assert [one.session for one in fresh.lessons][-1] == moved["session"]


async def test_every_change_of_the_rooms_timetable_renews_it(
    one_house: House,
) -> None:
    room = await one_house.room(DEMO_ROOMS[0])
    empty = await room.hears_a(Agenda)
    assert empty.lessons == []
    lesson = await one_house.lesson(in_s=3600, length_s=2400)
    assert len((await room.hears_a(Agenda)).lessons) == 1
    change = {
        "version": lesson["version"],
        "starts_at": lesson["starts_at"] + 600,
        "ends_at": lesson["ends_at"] + 600,
    }
    await one_house.call("PATCH", f"/lessons/{lesson['lesson']}", change)
    moved = (await room.hears_a(Agenda)).lessons[0]
    assert moved.starts_at == lesson["starts_at"] + 600
    await one_house.call("POST", f"/lessons/{lesson['lesson']}/cancel")
    last = await room.hears_a(Agenda)
    assert (last.lessons, last.version) == ([], empty.version)


async def test_a_running_lesson_is_in_it_and_one_that_ended_early_is_not(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=1, length_s=600)
    first = await one_house.room(DEMO_ROOMS[0])
    running = (await first.hears_a(Agenda)).lessons
    assert [one.session for one in running] == [lesson["session"]]
    async with asyncio.timeout(GUARD_S):
        while await one_house.state(lesson["session"]) != "live":
            await asyncio.sleep(0.05)
    await one_house.call("POST", f"/sessions/{lesson['session']}/end")
    second = await one_house.room(DEMO_ROOMS[0])
    assert (await second.hears_a(Agenda)).lessons == []


async def test_the_operator_sees_which_agenda_a_room_keeps_and_how_its_clock_goes(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=3600, length_s=2400)
    room = await one_house.room(DEMO_ROOMS[0])
    agenda = await room.hears_a(Agenda)
    report = AgentReport(
        state="standby", at=time.time() + 90, agenda="old", agenda_at=12.5
    )
    await room.socket.send_str(report.to_json())
    answer = await room.hears_a(ServerTime)
    assert answer.echo == report.at
    assert answer.at == pytest.approx(time.time(), abs=5)
    view = await view_of(one_house, DEMO_ROOMS[0])
    assert view["agenda"] == {"version": "old", "told_at": 12.5, "is_current": False}
    assert view["clock_skew_s"] == pytest.approx(90, abs=5)
    kept = report.model_copy(update={"agenda": agenda.version})
    await room.socket.send_str(kept.to_json())
    await room.hears_a(ServerTime)
    view = await view_of(one_house, DEMO_ROOMS[0])
    assert view["agenda"]["is_current"] is True  # type: ignore[index]
    assert agenda.lessons[0].session == lesson["session"]


async def test_a_room_that_opened_a_moment_early_by_its_agenda_may_stay(
    tmp_path: Path, bus: Bus
) -> None:
    house = await open_house(config_at(tmp_path, lead_s=3), bus)
    await house.enter_sample()
    lesson = await house.lesson(in_s=6, length_s=60)
    far = await house.lesson(in_s=400, length_s=60)
    early = await house.room(DEMO_ROOMS[0], joined=lesson["session"])
    await early.says("waiting", lesson["session"])
    assert (await early.hears()).type == "next_lesson"
    assert (await early.hears_a(Start)).session == lesson["session"]
    too_early = await house.room(DEMO_ROOMS[1], joined=far["session"])
    assert (await too_early.hears()).type == "end"
    await close_house(house)


async def test_a_room_on_another_secret_is_given_new_tokens(
    tmp_path: Path, bus: Bus
) -> None:
    house = await open_house(config_at(tmp_path), bus)
    await house.enter_sample()
    await house.lesson(in_s=3600, length_s=60)
    old = (await (await house.room(DEMO_ROOMS[0])).hears_a(Agenda)).version
    await close_house(house)
    config = config_at(tmp_path)
    secret = config.auth.model_copy(update={"secret": "another-secret-" * 3})
    house = await open_house(config.model_copy(update={"auth": secret}), bus)
    try:
        house.signer = Signer(secret.secret)
        room = await room_that_keeps(house, DEMO_ROOMS[0], old)
        assert (await room.hears_a(Agenda)).version != old
    finally:
        await close_house(house)


async def test_a_slow_room_is_left_to_its_own_loop(one_house: House) -> None:
    """An agenda that cannot be sent closes that room's channel and no other."""
    room = await one_house.room(DEMO_ROOMS[0])
    await room.hears_a(Agenda)
    room.socket._response.close()
    await one_house.lesson(in_s=3600, length_s=2400)
    other = await one_house.room(DEMO_ROOMS[1])
    assert len((await other.hears_a(Agenda)).lessons) == 1


async def came_back_late(tmp_path: Path, bus: Bus, came: list[str]) -> dict[str, Any]:
    """The session after a scheduler that was away from before the bell until no lesson
    is started any more. `came`: rooms that joined meanwhile by their agenda."""
    config = config_at(tmp_path, lead_s=0.5, late_start_s=0.5)
    house = await open_house(config, bus)
    await house.enter_sample()
    lesson = await house.lesson(in_s=1.5, length_s=60)
    await close_house(house)
    for room in came:
        joined = ParticipantJoined(
            at=time.time(),
            session=lesson["session"],
            participant=f"par-{room}",
            role="room",
            name=room,
            site_room=room,
        )
        await bus.publish(joined)
    async with asyncio.timeout(GUARD_S):
        while time.time() < lesson["starts_at"] + 0.6:
            await asyncio.sleep(0.05)
    house = await open_house(config, bus)
    view: dict[str, Any] = await house.call("GET", f"/sessions/{lesson['session']}")
    await close_house(house)
    return view


async def test_a_lesson_that_its_rooms_began_is_taken_over_however_late(
    tmp_path: Path, bus: Bus
) -> None:
    view = await came_back_late(tmp_path, bus, [DEMO_MASTER, DEMO_ROOMS[0]])
    assert view["state"] == "live"
    present = {room["id"] for room in view["rooms"] if room["present"]}
    assert present == {DEMO_MASTER, DEMO_ROOMS[0]}
    bell = next(line for line in view["history"] if line["to_state"] == "live")
    assert DEMO_ROOMS[0] not in bell["detail"]
    assert DEMO_ROOMS[1] in bell["detail"]


async def test_a_lesson_that_nobody_began_was_missed(tmp_path: Path, bus: Bus) -> None:
    view = await came_back_late(tmp_path, bus, [])
    assert (view["state"], view["reason"]) == ("failed", "missed")
