"""Mending on the timetabler's page: from an absence to changed lessons, and from
something that lasts to a published week."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.mender import ROOM, Keys, Mender, Mouse, day
from tests.browser.school import School
from tests.browser.test_timetable import check_layout
from tests.browser.timetabler import TERM

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("lang", "hands", "who", "subject"),
    [("zh", Mouse, "王老师", "music"), ("en", Keys, "李老师", "art")],
)
async def test_an_absence_is_mended_from_moves_to_stuck_lessons_to_agreed(
    own_school: School,
    lang: str,
    hands: type[Mouse] | type[Keys],
    who: str,
    subject: str,
) -> None:
    """The teacher is away for a week and till Wednesday of the next: the lessons of
    the first week have no place in it, those of the second move."""
    places = {f"{subject}-{grade}": [1, 2] for grade in (5, 6)}
    mender = await Mender.come(own_school, places, lang=lang)
    by = hands(mender)
    await by.open_panel()
    await by.choose_teacher(who)
    await by.date("first", day(0, 1))
    await by.date("last", day(1, 3))
    await by.press("propose")
    await mender.page.locator("tk-proposal #agree").wait_for()

    proposal = await mender.proposal()
    assert proposal["who"] == who
    stuck = [one["lesson"] for one in proposal["stuck"]]
    assert len(stuck) >= 3, "nothing to choose between"
    assert proposal["moves"], "nothing moves"
    await expect(mender.page.locator("tk-proposal #moves li")).to_have_count(
        len(proposal["moves"])
    )
    await expect(mender.page.locator("tk-proposal .clash")).to_have_count(0)
    await mender.person.picture("repair-proposed")
    if lang == "zh":
        await check_layout(mender.timetabler, "repair-proposed")
        await mender.person.resize("full-hd")

    await clash(mender, by, proposal)
    await expect(mender.page.locator("tk-proposal .clash")).to_have_count(0)

    await by.pick(stuck[-1], "cancel||")
    choices = {lesson: await mender.chosen(lesson) for lesson in stuck}
    await by.press("agree")
    await expect(mender.page.locator("#agreed")).to_be_focused()
    await mender.person.picture("repair-agreed")
    await is_carried_out(mender, proposal, choices, f"dingyuan-{subject}")
    await withdraw(mender, proposal)
    assert mender.person.complaints == []


async def clash(mender: Mender, by: Mouse | Keys, proposal: dict[str, Any]) -> None:
    """Chooses for one lesson what another has already, is told so, and goes back."""
    one, other = next(
        (a, b)
        for a in proposal["stuck"]
        for b in proposal["stuck"]
        if a is not b and _keys(a) & _keys(b)
    )
    both = min(_keys(one) & _keys(other))
    before = [await mender.chosen(each["lesson"]) for each in (one, other)]
    for each in sorted((one, other), key=lambda e: proposal["stuck"].index(e))[::-1]:
        await by.pick(each["lesson"], both)
    note = mender.stuck(one["lesson"]).locator(".clash")
    await expect(note).to_contain_text(other["title"])
    await mender.person.picture("repair-clash")
    await by.press("agree")
    await expect(mender.page.locator("tk-proposal #clashes")).to_be_visible()
    assert (await mender.proposal())["state"] == "open", "nothing was sent"
    for each, key in reversed(list(zip((one, other), before, strict=True))):
        await by.pick(each["lesson"], key)


def _keys(stuck: dict[str, Any]) -> set[str]:
    return {_key(at) for at in stuck["dates"]}


def _key(at: dict[str, Any]) -> str:
    return f"date|{at['day']}|{at['start']}"


async def is_carried_out(
    mender: Mender, proposal: dict[str, Any], choices: dict[str, str], teacher: str
) -> None:
    for move in proposal["moves"]:
        now = await mender.lesson(move["lesson"])
        assert now["starts_at"] == move["after"]["starts_at"]
        assert now["period"] == move["after"]["period"]
    stuck = {one["lesson"]: one for one in proposal["stuck"]}
    for lesson, key in choices.items():
        kind = key.partition("|")[0]
        now = await mender.lesson(lesson)
        if kind == "date":
            [at] = [at for at in stuck[lesson]["dates"] if _key(at) == key]
            assert now["starts_at"] == at["starts_at"]
        elif kind == "substitute":
            assert now["teacher"] != proposal["who"]
        else:
            assert kind == "cancel"
            session = await mender.get(f"/sessions/{now['session']}")
            assert session["state"] == "cancelled"
    [notice, *_] = await mender.get(f"/notices?teacher={teacher}")
    assert notice["repair"] == proposal["id"]
    days = [line["before"]["day"] for line in notice["lessons"]]
    assert days == sorted(days)
    mine = [move for move in proposal["moves"] if move["teacher"] == proposal["who"]]
    assert len(days) == len(mine) + len(choices)


async def withdraw(mender: Mender, proposal: dict[str, Any]) -> None:
    """The teacher is not away after all: it is shown what comes back, then done."""
    absences = mender.page.locator("tk-absences")
    await absences.locator("summary").click()
    await absences.locator(f'li[data-repair="{proposal["id"]}"] button').click()
    await absences.locator("#look-back").click()
    await expect(absences.locator("#ending")).to_be_focused()
    await mender.person.picture("repair-withdrawn")
    await absences.locator("#end-it").click()
    await expect(absences.locator("#ending.good")).to_be_focused()
    for lesson in [*proposal["moves"], *proposal["stuck"]]:
        now = await mender.lesson(lesson["lesson"])
        assert now["starts_at"] == lesson["before"]["starts_at"]
        session = await mender.get(f"/sessions/{now['session']}")
        assert session["state"] == "planned"


@pytest.mark.parametrize(("lang", "size"), [("zh", "full-hd"), ("en", "hd")])
async def test_a_room_closed_every_wednesday_is_put_aside_or_published(
    own_school: School, lang: str, size: str
) -> None:
    places = {"music-4": [1, 3], "music-5": [2, 3]}
    mender = await Mender.come(own_school, places, lang=lang, size=size)
    page, by = mender.page, Mouse(mender)
    await close_on_wednesdays(mender, by)
    await page.locator("#put-aside").click()
    await page.locator("#copy").wait_for()
    assert await entered(mender) == []
    editions = await mender.get(f"/terms/{TERM}/editions")
    assert [one["state"] for one in editions if one["state"] == "draft"] == []

    await close_on_wednesdays(mender, by)
    await expect(page.locator("tk-lasting .sums strong").first).to_have_text("2")
    await mender.person.picture("repair-lasting")
    # Whoever comes back to the draft later goes on here.
    await page.reload()
    await by.open_panel()
    await page.locator("tk-lasting #accept").check()
    await page.locator("tk-lasting #publish").click()
    await page.locator("tk-lasting tk-confirm #yes").click()
    await page.locator("tk-lasting #published").wait_for()
    await mender.person.picture("repair-lasting-published")
    [closed] = await entered(mender)
    assert (closed["site_room"], closed["weekdays"]) == (ROOM, [3])
    # Weeks in which nobody moved a lesson by hand before.
    for week in range(5, 8):
        span = f"first_day={day(week, 1)}&last_day={day(week, 5)}"
        there = [
            one for one in await mender.get(f"/lessons?{span}") if ROOM in str(one)
        ]
        assert there, "the room is used on other days"
        assert all(one["day"] != str(day(week, 3)) for one in there)

    await page.locator("#read").click()
    await page.locator('input[name="scope"][value="week"]').check()
    await page.locator("#entered button").click()
    await expect(page.locator("#entered")).to_have_count(0)
    assert await entered(mender) == []
    assert mender.person.complaints == []


async def close_on_wednesdays(mender: Mender, by: Mouse) -> None:
    page = mender.page
    await by.open_panel()
    await by.choose_room("定远县中心校（示例） 主讲教室一")
    await page.locator('input[name="scope"][value="week"]').check()
    await by.date("first", day(1, 1))
    await page.locator('input[name="weekday"][value="3"]').check()
    await page.locator('input[name="reason"]').fill("装修")
    await mender.person.picture("repair-every-week")
    await by.press("propose")
    await page.locator("tk-lasting tk-publish .sums").wait_for()


async def entered(mender: Mender) -> list[dict[str, Any]]:
    closed = await mender.get("/closed-times")
    return [one for one in closed if one["id"].startswith("lasting-")]
