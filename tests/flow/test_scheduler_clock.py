"""Lessons under a wall clock that stops, jumps or was wrong: real database and bus."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from common.bus import Bus
from common.protocol.events import SessionStart, SessionState
from scheduler.catalogue.course import Lesson
from scheduler.leading.steady import BELIEVE_S
from scheduler.sessions.lifecycle import State
from scheduler.sessions.plan import Timing, make_plan
from tests.flow.scheduler_bench import Bench, open_bench
from tests.flow.scheduler_probe import listening
from tests.unit.scheduler.district import BELL, MASTER, lesson

LESSON_S = 2400


@pytest.fixture
async def bench(database_url: str, bus: Bus) -> AsyncIterator[Bench]:
    bench = await open_bench(database_url, bus, BELL - timedelta(hours=2))
    yield bench
    await bench.database.close()


async def live(bench: Bench, one: Lesson) -> None:
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(one.starts_at)
    await bench.step()
    await bench.join(one, MASTER)


async def pass_time(bench: Bench, seconds: int, *, wall: bool = True) -> None:
    """Second by second, as the starter looks at its clock."""
    for _ in range(seconds):
        if wall:
            bench.clock.advance(1)
        else:
            bench.clock.stand_still(1)
        bench.steady.now()
    await bench.step()


async def decide(bench: Bench) -> None:
    """All that is due is written, nothing is said."""
    now = bench.clock.now()
    while True:
        running = await bench.sessions.running(now + timedelta(hours=1))
        known = {one.session: one for one in running}
        steps = make_plan(running, now.timestamp(), Timing()).steps
        if not steps:
            return
        moves = [(known[step.session], step) for step in steps]
        await bench.sessions.advance(moves, now)


# ---- the clock ----------------------------------------------------------------------


async def test_a_lesson_ends_on_its_bell_under_a_clock_that_stands_still(
    bench: Bench,
) -> None:
    one, after = lesson("one"), lesson("after", timedelta(minutes=50))
    await bench.lessons.add([after], bench.clock.now())
    await live(bench, one)
    await pass_time(bench, LESSON_S - 1, wall=False)
    assert await bench.state(one) is State.LIVE
    (warning,) = bench.starter.warnings()
    assert "stands still" in warning.en
    disagreement = "classroom_scheduler_clock_disagreement_seconds"
    assert bench.counted(disagreement) == pytest.approx(1 - LESSON_S)
    await pass_time(bench, 2, wall=False)
    assert await bench.state(one) is State.ENDING
    # The next bell rings too.
    await pass_time(bench, 600, wall=False)
    assert await bench.state(after) is State.LIVE


async def test_hours_that_the_clock_jumped_over_are_missed_and_said_to_be(
    bench: Bench,
) -> None:
    gone = lesson("gone")
    begun = lesson("begun", timedelta(hours=2))
    await bench.lessons.add([gone, begun], bench.clock.now())
    await bench.step()
    async with listening(bench.bus) as heard:
        # To three minutes after the second bell.
        bench.clock.jump(4 * 3600 + 180 - BELIEVE_S)
        await pass_time(bench, int(BELIEVE_S) - 1)
        assert await bench.state(gone) is State.PLANNED
        assert [w.zh for w in bench.starter.warnings()]
        await pass_time(bench, 2)
        assert bench.starter.warnings() == []
        await heard.says(begun.session, "state:live")
        missed = [
            e
            for e in heard.events
            if isinstance(e, SessionState) and e.session == gone.session
        ]
    assert [(e.state, e.reason, e.skipped) for e in missed] == [
        ("failed", "missed", ["wake", "join", "record"])
    ]
    # The other is late and runs what is left of it.
    assert await bench.why(begun) == [
        "lead_time",
        "bell missing feixi huli master",
        "bell late 181; missing feixi huli master",
    ]
    bench.go_to(begun.ends_at)
    await bench.step()
    assert await bench.state(begun) is State.FAILED  # nobody came


@pytest.mark.parametrize("jump_s", [8 * 3600, -3600])
async def test_a_clock_set_by_hours_in_mid_lesson_leaves_the_lesson_its_length(
    bench: Bench, jump_s: int
) -> None:
    one = lesson("one")
    await live(bench, one)
    await pass_time(bench, 600)
    bench.clock.jump(jump_s)
    await pass_time(bench, LESSON_S - 601)
    assert await bench.state(one) is State.LIVE
    await pass_time(bench, 1)
    assert await bench.state(one) is State.ENDING
    assert (await bench.states(one)).count(State.LIVE) == 1
    assert bench.counted("classroom_scheduler_clock_set_total") == 1


async def test_a_lesson_is_still_announced_after_a_clock_set_forward(
    bench: Bench,
) -> None:
    """Recorder and node must not take it to be over."""
    one = lesson("one")
    await live(bench, one)
    async with listening(bench.bus) as heard:
        bench.clock.jump(8 * 3600)
        await pass_time(bench, int(BELIEVE_S) + 1)
        await heard.says(one.session, "session.start")
        start = next(e for e in heard.events if isinstance(e, SessionStart))
    assert start.facts.ends_at == pytest.approx(one.ends_at.timestamp() + 8 * 3600)


async def test_a_clock_put_right_by_minutes_is_followed(bench: Bench) -> None:
    one = lesson("one")
    await live(bench, one)
    bench.clock.jump(300)
    await pass_time(bench, LESSON_S - 300)
    assert await bench.state(one) is State.ENDING


async def test_a_lesson_that_began_in_the_future_lasts_no_longer_than_its_length(
    bench: Bench,
) -> None:
    """The clock was set back while nobody was watching it: a restart."""
    one = lesson("one")
    await live(bench, one)
    bench.clock.jump(-5 * 3600)
    again = bench.restarted()
    await again.step()
    assert await again.state(one) is State.LIVE
    await pass_time(again, LESSON_S + 10)
    assert await again.state(one) is State.ENDING


# ---- a late start -------------------------------------------------------------------


async def test_a_late_start_runs_the_remainder_and_skips_what_is_useless(
    bench: Bench,
) -> None:
    one = lesson("one")
    await bench.lessons.add([one], bench.clock.now())
    bench.go_to(BELL + timedelta(seconds=320))
    async with listening(bench.bus) as heard:
        await bench.step()
        await heard.says(one.session, "state:live")
        assert heard.kinds(one.session) == [
            "state:preparing",
            "state:ready",
            "session.start",
            "state:live",
        ]
        (start,) = [e for e in heard.events if isinstance(e, SessionStart)]
    # Honest about when it began, unmoved about when it ends.
    assert start.began_at == pytest.approx(BELL.timestamp() + 320)
    assert start.facts.ends_at == one.ends_at.timestamp()
    history = await bench.sessions.history(one.session)
    assert [(h.to_state, h.skipped) for h in history] == [
        (State.PREPARING, "wake"),
        (State.READY, ""),
        (State.LIVE, ""),
    ]
    assert history[-1].detail.startswith("late 320; missing")
    assert bench.counted("classroom_actions_skipped_total", kind="wake") == 1
    late = {"outcome": "late", "reason": "after_bell"}
    assert bench.counted("classroom_session_starts_total", **late) == 1


async def test_what_was_decided_in_time_but_announced_too_late_is_skipped_too(
    bench: Bench,
) -> None:
    """The bus was away, or the process died after it had written."""
    one = lesson("one")
    await live(bench, one)
    stuck = lesson("stuck", timedelta(minutes=50))
    await bench.lessons.add([stuck], bench.clock.now())
    bench.go_to(stuck.starts_at)
    await decide(bench)
    bench.go_to(stuck.ends_at + timedelta(minutes=1))
    async with listening(bench.bus) as heard:
        await bench.restarted().step()
        await heard.says(stuck.session, "state:failed")
        kinds = heard.kinds(stuck.session)
    assert "session.start" not in kinds
    assert kinds[-2:] == ["session.end", "state:failed"]
    skipped = {
        h.to_state: h.skipped for h in await bench.sessions.history(stuck.session)
    }
    assert skipped[State.PREPARING] == "wake"
    assert skipped[State.LIVE] == "join record"
    assert skipped[State.FAILED] == ""


# ---- back to back -------------------------------------------------------------------


@pytest.mark.parametrize("gap_s", [0, 60, 300])
async def test_back_to_back_lessons_of_one_room_hand_over(
    bench: Bench, gap_s: int
) -> None:
    first = lesson("first")
    second = lesson("second", timedelta(seconds=LESSON_S + gap_s))
    await bench.lessons.add([second], bench.clock.now())
    await live(bench, first)
    for room in first.site_rooms:
        await bench.join(first, room)
    # The second prepares while the first is on; the rooms stay where they are.
    bench.go_to(second.starts_at - timedelta(seconds=170))
    await bench.step()
    assert await bench.state(second) is State.PREPARING
    if gap_s < 170:
        assert await bench.state(first) is State.LIVE
    async with listening(bench.bus) as heard:
        bench.go_to(first.ends_at)
        await bench.step()
        bench.go_to(second.starts_at)
        await bench.step()
        await heard.says(second.session, "session.start")
        order = [
            e.type for e in heard.events if e.type in ("session.end", "session.start")
        ]
    assert order == ["session.end", "session.start"]
    assert await bench.state(second) is State.LIVE
    assert await bench.state(first) in (State.ENDING, State.ENDED)
    if gap_s == 0:
        # Not missing: they come from the lesson before.
        assert (await bench.why(second))[-1] == "bell handover feixi huli master"
        ok = {"outcome": "ok", "reason": ""}
        assert bench.counted("classroom_session_starts_total", **ok) == 1


async def test_a_room_absent_from_the_lesson_before_is_missing_not_handed_over(
    bench: Bench,
) -> None:
    first, second = lesson("first"), lesson("second", timedelta(seconds=LESSON_S))
    await bench.lessons.add([second], bench.clock.now())
    await live(bench, first)
    bench.go_to(second.starts_at)
    await bench.step()
    why = (await bench.why(second))[-1]
    assert why == "bell missing feixi huli; handover master"
