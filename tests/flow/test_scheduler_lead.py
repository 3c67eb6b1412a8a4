"""Several scheduler processes on one real database: one leads, the others follow."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from common.bus import Bus
from common.clock import ManualClock
from common.errors import ConflictError
from common.protocol.events import SessionState
from scheduler.leading.lease_store import Leases
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Step
from tests.flow.scheduler_bench import LEASE_S, Bench, open_bench
from tests.flow.scheduler_probe import listening
from tests.unit.scheduler.district import BELL, MASTER, lesson

BEFORE = BELL - timedelta(hours=2)


@pytest.fixture
async def first(database_url: str, bus: Bus) -> AsyncIterator[Bench]:
    bench = await open_bench(database_url, bus, BEFORE)
    await bench.step()
    yield bench
    await bench.database.close()


@pytest.fixture
async def second(first: Bench) -> Bench:
    """Has seen the leader's row, and waits."""
    other = first.process("second")
    await other.step()
    return other


async def test_the_first_to_come_leads_and_the_second_looks_on(
    first: Bench, second: Bench
) -> None:
    assert (first.lease.fence, second.lease.fence) == (1, None)
    for _ in range(10):
        first.clock.advance(2)
        await first.lease.beat()
        await second.lease.beat()
    assert (first.lease.fence, second.lease.fence) == (1, None)
    assert first.counted("classroom_scheduler_leading") == 1
    assert second.counted("classroom_scheduler_leading") == 0
    assert second.counted("classroom_scheduler_fence") == 1


async def test_who_falls_silent_is_succeeded_after_one_lease(
    first: Bench, second: Bench
) -> None:
    first.clock.advance(LEASE_S - 0.5)
    await second.lease.beat()
    # The old one has stopped trusting itself before the new one may begin.
    assert (first.lease.fence, second.lease.fence) == (None, None)
    first.clock.advance(0.5)
    await second.lease.beat()
    assert second.lease.fence == 2


async def test_who_stops_cleanly_is_succeeded_at_once(
    first: Bench, second: Bench
) -> None:
    await first.lease.give_back()
    await second.lease.beat()
    assert (first.lease.fence, second.lease.fence) == (None, 2)


async def test_a_killed_leader_that_is_back_need_not_wait_for_itself(
    first: Bench,
) -> None:
    again = first.restarted()
    await again.lease.beat()
    assert again.lease.fence == 2


@pytest.mark.parametrize("jump_s", [7200, -7200])
async def test_a_wall_clock_that_jumps_neither_loses_nor_doubles_the_leader(
    first: Bench, second: Bench, jump_s: float
) -> None:
    for _ in range(6):
        first.clock.advance(2)
        first.clock.jump(jump_s)
        await first.lease.beat()
        await second.lease.beat()
        assert (first.lease.fence, second.lease.fence) == (1, None)


async def test_a_wall_clock_that_stands_still_does_not_keep_a_dead_leader(
    first: Bench, second: Bench
) -> None:
    first.clock.stand_still(LEASE_S)
    await second.lease.beat()
    assert (first.lease.fence, second.lease.fence) == (None, 2)


async def test_of_two_who_wait_one_takes_over(first: Bench, second: Bench) -> None:
    third = first.process("third")
    await third.lease.beat()
    first.clock.advance(LEASE_S)
    seen = second.lease.row
    assert seen is not None
    leases = Leases(first.database)
    assert await leases.take(seen, "third", first.clock.now()) == 2
    assert await leases.take(seen, "second", first.clock.now()) is None


async def test_a_leader_frozen_between_look_and_write_is_refused(
    first: Bench, second: Bench
) -> None:
    one = lesson("one")
    await first.lessons.add([one], first.clock.now())
    first.go_to(BELL)
    await first.lease.beat()
    # From here its clocks stand still, as in a process that was stopped.
    frozen = first.process("first", ManualClock(first.clock.now()))
    await frozen.lease.beat()
    await second.lease.beat()
    first.clock.advance(LEASE_S + 60)
    await second.step()
    assert await second.state(one) is State.LIVE
    assert frozen.lease.fence is not None
    running = await frozen.sessions.one_running(one.session)
    step = Step(one.session, Cause.CLOSING_BELL, State.ENDING)
    with pytest.raises(ConflictError, match="taken over"):
        await frozen.sessions.advance([(running, step)], BELL, frozen.lease.fence)
    assert await second.state(one) is State.LIVE


async def test_a_leader_that_was_overtaken_says_so_and_follows(
    first: Bench, second: Bench
) -> None:
    frozen = first.process("first", ManualClock(first.clock.now()))
    await frozen.lease.beat()
    await second.lease.beat()
    first.clock.advance(LEASE_S)
    await second.lease.beat()
    # Rooms are to be woken already by the clock that stood still.
    one = lesson("one", timedelta(seconds=100) - timedelta(hours=2))
    await first.lessons.add([one], first.clock.now())
    await frozen.starter.step()
    assert await first.state(one) is State.PLANNED
    assert frozen.lease.fence is None
    assert frozen.counted("classroom_scheduler_writes_fenced_total") == 1
    await second.starter.step()
    assert await first.state(one) is State.PREPARING


async def test_the_next_leader_ends_the_lesson_on_its_bell_and_starts_it_not_again(
    first: Bench, second: Bench
) -> None:
    one = lesson("one")
    await first.lessons.add([one], first.clock.now())
    async with listening(first.bus) as heard:
        first.go_to(BELL)
        await first.step()
        await first.join(one, MASTER)
        await second.lease.beat()
        first.clock.advance(LEASE_S)
        await second.step()
        first.go_to(one.ends_at - timedelta(seconds=1))
        await second.step()
        assert await second.state(one) is State.LIVE
        first.clock.advance(1)
        await second.step()
        await heard.says(one.session, "state:ending")
        assert heard.kinds(one.session).count("state:live") == 1
    assert await second.states(one) == [
        State.PREPARING,
        State.READY,
        State.LIVE,
        State.ENDING,
    ]


async def test_a_person_may_act_at_any_process_and_all_rooms_are_told(
    first: Bench, second: Bench
) -> None:
    one = lesson("one")
    await first.lessons.add([one], first.clock.now())
    first.go_to(BELL)
    await first.step()
    await second.step()
    second.told.clear()
    first.told.clear()
    async with listening(first.bus) as heard:
        await second.starter.act(one.session, Cause.TEACHER, "by 王老师")
        # Said by the process that did it: nobody waits for the leader.
        await heard.says(one.session, "state:ending")
        (news,) = [e for e in heard.events if isinstance(e, SessionState)]
    await first.answers.hear(news)
    await first.step()
    for process in (first, second):
        assert [t.state for t in process.told] == [State.ENDING]


async def test_a_follower_lets_no_bell_ring(first: Bench, second: Bench) -> None:
    one = lesson("one")
    await first.lessons.add([one], first.clock.now())
    first.go_to(BELL)
    await first.lease.beat()
    await second.step()
    assert await second.state(one) is State.PLANNED
    await first.starter.step()
    await second.step()
    assert [t.state for t in second.told] == [State.LIVE]
