"""Every page in both languages on every size: nothing clipped, nothing too small."""

import pytest
from playwright.async_api import expect

from tests.browser.school import SIZES, Person, School

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = {
    "today": ("/", "tk-today .title"),
    "library": ("/library", "tk-library form"),
    "status": ("/status", "tk-status .sums"),
    "room-idle": ("/room?site_room=nianjiagang-huli-room", "tk-room .idle"),
}
NOWHERE = {
    "/stauts": ("tk-missing [role=alert]", "没有这个页面：/stauts"),
    "/room?site_room=nianjagang": ("tk-room .next", "没有教室“nianjagang”"),
    "/room": ("tk-room .next", "没有写是哪间教室"),
    "/teach": ("tk-teach [role=alert]", "请从今日课表进入"),
    "/teach?session=gone": ("tk-teach [role=alert]", "请从今日课表进入"),
}


async def check_layout(person: Person) -> None:
    assert await person.looks("sideways()") <= 0, "the page runs off sideways"
    assert await person.looks("clipped()") == []
    assert await person.looks("smallTargets()") == []
    assert await person.looks("faintText()") == []
    assert await person.looks("foreignDates()") == []
    assert await person.looks("unnamed()") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_pages_can_be_read_and_touched(
    school: School, size: str, lang: str
) -> None:
    person = await school.person("王老师", "operator", size=size, lang=lang)
    for name, (path, shown) in PAGES.items():
        await person.go(path)
        await person.page.locator(shown).first.wait_for()
        await person.picture(name)
        await check_layout(person)
    assert person.complaints == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_key_pasted_by_hand_signs_in(school: School, lang: str) -> None:
    person = await school.stranger("phone", lang)
    await person.picture("sign-in")
    await check_layout(person)
    box = person.page.locator("tk-sign-in input")
    await box.fill("not a key")
    await box.press("Enter")
    await person.page.locator("tk-sign-in [role=alert]").wait_for()
    await person.picture("sign-in-refused")
    await check_layout(person)
    address = f"{school.server.base_url}/#key={school.key('李老师', 'teacher')}"
    await box.fill(address)
    await box.press("Enter")
    await person.page.wait_for_url(school.server.base_url + "/")


async def test_a_stranger_is_sent_to_sign_in_and_back(school: School) -> None:
    person = await school.stranger()
    await person.go("/library?q=音乐")
    await person.page.wait_for_url("**/sign-in?next=**")
    key = school.key("李老师", "librarian")
    await person.page.locator("tk-sign-in input").fill(key)
    await person.page.locator("tk-sign-in button.primary").click()
    await person.page.wait_for_url("**/library?q=*")
    query = person.page.locator("tk-library input[type=search]")
    assert await query.input_value() == "音乐"


async def test_a_key_in_an_address_that_is_no_longer_good_is_told(
    school: School,
) -> None:
    person = await school.stranger()
    await person.go("/library?q=音乐#key=old")
    await person.page.wait_for_url("**/sign-in?next=**")
    alert = person.page.locator("tk-sign-in [role=alert]")
    await expect(alert).to_contain_text("已经过期")


async def test_an_address_that_leads_nowhere_says_where_to_go(school: School) -> None:
    person = await school.person("王老师", "operator")
    for path, (place, words) in NOWHERE.items():
        await person.go(path)
        await expect(person.page.locator(place)).to_contain_text(words)
        await check_layout(person)


async def test_who_is_here_stands_in_the_head_and_can_sign_out(school: School) -> None:
    person = await school.person("王老师", "teacher", size="phone")
    await person.go("/status")
    assert await person.page.title() == "运行状态 · 同课"
    head = person.page.locator("tk-header")
    await expect(head).to_contain_text("王老师")
    await head.locator(".out").click()
    await person.page.wait_for_url("**/sign-in")
    await person.go("/")
    await person.page.wait_for_url("**/sign-in?next=**")


async def test_a_chosen_language_stays(school: School) -> None:
    person = await school.person("王老师", "teacher")
    assert await person.page.locator("html").get_attribute("lang") == "zh-CN"
    await person.page.locator("tk-header .language").click()
    await person.page.locator("html[lang=en]").wait_for()
    await person.go("/library")
    await person.page.locator("html[lang=en]").wait_for()


async def test_a_page_can_be_walked_by_keyboard_with_a_visible_focus(
    school: School,
) -> None:
    person = await school.person("王老师", "operator")
    await person.go("/library")
    await person.page.locator("tk-library form").wait_for()
    seen = set()
    for _ in range(8):
        await person.page.keyboard.press("Tab")
        focus = await person.looks("focus()")
        seen.add(focus["what"])
        assert (focus["outlineStyle"], focus["outlineWidth"]) == ("solid", "3px")
    assert len(seen) == 8


async def test_the_room_screen_is_readable_from_the_back(school: School) -> None:
    """No text on it is smaller than 4 % of the screen's height."""
    person = await school.person("教室", "assistant", size="full-hd")
    await person.go("/room?site_room=nianjiagang-huli-room")
    await person.page.locator("tk-room .idle").wait_for()
    assert await person.looks("smallText(0.04)") == []
