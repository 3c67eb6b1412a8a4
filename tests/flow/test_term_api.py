"""What a timetabler asks about a term over HTTP, before and beside solving."""

import asyncio

import pytest

from scheduler.sample import send_sample
from tests.flow.scheduler_house import House, house, one_house

__all__ = ["house", "one_house"]

TERM = "/terms/2026-autumn"


@pytest.fixture
async def house_in_china(one_house: House) -> House:
    """As the sample has it: official holidays are known for the zones of China, and
    for some years."""
    await send_sample(one_house.http)
    return one_house


async def test_the_calendar_lists_each_day_with_what_it_runs(
    house_in_china: House,
) -> None:
    status, calendar = await house_in_china.call_as(
        "teacher", "GET", f"{TERM}/calendar"
    )
    assert status == 200
    assert (calendar["week_1"], calendar["weeks"]) == ("2026-08-31", 22)
    days = {day["day"]: day for day in calendar["days"]}
    assert len(days) == 151
    made_up = days["2026-09-20"]
    assert (made_up["kind"], made_up["week"], made_up["weekday"]) == ("make_up", 3, 7)
    assert (made_up["runs_week"], made_up["runs_weekday"]) == (4, 5)
    assert (days["2026-10-01"]["kind"], days["2026-10-01"]["runs_week"]) == (
        "holiday",
        None,
    )
    assert days["2026-09-01"]["kind"] == "ordinary"
    (warning,) = calendar["warnings"]
    assert warning["day"] == "2027-01-01"
    assert "2027" in warning["zh"]


async def test_proposed_days_are_completed_by_a_person_and_saved(
    house_in_china: House,
) -> None:
    await house_in_china.call(
        "DELETE", "/calendar-days/chuzhou/2026-10-10/-", status=204
    )
    denied = await house_in_china.call_as("teacher", "POST", f"{TERM}/holidays", {})
    assert denied[0] == 403
    status, proposal = await house_in_china.call_as(
        "timetabler", "POST", f"{TERM}/holidays", None
    )
    assert status == 200
    (day,) = [one for one in proposal["days"] if one["day"] == "2026-10-10"]
    assert (day["kind"], day["entered"]) == ("make_up", False)
    row = {key: day[key] for key in ("district", "day", "kind", "name")}
    refused = await house_in_china.call("PUT", "/calendar-days", row, status=400)
    assert "第几周" in refused["zh"]
    mapped = {**row, "runs_week": 6, "runs_weekday": day["suggestion"]["runs_weekday"]}
    await house_in_china.call("PUT", "/calendar-days", mapped)
    _, again = await house_in_china.call_as(
        "timetabler", "POST", f"{TERM}/holidays", None
    )
    assert all(one["entered"] for one in again["days"] if one["kind"] == "make_up")


async def test_the_load_of_a_week_is_told_before_it_is_solved(
    one_house: House,
) -> None:
    before = await one_house.call("GET", f"{TERM}/load?week=13")
    assert before["week"] == 13
    assert before["warnings"] == []
    kinds = {row["kind"] for row in before["rows"]}
    assert kinds == {"course", "teacher", "room", "class", "site", "media"}
    closed = {
        "id": "ill",
        "title": "生病",
        "teacher": "dingyuan-music",
        "weeks": "all",
    }
    await one_house.call("PUT", "/closed-times", closed)
    after = await one_house.call("GET", f"{TERM}/load?week=13")
    first = after["rows"][0]
    assert first["ratio"] is None
    assert "排不下" in first["zh"]


async def test_the_words_in_use_are_offered(one_house: House) -> None:
    words = await one_house.call("GET", "/words")
    assert set(words["subjects"]) == {"音乐", "美术", "英语"}
    assert "三年级" in words["grades"]
    assert words["stages"] == ["小学"]


async def test_rows_of_the_new_kinds_are_put_listed_and_removed(
    one_house: House,
) -> None:
    way = {"from_school": "tandun", "to_school": "quting", "minutes": 25}
    await one_house.call("PUT", "/travels", way)
    assert way in await one_house.call("GET", "/travels")
    await one_house.call("DELETE", "/travels/tandun/quting", status=204)
    assert way not in await one_house.call("GET", "/travels")
    weighting = {"district": "chuzhou", "misfit": 3}
    answer = await one_house.call("PUT", "/weightings", weighting)
    assert (answer["misfit"], answer["move"]) == (3, 10)
    await one_house.call("DELETE", "/weightings/chuzhou", status=204)
    lesson = {
        "id": "double",
        "title": "合唱",
        "weekday": 1,
        "teacher": "dingyuan-music",
        "start_minute": 500,
        "end_minute": 540,
    }
    refused = await one_house.call("PUT", "/local-lessons", lesson, status=409)
    assert refused["code"] == "contradiction"
    assert "dingyuan-music-1-1" in refused["zh"]


async def test_what_a_database_would_choke_on_is_refused_before_it(
    house: House,
) -> None:
    district = {"id": "x", "name": "甲\u0000乙"}
    refused = await house.call("PUT", "/districts", district, status=400)
    assert "控制字符" in refused["zh"]
    await house.call("DELETE", "/districts/x%00", status=404)
    await house.call("DELETE", "/periods/x/99999999999999999999", status=404)
    tidy = await house.call("PUT", "/districts", {"id": "x", "name": "甲\n乙"})
    assert tidy["name"] == "甲 乙"


async def test_an_import_says_what_is_odd_although_it_is_taken(
    one_house: House,
) -> None:
    text = "起点,终点,分钟\nquanjiao-centre,nanqiao-centre,70\n"
    path = "/api/v1/import/organisation?sheet=travel"
    for warned in (1, 0):
        async with one_house.http.post(path, data=text.encode()) as answer:
            report = await answer.json()
        assert answer.status == 200, report
        assert len(report["warnings"]) == warned
        assert all("按 70 分钟算" in one["zh"] for one in report["warnings"])


async def test_of_two_rows_that_contradict_each_other_the_first_counts(
    house: House,
) -> None:
    """However close together people send them, and by whichever door."""

    days = {"week_1": "2030-09-02", "first_day": "2030-09-02", "last_day": "2030-12-20"}

    async def put(id: str) -> int:
        row = {"id": id, "district": "chuzhou", "name": id, **days}
        async with house.http.put("/api/v1/terms", json=row) as answer:
            return answer.status

    async def bring(id: str) -> int:
        text = "编号,区县,名称,第一周周一,开始日期,结束日期\n"
        text += f"{id},chuzhou,{id},2030-09-02,2030-09-02,2030-12-20\n"
        url = "/api/v1/import/timetable?sheet=term"
        async with house.http.post(url, data=text.encode()) as answer:
            return answer.status

    told = await asyncio.gather(put("a"), put("b"), bring("c"), bring("d"), put("e"))
    assert told.count(200) == 1, told
    assert set(told) <= {200, 409, 422}
    terms = await house.call("GET", "/terms")
    assert sum(term["week_1"] == "2030-09-02" for term in terms) == 1
