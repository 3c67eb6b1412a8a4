"""The teacher's console beside a master classroom that has its own agent."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from scheduler.sample import DEMO_MASTER, DEMO_ROOMS
from tests.browser.school import Person, School, moves
from tests.browser.test_pages import check_layout
from tongke.demo.classroom import Classroom

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEIGHTS = "all => all.map((each) => each.getBoundingClientRect().height)"
ONE_ROW_PX = 72


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lesson(school: School) -> AsyncIterator[dict[str, Any]]:
    """Two classrooms run by agents, and nobody at a browser yet."""
    facts = await school.new_lesson(starts_in_s=5, long_s=600)
    folder, server = school.folder, school.server
    rooms = [
        Classroom(DEMO_MASTER, "master", "master", folder, server),
        Classroom(DEMO_ROOMS[0], "room", "room", folder, server),
    ]
    for room in rooms:
        await room.start()
    await school.until_state(facts["session"], "live")
    yield facts
    await school.server.post(f"/api/v1/sessions/{facts['session']}/end", {})
    for room in rooms:
        await room.stop()


async def enter(school: School, lesson: dict[str, Any]) -> Person:
    teacher = await school.person("王老师", "teacher", lang="en")
    await teacher.go(f"/teach?session={lesson['session']}")
    await teacher.page.locator("#enter").click()
    await teacher.page.locator("tk-tile").first.wait_for()
    return teacher


async def test_the_console_only_controls_and_stays_silent(
    school: School, lesson: dict[str, Any]
) -> None:
    teacher = await enter(school, lesson)
    page = teacher.page
    points = [room for room in lesson["rooms"] if room["id"] != DEMO_MASTER]
    index = [room["id"] for room in points].index(DEMO_ROOMS[0])
    tile = f'tk-tile:has(article[aria-label="{points[index]["name"]}"])'
    assert await moves(teacher, "tk-teach .own")
    assert await moves(teacher, tile)
    await expect(page.locator("#camera")).to_have_count(0)
    silent = "all => all.every((each) => each.muted)"
    assert await page.locator("tk-sound audio").evaluate_all(silent)
    for size in ("phone", "hd"):
        await teacher.resize(size)
        await teacher.picture("console")
        await check_layout(teacher)
        heights = await page.locator("tk-tile footer").evaluate_all(HEIGHTS)
        assert max(heights) <= ONE_ROW_PX, "a tile's words and buttons share one row"
    await page.keyboard.press(str(index + 1))
    await expect(page.locator(tile)).to_contain_text("On stage")
    await page.keyboard.press(str(index + 1))
    await expect(page.locator(tile)).not_to_contain_text("On stage")
    assert teacher.complaints == []
    await page.close()


async def test_an_observer_looks_on_unseen(
    school: School, lesson: dict[str, Any]
) -> None:
    teacher = await enter(school, lesson)
    observer = await school.person("教研员", "observer")
    await observer.page.locator("tk-today .doors a").first.click()
    assert await moves(observer, "tk-room figure")
    await observer.picture("room-observer")
    await expect(observer.page.locator("tk-room .foot button")).to_have_count(0)
    await expect(teacher.page.locator("tk-tile")).to_have_count(3)
    await teacher.page.close()
    await observer.page.close()


async def test_the_teacher_runs_over_until_somebody_else_needs_the_room(
    school: School, lesson: dict[str, Any]
) -> None:
    teacher = await school.person("王老师", "teacher")
    await teacher.go(f"/teach?session={lesson['session']}")
    page = teacher.page
    await page.locator("#enter").click()
    await page.locator("tk-tile").first.wait_for()
    await page.locator("#extend").click()
    await expect(page.locator(".notice")).to_contain_text("已延长")
    view = await school.server.get(f"/api/v1/sessions/{lesson['session']}")
    assert view["ends_at"] == lesson["ends_at"] + 300
    await school.new_lesson(view["ends_at"] + 240 - time.time(), 600)
    await page.locator("#extend").click()
    await expect(page.locator(".notice")).to_contain_text("最多还能延长 3 分钟")
    for size in ("phone", "hd"):
        await teacher.resize(size)
        await teacher.picture("overrun")
        await check_layout(teacher)
    await page.close()
