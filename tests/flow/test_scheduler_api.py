"""People and the timetable over HTTP, with real bus and database."""

import asyncio
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from common.bus import Bus
from common.identity import AccessGrant
from common.protocol.control import (
    Prepare,
)
from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, demo_lesson
from tests.flow.scheduler_house import (
    House,
    house,
    one_house,
)
from tests.flow.scheduler_probe import listening
from tests.support.guard import GUARD_S
from tests.support.today import ZONE, day_of_week_12

__all__ = ["house", "one_house"]

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
            me = await answer.json()
            assert (me["name"], me["roles"]) == ("王老师", ["teacher"])
            assert (me["teacher"], me["school"]) == (None, None)
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
    async with asyncio.timeout(GUARD_S):
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
    begins = datetime.fromtimestamp(winter["starts_at"], ZoneInfo(ZONE))
    assert f"{begins:%H:%M}" == "10:10"


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
    first, last = day_of_week_12(49), day_of_week_12(62)
    weeks = {"first_day": str(first), "last_day": str(last)}
    path = "/terms/2026-autumn/lessons"
    made = await house.call("POST", path, weeks)
    assert made["skipped"] == []
    # Weeks 19 and 20: 9 weekly slots twice, one odd and one even slot once each.
    assert made["added"] == 16 + 2
    assert await house.call("POST", path, weeks) == {"added": 0, "skipped": []}
    range_ = f"first_day={first}&last_day={last}"
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
