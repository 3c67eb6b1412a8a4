"""What runs, the same on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta

from common.db import Database
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Step
from scheduler.sessions.session_store import Sessions
from tests.unit.scheduler.district import BELL, FEIXI, HULI, MASTER, lesson

MINUTE = timedelta(minutes=1)


async def test_of_many_who_make_the_same_step_exactly_one_succeeds(
    database: Database,
) -> None:
    one, sessions = lesson("one"), Sessions(database)
    await Lessons(database).add([one], BELL)
    seen = await sessions.one_running(one.session)
    step = Step(one.session, Cause.LEAD_TIME, State.PREPARING)
    made = await asyncio.gather(
        *(sessions.advance([(seen, step)], BELL) for _ in range(8))
    )
    assert sum(len(moved) for moved in made) == 1
    history = await sessions.history(one.session)
    assert [(h.version, h.cause) for h in history] == [(1, Cause.LEAD_TIME)]
    assert (await sessions.get(one.session)).state is State.PREPARING


async def test_a_transition_waits_until_the_bus_has_it(database: Database) -> None:
    one, sessions = lesson("one"), Sessions(database)
    await Lessons(database).add([one], BELL)
    seen = await sessions.one_running(one.session)
    step = Step(one.session, Cause.LEAD_TIME, State.PREPARING, "detail")
    await sessions.advance([(seen, step)], BELL)
    (waiting,) = await sessions.unannounced()
    assert (waiting.to_state, waiting.detail, waiting.at) == (
        State.PREPARING,
        "detail",
        BELL,
    )
    await sessions.announced([waiting], BELL)
    assert await sessions.unannounced() == []


async def test_rooms_that_come_and_go_are_remembered_as_having_come(
    database: Database,
) -> None:
    one, sessions = lesson("one"), Sessions(database)
    await Lessons(database).add([one], BELL)
    assert await sessions.seat(one.session, HULI, present=True, at=BELL)
    assert not await sessions.seat(one.session, HULI, present=True, at=BELL)
    there = await sessions.one_running(one.session)
    assert there.missing == sorted([FEIXI, MASTER])
    assert await sessions.seat(one.session, HULI, present=False, at=BELL)
    gone = await sessions.one_running(one.session)
    assert gone.present == frozenset()
    assert gone.anyone_came


async def test_a_room_of_another_lesson_has_no_seat(database: Database) -> None:
    one, sessions = lesson("one", receiving_rooms=(FEIXI,)), Sessions(database)
    await Lessons(database).add([one], BELL)
    assert not await sessions.seat(one.session, HULI, present=True, at=BELL)
    assert not (await sessions.one_running(one.session)).anyone_came


async def test_only_near_and_unfinished_sessions_are_running(
    database: Database,
) -> None:
    lessons, sessions = Lessons(database), Sessions(database)
    await lessons.add([lesson("near"), lesson("far", 600 * MINUTE)], BELL)
    near = await sessions.running(BELL + 60 * MINUTE)
    assert [r.session for r in near] == ["ses-near"]
    step = Step(near[0].session, Cause.CANCELLED, State.CANCELLED)
    await sessions.advance([(near[0], step)], BELL)
    assert await sessions.running(BELL + 60 * MINUTE) == []


async def test_the_next_lesson_of_a_room_is_its_nearest_planned_one(
    database: Database,
) -> None:
    lessons = Lessons(database)
    later = lesson("later", 60 * MINUTE)
    await lessons.add([later, lesson("first", receiving_rooms=(FEIXI,))], BELL)
    assert await lessons.next_of_room(HULI, BELL) == later
    assert await lessons.next_of_room(HULI, later.ends_at) is None


async def test_answers_of_the_recorder_are_noted(database: Database) -> None:
    one, sessions = lesson("one"), Sessions(database)
    await Lessons(database).add([one], BELL)
    assert await sessions.note(
        one.session, recording_state="finished", resource="res-1"
    )
    assert (await sessions.get(one.session)).resource == "res-1"
    assert (await sessions.one_running(one.session)).recording_done
    assert not await sessions.note(lesson("other").session, room_closed=True)
