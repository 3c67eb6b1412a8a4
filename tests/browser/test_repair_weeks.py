"""Weeks of leave on the timetabler's page: one choice for each weekly lesson."""

import pytest
from playwright.async_api import expect

from tests.browser.mender import Keys, Mender, Mouse, day
from tests.browser.school import School
from tests.browser.test_timetable import check_layout

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("lang", "hands", "people", "subjects"),
    [
        ("zh", Mouse, ("王老师", "李老师"), ("music", "art")),
        ("en", Keys, ("李老师", "王老师"), ("art", "music")),
    ],
)
async def test_weeks_of_leave_are_decided_once_for_each_weekly_lesson(
    own_school: School,
    lang: str,
    hands: type[Mouse] | type[Keys],
    people: tuple[str, str],
    subjects: tuple[str, str],
) -> None:
    """Three weeks: a lesson given up, one that somebody new gives, one date by date."""
    (who, other), subject = people, subjects[0]
    places = {f"{subject}-5": [1, 3], f"{subject}-6": [2]}
    mender = await Mender.come(own_school, places, lang=lang)
    page, by = mender.page, hands(mender)
    await by.open_panel()
    await by.choose_teacher(who)
    await by.scope("span")
    await by.date("first", day(1, 1))
    await by.date("last", day(3, 5))
    await mender.person.picture("repair-span")
    await by.press("propose")
    await page.locator("tk-proposal #agree").wait_for()

    stuck = (await mender.proposal())["stuck"]
    lessons = {one["lesson"]: one for one in stuck}
    weekly = await page.locator("tk-proposal li[data-weekly]").all()
    firsts = [str(await one.get_attribute("data-weekly")) for one in weekly]
    assert len(firsts) == 3
    assert len(stuck) == 9
    await mender.person.picture("repair-span-proposed")
    second_also = str(await weekly[1].get_attribute("data-also")).split()
    first_also = str(await weekly[0].get_attribute("data-also")).split()
    await by.pick_weekly(firsts[0], "cancel||")
    await name_somebody(mender, firsts[1], other)
    named = f"substitute|dingyuan-{subjects[1]}|"
    assert await mender.chosen_weekly(firsts[1]) == named
    await by.pick_weekly(firsts[2], "each")
    also = str(await weekly[2].get_attribute("data-also")).split()
    assert len(also) == 3
    await by.pick(also[1], "cancel||")
    await mender.person.picture("repair-span-chosen")
    if lang == "zh":
        await check_layout(mender.timetabler, "repair-span-chosen")
        await mender.person.resize("full-hd")
    choices = {lesson: await mender.chosen(lesson) for lesson in also}
    await by.press("agree")
    await expect(page.locator("#agreed")).to_be_focused()

    given_up = {lesson for lesson, key in choices.items() if key == "cancel||"}
    assert also[1] in given_up
    given_up.update(first_also)
    for lesson in lessons:
        session = (await mender.lesson(lesson))["session"]
        state = (await mender.get(f"/sessions/{session}"))["state"]
        assert (state == "cancelled") == (lesson in given_up), lesson
    for lesson in second_also:
        assert (await mender.lesson(lesson))["teacher"] == other
    [notice, *_] = await mender.get(f"/notices?teacher=dingyuan-{subject}")
    [line, *_] = [one for one in notice["lessons"] if one["times"] == 3]
    assert f"（共3次）{who}的" in line["zh"]
    assert mender.person.complaints == []


async def name_somebody(mender: Mender, lesson: str, teacher: str) -> None:
    """After somebody whom nobody knows."""
    naming = mender.page.locator(f'[data-naming="{lesson}"]').first
    await naming.fill("没有这个人")
    await naming.press("Enter")
    assert await naming.evaluate("input => input.validationMessage") != ""
    await naming.fill(await whole_name(mender, teacher))
    await naming.press("Enter")


async def whole_name(mender: Mender, teacher: str) -> str:
    """As the list of names has it."""
    teachers = await mender.get("/teachers")
    schools = {one["id"]: one["name"] for one in await mender.get("/schools")}
    [school] = [schools[one["school"]] for one in teachers if one["name"] == teacher]
    lang = await mender.page.locator("html").get_attribute("lang")
    return f"{teacher} ({school})" if lang == "en" else f"{teacher}（{school}）"
