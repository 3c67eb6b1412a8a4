"""Pages to print and class boards of a running scheduler, over HTTP."""

import io
from typing import Any

import openpyxl
import yaml

from tests.flow.scheduler_house import House, one_house

__all__ = ["one_house"]

API = "/api/v1"
CLASS = "nianjiagang-huli-all"


async def fetch(house: House, path: str) -> bytes:
    async with house.http.get(API + path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def send_board(house: House, text: str, query: str = "") -> tuple[int, Any]:
    url = f"{API}/class-groups/{CLASS}/cses{query}"
    async with house.http.post(url, data=text.encode()) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_term_is_printed_one_page_for_each(one_house: House) -> None:
    data = await fetch(one_house, "/terms/2026-autumn/week.xlsx?by=teacher")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert "王老师" in book.sheetnames
    one = "/terms/2026-autumn/week.xlsx?by=class&id=" + CLASS
    book = openpyxl.load_workbook(io.BytesIO(await fetch(one_house, one)))
    assert len(book.sheetnames) == 1
    cells = [str(cell.value) for row in book.worksheets[0] for cell in row]
    assert any(cell.startswith("三年级音乐\n王老师") for cell in cells)
    await one_house.call("GET", "/terms/2026-autumn/week.xlsx?by=bus", status=400)
    await one_house.call("GET", "/terms/nowhere/week.xlsx", status=404)


async def test_an_edition_is_printed_as_it_stands(one_house: House) -> None:
    path = "/terms/2026-autumn/editions"
    made = await one_house.call("POST", path, {"name": "草稿一"}, status=201)
    edition = made["id"]
    await one_house.call("GET", f"/editions/{edition}/export.xlsx", status=404)
    change = {"kind": "place", "course": "music-3", "weekday": 1, "start": 610}
    body = {"revision": made["revision"], "changes": [{**change, "force": True}]}
    await one_house.call("POST", f"/editions/{edition}/changes", body)
    data = await fetch(one_house, f"/editions/{edition}/export.xlsx")
    (page,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    assert "草稿一" in str(page["A1"].value)


async def test_a_class_board_goes_out_and_comes_in(one_house: House) -> None:
    path = f"/class-groups/{CLASS}/cses.yaml?term=2026-autumn"
    written = yaml.safe_load(await fetch(one_house, path))
    music = [s for s in written["subjects"] if s.get("teacher") == "王老师"]
    assert [subject["name"] for subject in music] == ["音乐"]
    file = """version: 1
subjects: []
schedules:
- name: 周六
  enable_day: 6
  weeks: all
  classes:
  - {subject: 书法, start_time: "08:20:00", end_time: "09:00:00"}
  - {subject: 棋, start_time: "09:10:00", end_time: "09:50:00"}
"""
    before = await one_house.call("GET", "/local-lessons")
    status, report = await send_board(one_house, file, "?check=true")
    assert (status, report["written"]) == (200, False)
    assert await one_house.call("GET", "/local-lessons") == before
    _, report = await send_board(one_house, file)
    assert report["sheets"]["local_lesson"]["added"] == 2
    shorter = "\n".join(line for line in file.splitlines() if "书法" not in line)
    _, report = await send_board(one_house, shorter)
    assert (report["sheets"]["local_lesson"]["unchanged"], report["removed"]) == (1, 1)
    titles = [row["title"] for row in await one_house.call("GET", "/local-lessons")]
    assert "棋" in titles
    assert "书法" not in titles
    status, problem = await send_board(one_house, "version: 2")
    assert (status, problem["code"]) == (422, "faulty_import")


async def test_a_board_whose_bells_moved_takes_the_place_of_the_one_before(
    one_house: House,
) -> None:
    file = """version: 1
subjects: []
schedules:
- enable_day: 6
  weeks: all
  classes:
  - {subject: 书法, start_time: "08:20", end_time: "09:00"}
  - {subject: 棋, start_time: "09:10", end_time: "09:50"}
"""
    await send_board(one_house, file)
    later = file.replace("09:10", "09:20").replace("08:20", "08:30")
    later = later.replace("09:50", "10:00").replace("09:00", "09:10")
    status, report = await send_board(one_house, later)
    assert (status, report["removed"]) == (200, 2), report
    rows = await one_house.call("GET", "/local-lessons")
    times = [(r["title"], r["start_minute"]) for r in rows if r["weekday"] == 6]
    assert sorted(times) == [("书法", 510), ("棋", 560)]
