"""The whole scheduler over HTTP and WebSocket, with real bus, database and time."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from openapi_spec_validator import OpenAPIV31SpecValidator

from common.bus import Bus
from common.clock import SystemClock
from common.config import Config
from common.http import application
from common.identity import AccessGrant, AccessRole, DeviceGrant, Signer
from common.metrics import Registry
from common.protocol.base import parse_message
from common.protocol.control import (
    AgentReport,
    AgentState,
    ControlMessage,
    End,
    Hello,
    NextLesson,
    Prepare,
    Start,
    control_message,
)
from common.protocol.events import AgentStateChanged, RecordingState, RoomClosed
from scheduler.app import SchedulerService
from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, demo_lesson, send_sample
from tests.flow.scheduler_probe import listening

SECRET = "a-secret-for-tests-of-more-than-32-characters"
DEADLINE_S = 10.0


class Room:
    """An agent as the scheduler sees one: a real WebSocket, no devices."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, name: str) -> None:
        self.socket = socket
        self.name = name

    async def says(self, state: AgentState, session: str | None = None) -> None:
        report = AgentReport(state=state, session=session)
        await self.socket.send_str(report.to_json())

    async def hears(self) -> ControlMessage:
        text = await self.socket.receive_str(timeout=DEADLINE_S)
        return parse_message(control_message, text)

    async def hears_a(self, kind: type[Any]) -> Any:  # noqa: ANN401 - the kind asked for
        """The next message of a kind; others before it are passed over."""
        while True:
            message = await self.hears()
            if isinstance(message, kind):
                return message


@dataclass
class House:
    """A running scheduler with somebody signed in as an operator."""

    service: SchedulerService
    server: TestServer
    http: aiohttp.ClientSession
    signer: Signer
    config: Config

    async def call(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> Any:  # noqa: ANN401 - JSON
        async with self.http.request(method, "/api/v1" + path, json=body) as answer:
            text = await answer.text()
            assert answer.status == status, text
            return await answer.json(content_type=None) if text else None

    async def call_as(
        self, role: AccessRole, method: str, path: str, body: object = None
    ) -> tuple[int, Any]:
        key = self.signer.access(
            AccessGrant(name="某人", roles=[role]), 600, time.time()
        )
        headers = {"Authorization": f"Bearer {key}"}
        async with self.http.request(
            method, "/api/v1" + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, await answer.json(content_type=None) if text else None

    async def lesson(self, in_s: float, length_s: float) -> dict[str, Any]:
        now = time.time()
        body = demo_lesson(now + in_s, now + in_s + length_s)
        lesson: dict[str, Any] = await self.call("POST", "/lessons", body, status=201)
        return lesson

    async def room(self, name: str, joined: str | None = None) -> Room:
        token = self.signer.device(DeviceGrant(site_room=name), 600, time.time())
        headers = {"Authorization": f"Bearer {token}"}
        socket = await self.http.ws_connect("/control/v1/ws", headers=headers)
        hello = Hello(site_room=name, software="test", joined_session=joined)
        await socket.send_str(hello.to_json())
        return Room(socket, name)

    async def state(self, session: str) -> str:
        return str((await self.call("GET", f"/sessions/{session}"))["state"])


async def open_house(config: Config, bus: Bus) -> House:
    service = SchedulerService(config, bus, SystemClock(), Registry())
    await service.start()
    signer = Signer(SECRET)
    app = application(signer, SystemClock())
    app.add_routes(service.routes())
    server = TestServer(app)
    await server.start_server()
    key = signer.access(AccessGrant(name="运维", roles=["operator"]), 600, time.time())
    http = aiohttp.ClientSession(
        server.make_url("/"), headers={"Authorization": f"Bearer {key}"}
    )
    return House(service, server, http, signer, config)


async def close_house(house: House) -> None:
    await house.http.close()
    await house.service.stop()
    await house.server.close()


def config_at(folder: Path, url: str = "", **scheduler: float) -> Config:
    return Config.model_validate(
        {
            "server": {"data_dir": folder / "data"},
            "auth": {"secret": SECRET},
            "database": {"url": url},
            "scheduler": {"lead_s": 60, "ending_grace_s": 3, **scheduler},
        }
    )


@pytest.fixture
async def house(tmp_path: Path, database_url: str, bus: Bus) -> AsyncIterator[House]:
    house = await open_house(config_at(tmp_path, database_url), bus)
    await send_sample(house.http)
    yield house
    await close_house(house)


@pytest.fixture
async def one_house(tmp_path: Path, bus: Bus) -> AsyncIterator[House]:
    """On SQLite only, where the database is not what is tested."""
    house = await open_house(config_at(tmp_path), bus)
    await send_sample(house.http)
    yield house
    await close_house(house)


# ---- a lesson -------------------------------------------------------------------


async def test_a_lesson_wakes_its_rooms_starts_at_the_bell_and_ends(
    house: House, bus: Bus
) -> None:
    rooms = [await house.room(name) for name in (DEMO_MASTER, *DEMO_ROOMS)]
    for room in rooms:
        assert await room.hears() == NextLesson()
    async with listening(bus) as heard:
        lesson = await house.lesson(in_s=1.5, length_s=6)
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
            assert abs(time.time() - lesson["starts_at"]) < 1
            await room.says("in_lesson", session)
        for room in rooms:
            assert await room.hears_a(End) == End(session=session, reason="bell")
            assert abs(time.time() - lesson["ends_at"]) < 1
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

        def told() -> list[tuple[bool, str | None]]:
            return [
                (e.online, e.state)
                for e in heard.events
                if isinstance(e, AgentStateChanged)
            ]

        room = await one_house.room(DEMO_ROOMS[0])
        await room.says("standby")
        await room.says("checking")
        await heard.until(lambda _: len(told()) == 2)
        await room.socket.close()
        await heard.until(lambda _: len(told()) == 3)
        assert told() == [(True, "standby"), (True, "checking"), (False, None)]


async def test_a_silent_agent_is_given_up(tmp_path: Path, bus: Bus) -> None:
    house = await open_house(config_at(tmp_path, agent_silent_s=0.3), bus)
    await send_sample(house.http)
    room = await house.room(DEMO_ROOMS[0])
    await room.hears()
    closed = await room.socket.receive(timeout=DEADLINE_S)
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
    closed = await first.socket.receive(timeout=DEADLINE_S)
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
    async with asyncio.timeout(DEADLINE_S):
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
    closed = await socket.receive(timeout=DEADLINE_S)
    assert closed.data == aiohttp.WSCloseCode.POLICY_VIOLATION


# ---- people ---------------------------------------------------------------------


async def test_a_key_becomes_a_cookie_that_signs_in(one_house: House) -> None:
    key = one_house.signer.access(
        AccessGrant(name="王老师", roles=["teacher"]), 60, time.time()
    )
    jar = aiohttp.CookieJar(unsafe=True)
    url = one_house.server.make_url("/")
    async with aiohttp.ClientSession(url, cookie_jar=jar) as browser:
        async with browser.get("/api/v1/me") as answer:
            assert answer.status == 401
        async with browser.post("/api/v1/sign-in", json={"key": "rubbish"}) as answer:
            assert answer.status == 401
        async with browser.post("/api/v1/sign-in", json={"key": key}) as answer:
            assert await answer.json() == {"name": "王老师", "roles": ["teacher"]}
            assert "HttpOnly" in answer.headers["Set-Cookie"]
        async with browser.get("/api/v1/me") as answer:
            assert (await answer.json())["name"] == "王老师"
        async with browser.post("/api/v1/sign-out") as answer:
            assert answer.status == 204
        async with browser.get("/api/v1/me") as answer:
            assert answer.status == 401


async def test_people_enter_a_lesson_only_while_it_is_open(
    one_house: House, bus: Bus
) -> None:
    far = await one_house.lesson(in_s=600, length_s=60)
    path = f"/sessions/{far['session']}/join"
    status, problem = await one_house.call_as(
        "teacher", "POST", path, {"role": "assistant"}
    )
    assert (status, problem["code"]) == (409, "not_open_yet")
    async with listening(bus) as heard:
        near = await one_house.lesson(in_s=30, length_s=60)
        await heard.says(near["session"], "state:preparing")
    path = f"/sessions/{near['session']}/join"
    status, answer = await one_house.call_as(
        "teacher", "POST", path, {"role": "assistant"}
    )
    assert status == 200
    grant = one_house.signer.read_join(answer["token"], time.time())
    assert (grant.room, grant.role, grant.control) == (
        near["session"],
        "assistant",
        True,
    )
    denied = await one_house.call_as("librarian", "POST", path, {"role": "master"})
    assert (denied[0], denied[1]["code"]) == (403, "role_denied")


async def test_a_browser_does_not_throw_the_rooms_equipment_out(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=0, length_s=60)
    room = await one_house.room(DEMO_MASTER)
    await room.hears_a(Prepare)
    await room.says("in_lesson", lesson["session"])
    path = f"/sessions/{lesson['session']}/join"
    async with asyncio.timeout(DEADLINE_S):
        while True:
            status, answer = await one_house.call_as(
                "teacher", "POST", path, {"role": "master"}
            )
            if status != 200:
                break
    assert answer["code"] == "room_occupied"
    screen = {"role": "room", "site_room": DEMO_ROOMS[0], "listen_only": True}
    status, answer = await one_house.call_as("teacher", "POST", path, screen)
    assert status == 200
    grant = one_house.signer.read_join(answer["token"], time.time())
    assert (grant.site_room, grant.publish) == (DEMO_ROOMS[0], [])


# ---- timetable and catalogue ----------------------------------------------------


async def test_today_shows_the_lesson_with_its_rooms(house: House) -> None:
    lesson = await house.lesson(in_s=30, length_s=60)
    today = await house.call("GET", "/today")
    (shown,) = today["lessons"]
    assert shown["session"] == lesson["session"]
    assert (shown["subject"], shown["teacher"]) == ("音乐", "王老师")
    rooms = [(room["id"], room["role"]) for room in shown["rooms"]]
    assert rooms[0] == (DEMO_MASTER, "master")
    assert set(rooms[1:]) == {(room, "room") for room in DEMO_ROOMS}
    empty = await house.call("GET", "/today?date=2026-09-01")
    assert empty["lessons"] == []


async def test_two_lessons_in_one_room_are_refused_in_words(house: House) -> None:
    await house.lesson(in_s=600, length_s=60)
    now = time.time()
    body = demo_lesson(now + 630, now + 700)
    problem = await house.call("POST", "/lessons", body, status=409)
    assert problem["code"] == "lesson_clash"
    assert "三年级音乐" in problem["zh"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"course": "music-3"}, "bad_body"),
        ({"course": "music-3", "day": "2030-01-07"}, "bad_body"),
        ({"course": "nothing", "day": "2030-01-07", "period": 3}, "no_such_course"),
        ({"course": "music-3", "day": "2030-01-06", "period": 3}, "no_bells"),
        ({"course": "music-3", "day": "2030-01-07", "period": 9}, "no_such_period"),
        (
            {"course": "music-3", "day": "2030-01-07", "start": "9", "end": "10:00"},
            "bad_time",
        ),
        (
            {"course": "music-3", "day": "2030-01-07", "start": "23:50", "end": "0:30"},
            "bad_time",
        ),
        ({"course": "music-3", "day": "2020-01-06", "period": 3}, "lesson_over"),
        (
            {"course": "music-3", "starts_at": 4e9, "ends_at": 4e9 + 1},
            "bad_lesson",
        ),
        (
            {
                "course": "music-3",
                "day": "2030-01-07",
                "period": 3,
                "receiving_rooms": ["moon"],
            },
            "no_such_site_room",
        ),
    ],
)
async def test_a_lesson_that_cannot_be_is_refused_by_name(
    one_house: House, body: dict[str, object], code: str
) -> None:
    async with one_house.http.post("/api/v1/lessons", json=body) as answer:
        problem = await answer.json(content_type=None)
        assert answer.status in (400, 404, 409)
    assert problem["code"] == code
    assert problem["zh"]
    assert (await one_house.call("GET", "/today"))["lessons"] == []


async def test_a_lesson_by_period_takes_the_bells_of_its_master_school(
    one_house: House,
) -> None:
    body = {"course": "music-3", "day": "2030-01-07", "period": 3}
    winter = await one_house.call("POST", "/lessons", body, status=201)
    assert (winter["period"], winter["ends_at"] - winter["starts_at"]) == (
        "第3节",
        2400,
    )
    # 10:10 in Chuzhou is 02:10 UTC.
    assert time.gmtime(winter["starts_at"])[3:5] == (2, 10)


async def test_a_lesson_is_moved_and_given_a_substitute(one_house: House) -> None:
    lesson = await one_house.lesson(in_s=600, length_s=60)
    change = {"version": 1, "teacher": "dingyuan-art", "day": "2030-01-07", "period": 2}
    path = f"/lessons/{lesson['lesson']}"
    moved = await one_house.call("PATCH", path, change)
    assert (moved["teacher"], moved["period"], moved["version"]) == (
        "李老师",
        "第2节",
        2,
    )
    stale = await one_house.call("PATCH", path, change, status=409)
    assert stale["code"] == "lesson_changed"


async def test_the_weekly_slots_become_dated_lessons_once(house: House) -> None:
    weeks = {"first_day": "2027-01-04", "last_day": "2027-01-17"}
    path = "/terms/2026-autumn/lessons"
    made = await house.call("POST", path, weeks)
    assert made["skipped"] == []
    # Weeks 19 and 20: 9 weekly slots twice, one odd and one even slot once each.
    assert made["added"] == 16 + 2
    assert await house.call("POST", path, weeks) == {"added": 0, "skipped": []}
    range_ = "first_day=2027-01-04&last_day=2027-01-17"
    lessons = await house.call("GET", f"/lessons?{range_}")
    assert len(lessons) == made["added"]
    music = [one for one in lessons if one["course"] == "music-3"]
    assert [one["week"] for one in music] == [19, 19, 20, 20]
    hours = [one["class_hour"] for one in music]
    assert hours == list(range(hours[0], hours[0] + 4))


async def test_rows_are_listed_put_and_removed(one_house: House) -> None:
    teacher = {"id": "t9", "school": "dingyuan-centre", "name": "吴老师"}
    assert await one_house.call("PUT", "/teachers", teacher) == teacher
    assert teacher in await one_house.call("GET", "/teachers")
    await one_house.call("DELETE", "/teachers/t9", status=204)
    gone = await one_house.call("DELETE", "/teachers/t9", status=404)
    assert gone["code"] == "no_such_teacher"
    used = await one_house.call("DELETE", "/teachers/dingyuan-music", status=409)
    assert used["code"] == "in_use"


async def test_a_row_that_contradicts_others_is_refused(one_house: House) -> None:
    period = {
        "bell_schedule": "dingyuan-centre-bells",
        "number": 8,
        "start_minute": 610,
        "end_minute": 650,
    }
    problem = await one_house.call("PUT", "/periods", period, status=409)
    assert problem["code"] == "contradiction"
    before = await one_house.call("GET", "/periods")
    path = "/periods/dingyuan-centre-bells/7"
    await one_house.call("DELETE", path, status=204)
    assert len(await one_house.call("GET", "/periods")) == len(before) - 1


async def test_only_those_who_make_the_timetable_change_it(one_house: House) -> None:
    teacher = {"id": "t9", "school": "dingyuan-centre", "name": "吴老师"}
    for role, expected in (("teacher", 403), ("librarian", 403), ("timetabler", 200)):
        status, _ = await one_house.call_as(role, "PUT", "/teachers", teacher)  # type: ignore[arg-type]
        assert status == expected
    path = f"/site-rooms/{DEMO_MASTER}/device-token"
    assert (await one_house.call_as("timetabler", "POST", path))[0] == 403
    token = (await one_house.call("POST", path))["token"]
    grant = one_house.signer.read_device(token, time.time())
    assert grant.site_room == DEMO_MASTER


async def test_a_faulty_file_is_answered_with_every_fault(one_house: House) -> None:
    before = await one_house.call("GET", "/teachers")
    data = "编号,学校,姓名\nt 1,dingyuan-centre,王\nt2,nowhere,\n".encode("gb18030")
    url = "/api/v1/import/organisation?sheet=teacher&name=教师.csv"
    async with one_house.http.post(url, data=data) as answer:
        problem = await answer.json(content_type=None)
        assert (answer.status, problem["code"]) == (422, "faulty_import")
    places = [(f["file"], f["line"], f["field"]) for f in problem["faults"]]
    assert places == [("教师.csv", 2, "编号"), ("教师.csv", 3, "姓名")]
    assert await one_house.call("GET", "/teachers") == before


async def test_the_openapi_document_is_valid_and_names_every_route(
    one_house: House,
) -> None:
    document = await one_house.call("GET", "/openapi.json")
    OpenAPIV31SpecValidator(document).validate()
    ids = [
        o["operationId"] for path in document["paths"].values() for o in path.values()
    ]
    assert len(ids) == len(set(ids))
    described = {
        route.path
        for route in one_house.service.routes()
        if isinstance(route, web.RouteDef) and route.path.startswith("/api/v1")
    }
    assert described - set(document["paths"]) == {"/api/v1/openapi.json"}


async def test_it_is_healthy_while_its_database_and_bus_answer(
    one_house: House,
) -> None:
    assert await one_house.service.health() == {"database": True, "bus": True}
    await one_house.service.stop()
    await one_house.service.stop()
