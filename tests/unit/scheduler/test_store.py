"""The same sentences on SQLite and on PostgreSQL."""

import asyncio
from datetime import date, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import DistrictId, SchoolId
from scheduler import schema
from scheduler.catalogue.bells import BellSchedule, BellScheduleId
from scheduler.catalogue.calendar import CalendarDay
from scheduler.catalogue.course import CourseRoom, Slot, SlotId
from scheduler.catalogue.kinds import BY_NAME
from scheduler.catalogue.organisation import (
    District,
    School,
    SiteRoom,
    Teacher,
    TeacherId,
)
from scheduler.catalogue.store import Catalogue, ChangedMeanwhileError
from scheduler.edition import schema as edition_schema
from scheduler.exchange import schema as exchange_schema
from scheduler.repair import schema as repair_schema
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Step
from scheduler.sessions.session_store import Sessions
from tests.unit.scheduler.district import (
    BELL,
    DISTRICT,
    FEIXI,
    HULI,
    MASTER,
    MUSIC,
    SCHEDULER_MIGRATIONS,
    lesson,
)

MINUTE = timedelta(minutes=1)


def _differences(connection: Connection) -> list[object]:
    options = {
        "include_object": lambda thing, name, kind, reflected, other: (
            name != "scheduler_version"
        )
    }
    context = MigrationContext.configure(connection, opts=options)
    assert edition_schema.edition.metadata is schema.metadata
    assert exchange_schema.calendar_link.metadata is schema.metadata
    assert repair_schema.proposal.metadata is schema.metadata
    return list(compare_metadata(context, schema.metadata))


async def test_the_migrations_make_the_tables_that_the_code_expects(
    empty_database: Database,
) -> None:
    async with empty_database.read() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    assert len(await Catalogue(database).all(SiteRoom)) == 3


async def test_values_come_back_as_they_went_in(database: Database) -> None:
    catalogue = Catalogue(database)
    for value in DISTRICT:
        assert value in await catalogue.all(type(value))
    exam = BellSchedule(
        id=BellScheduleId("exam"),
        school=SchoolId("centre"),
        name="考试周",
        first_day=date(2027, 1, 11),
        weekdays=frozenset({1, 3, 5}),
    )
    off = CalendarDay(
        district=DistrictId("dingyuan"), day=date(2026, 10, 1), kind="holiday"
    )
    await catalogue.put([exam, off])
    assert await catalogue.get(BellSchedule, "exam") == exam
    assert await catalogue.all(CalendarDay) == [off]


async def test_a_second_row_with_the_same_id_replaces_the_first(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    renamed = Teacher(id=TeacherId("wang"), school=SchoolId("centre"), name="王一")
    await catalogue.put([renamed])
    assert await catalogue.get(Teacher, "wang") == renamed
    assert len(await catalogue.all(Teacher)) == 2


async def test_one_row_with_an_unknown_reference_brings_nothing_in(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    good = District(id=DistrictId("fengyang"), name="凤阳县")
    bad = School(id=SchoolId("x"), district=DistrictId("nowhere"), name="无")
    with pytest.raises(ConflictError, match="unknown_reference"):
        await catalogue.put([good, bad])
    assert [d.id for d in await catalogue.all(District)] == ["dingyuan"]


async def test_a_row_whose_key_has_an_empty_part_is_found_and_removed(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    whole = CalendarDay(
        district=DistrictId("dingyuan"), day=date(2026, 10, 1), kind="holiday"
    )
    own = whole.model_copy(update={"school": SchoolId("point")})
    await catalogue.put([whole, own])
    key = {"district": whole.district, "day": whole.day}
    assert await catalogue.all(CalendarDay, **key, school=None) == [whole]
    await catalogue.remove(CalendarDay, **key, school=None)
    assert await catalogue.all(CalendarDay) == [own]


async def test_rows_judged_beside_others_that_changed_are_not_written(
    database: Database,
) -> None:
    catalogue, other = Catalogue(database), Catalogue(database)
    fengyang = District(id=DistrictId("fengyang"), name="凤阳县")
    number = await catalogue.number()
    await other.put([fengyang])
    renamed = fengyang.model_copy(update={"name": "凤阳"})
    with pytest.raises(ChangedMeanwhileError):
        await catalogue.put([renamed], judged_at=number)
    assert await catalogue.get(District, "fengyang") == fengyang
    now = await catalogue.number()
    await catalogue.put([renamed], gone=[fengyang], judged_at=now)
    assert [d.id for d in await catalogue.all(District)] == ["dingyuan"]


async def test_new_kinds_of_rows_come_back_as_they_went_in(database: Database) -> None:
    catalogue = Catalogue(database)
    rows: dict[str, dict[str, object]] = {
        "local_lesson": {
            "id": "l",
            "title": "语文",
            "weekday": 1,
            "weeks": "1-8,10",
            "period": 3,
            "teacher": "wang",
        },
        "closed_time": {"id": "c", "title": "检修", "site_room": "huli"},
        "travel": {"from_school": "centre", "to_school": "point", "minutes": 30},
        "school_day": {
            "id": "d",
            "school": "point",
            "weekdays": {1, 2, 3},
            "start_minute": 480,
            "end_minute": 720,
        },
        "subject_time": {
            "id": "s",
            "district": "dingyuan",
            "subject": "英语",
            "start_minute": 780,
            "end_minute": 1000,
        },
        "weighting": {"district": "dingyuan", "gap": 0},
    }
    values = [BY_NAME[kind].value.model_validate(row) for kind, row in rows.items()]
    await catalogue.put(values)
    for one in values:
        assert await catalogue.all(type(one)) == [one]


async def test_what_others_use_is_not_removed(database: Database) -> None:
    catalogue = Catalogue(database)
    with pytest.raises(ConflictError, match="in_use"):
        await catalogue.remove(SiteRoom, id=HULI)
    await catalogue.remove(CourseRoom, course="music-3", site_room=HULI)
    await catalogue.remove(SiteRoom, id=HULI)
    with pytest.raises(NotFoundError, match="no_such_site_room"):
        await catalogue.get(SiteRoom, HULI)


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
