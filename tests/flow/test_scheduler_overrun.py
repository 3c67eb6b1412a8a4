"""拖堂, a lesson ended too early, and two schedulers side by side: over HTTP and the
control channel, in real time."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common.bus import Bus
from common.clock import SystemClock
from common.protocol.control import End, Prepare, Start
from common.protocol.events import SessionStart
from scheduler.sample import DEMO_ROOMS, demo_lesson
from tests.flow.scheduler_house import (
    House,
    close_house,
    config_at,
    house,
    one_house,
    open_house,
)
from tests.flow.scheduler_probe import listening
from tests.support.guard import GUARD_S

__all__ = ["house", "one_house"]


async def test_the_teacher_moves_the_closing_bell_and_everybody_learns_it(
    house: House, bus: Bus
) -> None:
    async with listening(bus) as heard:
        lesson = await house.lesson(in_s=0, length_s=120)
        session = lesson["session"]
        room = await house.room(DEMO_ROOMS[0])
        await room.hears_a(Start)
        await room.says("in_lesson", session)
        status, view = await house.call_as(
            "teacher", "POST", f"/sessions/{session}/extend", {"minutes": 5}
        )
        assert status == 200, view
        assert view["ends_at"] == pytest.approx(lesson["ends_at"] + 300)
        assert (view["state"], view["overrun_s"]) == ("live", 300)
        line = view["history"][-1]
        assert line["zh"] == "教师拖堂，推迟下课 5 分钟（某人）"
        assert line["en"] == "the teacher moved the closing bell by 5 min (某人)"
        # The room's next connection needs a token that lasts.
        renewed = await room.hears_a(Prepare)
        assert renewed.ends_at == pytest.approx(view["ends_at"])
        assert house.signer.read_join(renewed.token, view["ends_at"]).room == session
        await heard.until(lambda events: bool(longer(events, view["ends_at"])))
        starts = [e for e in heard.events if isinstance(e, SessionStart)]
    # It began when it began.
    assert len({start.began_at for start in starts}) == 1


def longer(events: Sequence[object], ends_at: float) -> list[SessionStart]:
    starts = [e for e in events if isinstance(e, SessionStart)]
    return [s for s in starts if abs(s.facts.ends_at - ends_at) < 0.01]


async def test_an_extension_is_refused_in_words_that_name_who_needs_the_room(
    one_house: House,
) -> None:
    lesson = await one_house.lesson(in_s=0, length_s=120)
    room = await one_house.room(DEMO_ROOMS[0])
    await room.hears_a(Start)
    await one_house.lesson(in_s=120 + 240, length_s=60)
    path = f"/sessions/{lesson['session']}/extend"
    status, problem = await one_house.call_as("teacher", "POST", path, {})
    assert (status, problem["code"]) == (409, "overrun_clash")
    assert problem["zh"].endswith("最多还能延长 3 分钟")
    status, problem = await one_house.call_as("teacher", "POST", path, {"minutes": 31})
    assert (status, problem["code"]) == (409, "overrun_too_long")
    assert (await one_house.call_as("observer", "POST", path, {}))[0] == 403
    bad = await one_house.call_as("teacher", "POST", path, {"minutes": 0})
    assert bad[0] == 400
    # What is left is given.
    assert (await one_house.call_as("teacher", "POST", path, {"minutes": 3}))[0] == 200


async def test_a_lesson_ended_too_early_goes_on_in_a_session_of_its_own(
    house: House,
) -> None:
    lesson = await house.lesson(in_s=0, length_s=120)
    room = await house.room(DEMO_ROOMS[0])
    await room.hears_a(Start)
    await room.says("in_lesson", lesson["session"])
    path = f"/sessions/{lesson['session']}"
    early = await house.call_as("teacher", "POST", f"{path}/resume")
    assert (early[0], early[1]["code"]) == (409, "not_ended_early")
    await house.call_as("teacher", "POST", f"{path}/end")
    await room.hears_a(End)
    await room.says("standby")
    status, rest = await house.call_as("teacher", "POST", f"{path}/resume")
    assert status == 201, rest
    assert rest["resumes"] == lesson["lesson"]
    assert rest["session"] != lesson["session"]
    assert rest["ends_at"] == pytest.approx(lesson["ends_at"])
    assert (await room.hears_a(Prepare)).session == rest["session"]
    assert (await room.hears_a(Start)).session == rest["session"]
    # It was not woken in advance, and says so once all is announced.
    async with asyncio.timeout(GUARD_S):
        while True:
            view = await house.call("GET", f"/sessions/{rest['session']}")
            if view["history"][0]["skipped"]:
                break
    first = view["history"][0]
    assert (first["to_state"], first["skipped"]) == ("preparing", ["wake"])
    assert first["zh"].endswith("已跳过（过时无用）：提前唤醒教室")
    again = await house.call_as("teacher", "POST", f"{path}/resume")
    assert (again[0], again[1]["code"]) == (409, "lesson_clash")


# ---- two schedulers -----------------------------------------------------------------


@pytest.fixture
async def pair(
    tmp_path: Path, database_url: str, bus: Bus
) -> AsyncIterator[tuple[House, House]]:
    """The first leads; both serve people and rooms."""
    houses = [
        await open_house(config_at(tmp_path / name, database_url, lease_s=2), bus)
        for name in ("first", "second")
    ]
    await houses[0].enter_sample()
    yield houses[0], houses[1]
    for one in houses:
        await close_house(one)


async def test_a_room_is_told_by_the_scheduler_it_called_whoever_leads(
    pair: tuple[House, House],
) -> None:
    leader, follower = pair
    states = [await each.call("GET", "/scheduler") for each in pair]
    assert [state["leading"] for state in states] == [True, False]
    assert states[0]["leader"] == states[1]["leader"] == states[0]["me"]
    assert states[1]["fence"] == 1
    assert states[1]["warnings"] == []
    room = await follower.room(DEMO_ROOMS[0])
    lesson = await leader.lesson(in_s=1, length_s=60)
    session = lesson["session"]
    assert (await room.hears_a(Prepare)).session == session
    assert (await room.hears_a(Start)).session == session
    await room.says("in_lesson", session)
    # A person may use either; here the one that does not lead.
    extended = await follower.call(
        "POST", f"/sessions/{session}/extend", {"minutes": 1}
    )
    assert (await room.hears_a(Prepare)).ends_at == extended["ends_at"]
    await leader.call("POST", f"/sessions/{session}/end")
    assert await room.hears_a(End) == End(session=session, reason="teacher")


async def test_the_other_scheduler_rings_the_bells_when_the_first_one_stops(
    pair: tuple[House, House], bus: Bus
) -> None:
    leader, follower = pair
    async with listening(bus) as heard:
        body = demo_lesson(time.time() + 2, time.time() + 8)
        lesson = await follower.call("POST", "/lessons", body, status=201)
        room = await follower.room(DEMO_ROOMS[0])
        assert (await room.hears_a(Prepare)).session == lesson["session"]
        await leader.service.stop()
        assert (await room.hears_a(Start)).session == lesson["session"]
        await room.says("in_lesson", lesson["session"])
        assert (await room.hears_a(End)).reason == "bell"
        assert time.time() >= lesson["ends_at"]
        await heard.says(lesson["session"], "state:ending")
    view = await follower.call("GET", f"/sessions/{lesson['session']}")
    states = [line["to_state"] for line in view["history"]]
    assert states[:4] == ["preparing", "ready", "live", "ending"]
    state = await follower.call("GET", "/scheduler")
    assert (state["leading"], state["fence"]) == (True, 2)


# ---- the clock ----------------------------------------------------------------------


class SetClock(SystemClock):
    """The real one, which somebody sets."""

    by_s = 0.0

    def wall_us(self) -> int:
        return super().wall_us() + round(self.by_s * 1_000_000)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.by_s)


async def test_a_clock_that_was_set_is_told_to_whoever_looks_at_today(
    tmp_path: Path, bus: Bus
) -> None:
    clock = SetClock()
    house = await open_house(config_at(tmp_path), bus, clock)
    assert (await house.call("GET", "/today"))["warnings"] == []
    clock.by_s = 3600
    async with asyncio.timeout(GUARD_S):
        while not (told := (await house.call("GET", "/today"))["warnings"]):
            await asyncio.sleep(0.1)
    assert told[0]["zh"].startswith("服务器的时钟突然变了 3600 秒")
    state = await house.call("GET", "/scheduler")
    assert state["leading"]
    assert state["clock"]["trouble"] == "jumped"
    assert state["clock"]["disagreement_s"] == pytest.approx(3600, abs=1)
    clock.by_s = 0
    async with asyncio.timeout(GUARD_S):
        while (await house.call("GET", "/today"))["warnings"]:
            await asyncio.sleep(0.1)
    await close_house(house)
