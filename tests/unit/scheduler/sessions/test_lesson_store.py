"""Dated lessons, the same on SQLite and on PostgreSQL."""

import asyncio
from datetime import date, timedelta

import pytest

from common.db import Database
from common.errors import ConflictError, NotFoundError
from scheduler.catalogue.course import Slot, SlotId
from scheduler.catalogue.organisation import TeacherId
from scheduler.catalogue.store import Catalogue
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Step
from scheduler.sessions.session_store import Sessions
from tests.unit.scheduler.district import BELL, FEIXI, HULI, MUSIC, lesson

MINUTE = timedelta(minutes=1)


async def test_a_lesson_comes_back_with_its_rooms_in_order(database: Database) -> None:
    lessons = Lessons(database)
    one = lesson("one", receiving_rooms=(FEIXI, HULI))
    await lessons.add([one], BELL)
    assert await lessons.get(one.id) == one
    assert await lessons.of_session(one.session) == one
    assert await lessons.between(one.day, one.day) == [one]
    assert await lessons.between(one.day + timedelta(1), one.day + timedelta(1)) == []


async def test_a_room_or_teacher_is_never_in_two_lessons_at_once(
    database: Database,
) -> None:
    lessons = Lessons(database)
    await lessons.add([lesson("one")], BELL)
    with pytest.raises(ConflictError) as caught:
        await lessons.add([lesson("two", 39 * MINUTE)], BELL)
    assert caught.value.code == "lesson_clash"
    assert "10:00-10:40" in caught.value.zh
    other_teacher = lesson("two", 39 * MINUTE, teacher=TeacherId("li"))
    with pytest.raises(ConflictError, match="lesson_clash"):
        await lessons.add([other_teacher], BELL)
    await lessons.add([lesson("back-to-back", 40 * MINUTE)], BELL)


async def test_a_weekly_time_takes_place_once_a_day_also_for_moved_lessons(
    database: Database,
) -> None:
    slot = Slot(id=SlotId("mon-3"), course=MUSIC, weekday=1, period=3)
    await Catalogue(database).put([slot])
    lessons, day = Lessons(database), timedelta(days=1)
    first = lesson("one", slot=slot.id)
    next_day = lesson("two", day, slot=slot.id, day=first.day + day)
    await lessons.add([first, next_day], BELL)
    moved = lesson("two", 60 * MINUTE, slot=slot.id)
    with pytest.raises(ConflictError, match="lesson_twice"):
        await lessons.change(moved)
    assert await lessons.get(next_day.id) == next_day


async def test_of_two_people_who_want_the_same_hour_one_is_refused(
    database: Database,
) -> None:
    lessons = Lessons(database)
    answers = await asyncio.gather(
        *(lessons.add([lesson(f"n{i}")], BELL) for i in range(5)),
        return_exceptions=True,
    )
    refused = [a for a in answers if isinstance(a, ConflictError)]
    assert len(refused) == 4
    assert len(await lessons.between(date(2026, 11, 23), date(2026, 11, 23))) == 1


async def test_a_planned_lesson_moves_and_a_stale_change_is_refused(
    database: Database,
) -> None:
    lessons = Lessons(database)
    await lessons.add([lesson("one")], BELL)
    moved = lesson("one", 60 * MINUTE, receiving_rooms=(HULI,))
    await lessons.change(moved)
    assert await lessons.get(moved.id) == moved.model_copy(update={"version": 2})
    with pytest.raises(ConflictError, match="lesson_changed"):
        await lessons.change(moved)


async def test_a_lesson_moved_at_the_last_moment_is_not_woken_at_its_old_time(
    database: Database,
) -> None:
    lessons, sessions = Lessons(database), Sessions(database)
    one = lesson("one")
    await lessons.add([one], BELL)
    seen = await sessions.one_running(one.session)
    await lessons.change(lesson("one", 60 * MINUTE))
    step = Step(one.session, Cause.LEAD_TIME, State.PREPARING)
    assert await sessions.advance([(seen, step)], BELL) == set()
    again = await sessions.one_running(one.session)
    assert again.starts_at == (BELL + 60 * MINUTE).timestamp()
    assert await sessions.advance([(again, step)], BELL) == {one.session}


async def test_a_lesson_that_has_begun_is_neither_moved_nor_removed(
    database: Database,
) -> None:
    lessons, sessions = Lessons(database), Sessions(database)
    one = lesson("one")
    await lessons.add([one], BELL)
    running = await sessions.one_running(one.session)
    step = Step(one.session, Cause.LEAD_TIME, State.PREPARING)
    assert await sessions.advance([(running, step)], BELL)
    with pytest.raises(ConflictError, match="lesson_begun"):
        await lessons.change(one)
    with pytest.raises(ConflictError, match="lesson_begun"):
        await lessons.remove(one.id)


async def test_a_planned_lesson_is_removed_with_its_session(database: Database) -> None:
    lessons = Lessons(database)
    one = lesson("one")
    await lessons.add([one], BELL)
    await lessons.remove(one.id)
    with pytest.raises(NotFoundError, match="no_such_lesson"):
        await lessons.get(one.id)
    with pytest.raises(NotFoundError, match="no_such_lesson"):
        await lessons.remove(one.id)
