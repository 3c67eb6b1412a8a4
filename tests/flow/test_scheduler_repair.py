"""An absence over HTTP, with real databases: proposed, agreed to, carried out."""

from datetime import timedelta

import pytest

from scheduler.catalogue.availability import Travel
from scheduler.catalogue.organisation import SiteRoom
from tests.flow.absences import (
    NEXT_MONDAY,
    TERM,
    Json,
    away,
    day,
    furnish,
    lesson,
    told,
)
from tests.flow.scheduler_house import House, house, one_house

__all__ = ["house", "one_house"]


@pytest.fixture
async def furnished(one_house: House) -> House:
    """For what is proposed, refused and told."""
    await furnish(one_house)
    return one_house


@pytest.fixture
async def each_furnished(house: House) -> House:
    """For what is written: on each engine."""
    await furnish(house)
    return house


async def test_what_moves_is_listed_first_and_done_when_agreed(
    each_furnished: House,
) -> None:
    hit = await lesson(each_furnished, "music", 2, 2)
    other = await lesson(each_furnished, "song", 2, 3)
    body = away("teacher", "wang", 2, 2)
    proposal = await each_furnished.call("POST", TERM, body, status=201)
    [move] = proposal["moves"]
    assert (move["lesson"], proposal["stuck"]) == (hit["lesson"], [])
    assert (proposal["who"], proposal["state"]) == ("王老师", "open")
    assert "王老师的" in move["zh"]
    before = await each_furnished.call("GET", f"/lessons/{hit['lesson']}")
    assert before["starts_at"] == hit["starts_at"], "nothing changes by itself"
    agreed = await each_furnished.call("POST", f"/repairs/{proposal['id']}/agree", {})
    assert agreed["moved"] == [hit["lesson"]]
    after = await each_furnished.call("GET", f"/lessons/{hit['lesson']}")
    assert after["starts_at"] == move["after"]["starts_at"]
    assert after["day"] == move["after"]["day"] != hit["day"]
    assert after["period"].startswith("第")
    same = await each_furnished.call("GET", f"/lessons/{other['lesson']}")
    assert same["starts_at"] == other["starts_at"]
    again = await each_furnished.call(
        "POST", f"/repairs/{proposal['id']}/agree", {}, status=409
    )
    assert again["code"] == "proposal_closed"


async def test_a_lesson_without_a_place_waits_for_a_choice(
    each_furnished: House,
) -> None:
    hit = await lesson(each_furnished, "music", 2, 2)
    await lesson(each_furnished, "song", 2, 3)
    proposal = await each_furnished.call(
        "POST", TERM, away("teacher", "wang", 1, 7), status=201
    )
    [stuck] = proposal["stuck"]
    assert stuck["substitutes"][0]["name"] == "李老师"
    assert len(stuck["dates"]) == 3
    agree = f"/repairs/{proposal['id']}/agree"
    refused = await each_furnished.call("POST", agree, {}, status=400)
    assert refused["code"] == "choice_missing"
    choice = {"lesson": hit["lesson"], "kind": "substitute", "teacher": "li"}
    agreed = await each_furnished.call("POST", agree, {"choices": [choice]})
    assert agreed["substituted"] == [hit["lesson"]]
    after = await each_furnished.call("GET", f"/lessons/{hit['lesson']}")
    assert (after["teacher"], after["starts_at"]) == ("李老师", hit["starts_at"])


async def test_a_substitute_who_cannot_come_in_time_is_refused_in_words(
    one_house: House,
) -> None:
    """李老师 has a lesson at the point twenty minutes later, half an hour away."""
    await furnish(one_house)
    room = SiteRoom(id="huli-master", school="huli", name="湖里主讲", kind="master")
    way = Travel(from_school="centre", to_school="huli", minutes=30)
    await one_house.service.catalogue.put([room, way])
    hit = await lesson(one_house, "music", 2, 2)
    far = await lesson(one_house, "song", 2, 3)
    there = {"version": far["version"], "master_room": "huli-master"}
    there["receiving_rooms"] = ["feixi-room"]
    await one_house.call("PATCH", f"/lessons/{far['lesson']}", there)
    absence = away("teacher", "wang", 1, 7)
    proposal = await one_house.call("POST", TERM, absence, status=201)
    [stuck] = proposal["stuck"]
    assert stuck["substitutes"] == [], "nobody is offered who cannot come"
    choice = {"lesson": hit["lesson"], "kind": "substitute", "teacher": "li"}
    agree = f"/repairs/{proposal['id']}/agree"
    refused = await one_house.call("POST", agree, {"choices": [choice]}, status=409)
    assert refused["code"] == "choices_clash"
    [problem] = refused["problems"]
    assert "路上时间不够" in problem["zh"]
    assert "cannot be there in time" in problem["en"]
    now = await one_house.call("GET", f"/lessons/{hit['lesson']}")
    assert now["teacher"] == "王老师"


async def test_a_recording_stands_in_for_a_lesson(each_furnished: House) -> None:
    hit = await lesson(each_furnished, "music", 2, 2)
    proposal = await each_furnished.call(
        "POST", TERM, away("school", "huli", 1, 7), status=201
    )
    [stuck] = proposal["stuck"]
    assert stuck["recording"]["subject"] == "音乐"
    choice = {"lesson": hit["lesson"], "kind": "recording", "resource": "res-7"}
    agree = f"/repairs/{proposal['id']}/agree"
    await each_furnished.call("POST", agree, {"choices": [choice]})
    session = await each_furnished.call("GET", f"/sessions/{hit['session']}")
    assert session["state"] == "cancelled"
    assert "res-7" in session["history"][-1]["detail"]


async def test_everybody_whose_lesson_moves_is_told(furnished: House) -> None:
    hit = await lesson(furnished, "music", 2, 2)
    await lesson(furnished, "song", 2, 3)
    proposal = await furnished.call(
        "POST", TERM, away("teacher", "wang", 2, 2), status=201
    )
    assert await told(furnished, "teacher=wang") == [], "nothing is agreed yet"
    [move] = proposal["moves"]
    await furnished.call("POST", f"/repairs/{proposal['id']}/agree", {})
    [notice] = await told(furnished, "teacher=wang")
    assert (notice["repair"], notice["edition"]) == (proposal["id"], None)
    assert notice["from_day"] == min(hit["day"], move["after"]["day"])
    [line] = notice["lessons"]
    assert (line["zh"], line["en"]) == (move["zh"], move["en"])
    assert line["before"] == {
        "course": "music",
        "weekday": 2,
        "start": 550,
        "day": day(2),
        "period": "第2节",
    }
    for field in ("day", "period", "start"):
        assert line["after"][field] == move["after"][field]
    tuesday = NEXT_MONDAY + timedelta(days=1)
    assert f"{tuesday.month}月{tuesday.day}日（周二）第2节09:10" in line["zh"]
    assert f"Tue {tuesday.day} {tuesday:%b} 09:10 (第2节)" in line["en"]
    assert notice["zh"] == f"有 1 节课临时变动：{move['zh']}"
    assert notice["en"] == f"1 lesson changes for once: {move['en']}"
    assert "病假" not in str(notice), "why somebody is away is nobody's business"
    for who in (
        "site_room=master-1",
        "site_room=huli-room",
        "site_room=feixi-room",
        "school=centre",
        "school=huli",
        "school=feixi",
    ):
        [also] = await told(furnished, who)
        assert also["lessons"] == [line]
    for other in ("teacher=li", "site_room=master-2"):
        assert await told(furnished, other) == []


async def test_a_substitute_is_told_as_well_as_the_one_away(furnished: House) -> None:
    hit = await lesson(furnished, "music", 2, 2)
    proposal = await furnished.call(
        "POST", TERM, away("teacher", "wang", 1, 7), status=201
    )
    choice = {"lesson": hit["lesson"], "kind": "substitute", "teacher": "li"}
    agree = f"/repairs/{proposal['id']}/agree"
    await furnished.call("POST", agree, {"choices": [choice]})
    [mine] = await told(furnished, "teacher=li")
    [theirs] = await told(furnished, "teacher=wang")
    assert mine["lessons"] == theirs["lessons"]
    assert f"王老师的{hit['title']}由李老师代课" in mine["zh"]
    assert f"李老师 substitutes for 王老师 in {hit['title']}" in mine["en"]
    [line] = mine["lessons"]
    assert line["before"] == line["after"]


async def test_an_absence_of_weeks_is_told_in_one_line_for_each_weekly_lesson(
    furnished: House,
) -> None:
    days = [NEXT_MONDAY + timedelta(days=7 * n + 1) for n in range(4)]
    for each in days:
        body = {"course": "music", "day": each.isoformat(), "period": 2}
        await furnished.call("POST", "/lessons", body, status=201)
    closed = away("teacher", "wang", 1, 28) | {"weekdays": [2]}
    proposal = await furnished.call("POST", TERM, closed, status=201)
    assert proposal["absence"]["weekdays"] == [2]
    assert [move["before"]["day"] for move in proposal["moves"]] == [
        each.isoformat() for each in days
    ]
    assert len({move["after"]["start"] for move in proposal["moves"]}) == 1
    await furnished.call("POST", f"/repairs/{proposal['id']}/agree", {})
    [notice] = await told(furnished, "teacher=wang")
    [line] = notice["lessons"]
    assert (line["times"], line["last_day"]) == (4, days[-1].isoformat())
    first, last = days[0], days[-1]
    assert (
        f"从{first.month}月{first.day}日至{last.month}月{last.day}日每周二第2节09:10"
        "（共4次）改到当周" in line["zh"]
    )
    assert (
        f"from Tuesdays 09:10 (第2节), {first.day} {first:%b} to {last.day} {last:%b}"
        " (4 times) to " in line["en"]
    )
    assert line["en"].count("of the same week") == 1
    assert notice["zh"].startswith("有 4 节课临时变动：")
    assert notice["en"].startswith("4 lessons change for some weeks: ")


@pytest.mark.parametrize(
    ("choice", "zh", "en"),
    [
        ({"kind": "cancel"}, "取消", "is cancelled"),
        ({"kind": "recording", "resource": "res-7"}, "改看录像", "a recording"),
    ],
)
async def test_a_lesson_given_up_is_told_to_its_rooms(
    furnished: House, choice: Json, zh: str, en: str
) -> None:
    hit = await lesson(furnished, "music", 2, 2)
    proposal = await furnished.call(
        "POST", TERM, away("school", "huli", 1, 7), status=201
    )
    body = {"choices": [{"lesson": hit["lesson"], **choice}]}
    await furnished.call("POST", f"/repairs/{proposal['id']}/agree", body)
    [notice] = await told(furnished, "site_room=feixi-room")
    assert zh in notice["zh"]
    assert en in notice["en"]
    assert notice["lessons"][0]["after"] is None


async def test_nobody_is_told_of_what_is_left_for_later(furnished: House) -> None:
    hit = await lesson(furnished, "music", 2, 2)
    proposal = await furnished.call(
        "POST", TERM, away("school", "huli", 1, 7), status=201
    )
    body = {"choices": [{"lesson": hit["lesson"], "kind": "leave"}]}
    await furnished.call("POST", f"/repairs/{proposal['id']}/agree", body)
    assert await told(furnished, "teacher=wang") == []


async def test_a_lesson_changed_meanwhile_makes_the_proposal_stale(
    each_furnished: House,
) -> None:
    hit = await lesson(each_furnished, "music", 2, 2)
    proposal = await each_furnished.call(
        "POST", TERM, away("teacher", "wang", 2, 2), status=201
    )
    change = {"version": hit["version"], "day": day(2), "period": 5}
    await each_furnished.call("PATCH", f"/lessons/{hit['lesson']}", change)
    refused = await each_furnished.call(
        "POST", f"/repairs/{proposal['id']}/agree", {}, status=409
    )
    assert refused["code"] == "proposal_stale"
    listed = await each_furnished.call("GET", TERM)
    assert [one["stale"] for one in listed] == [True]
    await each_furnished.call("DELETE", f"/repairs/{proposal['id']}", status=204)
    gone = await each_furnished.call("GET", f"/repairs/{proposal['id']}")
    assert gone["state"] == "dropped"


async def test_a_lesson_cancelled_meanwhile_makes_the_proposal_stale(
    furnished: House,
) -> None:
    hit = await lesson(furnished, "music", 2, 2)
    proposal = await furnished.call(
        "POST", TERM, away("school", "huli", 1, 7), status=201
    )
    await furnished.call("POST", f"/lessons/{hit['lesson']}/cancel")
    found = await furnished.call("GET", f"/repairs/{proposal['id']}")
    assert found["stale"]
    body = {"choices": [{"lesson": hit["lesson"], "kind": "cancel"}]}
    agree = f"/repairs/{proposal['id']}/agree"
    refused = await furnished.call("POST", agree, body, status=409)
    assert refused["code"] == "proposal_stale"


async def test_somebody_unknown_cannot_be_away(furnished: House) -> None:
    body = away("teacher", "nobody", 1, 1)
    refused = await furnished.call("POST", TERM, body, status=404)
    assert refused["code"] == "no_such_teacher"


async def test_only_timetablers_mend(furnished: House) -> None:
    body = away("teacher", "wang", 1, 1)
    status, problem = await furnished.call_as("teacher", "POST", TERM, body)
    assert (status, problem["code"]) == (403, "denied")
