"""Somebody who mends the timetable on its page, by mouse or by keyboard alone."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from playwright.async_api import Locator

from tests.browser.school import School
from tests.browser.timetabler import TERM, Timetabler
from tests.support.today import today

ROOM = "dingyuan-master-1"
NEXT_MONDAY = today() + timedelta(days=8 - today().isoweekday())
_MOST_TABS = 400

# The element with the focus, through every shadow root.
_FOCUSED = """
() => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return [found?.id, found?.getAttribute("name"), found?.getAttribute("role")];
}
"""


def day(weeks: int, weekday: int) -> date:
    """Counted from the Monday that comes next."""
    return NEXT_MONDAY + timedelta(days=7 * weeks + weekday - 1)


class Mender:
    def __init__(self, timetabler: Timetabler, school: School) -> None:
        self.timetabler = timetabler
        self.page = timetabler.page
        self.person = timetabler.person
        self._server = school.server

    @classmethod
    async def come(
        cls,
        school: School,
        places: dict[str, list[int]],
        *,
        lang: str = "zh",
        size: str = "full-hd",
    ) -> "Mender":
        """With a published week; `places`: the weekdays of each course."""
        timetabler = await Timetabler.come(school, lang=lang, size=size)
        for course, weekdays in places.items():
            for weekday in weekdays:
                free, _ = await timetabler.starts(course=course)
                spot = next(spot for spot in free if spot.weekday == weekday)
                await timetabler.place(spot, course)
        await timetabler.publish()
        await timetabler.look()
        return cls(timetabler, school)

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return await self._server.get("/api/v1" + path)

    async def proposal(self) -> dict[str, Any]:
        """The newest of the term."""
        found: list[dict[str, Any]] = await self.get(f"/terms/{TERM}/repairs")
        return found[0]

    def stuck(self, lesson: str) -> Locator:
        return self.page.locator(f'tk-proposal li[data-lesson="{lesson}"]')

    def offer(self, lesson: str, key: str) -> Locator:
        return self.stuck(lesson).locator(f'input[value="{key}"]')

    async def chosen(self, lesson: str) -> str:
        picked = self.stuck(lesson).locator("input[type=radio]:checked")
        return str(await picked.get_attribute("value"))

    def weekly(self, lesson: str) -> Locator:
        """The one choice for lessons of a weekly time, by the first of them."""
        return self.page.locator(f'tk-proposal li[data-weekly="{lesson}"] > fieldset')

    async def chosen_weekly(self, lesson: str) -> str:
        picked = self.weekly(lesson).locator("input[type=radio]:checked")
        return str(await picked.get_attribute("value"))

    async def lesson(self, lesson: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/lessons/{lesson}")
        return found


class Mouse:
    def __init__(self, mender: Mender) -> None:
        self._mender = mender
        self._page = mender.page

    async def open_panel(self) -> None:
        await self._page.locator("#to-repair").click()

    async def choose_teacher(self, name: str) -> None:
        sides = self._page.locator("tk-repair tk-who .sides button")
        await sides.nth(2).click()
        await self._find(name)

    async def choose_room(self, name: str) -> None:
        sides = self._page.locator("tk-repair tk-who .sides button")
        await sides.nth(0).click()
        await self._find(name)

    async def _find(self, name: str) -> None:
        box = self._page.locator("tk-repair tk-who input")
        await box.fill(name)
        await self._page.locator("tk-repair tk-who li").first.click()

    async def date(self, field: str, day: date) -> None:
        box = self._page.locator(f'tk-repair input[name="{field}"]')
        await box.fill(day.isoformat())

    async def press(self, id: str) -> None:
        await self._page.locator(f"#{id}").click()

    async def scope(self, value: str) -> None:
        await self._page.locator(f'input[name="scope"][value="{value}"]').check()

    async def weekday(self, number: int) -> None:
        await self._page.locator(f'input[name="weekday"][value="{number}"]').check()

    async def pick(self, lesson: str, key: str) -> None:
        await self._mender.offer(lesson, key).check()

    async def pick_weekly(self, lesson: str, key: str) -> None:
        offers = self._mender.weekly(lesson)
        await offers.locator(f'input[value="{key}"]').check()


class Keys:
    """No mouse at all: Tab, arrows, Enter, space and letters."""

    def __init__(self, mender: Mender) -> None:
        self._mender = mender
        self._page = mender.page
        self._keys = mender.page.keyboard

    async def open_panel(self) -> None:
        await self._tab_to("to-repair")
        await self._keys.press("Enter")

    async def choose_teacher(self, name: str) -> None:
        await self._tab_to("combobox")
        await self._keys.type(name)
        await self._keys.press("Enter")

    async def date(self, field: str, day: date) -> None:
        await self._tab_to(field)
        await self._keys.press("Control+A")
        await self._keys.type(day.isoformat())

    async def press(self, id: str) -> None:
        await self._tab_to(id)
        await self._keys.press("Enter")

    async def scope(self, value: str) -> None:
        await self._tab_to("scope")
        box = self._page.locator(f'input[name="scope"][value="{value}"]')
        await self._arrow_until(box.is_checked)

    async def weekday(self, number: int) -> None:
        await self._tab_to("weekday")
        for _ in range(number - 1):
            await self._keys.press("Tab")
        await self._keys.press("Space")
        box = self._page.locator(f'input[name="weekday"][value="{number}"]')
        assert await box.is_checked()

    async def pick(self, lesson: str, key: str) -> None:
        await self._tab_to(lesson, back=True)

        async def is_chosen() -> bool:
            return await self._mender.chosen(lesson) == key

        await self._arrow_until(is_chosen)

    async def pick_weekly(self, lesson: str, key: str) -> None:
        await self._tab_to(f"all-{lesson}")

        async def is_chosen() -> bool:
            return await self._mender.chosen_weekly(lesson) == key

        await self._arrow_until(is_chosen)

    async def _arrow_until(self, right: Callable[[], Awaitable[bool]]) -> None:
        """Arrows go round among radio buttons."""
        for _ in range(12):
            if await right():
                return
            await self._keys.press("ArrowDown")
        raise AssertionError("the arrows never come to it")

    async def _tab_to(self, wanted: str, *, back: bool = False) -> None:
        """By id, name or role."""
        for _ in range(_MOST_TABS):
            if wanted in await self._page.evaluate(_FOCUSED):
                return
            await self._keys.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab never comes to {wanted}")
