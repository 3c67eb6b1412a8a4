"""Somebody who makes timetables: a draft of their own, and hands to move lessons."""

import asyncio
from typing import Any, NamedTuple

from playwright.async_api import CDPSession, Locator, expect

from tests.browser.school import Person, School
from tests.support.guard import GUARD_S
from tests.support.today import day_of_week_12

TERM = "2026-autumn"
COURSE = "music-3"
ROOM = "dingyuan-master-1"


class Spot(NamedTuple):
    weekday: int
    start: int


class Timetabler:
    """`lang`: of the page; the draft is empty but for what `place` puts there."""

    def __init__(self, school: School, person: Person, edition: str) -> None:
        self.page = person.page
        self.person = person
        self.edition = edition
        self._server = school.server

    @classmethod
    async def come(
        cls,
        school: School,
        *,
        lang: str = "zh",
        size: str = "full-hd",
        touch: bool = False,
    ) -> "Timetabler":
        made = await school.server.post(f"/api/v1/terms/{TERM}/editions", {})
        person = await school.person(
            "周老师", "timetabler", size=size, lang=lang, touch=touch
        )
        return cls(school, person, made["id"])

    async def look(self, by: str = "room", of: str = ROOM) -> None:
        await self.person.go(
            f"/timetable?term={TERM}&edition={self.edition}&by={by}&of={of}"
        )
        await self.page.locator("tk-week .day").first.wait_for()

    # ---- what the server knows --------------------------------------------------

    async def board(self) -> dict[str, Any]:
        path = f"/api/v1/editions/{self.edition}/board"
        board: dict[str, Any] = await self._server.get(path)
        return board

    async def places(self, course: str = COURSE) -> list[Spot]:
        found = (await self.board())["placements"]
        return [Spot(p["weekday"], p["start"]) for p in found if p["course"] == course]

    async def stands_at(self, *spots: Spot, course: str = COURSE) -> None:
        """The page shows a move before the server has heard of it."""
        async with asyncio.timeout(GUARD_S):
            while sorted(await self.places(course)) != sorted(spots):
                await asyncio.sleep(0.05)

    async def starts(
        self, hold: Spot | None = None, course: str = COURSE
    ) -> tuple[list[Spot], dict[Spot, list[dict[str, Any]]]]:
        """Free ones of the week in order, and blocked ones with who is in the way."""
        path = f"/api/v1/editions/{self.edition}/why-not?course={course}"
        if hold is not None:
            path += f"&weekday={hold.weekday}&start={hold.start}"
        cells = (await self._server.get(path))["cells"]
        spots = [(Spot(c["weekday"], c["start"]), c) for c in cells if not c["mine"]]
        return (
            [spot for spot, cell in spots if not cell["blockers"]],
            {spot: cell["blockers"] for spot, cell in spots if cell["blockers"]},
        )

    async def place(self, spot: Spot, course: str = COURSE) -> None:
        """As if somebody had placed it before."""
        board = await self.board()
        wish = {"kind": "place", "course": course, **spot._asdict()}
        await self._server.post(
            f"/api/v1/editions/{self.edition}/changes",
            {"revision": board["revision"], "changes": [wish]},
        )

    async def publish(self) -> None:
        """Whatever has a place, from tomorrow."""
        revision = (await self.board())["revision"]
        order = {"revision": revision, "accept_unplaced": True}
        await self._server.post(f"/api/v1/editions/{self.edition}/publish", order)

    async def lessons(self, course: str = COURSE) -> list[dict[str, Any]]:
        """The dated ones of weeks 14 and 15."""
        days = f"first_day={day_of_week_12(14)}&last_day={day_of_week_12(25)}"
        found = await self._server.get(f"/api/v1/lessons?{days}")
        return [one for one in found if one["course"] == course]

    # ---- what is on the page --------------------------------------------------------

    def lesson(self, spot: Spot, course: str = COURSE) -> Locator:
        key = f"{course}@{spot.weekday}-{spot.start}"
        return self.page.locator(f'tk-week .lesson[data-key="{key}"]')

    def cell(self, spot: Spot) -> Locator:
        day = f'tk-week .day[data-day="{spot.weekday}"]'
        return self.page.locator(f'{day} .cell[data-start="{spot.start}"]')

    async def says(self, *words: str) -> None:
        """What a screen reader hears, in the end."""
        said = self.page.locator("tk-timetable-desk [aria-live]")
        for word in words:
            await expect(said).to_contain_text(word)

    async def middle(self, locator: Locator) -> tuple[float, float]:
        await locator.scroll_into_view_if_needed()
        box = await locator.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # ---- hands ------------------------------------------------------------------

    async def pick_up_by_mouse(self, held: Locator) -> None:
        x, y = await self.middle(held)
        await self.page.mouse.move(x, y)
        await self.page.mouse.down()
        await self.page.mouse.move(x + 8, y + 8)
        await self.page.locator("tk-week .cell").first.wait_for()

    async def drag(self, held: Locator, to: Spot) -> None:
        """By mouse."""
        await self.pick_up_by_mouse(held)
        x, y = await self.middle(self.cell(to))
        await self.page.mouse.move(x, y, steps=3)
        await self.page.mouse.up()

    async def finger(self) -> "Finger":
        return Finger(await self.page.context.new_cdp_session(self.page))


class Finger:
    """Touches as the screen reports them, below the page's own events."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def down(self, x: float, y: float) -> None:
        await self._send("touchStart", [{"x": x, "y": y}])

    async def move(self, x: float, y: float) -> None:
        await self._send("touchMove", [{"x": x, "y": y}])

    async def up(self) -> None:
        await self._send("touchEnd", [])

    async def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        await self._session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )
