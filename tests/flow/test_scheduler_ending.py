"""An agreed absence that ends sooner, over HTTP: what comes back, and who hears it."""

from tests.flow.absences import TERM, Json, away, day, furnish, lesson, told
from tests.flow.scheduler_house import House, house, one_house

__all__ = ["house", "one_house"]


async def agreed(house: House, absence: Json, **choice: str) -> Json:
    """`choice`: for every lesson without a place."""
    proposal: Json = await house.call("POST", TERM, absence, status=201)
    choices = [{"lesson": one["lesson"], **choice} for one in proposal["stuck"]]
    path = f"/repairs/{proposal['id']}"
    await house.call("POST", f"{path}/agree", {"choices": choices})
    found: Json = await house.call("GET", path)
    return found


async def test_what_moved_and_what_was_cancelled_comes_back(house: House) -> None:
    await furnish(house)
    early = await lesson(house, "music", 2, 2)
    late = await lesson(house, "song", 4, 3)
    proposal = await agreed(house, away("school", "huli", 1, 7), kind="cancel")
    assert (proposal["ahead"], proposal["ended"]) == (2, None)
    end = f"/repairs/{proposal['id']}/end"

    late_day = {"from_day": day(8)}
    refused = await house.call("POST", end, late_day, status=409)
    assert refused["code"] == "repair_over"

    check = await house.call("POST", f"{end}?check=true", {"from_day": day(3)})
    assert [one["lesson"] for one in check["back"]] == [late["lesson"]]
    same = await house.call("GET", f"/lessons/{late['lesson']}")
    assert same["state"] == "cancelled", "a check changes nothing"

    ending = await house.call("POST", end, {"from_day": day(3)})
    assert [one["lesson"] for one in ending["back"]] == [late["lesson"]]
    assert ending["stays"] == [], "what lies before the day is no question"
    back = await house.call("GET", f"/lessons/{late['lesson']}")
    assert (back["state"], back["starts_at"]) == ("planned", late["starts_at"])
    assert back["session"] != late["session"], "a session that was cancelled stays so"
    gone = await house.call("GET", f"/lessons/{early['lesson']}")
    assert gone["state"] == "cancelled"
    notice, _ = await told(house, "teacher=li")
    assert "照常上课" in notice["zh"]
    assert "takes place after all" in notice["en"]
    [line] = notice["lessons"]
    assert (line["before"], line["after"]["day"]) == (None, day(4))
    assert len(await told(house, "teacher=wang")) == 1, "nothing new for others"

    ended = await house.call("GET", f"/repairs/{proposal['id']}")
    assert (ended["state"], ended["ahead"]) == ("agreed", 1)
    assert ended["ended"]["from_day"] == day(3)
    withdrawn = await house.call("POST", end, {"from_day": day(1)})
    assert [one["lesson"] for one in withdrawn["back"]] == [early["lesson"]]
    again = await house.call("POST", end, {"from_day": day(1)})
    assert (again["back"], again["stays"], again["told"]) == ([], [], 0)


async def test_whoever_took_the_place_keeps_it(one_house: House) -> None:
    house = one_house
    await furnish(house)
    hit = await lesson(house, "music", 2, 2)
    proposal = await agreed(house, away("teacher", "wang", 2, 2))
    other = await lesson(house, "song", 2, 2)
    end = f"/repairs/{proposal['id']}/end"
    ending = await house.call("POST", end, {"from_day": day(1)})
    [stays] = ending["stays"]
    assert (ending["back"], stays["why"]) == ([], "clash")
    assert stays["own"]["day"] == day(2)
    moved = await house.call("GET", f"/lessons/{hit['lesson']}")
    assert moved["starts_at"] != hit["starts_at"]

    await house.call("DELETE", f"/lessons/{other['lesson']}", status=204)
    ending = await house.call("POST", end, {"from_day": day(1)})
    assert [one["lesson"] for one in ending["back"]] == [hit["lesson"]]
    back = await house.call("GET", f"/lessons/{hit['lesson']}")
    assert back["starts_at"] == hit["starts_at"]
    newest, _ = await told(house, "site_room=huli-room")
    assert "改到" in newest["zh"]
    assert newest["zh"].startswith("有 1 节课不再调课，照原来的安排上：")


async def test_the_teacher_gives_the_lesson_again(one_house: House) -> None:
    await furnish(one_house)
    hit = await lesson(one_house, "music", 2, 2)
    absence = away("teacher", "wang", 1, 7)
    proposal = await agreed(one_house, absence, kind="substitute", teacher="li")
    end = f"/repairs/{proposal['id']}/end"
    status, problem = await one_house.call_as("teacher", "POST", end, {})
    assert (status, problem["code"]) == (403, "denied")
    await one_house.call("POST", end, {})
    back = await one_house.call("GET", f"/lessons/{hit['lesson']}")
    assert back["teacher"] == "王老师"
    notice, _ = await told(one_house, "teacher=li")
    assert "由王老师自己上，李老师不用代课了" in notice["zh"]


async def test_what_somebody_changed_since_is_left_alone(one_house: House) -> None:
    await furnish(one_house)
    hit = await lesson(one_house, "music", 2, 2)
    absence = away("teacher", "wang", 2, 2)
    open = await one_house.call("POST", TERM, absence, status=201)
    too_soon = f"/repairs/{open['id']}/end"
    refused = await one_house.call("POST", too_soon, {}, status=409)
    assert refused["code"] == "repair_not_agreed"
    proposal = await agreed(one_house, absence)
    now = await one_house.call("GET", f"/lessons/{hit['lesson']}")
    change = {"version": now["version"], "day": day(5), "period": 6}
    await one_house.call("PATCH", f"/lessons/{hit['lesson']}", change)
    end = f"/repairs/{proposal['id']}/end"
    ending = await one_house.call("POST", end, {"from_day": day(2)})
    assert [one["why"] for one in ending["stays"]] == ["changed"]
    assert ending["told"] == 0
