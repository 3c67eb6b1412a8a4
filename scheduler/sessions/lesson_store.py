"""The database door for dated lessons. Each method is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, func, select

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import LessonId, SessionId, SiteRoomId
from common.turns import in_turns
from scheduler import schema
from scheduler.catalogue.course import Lesson
from scheduler.sessions.lesson_row_store import (
    IS_PLANNED,
    OVER,
    change_lessons,
    insert_lesson,
    load_lessons,
    lock_lessons,
    refuse_begun,
    refuse_clashes,
)
from scheduler.sessions.lifecycle import State


@dataclass(frozen=True)
class There:
    """Lessons of some days, in order of time: all, and those that are neither over nor
    cancelled."""

    all: list[Lesson]
    unfinished: list[Lesson]


class Lessons:
    """Dated lessons. A lesson is made together with its session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, lessons: Sequence[Lesson], now: datetime) -> None:
        """All or none. Raises ConflictError(`lesson_clash`) naming who and when."""
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            for lesson in lessons:
                await refuse_clashes(connection, lesson)
                await insert_lesson(connection, lesson, now)

    async def add_possible(
        self, lessons: Sequence[Lesson], now: datetime
    ) -> list[tuple[Lesson, ConflictError]]:
        """Those that clash with nothing; returns the others, each with its reason."""
        refused: list[tuple[Lesson, ConflictError]] = []
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            for lesson in lessons:
                try:
                    await refuse_clashes(connection, lesson)
                except ConflictError as error:
                    refused.append((lesson, error))
                else:
                    await insert_lesson(connection, lesson, now)
        return refused

    async def change(self, lesson: Lesson) -> None:
        """As `change_lessons`, one lesson in a transaction of its own."""
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            await change_lessons(connection, [lesson])

    async def remove(self, id: LessonId) -> None:
        """Raises NotFoundError, or ConflictError(`lesson_begun`)."""
        async with self._database.begin() as connection:
            await refuse_begun(connection, id)
            for table in (schema.lesson_room, schema.session):
                await connection.execute(delete(table).where(table.c.lesson == id))
            await connection.execute(
                delete(schema.lesson).where(schema.lesson.c.id == id)
            )

    async def get(self, id: LessonId) -> Lesson:
        return await self._one(schema.lesson.c.id == id, id)

    async def some(self, ids: Sequence[LessonId]) -> list[Lesson]:
        """Those that are there, in order of time."""
        async with self._database.read() as connection:
            return await load_lessons(connection, schema.lesson.c.id.in_(ids))

    async def planned(self, ids: Sequence[LessonId]) -> frozenset[LessonId]:
        """Those that have not begun and are not cancelled."""
        table = schema.session.c
        query = select(table.lesson).where(table.lesson.in_(ids), IS_PLANNED)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def of_session(self, session: SessionId) -> Lesson:
        return await self._one(schema.lesson.c.session == session, session)

    async def between(self, first: date, last: date) -> list[Lesson]:
        """Lessons of local days `first` to `last`, both included, in order of time."""
        days = schema.lesson.c.day.between(first, last)
        async with self._database.read() as connection:
            return await load_lessons(connection, days)

    async def unfinished_between(self, first: date, last: date) -> list[Lesson]:
        """As `between`, without those that are over or cancelled."""
        table, session = schema.lesson.c, schema.session.c
        ahead = select(session.lesson).where(session.state.not_in(OVER))
        days = table.day.between(first, last) & table.id.in_(ahead)
        async with self._database.read() as connection:
            return await load_lessons(connection, days)

    async def there_between(self, first: date, last: date) -> There:
        table, session = schema.lesson, schema.session.c
        days = table.c.day.between(first, last)
        mine = select(table.c.id).where(days)
        over = select(session.lesson).where(
            session.lesson.in_(mine), session.state.in_(OVER)
        )
        async with self._database.read() as connection:
            found = await load_lessons(connection, days)
            gone = set((await connection.execute(over)).scalars())
        return There(found, [one for one in found if one.id not in gone])

    async def next_of_room(self, room: SiteRoomId, now: datetime) -> Lesson | None:
        """The nearest planned lesson of a room that is not over."""
        planned = _lessons_of([room]).where(schema.session.c.state == State.PLANNED)
        nearest = (
            planned.where(schema.lesson.c.ends_at > now)
            .order_by(schema.lesson.c.starts_at)
            .limit(1)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(nearest)).first()
            lessons = (
                await load_lessons(connection, schema.lesson.c.id == found.id)
                if found
                else []
            )
        return lessons[0] if lessons else None

    async def unfinished_of_room(
        self, room: SiteRoomId, now: datetime, until: datetime, limit: int
    ) -> list[Lesson]:
        """Lessons of a room that run or are to come before `until`, nearest first."""
        session, lesson = schema.session.c, schema.lesson.c
        found = (
            _lessons_of([room])
            .where(session.state.not_in(OVER), lesson.starts_at < until)
            .where((lesson.ends_at > now) | (session.state == State.LIVE))
            .order_by(lesson.starts_at, lesson.id)
            .limit(limit)
        )
        nearest = found.with_only_columns(lesson.id)
        async with self._database.read() as connection:
            return await load_lessons(connection, lesson.id.in_(nearest))

    async def slot_days(self) -> set[tuple[str, date]]:
        """Which (slot, day) have become lessons already, also if one was moved."""
        table = schema.lesson
        day = func.coalesce(table.c.slot_day, table.c.day).label("day")
        query = select(table.c.slot, day).where(table.c.slot.is_not(None))
        async with self._database.read() as connection:
            rows = in_turns(await connection.execute(query))
            return {(row.slot, row.day) async for row in rows}

    async def _one(self, condition: Any, name: str) -> Lesson:  # noqa: ANN401
        async with self._database.read() as connection:
            found = await load_lessons(connection, condition)
        if not found:
            raise NotFoundError(
                "no_such_lesson", zh=f"没有这节课: {name}", en=f"no lesson {name}"
            )
        return found[0]


def _lessons_of(rooms: Sequence[str]) -> Select[Any]:
    taking_part = select(schema.lesson_room.c.lesson).where(
        schema.lesson_room.c.site_room.in_(rooms)
    )
    joined = schema.lesson.join(
        schema.session, schema.session.c.lesson == schema.lesson.c.id
    )
    return (
        select(schema.lesson)
        .select_from(joined)
        .where(schema.lesson.c.id.in_(taking_part))
    )
