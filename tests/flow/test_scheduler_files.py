"""Files in and out of a running scheduler, over HTTP."""

import io
from typing import Any

import aiohttp
import openpyxl
import pytest
from icalendar import Calendar

from tests.flow.scheduler_house import House, one_house
from tests.unit.scheduler.importer.books import Rows, book

__all__ = ["one_house"]

TEACHERS = ["编号", "学校", "姓名"]
API = "/api/v1"


async def fetch(house: House, path: str) -> tuple[bytes, aiohttp.ClientResponse]:
    async with house.http.get(API + path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read(), answer


async def send(house: House, path: str, rows: Rows) -> tuple[int, Any]:
    form = aiohttp.FormData()
    form.add_field("file", book({"教师": rows}).data, filename="教师.xlsx")
    async with house.http.post(API + path, data=form) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_an_exported_workbook_changed_and_sent_back_changes_just_that(
    one_house: House,
) -> None:
    data, answer = await fetch(one_house, "/export/organisation.xlsx")
    assert "%E6%9C%BA%E6%9E%84.xlsx" in answer.headers["Content-Disposition"]
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    workbook["教师"]["C2"] = "新名字"
    workbook["教师"].append(["t9", "dingyuan-centre", "赵老师"])
    changed = io.BytesIO()
    workbook.save(changed)
    url = f"{API}/import/organisation?check=true"
    async with one_house.http.post(url, data=changed.getvalue()) as checked:
        report = await checked.json()
    assert report["written"] is False
    sheet = report["sheets"]["teacher"]
    assert (sheet["added"], sheet["changed"]) == (1, 1)
    url = f"{API}/import/organisation"
    async with one_house.http.post(url, data=changed.getvalue()) as done:
        assert (await done.json())["sheets"] == report["sheets"]
    names = {t["name"] for t in await one_house.call("GET", "/teachers")}
    assert {"新名字", "赵老师"} <= names


async def test_a_faulty_cell_is_answered_with_its_place_and_nothing_is_written(
    one_house: House,
) -> None:
    before = await one_house.call("GET", "/teachers")
    rows = [TEACHERS, ["t1", "dingyuan-centre", "王"], ["t2", "nowhere", "李"]]
    status, problem = await send(one_house, "/import/organisation", rows)
    assert (status, problem["code"]) == (422, "faulty_import")
    (fault,) = problem["faults"]
    place = [fault[name] for name in ("file", "sheet", "line", "column", "field")]
    assert place == ["教师.xlsx", "教师", 3, "B", "学校"]
    assert await one_house.call("GET", "/teachers") == before


async def test_a_file_beyond_the_limit_is_a_problem_in_words(one_house: House) -> None:
    url = f"{API}/import/organisation?name=a.csv"
    async with one_house.http.post(url, data=bytes(17_000_000)) as answer:
        problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"]) == (400, "too_large")


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\nx"),
        ("multipart/form-data; boundary=b", b"never begins"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n'
            b"Content-Length: -1\r\n\r\nx",
        ),
    ],
)
async def test_a_form_that_is_none_is_the_senders_fault(
    one_house: House, form: str, body: bytes
) -> None:
    url = f"{API}/import/organisation"
    headers = {"Content-Type": form}
    async with one_house.http.post(url, data=body, headers=headers) as answer:
        problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"]) == (400, "bad_body")


async def test_all_exports_and_templates_are_there_for_who_is_signed_in(
    one_house: House,
) -> None:
    for door in ("export", "templates"):
        for name in ("organisation", "timetable"):
            for end in ("xlsx", "zip"):
                path = f"/{door}/{name}.{end}"
                data, _ = await fetch(one_house, path)
                assert data.startswith(b"PK"), path
    async with aiohttp.ClientSession() as stranger:
        url = one_house.server.make_url(f"{API}/export/organisation.xlsx")
        async with stranger.get(url) as answer:
            assert answer.status == 401


# ---- calendars --------------------------------------------------------------------


async def subscribe(house: House, what: str, id: str) -> dict[str, Any]:
    body = {"what": what, "id": id}
    made: dict[str, Any] = await house.call("POST", "/calendar-links", body, status=201)
    return made


async def test_a_calendar_is_read_by_its_address_alone_and_follows_the_timetable(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(3_600, 2_400)
    made = await subscribe(one_house, "room", "nianjiagang-huli-room")
    url = one_house.server.make_url(made["path"])
    async with aiohttp.ClientSession() as program:
        async with program.get(url) as answer:
            first, tag = await answer.read(), answer.headers["ETag"]
            assert answer.content_type == "text/calendar"
            assert "private" in answer.headers["Cache-Control"]
        (event,) = Calendar.from_ical(first).walk("VEVENT")
        assert str(event["UID"]).startswith(lesson["lesson"])
        async with program.get(url, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
            assert answer.headers["ETag"] == tag
        await one_house.call("POST", f"/lessons/{lesson['lesson']}/cancel")
        async with program.get(url, headers={"If-None-Match": tag}) as answer:
            second = await answer.read()
            assert (answer.status, answer.headers["ETag"] != tag) == (200, True)
        (event,) = Calendar.from_ical(second).walk("VEVENT")
        assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)  # type: ignore[arg-type]


async def test_a_revoked_or_changed_address_shows_nothing(one_house: House) -> None:
    made = await subscribe(one_house, "teacher", "dingyuan-music")
    others = made["path"].replace("teacher-dingyuan-music", "school-dingyuan-centre")
    guess = made["path"].replace("/calendar/", "/calendar/x")
    for path in (others, guess):
        async with one_house.http.get(path) as answer:
            problem = await answer.json(content_type=None)
            assert (answer.status, problem["code"]) == (404, "no_such_calendar")
    await one_house.call("DELETE", f"/calendar-links/{made['id']}", status=204)
    async with one_house.http.get(made["path"]) as answer:
        assert answer.status == 404


async def test_only_a_timetabler_makes_links_and_a_token_is_told_once(
    one_house: House,
) -> None:
    body = {"what": "school", "id": "dingyuan-centre"}
    status, _ = await one_house.call_as("teacher", "POST", "/calendar-links", body)
    assert status == 403
    made = await subscribe(one_house, "school", "dingyuan-centre")
    token = made["path"].split("/")[-2]
    assert len(token) >= 32
    listed = await one_house.call("GET", "/calendar-links")
    assert [link["id"] for link in listed] == [made["id"]]
    assert token not in str(listed)
    bad = {"what": "school", "id": "nowhere"}
    await one_house.call("POST", "/calendar-links", bad, status=404)
