"""A teaching point's screen while the scheduler is dead: the agent shows the lesson."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from common.bus import Bus
from common.valkey import ValkeyChild
from tests.browser.school import Person, moves, new_window
from tests.support.agent_far_side import until
from tests.support.lonely_room import (
    MASTER,
    ROOM,
    Node,
    lonely_node,
    room_that_keeps,
    running,
)
from tongke.demo.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

STARTS_IN_S = 12.0


@dataclass
class Point:
    node: Node
    screen: Person
    bell: float


@pytest_asyncio.fixture(loop_scope="session")
async def point(browser: Browser, tmp_path: Path) -> AsyncIterator[Point]:
    """Two rooms that go by their agendas, and the screen of one."""
    port = free_port()
    async with AsyncExitStack() as stack:
        valkey = ValkeyChild(tmp_path / "bus")
        await valkey.start()
        stack.push_async_callback(valkey.stop)
        bus = Bus(valkey.url)
        await bus.connect()
        stack.push_async_callback(bus.close)
        node = await stack.enter_async_context(lonely_node(bus, tmp_path / "house"))
        bell = time.time() + STARTS_IN_S
        for name in (MASTER, ROOM):
            lesson = node.lesson(STARTS_IN_S, 90, site_room=name)
            config = room_that_keeps(
                tmp_path, lesson, site_room=name, port=port if name == ROOM else 0
            )
            await stack.enter_async_context(running(config))
        window = await new_window(browser, "hd")
        stack.push_async_callback(window.close)
        page = await window.new_page()
        yield Point(node, Person(page, f"http://127.0.0.1:{port}", "hd", "zh"), bell)


async def test_the_screen_waits_then_shows_the_teacher_and_pushes_nobody_out(
    point: Point,
) -> None:
    screen = point.screen
    await screen.go("/")
    await expect(screen.page.locator("body")).to_contain_text("三年级音乐")
    await screen.picture("kept-timetable")
    # Ours for as long as the page of the lesson is not there, then the lesson's.
    await screen.page.wait_for_url(f"**/room?site_room={ROOM}")
    await until(lambda: sorted(map(str, point.node.inside())) == [MASTER, ROOM, ROOM])
    assert await moves(screen, "tk-room")
    await screen.picture("lonely-room")
    assert time.time() < point.bell + 60
    assert [c for c in screen.complaints if "favicon" not in c] == []
