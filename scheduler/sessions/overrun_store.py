"""The database door for 拖堂: moves the closing bell of a live lesson."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.ids import SessionId
from scheduler import schema
from scheduler.catalogue.course import Lesson
from scheduler.sessions.advance_store import advance_one
from scheduler.sessions.lesson_row_store import OVER, load_lessons, lock_lessons
from scheduler.sessions.lifecycle import Cause, follow
from scheduler.sessions.overrun import (
    Need,
    OverrunLimits,
    first_need,
    refuse_need,
    refuse_too_long,
)
from scheduler.sessions.plan import Running, Step
from scheduler.sessions.session_store import Sessions


class Overruns:
    def __init__(
        self, database: Database, sessions: Sessions, limits: OverrunLimits
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._limits = limits

    async def extend(
        self, session: SessionId, minutes: int, by: str, at: datetime
    ) -> Step:
        """Nobody can take the time away between the look and the write: putting
        lessons on the timetable waits meanwhile. `Starter.acted` tells of the step.

        Raises NotFoundError, ConflictError: `wrong_state`, `overrun_too_long`,
        `overrun_clash` naming who needs what and when.
        """
        while True:
            running = await self._sessions.one_running(session)
            to = follow(running.state, Cause.EXTENDED)
            step = Step(session, Cause.EXTENDED, to, f"minutes {minutes}; by {by}")
            async with self._database.begin() as connection:
                await lock_lessons(connection)
                if await self._extend(connection, running, step, minutes * 60, at):
                    return step

    async def _extend(
        self,
        connection: AsyncConnection,
        running: Running,
        step: Step,
        more_s: int,
        at: datetime,
    ) -> bool:
        """False: the session is no longer as it was seen."""
        lesson_table, session_table = schema.lesson, schema.session
        mine = session_table.c.id == running.session
        overrun_s = await connection.scalar(
            select(session_table.c.overrun_s).where(mine)
        )
        this = lesson_table.c.session == running.session
        (lesson,) = await load_lessons(connection, this)
        refuse_too_long(overrun_s or 0, more_s, self._limits)
        until = lesson.ends_at + timedelta(seconds=more_s)
        need = await self._first_need(connection, lesson, until)
        if need is not None:
            name = await _name(connection, need.what)
            raise refuse_need(lesson, need, name, self._limits)
        if not await advance_one(connection, running, step, at):
            return False
        await connection.execute(
            update(lesson_table)
            .where(this)
            .values(ends_at=until, version=lesson.version + 1, changed_at=at)
        )
        await connection.execute(
            update(session_table)
            .where(mine)
            .values(overrun_s=session_table.c.overrun_s + more_s)
        )
        return True

    async def _first_need(
        self, connection: AsyncConnection, lesson: Lesson, until: datetime
    ) -> Need | None:
        table, session = schema.lesson.c, schema.session.c
        latest = until + timedelta(seconds=self._limits.handover_s)
        unfinished = select(session.lesson).where(session.state.not_in(OVER))
        near = (
            (table.starts_at < latest)
            & (table.ends_at > lesson.ends_at)
            & table.id.in_(unfinished)
        )
        others = await load_lessons(connection, near)
        classes = await _classes(
            connection, {lesson.course, *(o.course for o in others)}
        )
        return first_need(lesson, until, others, classes, self._limits)


async def _classes(
    connection: AsyncConnection, courses: set[str]
) -> Mapping[str, frozenset[str]]:
    course, room = schema.course.c, schema.course_room.c
    query = union(
        select(course.id, course.master_class).where(course.id.in_(courses)),
        select(room.course, room.class_group).where(room.course.in_(courses)),
    )
    found: dict[str, set[str]] = defaultdict(set)
    for id, class_group in await connection.execute(query):
        if class_group is not None:
            found[id].add(class_group)
    return {id: frozenset(groups) for id, groups in found.items()}


async def _name(connection: AsyncConnection, id: str) -> str:
    """Of a room, a teacher or a class."""
    for table in (schema.site_room, schema.teacher, schema.class_group):
        name = await connection.scalar(select(table.c.name).where(table.c.id == id))
        if name is not None:
            return str(name)
    return id
