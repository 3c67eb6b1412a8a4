"""Rows of dated lessons, within a transaction of the caller."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import is_sqlite
from common.errors import ConflictError, NotFoundError
from common.ids import LessonId
from common.turns import in_turns
from scheduler import schema
from scheduler.catalogue.course import Lesson, clashes
from scheduler.sessions.lifecycle import FINAL, State

_LESSON_LOCK = 0x746B6C73
_FIELDS = [schema.lesson.c[f] for f in Lesson.model_fields if f in schema.lesson.c]
# Rooms of these are free again, also for the rest of a lesson that ended early.
OVER = tuple(str(state) for state in (*FINAL, State.ENDING))
IS_PLANNED = schema.session.c.state == State.PLANNED


async def lock_lessons(connection: AsyncConnection) -> None:
    """Two people may not each find the hour free and both take it. On SQLite the
    transaction holds the write lock already."""
    if not is_sqlite(connection):
        await connection.execute(text(f"select pg_advisory_xact_lock({_LESSON_LOCK})"))


async def lock_sessions(
    connection: AsyncConnection,
    condition: Any,  # noqa: ANN401 - any SQL condition on `session`
) -> None:
    """Everybody who changes several sessions takes them in this order and before any
    lesson: a bell and an agreement about the same lessons wait for each other in turn,
    and the database need not abort one of them. SQLite has one writer at a time."""
    if not is_sqlite(connection):
        id = schema.session.c.id
        query = select(id).where(condition).order_by(id).with_for_update()
        await connection.execute(query)


async def refuse_clashes(connection: AsyncConnection, lesson: Lesson) -> None:
    table = schema.lesson
    session = schema.session.c
    is_unfinished = exists().where(
        session.lesson == table.c.id, session.state.not_in(OVER)
    )
    near = (
        (table.c.starts_at < lesson.ends_at)
        & (table.c.ends_at > lesson.starts_at)
        & is_unfinished
    )
    found = clashes(lesson, await load_lessons(connection, near))
    if found:
        other, shared = found[0]
        raise ConflictError(
            "lesson_clash",
            zh=f"“{lesson.title}”与“{other.title}”（{_span(other)}）同时需要 {shared}，"
            "请换时间、教室或教师",
            en=f"{lesson.title} and {other.title} ({_span(other)}) both need {shared};"
            " change the time, the room or the teacher",
        )


def _span(lesson: Lesson) -> str:
    start, end = lesson.local_times()
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"


async def change_lessons(
    connection: AsyncConnection, lessons: Sequence[Lesson]
) -> None:
    """Replaces planned lessons; they may take each other's hours. After
    `lock_lessons`. `lesson.version` is the one it was read at.

    Raises ConflictError: `lesson_clash`, `lesson_changed`, `lesson_begun`,
    `lesson_twice`.
    """
    table = schema.lesson
    for lesson in lessons:
        await refuse_begun(connection, lesson.id)
        # Nor may one stand in the way of another that takes its day.
        await connection.execute(
            update(table).where(table.c.id == lesson.id).values(slot=None)
        )
    for lesson in lessons:
        await _replace_lesson(connection, lesson)
    for lesson in lessons:
        await refuse_clashes(connection, lesson)


async def refuse_begun(connection: AsyncConnection, id: LessonId) -> None:
    query = select(schema.session.c.state).where(schema.session.c.lesson == id)
    found = (await connection.execute(query.with_for_update())).first()
    if found is None:
        raise NotFoundError(
            "no_such_lesson", zh=f"没有这节课: {id}", en=f"no lesson {id}"
        )
    if found.state != State.PLANNED:
        raise ConflictError(
            "lesson_begun",
            zh="这节课已经开始准备或已结束，不能再改；可以取消或提前下课",
            en="this lesson has begun or is over; cancel it or end it instead",
        )


async def insert_lesson(
    connection: AsyncConnection, lesson: Lesson, now: datetime
) -> None:
    row = lesson.model_dump(exclude={"receiving_rooms"})
    try:
        await connection.execute(insert(schema.lesson).values(**row))
    except IntegrityError as error:
        raise ConflictError(
            "lesson_exists",
            zh=f"这节课已经在课表上: {lesson.id}",
            en=f"this lesson is already on the timetable: {lesson.id}",
        ) from error
    await replace_rooms(connection, lesson)
    await connection.execute(insert(schema.session).values(**planned_row(lesson, now)))


def planned_row(lesson: Lesson, now: datetime) -> dict[str, Any]:
    """The session of a lesson that nothing has happened to."""
    return {
        "id": lesson.session,
        "lesson": lesson.id,
        "state": State.PLANNED,
        "version": 0,
        "entered_at": now,
        "reason": "",
        "room_closed": False,
        "recording_state": "",
    }


async def renew_session(
    connection: AsyncConnection, old: Lesson, new: Lesson, now: datetime
) -> Lesson:
    """For a lesson that was cancelled and takes place after all: a session never goes
    back, and whoever heard of the old one took it to be over. `new` at the version
    that it is at now.

    Raises ConflictError(`lesson_changed`)."""
    table = schema.session
    ours = table.c.id == old.session
    still = select(table.c.id).where(ours, table.c.state == State.CANCELLED)
    if (await connection.execute(still.with_for_update())).first() is None:
        raise _changed()
    for rows in (schema.transition, schema.session_room):
        await connection.execute(delete(rows).where(rows.c.session == old.session))
    await connection.execute(delete(table).where(ours))
    await connection.execute(insert(table).values(**planned_row(new, now)))
    # The version, too: in calendars cancelling counted as one.
    await connection.execute(
        update(schema.lesson)
        .where(schema.lesson.c.id == old.id, schema.lesson.c.version == old.version)
        .values(session=new.session, version=old.version + 1)
    )
    return new.model_copy(update={"version": old.version + 1})


async def _replace_lesson(connection: AsyncConnection, lesson: Lesson) -> None:
    table, session = schema.lesson, schema.session
    row = lesson.model_dump(exclude={"id", "session", "receiving_rooms"})
    try:
        changed = await connection.execute(
            update(table)
            .where(table.c.id == lesson.id, table.c.version == lesson.version)
            .values(**{**row, "version": lesson.version + 1}, changed_at=func.now())
        )
    except IntegrityError as error:
        raise ConflictError(
            "lesson_twice",
            zh=f"“{lesson.title}”每周这个时间的课在 {lesson.day} 已经有一节，请换一天",
            en=f"{lesson.title} has its lesson of this weekly time on {lesson.day}"
            " already; choose another day",
        ) from error
    if not changed.rowcount:
        raise _changed()
    await replace_rooms(connection, lesson)
    # A starter that looked before the change must look again.
    await connection.execute(
        update(session)
        .where(session.c.lesson == lesson.id)
        .values(version=session.c.version + 1)
    )


def _changed() -> ConflictError:
    return ConflictError(
        "lesson_changed",
        zh="这节课刚被别人改过，请刷新后再改",
        en="somebody else changed this lesson; reload and try again",
    )


async def replace_rooms(connection: AsyncConnection, lesson: Lesson) -> None:
    table = schema.lesson_room
    await connection.execute(delete(table).where(table.c.lesson == lesson.id))
    await connection.execute(
        insert(table),
        [
            {"lesson": lesson.id, "site_room": room, "place": place}
            for place, room in enumerate(lesson.site_rooms)
        ],
    )


async def load_planned(
    connection: AsyncConnection, ids: Collection[LessonId]
) -> list[Lesson]:
    """Those that are there, have not begun and are not cancelled."""
    ahead = select(schema.session.c.lesson).where(IS_PLANNED)
    table = schema.lesson.c
    return await load_lessons(connection, table.id.in_(ids) & table.id.in_(ahead))


async def load_lessons(
    connection: AsyncConnection,
    condition: Any,  # noqa: ANN401 - any SQL condition on `lesson`
) -> list[Lesson]:
    table, rooms = schema.lesson, schema.lesson_room
    query = select(*_FIELDS).where(condition).order_by(table.c.starts_at, table.c.id)
    rows = await connection.execute(query)
    names = list(rows.keys())
    inside = (
        select(rooms)
        .where(rooms.c.lesson.in_(select(table.c.id).where(condition)))
        .where(rooms.c.place > 0)
        .order_by(rooms.c.place)
    )
    receiving: dict[str, list[str]] = {}
    async for row in in_turns(await connection.execute(inside)):
        receiving.setdefault(row.lesson, []).append(row.site_room)
    lessons: list[Lesson] = []
    async for row in in_turns(rows):
        fields = dict(zip(names, row, strict=True))
        fields["receiving_rooms"] = tuple(receiving.get(row.id, ()))
        lessons.append(Lesson.model_validate(fields))
    return lessons
