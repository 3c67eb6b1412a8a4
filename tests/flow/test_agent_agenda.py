"""A room without a scheduler: its kept agenda, and a real SFU."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from classroom_agent.agenda_file import AgendaFile
from classroom_agent.config import DisplaySection
from common.bus import Bus
from common.identity import LEEWAY_S
from tests.support.agent_far_side import until
from tests.support.lonely_room import (
    MASTER,
    ROOM,
    SESSION,
    SIGNER,
    Node,
    lonely_node,
    room_that_keeps,
    running,
)
from tongke.demo.ports import free_port

AWAY_S = 0.3


@pytest.fixture(autouse=True)
def soon_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom_agent.attendance.AWAY_S", AWAY_S)


@pytest.fixture
async def node(bus: Bus, tmp_path: Path) -> AsyncIterator[Node]:
    async with lonely_node(bus, tmp_path / "house") as node:
        yield node


async def ask(port: int, method: str, path: str, **more: Any) -> tuple[int, str]:  # noqa: ANN401
    async with (
        aiohttp.ClientSession() as browser,
        browser.request(
            method, f"http://127.0.0.1:{port}{path}", allow_redirects=False, **more
        ) as answer,
    ):
        where = answer.headers.get("Location")
        return answer.status, where if where is not None else await answer.text()


async def test_a_room_switched_on_in_mid_lesson_joins_and_leaves_by_its_own_clock(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(-30, 8))
    async with running(config) as agent:
        await until(lambda: node.inside() == [ROOM])
        await until(lambda: agent._state == "in_lesson")
        await until(lambda: agent._state == "standby")
        await until(lambda: node.inside() == [])
        assert agent._summaries[0]["end"] == "bell"
        assert agent._summaries[0]["connections"] == 1


async def test_two_lonely_rooms_see_and_hear_each_other_and_overrun_together(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom_agent.agenda.OVERRUN_S", 4.0)
    lessons = {name: node.lesson(-30, 8, site_room=name) for name in (MASTER, ROOM)}
    configs = [
        room_that_keeps(tmp_path, lesson, site_room=name)
        for name, lesson in lessons.items()
    ]
    async with running(configs[0]) as master, running(configs[1]) as point:
        await until(lambda: sorted(map(str, node.inside())) == [MASTER, ROOM])
        await until(lambda: time.time() > lessons[ROOM].ends_at + 2)
        assert [master._state, point._state] == ["in_lesson", "in_lesson"]
        await until(lambda: bool(master._summaries and point._summaries))
    figures = point._summaries[0]
    assert figures["connections"] == 1
    assert figures["frames"] > 50
    assert figures["audio_samples"] > 48_000 * 2


async def test_before_the_bell_it_checks_itself_and_waits_in_the_room(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(5, 60))
    async with running(config) as agent:
        await until(lambda: agent._state == "waiting")
        # The way to the media room was looked at, not to the dead scheduler.
        checks = {check.name: check.ok for check in agent._checks}
        assert checks["network"]
        await until(lambda: node.inside() == [ROOM])
        await until(lambda: agent._state == "in_lesson")


async def test_a_door_that_opens_a_little_later_is_tried_again(
    node: Node, tmp_path: Path
) -> None:
    lesson = node.lesson(-1, 60, opens_in_s=LEEWAY_S + 2)
    async with running(room_that_keeps(tmp_path, lesson)) as agent:
        await until(lambda: agent._state == "reconnecting")
        assert node.inside() == []
        await until(lambda: node.inside() == [ROOM])


async def test_a_media_room_that_is_over_is_remembered_on_the_disk(
    node: Node, tmp_path: Path
) -> None:
    config = room_that_keeps(tmp_path, node.lesson(-1, 60))
    async with running(config) as agent:
        await until(lambda: agent._state == "in_lesson" and node.inside() == [ROOM])
        node.end()
        await until(lambda: agent._state == "standby")
        await until(lambda: not AgendaFile(config.state_dir, ROOM).load().lessons)
    async with running(config) as agent:
        await until(lambda: agent._wish.alone)
        assert (agent._wish.lesson, agent._state) == (None, "standby")


async def test_a_room_that_was_closed_meanwhile_is_not_knocked_at_for_long(
    node: Node, tmp_path: Path
) -> None:
    node.end()
    config = room_that_keeps(tmp_path, node.lesson(-1, 60))
    async with running(config) as agent:
        await until(lambda: not agent._attendance.kept.lessons)
        await until(lambda: agent._state == "standby")


async def test_the_rooms_screen_shows_the_lesson_from_this_program(
    node: Node, tmp_path: Path
) -> None:
    port = free_port()
    config = room_that_keeps(tmp_path, node.lesson(-1, 60), port=port)
    async with running(config) as agent:
        await until(lambda: agent._state == "in_lesson" and node.inside() == [ROOM])
        await until(lambda: agent._display._room.has_to_show)
        assert await ask(port, "GET", "/") == (302, f"/room?site_room={ROOM}")
        status, page = await ask(port, "GET", f"/room?site_room={ROOM}")
        assert status == 200
        assert "/assets/" in page
        status, today = await ask(port, "GET", "/api/v1/today")
        assert '"state": "live"' in today
        status, ticket = await ask(port, "POST", f"/api/v1/sessions/{SESSION}/join")
        assert status == 200
        token = json.loads(ticket)["token"]
        grant = SIGNER.read_join(token, time.time())
        assert (grant.site_room, grant.publish) == (ROOM, [])
        assert (await ask(port, "POST", "/api/v1/sessions/other/join"))[0] == 409
        stranger = {"Host": f"evil.example:{port}"}
        for path in ("/", "/state", "/api/v1/today"):
            assert (await ask(port, "GET", path, headers=stranger))[0] == 403


async def test_between_lessons_the_screen_names_the_next_one(
    node: Node, tmp_path: Path
) -> None:
    port = free_port()
    config = room_that_keeps(tmp_path, node.lesson(600, 3000), port=port)
    async with running(config) as agent:
        await until(lambda: agent._wish.alone)
        await until(lambda: "按留存的课表" in agent._display._screen.page(0))
        status, page = await ask(port, "GET", "/")
        assert status == 200
        assert "下一节" in page
        assert "三年级音乐" in page


async def test_a_browser_that_stands_on_a_dead_servers_page_starts_over(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom_agent.display._RESTART_S", 0.05)
    calls, browser = tmp_path / "calls", tmp_path / "kiosk.sh"
    browser.write_text(f"#!/bin/sh\necho started >> {calls}\nexec sleep 60\n")
    browser.chmod(0o755)
    port = free_port()
    config = room_that_keeps(tmp_path, node.lesson(6, 60), port=port)
    shown = DisplaySection(port=port, chromium=str(browser))

    def starts() -> int:
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    async with running(config.model_copy(update={"display": shown})) as agent:
        await until(lambda: starts() == 1)
        agent._display._led = "server"
        await until(lambda: starts() == 2)
        await until(lambda: agent._display._room.has_to_show)
        assert (await ask(port, "GET", "/"))[1].startswith("/room")
        assert starts() == 2
