"""All versions of a term: who published which, what it changed; and who is told."""

import asyncio

import pytest
from playwright.async_api import Locator, expect

from tests.browser.school import Person, School
from tests.browser.timetabler import COURSE, TERM, Spot, Timetabler
from tests.support.guard import GUARD_S

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def republished(school: School, name: str) -> tuple[Timetabler, Spot]:
    """A timetable in use, and another that moves one lesson of it and takes over."""
    first = await Timetabler.come(school)
    free, _ = await first.starts()
    await first.place(free[0])
    await first.publish()
    body = {"copy_of": "published", "name": name}
    made = await school.server.post(f"/api/v1/terms/{TERM}/editions", body)
    second = Timetabler(school, first.person, made["id"])
    (spot,) = await second.places()
    free, _ = await second.starts(spot)
    move = {
        "kind": "move",
        "course": COURSE,
        **spot._asdict(),
        "to_weekday": free[-1].weekday,
        "to_start": free[-1].start,
    }
    board = await second.board()
    await school.server.post(
        f"/api/v1/editions/{made['id']}/changes",
        {"revision": board["revision"], "changes": [move]},
    )
    await second.publish()
    return second, free[-1]


async def listed(person: Person) -> Locator:
    await person.go(f"/timetable?term={TERM}")
    fold = person.page.locator("#fold")
    await fold.wait_for(state="attached")
    if await fold.is_visible():  # on a small screen
        await fold.click()
    await person.page.locator("#versions").click()
    return person.page.locator("tk-versions dialog[open]")


@pytest.mark.parametrize(("size", "lang"), [("hd", "zh"), ("phone", "en")])
async def test_all_versions_are_listed_with_who_published_them_and_what_they_changed(
    school: School, size: str, lang: str
) -> None:
    made, _ = await republished(school, "三月调整")
    person = await school.person("周老师", "timetabler", size=size, lang=lang)
    dialog = await listed(person)
    now = dialog.locator(f'li[data-edition="{made.edition}"]')
    await expect(now).to_contain_text("三月调整")
    await expect(now).to_contain_text("演示 demo")
    await expect(now).to_contain_text("2026-")
    await now.locator('[data-look="before"]').click()
    await expect(now.locator(".sums strong")).to_have_text(["1", "0", "0", "0"])
    # Behind the list the week scrolls by itself: of that nothing is clipped.
    assert await person.looks("sideways()") <= 0
    assert await person.looks("smallTargets()") == []
    assert await person.looks("faintText()") == []
    await person.picture("timetable-versions")
    assert person.complaints == []


async def test_a_past_version_is_opened_read_only_and_copied(school: School) -> None:
    made, _ = await republished(school, "再调一次")
    person = await school.person("周老师", "timetabler")
    dialog = await listed(person)
    past = dialog.locator("li", has=person.page.locator('[data-deed="delete"]')).first
    edition = await past.get_attribute("data-edition")
    await past.locator('[data-look="published"]').click()
    await past.locator(".sums").wait_for()
    await past.locator('[data-deed="open"]').click()
    await expect(person.page.locator("#note")).to_contain_text("用过的课表")
    assert f"edition={edition}" in person.page.url

    before = await school.server.get(f"/api/v1/terms/{TERM}/editions")
    await person.page.locator("#versions").click()
    past = dialog.locator(f'li[data-edition="{edition}"]')
    await past.locator('[data-deed="copy"]').click()
    await person.page.wait_for_function(
        "was => !location.search.includes(was)", arg=f"edition={edition}"
    )
    after = await school.server.get(f"/api/v1/terms/{TERM}/editions")
    (copy,) = [one for one in after if one["id"] not in {b["id"] for b in before}]
    (was,) = [one for one in before if one["id"] == edition]
    assert (copy["state"], copy["placed"]) == ("draft", was["placed"])
    assert made.edition in {one["id"] for one in after}


async def test_a_past_version_goes_only_after_a_question(school: School) -> None:
    await republished(school, "第三次")
    person = await school.person("周老师", "timetabler")
    dialog = await listed(person)
    past = dialog.locator("li", has=person.page.locator('[data-deed="delete"]')).first
    edition = await past.get_attribute("data-edition")

    async def there() -> bool:
        found = await school.server.get(f"/api/v1/terms/{TERM}/editions")
        return edition in {one["id"] for one in found}

    await past.locator('[data-deed="delete"]').click()
    await expect(person.page.locator("tk-versions tk-confirm #yes")).to_be_visible()
    assert await there()
    await person.page.locator("tk-versions tk-confirm #yes").click()
    await expect(person.page.locator("tk-versions dialog[open]")).to_have_count(0)
    async with asyncio.timeout(GUARD_S):
        while await there():
            await asyncio.sleep(0.05)


async def test_who_may_only_look_sees_the_versions_and_changes_none(
    school: School,
) -> None:
    await republished(school, "第四次")
    person = await school.person("校长", "observer")
    dialog = await listed(person)
    await dialog.locator('[data-look="before"]').first.wait_for()
    for deed in ("copy", "delete"):
        await expect(dialog.locator(f'[data-deed="{deed}"]')).to_have_count(0)
    await dialog.locator("#close").click()
    await expect(person.page.locator("#note")).to_contain_text("正在用的课表")
