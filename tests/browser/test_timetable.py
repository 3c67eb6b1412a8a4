"""The timetabler's page: lessons moved by mouse, touch and keyboard, and what stands
in the way said in words."""

import pytest
from playwright.async_api import expect

from tests.browser.school import SIZES, School
from tests.browser.timetabler import TERM, Spot, Timetabler

pytestmark = pytest.mark.asyncio(loop_scope="session")

LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


@LANGUAGES
async def test_a_lesson_is_dragged_from_the_tray_and_on_by_mouse(
    school: School, lang: str
) -> None:
    t = await Timetabler.come(school, lang=lang)
    await t.look()
    free, _ = await t.starts()
    await t.drag(t.page.locator('tk-tray .one[data-course="music-3"]'), free[0])
    await t.lesson(free[0]).wait_for()
    await t.stands_at(free[0])

    goal = next(spot for spot in free if spot.weekday != free[0].weekday)
    await t.drag(t.lesson(free[0]), goal)
    await t.lesson(goal).wait_for()
    await expect(t.lesson(free[0])).to_have_count(0)
    await t.says({"zh": "三年级音乐移到了", "en": "三年级音乐 moved to"}[lang])
    await t.stands_at(goal)
    await t.person.picture("timetable-moved")
    assert t.person.complaints == []


async def test_a_lesson_dragged_beside_every_start_stays(school: School) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.pick_up_by_mouse(t.lesson(free[0]))
    await t.page.mouse.move(600, 5)
    await t.page.mouse.up()
    await expect(t.page.locator("tk-week .cell")).to_have_count(0)
    await t.stands_at(free[0])


async def test_a_lesson_dragged_onto_the_tray_loses_its_place(school: School) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.pick_up_by_mouse(t.lesson(free[0]))
    await t.page.mouse.move(*await t.middle(t.page.locator("tk-tray h2")))
    await t.page.mouse.up()
    await expect(t.lesson(free[0])).to_have_count(0)
    await t.says("移回待排")
    await t.stands_at()


@LANGUAGES
async def test_a_finger_that_rests_lifts_a_lesson(school: School, lang: str) -> None:
    t = await Timetabler.come(school, lang=lang, size="tablet", touch=True)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    finger = await t.finger()
    x, y = await t.middle(t.lesson(free[0]))
    await finger.down(x, y)
    await t.page.locator("tk-week .cell").first.wait_for()
    goal = next(
        s
        for s in (await t.starts(free[0]))[0]
        if s.weekday != free[0].weekday and s.start == free[0].start
    )
    to_x, to_y = await t.middle(t.cell(goal))
    for part in (0.2, 0.6, 1.0):
        await finger.move(x + (to_x - x) * part, y + (to_y - y) * part)
    await expect(t.cell(goal)).to_have_class(f"cell {await tone(t, goal)} over")
    await t.person.picture("timetable-touch")
    await finger.up()
    await t.lesson(goal).wait_for()
    await t.stands_at(goal)


async def tone(t: Timetabler, spot: Spot) -> str:
    names = await t.cell(spot).get_attribute("class") or ""
    return names.split()[1]


async def test_a_finger_that_moves_at_once_scrolls(school: School) -> None:
    t = await Timetabler.come(school, size="tablet", touch=True)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    finger = await t.finger()
    x, y = await t.middle(t.lesson(free[0]))
    await finger.down(x, y)
    await finger.move(x, y - 40)
    await finger.move(x, y - 160)
    await finger.up()
    await t.page.wait_for_function(
        """() => {
          const root = (tag, under) => under.querySelector(tag).shadowRoot;
          const desk = root("tk-timetable-desk", root("tk-timetable", document));
          const inner = root("tk-week", desk).querySelector(".scroll");
          return scrollY > 0 || inner.scrollTop > 0;
        }"""
    )
    await t.stands_at(free[0])


@LANGUAGES
async def test_a_lesson_is_moved_by_keyboard_and_told_aloud(
    school: School, lang: str
) -> None:
    t = await Timetabler.come(school, lang=lang)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.lesson(free[0]).focus()
    await t.page.keyboard.press("Enter")
    await t.cell(free[0]).wait_for()
    await t.says({"zh": "原来的位置", "en": "where it was"}[lang])
    await t.page.keyboard.press("PageDown")
    await t.says({"zh": "可以放", "en": "points"}[lang])
    await t.page.keyboard.press("Enter")
    goal = min(spot for spot in free if spot > free[0])
    await expect(t.lesson(goal)).to_be_focused()
    await t.stands_at(goal)


async def test_escape_puts_a_lesson_back(school: School) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.lesson(free[0]).focus()
    await t.page.keyboard.press("Enter")
    await t.cell(free[1]).wait_for()
    await t.page.keyboard.press("ArrowRight")
    await t.page.keyboard.press("Escape")
    await expect(t.page.locator("tk-week .cell")).to_have_count(0)
    await expect(t.lesson(free[0])).to_be_focused()
    await t.says("已放回")
    await t.stands_at(free[0])


@LANGUAGES
async def test_a_blocked_start_says_who_and_how_long_and_can_be_forced(
    school: School, lang: str
) -> None:
    t = await Timetabler.come(school, lang=lang)
    free, _ = await t.starts()
    await t.place(free[0])
    _, blocked = await t.starts(free[0])
    taken, blocker = next((s, b) for s, (b, *_) in blocked.items() if b["minutes"])
    await t.look()
    await t.pick_up_by_mouse(t.lesson(free[0]))
    await t.page.mouse.move(*await t.middle(t.cell(taken)), steps=3)
    why = blocker[lang]
    assert blocker["who_name"] in why
    assert str(blocker["minutes"]) in why
    await t.says(why)
    await expect(t.page.locator("tk-week .strip")).to_contain_text(why)
    await t.person.picture("timetable-blocked")
    await t.page.mouse.up()
    asked = t.page.locator("tk-blocked dialog")
    await expect(asked).to_contain_text(why)
    await asked.locator("#cancel").click()
    await expect(t.lesson(free[0])).to_be_visible()
    await t.stands_at(free[0])

    await t.drag(t.lesson(free[0]), taken)
    await t.page.locator("#force").click()
    await expect(t.lesson(taken)).to_contain_class("trouble")
    await t.stands_at(taken)
    await expect(t.page.locator("#to-check b")).to_be_visible()


async def test_what_was_done_is_undone_and_done_again(school: School) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.drag(t.lesson(free[0]), free[1])
    await t.lesson(free[1]).wait_for()
    await t.page.keyboard.press("Control+z")
    await t.lesson(free[0]).wait_for()
    await t.stands_at(free[0])
    await t.page.keyboard.press("Control+Shift+z")
    await t.lesson(free[1]).wait_for()
    await t.page.locator("#undo").click()
    await t.lesson(free[0]).wait_for()
    await expect(t.page.locator("#redo")).to_be_enabled()


async def test_a_lesson_is_locked_by_a_key_and_unlocked_by_a_button(
    school: School,
) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.lesson(free[0]).focus()
    await t.page.keyboard.press("l")
    await expect(t.lesson(free[0])).to_contain_class("locked")
    await t.says("已锁定")
    assert [p["locked"] for p in (await t.board())["placements"]] == [True]
    await t.lesson(free[0]).focus()
    await t.page.keyboard.press("Enter")
    await t.says("先解锁")
    await expect(t.page.locator("tk-week .cell")).to_have_count(0)
    await t.page.locator("tk-chosen button", has_text="解锁").click()
    await expect(t.lesson(free[0])).not_to_contain_class("locked")


async def test_a_change_made_elsewhere_is_fetched_and_said(school: School) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.place(free[0], "art-4")
    await t.lesson(free[0]).focus()
    await t.page.keyboard.press("l")
    await expect(t.page.locator("tk-timetable-desk .alert")).to_contain_text("别处")
    assert not (await t.board())["placements"][0]["locked"]


@LANGUAGES
async def test_the_solver_is_started_watched_and_stopped(
    school: School, lang: str
) -> None:
    t = await Timetabler.come(school, lang=lang)
    await t.look()
    await t.page.locator("#to-solve").click()
    await t.page.locator("tk-solve select").select_option("600")
    await t.page.locator("#start").click()
    # The first figures: something has been found.
    await t.page.locator("tk-solve .sums").wait_for()
    await t.person.picture("timetable-solving")
    # Looking elsewhere meanwhile does not lose it.
    await t.page.locator("#to-tray").click()
    await expect(t.page.locator("#to-solve b")).to_be_visible()
    await t.page.locator("#to-solve").click()
    await t.page.locator("#stop").click()
    result = t.page.locator("#result")
    await expect(result).to_be_focused()
    await expect(t.page.locator("tk-week .lesson").first).to_be_visible()
    assert len(await t.places()) > 0
    said = await result.inner_text()
    assert "最优" not in said
    assert "optimal" not in said.lower()


async def test_rules_in_conflict_are_told_to_who_comes_back_later(
    school: School,
) -> None:
    t = await Timetabler.come(school)
    away = {"id": "wang-away", "title": "外出培训", "teacher": "dingyuan-music"}
    async with school.server.http.put(
        "/api/v1/closed-times", json={**away, "weekdays": [1, 2, 3, 4]}
    ) as answer:
        answer.raise_for_status()
    await school.server.post(f"/api/v1/editions/{t.edition}/explain", {})
    await t.look()
    await t.page.locator("#to-solve").click()
    rules = t.page.locator("tk-solve ol")
    await expect(rules).to_contain_text("外出培训")
    await t.person.picture("timetable-why")
    await rules.locator("li", has_text="外出培训").locator("button").click()
    await t.page.wait_for_url("**by=teacher&of=dingyuan-music")
    async with school.server.http.delete("/api/v1/closed-times/wang-away") as answer:
        answer.raise_for_status()


@LANGUAGES
async def test_a_draft_is_published_copied_compared_and_published_again(
    school: School, lang: str
) -> None:
    t = await Timetabler.come(school, lang=lang)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.look()
    await t.page.locator("#to-publish").click()
    # Most lessons have no place yet: a person says that this is meant.
    await expect(t.page.locator("#publish")).to_be_disabled()
    await t.page.locator("#accept").check()
    await publish(t)
    assert (await t.board())["state"] == "published"

    await t.page.locator("#copy").click()
    await t.page.locator("#undo").wait_for()
    await t.drag(t.lesson(free[0]), free[1])
    await t.lesson(free[1]).wait_for()
    moved = t.page.locator("tk-publish .sums div").first
    await expect(moved).to_contain_text("1")
    await t.page.locator("#concerns summary").click()
    await expect(t.page.locator("#concerns")).to_contain_text("王老师")
    await t.person.picture("timetable-compared")
    await t.page.locator("#accept").check()
    await publish(t)
    assert (await t.board())["state"] == "past"
    assert t.person.complaints == []


async def publish(t: Timetabler) -> None:
    await t.page.locator("#publish").click()
    await t.page.locator("tk-confirm #yes").click()
    await expect(t.page.locator("#published")).to_be_focused()


async def test_the_list_of_rooms_is_searched_by_keyboard(school: School) -> None:
    t = await Timetabler.come(school)
    await t.look()
    box = t.page.locator("tk-who input")
    await box.fill("凤阳")
    await box.press("Enter")
    await expect(box).to_have_value("凤阳县中心校（示例） 主讲教室一")
    assert "of=fengyang-master-1" in t.page.url


@LANGUAGES
async def test_the_timetable_can_be_read_and_touched(school: School, lang: str) -> None:
    t = await Timetabler.come(school, lang=lang)
    free, _ = await t.starts()
    await t.place(free[0])
    for tab, shown in (("calendar", "tk-term-calendar table"), ("files", "tk-who")):
        await t.person.go(f"/timetable?tab={tab}&term={TERM}")
        await t.page.locator(shown).first.wait_for()
        await check_layout(t, f"timetable-{tab}")
    await t.person.resize("phone")
    await t.look()
    week = await t.page.locator("tk-week").bounding_box()
    assert week is not None
    assert week["y"] < SIZES["phone"][1] / 2, "controls fill the screen"
    for panel in ("tray", "solve", "check", "publish", "repair"):
        await t.page.locator(f"#to-{panel}").click()
        await t.page.locator(f"tk-{panel} h2").first.wait_for()
        await check_layout(t, f"timetable-{panel}")
    assert t.person.complaints == []


async def check_layout(t: Timetabler, name: str) -> None:
    """Weeks and tables scroll inside their frames, so only the page itself must fit."""
    for size in SIZES:
        await t.person.resize(size)
        await t.person.picture(name)
        assert await t.person.looks("sideways()") <= 0, "the page runs off sideways"
        assert await t.person.looks("smallTargets()") == []
        assert await t.person.looks("faintText()") == []
