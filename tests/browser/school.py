"""A whole house on the sample district, and the people who open its pages."""

import asyncio
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from common.identity import AccessGrant, AccessRole
from scheduler.sample import demo_lesson
from tests.support.guard import GUARD_MS, GUARD_S
from tests.support.today import ZONE, send_sample_of_today
from tongke.demo.server import Server

SCREENSHOTS = Path(__file__).parent / "screenshots"
LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8").strip()
SIZES = {
    "hd": (1280, 720),
    "full-hd": (1920, 1080),
    "tablet": (820, 1180),
    "phone": (390, 844),
}
_KEY_S = 3600.0


class School:
    """`await open()` before, `await close()` after."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.folder = folder
        self.server = Server(folder, ZONE)
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    async def open(self) -> None:
        await self.server.start()
        await send_sample_of_today(self.server.http)

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
        await self.server.stop()

    async def new_lesson(self, starts_in_s: float, long_s: float) -> dict[str, Any]:
        """A lesson of the demonstration course on today's timetable."""
        starts_at = round(time.time() + starts_in_s)
        body = demo_lesson(starts_at, starts_at + long_s)
        lesson: dict[str, Any] = await self.server.post("/api/v1/lessons", body)
        return lesson

    async def until_state(self, session: str, *states: str) -> dict[str, Any]:
        async with asyncio.timeout(GUARD_S):
            while True:
                view: dict[str, Any] = await self.server.get(
                    f"/api/v1/sessions/{session}"
                )
                if view["state"] in states:
                    return view
                await asyncio.sleep(0.2)

    def key(self, name: str, *roles: AccessRole) -> str:
        grant = AccessGrant(name=name, roles=list(roles))
        return self.server.signer.access(grant, _KEY_S, time.time())

    async def person(
        self,
        name: str,
        *roles: AccessRole,
        size: str = "hd",
        lang: str = "zh",
        touch: bool = False,
    ) -> "Person":
        """Somebody signed in, with a window of their own, or a `touch` screen."""
        person = await self._somebody(size, lang, timezone_id=ZONE, has_touch=touch)
        await person.go(f"/sign-in?lang={lang}#key={self.key(name, *roles)}")
        await person.page.wait_for_url(self.server.base_url + "/")
        return person

    async def stranger(self, size: str = "hd", lang: str = "zh") -> "Person":
        """Somebody who has not signed in."""
        person = await self._somebody(size, lang)
        await person.go(f"/sign-in?lang={lang}")
        return person

    async def _somebody(self, size: str, lang: str, **more: Any) -> "Person":  # noqa: ANN401 - Playwright's own
        context = await new_window(self._browser, size, locale="zh-CN", **more)
        self._contexts.append(context)
        return Person(await context.new_page(), self.server.base_url, size, lang)


async def new_window(browser: Browser, size: str, **more: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's own
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, **more
    )
    context.set_default_timeout(GUARD_MS)
    return context


class Person:
    """One window. What the page complains of is collected in `complaints`."""

    def __init__(self, page: Page, base_url: str, size: str, lang: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._base_url = base_url
        self._suffix = f"{size}-{lang}"
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - Playwright's own
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location}")

    async def go(self, path: str) -> None:
        # A change of the fragment alone would not load the page anew.
        await self.page.goto("about:blank")
        await self.page.goto(self._base_url + path)

    async def resize(self, size: str) -> None:
        width, height = SIZES[size]
        await self.page.set_viewport_size({"width": width, "height": height})
        self._suffix = self._suffix.replace(self._suffix.rpartition("-")[0], size)

    async def looks(self, question: str) -> Any:  # noqa: ANN401 - JSON
        """An answer of `looks.js` about the page as it stands."""
        return await self.page.evaluate(f"{LOOKS}.{question}")

    async def picture(self, name: str) -> None:
        """A screenshot for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}-{self._suffix}.png"
        await self.page.screenshot(path=path)


KNOWN = "() => document.body.firstElementChild.client?.state.slots"

MOVING = """
async (video) => {
  const canvas = document.createElement("canvas");
  canvas.width = 32; canvas.height = 18;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const look = () => {
    context.drawImage(video, 0, 0, 32, 18);
    return context.getImageData(0, 0, 32, 18).data.join();
  };
  const seen = new Set();
  const end = performance.now() + 100_000;
  while (performance.now() < end && seen.size < 4) {
    if (video.videoWidth > 0) seen.add(look());
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return { pictures: seen.size, width: video.videoWidth, height: video.videoHeight };
}
"""


async def moves(person: Person, selector: str) -> bool:
    """Does the live picture there change? At least four different ones, in the end.

    What the page knew is printed when it does not: pytest shows it with the failure.
    """
    video = person.page.locator(selector).locator("video").first
    await video.wait_for(state="attached")
    seen = await video.evaluate(MOVING)
    if seen["pictures"] >= 4:
        return True
    print(selector, seen, await person.page.evaluate(KNOWN))
    return False
