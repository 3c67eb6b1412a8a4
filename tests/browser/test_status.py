"""The operator's wall names what should be mended before it hurts."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from common.protocol.control import AgentReport, Hello
from scheduler.sample import DEMO_ROOMS
from tests.browser.school import Person, School

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOM = DEMO_ROOMS[0]
DAY_S = 86_400.0


@asynccontextmanager
async def room(
    school: School, *, skew_s: float = 0.0, agenda: str | None = None
) -> AsyncIterator[None]:
    """A room on standby that says so once, by a clock that may be wrong."""
    token = school.server.device_token(ROOM)
    headers = {"Authorization": f"Bearer {token}"}
    http = school.server.http
    async with http.ws_connect("/control/v1/ws", headers=headers) as socket:
        now = time.time()
        hello = Hello(site_room=ROOM, software="test", agenda=agenda)
        report = AgentReport(
            state="standby",
            at=now + skew_s,
            agenda=agenda,
            agenda_at=now - 3 * DAY_S if agenda else None,
        )
        for message in (hello, report):
            await socket.send_str(message.to_json())
        async for answer in socket:
            if answer.type is aiohttp.WSMsgType.TEXT and "server_time" in answer.data:
                break
        yield


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", "电脑时间快了 90 秒：请在这间教室的电脑上打开自动对时"),
        ("en", "its clock is 90 s ahead: switch on automatic time"),
    ],
)
async def test_a_room_with_a_wrong_clock_is_named_with_what_to_do(
    school: School, lang: str, words: str
) -> None:
    person = await school.person("运维", "operator", lang=lang)
    async with room(school, skew_s=90):
        await person.go("/status")
        await expect(alerts(person)).to_contain_text(words)
        await expect(person.page.locator("tk-status .sums .bad strong")).to_be_visible()
        await person.picture("status-clock")
        assert await person.looks("sideways()") <= 0
        assert await person.looks("faintText()") == []
    assert person.complaints == []


async def test_a_room_that_does_not_take_the_new_agenda_is_named_after_minutes(
    school: School,
) -> None:
    person = await school.person("运维", "operator")
    await person.page.clock.install()
    async with room(school, agenda="old"):
        await person.go("/status")
        card = person.page.locator("tk-status .grid li").first
        await expect(card).to_be_visible()
        await expect(alerts(person)).to_have_count(0)
        await person.page.clock.fast_forward(31_000)
        await person.page.clock.fast_forward(160_000)
        await expect(alerts(person)).to_contain_text(
            "请查看这台电脑的磁盘是否已满", timeout=15_000
        )
        await person.picture("status-agenda")


def alerts(person: Person) -> Locator:
    return person.page.locator("tk-status .grid .alert")
