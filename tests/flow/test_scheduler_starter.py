"""The starter on a real database and a real bus; only the clock is moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common.bus import Bus
from common.protocol.events import (
    ParticipantLeft,
    RecordingState,
    RoomClosed,
    SessionStart,
)
from common.valkey import ValkeyChild
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Running, Step
from tests.flow.scheduler_bench import Bench, open_bench
from tests.flow.scheduler_probe import listening
from tests.unit.scheduler.district import (
    BELL,
    FEIXI,
    HULI,
    MASTER,
    lesson,
)

LESSON_S = 40 * 60


@pytest.fixture
async def bench(database_url: str, bus: Bus) -> AsyncIterator[Bench]:
    bench = await open_bench(database_url, bus, BELL - timedelta(hours=2))
    yield bench
    await bench.database.close()


async def test_a_lesson_runs_from_its_lead_time_to_its_last_answer(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL - timedelta(seconds=180))
        await bench.step()
        for room in one.site_rooms:
            await bench.join(one, room)
        await bench.step()
        bench.go_to(BELL)
        await bench.step()
        bench.go_to(one.ends_at)
        await bench.step()
        await bench.answers.hear(RoomClosed(at=0, session=one.session, node="n"))
        done = RecordingState(
            at=0, session=one.session, recording="r", state="finished", resource="res-1"
        )
        await bench.answers.hear(done)
        await bench.step()
        await heard.says(one.session, "state:ended")
        assert heard.kinds(one.session) == [
            "session.prepare",
            "state:preparing",
            "state:ready",
            "session.start",
            "state:live",
            "session.end",
            "state:ending",
            "state:ended",
        ]
    ended = await bench.sessions.get(one.session)
    assert (ended.reason, ended.resource) == ("confirmed", "res-1")
    assert bench.counted("classroom_session_starts_total", outcome="ok", reason="") == 1


async def test_the_start_tells_the_library_all_that_the_timetable_knows(
    bench: Bench,
) -> None:
    one = lesson("one", chapter="第三单元 小小音乐家", class_hour=2, week=13)
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL)
        await bench.step()
        await heard.says(one.session, "session.start")
        (start,) = [e for e in heard.events if isinstance(e, SessionStart)]
    facts = start.facts
    assert (facts.subject, facts.grade, facts.stage) == ("音乐", "三年级", "小学")
    assert (facts.teacher, facts.school, facts.district) == (
        "王老师",
        "中心学校",
        "定远县",
    )
    assert (facts.chapter, facts.class_hour, facts.week) == (one.chapter, 2, 13)
    assert facts.site_rooms == {
        MASTER: "主讲教室",
        HULI: "湖里教室",
        FEIXI: "费西教室",
    }
    assert facts.ends_at - facts.starts_at == LESSON_S


async def test_a_look_begun_before_a_wish_does_not_call_the_rooms_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL + timedelta(seconds=10))
    await bench.step()
    read = bench.sessions.running

    async def then_the_teacher_ends_it(until: datetime) -> Sequence[Running]:
        found = await read(until)
        await bench.starter.act(one.session, Cause.TEACHER)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(bench.sessions, "running", then_the_teacher_ends_it)
        bench.told.clear()
        await bench.step()
    assert [told.state for told in bench.told] == [State.ENDING]
    assert bench.starter.knows(one.session, "ending")


async def test_the_bell_does_not_wait_for_a_room_and_says_which_is_missing(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL - timedelta(seconds=60))
    await bench.step()
    await bench.join(one, MASTER)
    await bench.step()
    assert await bench.state(one) is State.PREPARING
    bench.go_to(BELL)
    await bench.step()
    live = await bench.sessions.get(one.session)
    assert (live.state, live.reason) == (State.LIVE, "bell missing feixi huli")
    missing = {"outcome": "late", "reason": "rooms_missing"}
    assert bench.counted("classroom_session_starts_total", **missing) == 1


async def test_a_restart_in_mid_lesson_starts_nothing_twice_but_says_it_again(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL)
        await bench.step()
        bench.clock.advance(300)
        again = bench.restarted()
        await again.step()
        await heard.says(one.session, "session.start", times=2)
        assert heard.kinds(one.session).count("state:live") == 1
    history = await again.sessions.history(one.session)
    assert [h.to_state for h in history] == [
        State.PREPARING,
        State.READY,
        State.LIVE,
    ]


async def test_what_a_killed_process_did_not_announce_the_next_one_does(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL - timedelta(seconds=100))
    # Committed, then killed before the bus heard of it.
    running = await bench.sessions.one_running(one.session)
    step = Step(one.session, Cause.LEAD_TIME, State.PREPARING)
    await bench.sessions.advance([(running, step)], bench.clock.now())
    async with listening(bench.bus) as heard:
        await bench.restarted().step()
        await heard.says(one.session, "state:preparing")
        assert heard.kinds(one.session) == ["session.prepare", "state:preparing"]


async def test_two_starters_on_one_database_make_each_step_once(bench: Bench) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    other = bench.process("second")
    for moment in (BELL - timedelta(seconds=180), BELL, one.ends_at):
        bench.go_to(moment)
        await asyncio.gather(bench.step(), other.step())
    history = await bench.sessions.history(one.session)
    states = [h.to_state for h in history]
    assert len(states) == len(set(states))
    live = {"state": "live", "reason": "bell"}
    name = "classroom_session_transitions_total"
    assert bench.counted(name, **live) + other.counted(name, **live) == 1


async def test_a_running_lesson_says_so_every_ten_seconds(bench: Bench) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL)
        for _ in range(31):
            await bench.step()
            bench.clock.advance(1)
        await heard.says(one.session, "session.start", times=4)
        assert heard.kinds(one.session).count("session.start") == 4


async def test_the_starter_asks_to_be_woken_at_the_next_deadline(bench: Bench) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL - timedelta(seconds=181))
    assert await bench.step() == BELL.timestamp() - 180
    bench.go_to(BELL - timedelta(seconds=1))
    assert await bench.step() == BELL.timestamp()


async def test_a_clock_set_back_in_mid_lesson_does_not_undo_it(bench: Bench) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL)
    await bench.step()
    bench.clock.jump(-3600)
    await bench.step()
    assert await bench.state(one) is State.LIVE


async def test_a_server_that_was_away_all_morning_says_what_it_missed(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(one.ends_at + timedelta(hours=2))
        await bench.step()
        await heard.says(one.session, "state:failed")
        assert heard.kinds(one.session) == ["state:failed"]
    assert (await bench.sessions.get(one.session)).reason == "missed"


async def test_a_lesson_that_nobody_came_to_closes_the_room_and_fails(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL)
        await bench.step()
        bench.go_to(one.ends_at)
        await bench.step()
        await heard.says(one.session, "state:failed")
        assert heard.kinds(one.session)[-2:] == ["session.end", "state:failed"]
    assert (await bench.sessions.get(one.session)).reason == "nobody_came"


async def test_the_teacher_ends_early_and_the_bell_does_not_end_again(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    async with listening(bench.bus) as heard:
        bench.go_to(BELL)
        await bench.step()
        await bench.join(one, MASTER)
        assert await bench.starter.act(one.session, Cause.TEACHER) is State.ENDING
        await bench.step()
        bench.go_to(one.ends_at)
        await bench.step()
        await heard.says(one.session, "state:ended")
        assert heard.kinds(one.session).count("state:ending") == 1
    history = await bench.sessions.history(one.session)
    assert [h.cause for h in history][-2:] == [Cause.TEACHER, Cause.WAIT_OVER]


async def test_a_room_that_left_is_missing_but_one_that_was_replaced_is_not(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    await bench.join(one, HULI)
    left = ParticipantLeft(
        at=0,
        session=one.session,
        participant="par-huli",
        site_room=HULI,
        reason="replaced",
    )
    await bench.answers.hear(left)
    assert HULI in (await bench.sessions.one_running(one.session)).present
    await bench.answers.hear(left.model_copy(update={"reason": "vanished"}))
    assert HULI not in (await bench.sessions.one_running(one.session)).present


async def test_a_bus_that_is_away_at_the_bell_hears_of_it_when_it_is_back(
    tmp_path: Path,
) -> None:
    server = ValkeyChild(tmp_path / "bus")
    await server.start()
    bus = Bus(server.url)
    bench = await open_bench(f"sqlite+aiosqlite:///{tmp_path}/test.db", bus, BELL)
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    await server.stop()
    await bench.step()
    assert await bench.state(one) is State.LIVE
    assert bench.counted("classroom_session_unannounced_transitions") == 3
    back = ValkeyChild(tmp_path / "bus")
    await back.start()
    second_bus = Bus(back.url)
    async with listening(second_bus) as heard:
        await Bench(bench.database, second_bus, bench.clock).step()
        await heard.says(one.session, "state:live")
        assert "session.start" in heard.kinds(one.session)
    await second_bus.close()
    await bus.close()
    await back.stop()
    await bench.database.close()
