"""The database door for sessions: every change of state is a compare-and-set."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.ids import LessonId, SessionId, SiteRoomId
from common.turns import batched
from scheduler import schema
from scheduler.leading.lease_store import refuse_fenced
from scheduler.sessions.advance_store import advance_one, no_session
from scheduler.sessions.lesson_row_store import lock_sessions
from scheduler.sessions.lifecycle import FINAL, State
from scheduler.sessions.plan import Running, Step
from scheduler.sessions.session import Session, Transition

AnyRow = Row[*tuple[Any, ...]]
_FINAL = tuple(str(state) for state in FINAL)
_AT_ONCE = 500
"""Ids in one question: databases take some thousand."""


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, id: SessionId) -> Session:
        found = await self._where(schema.session.c.id == id)
        if not found:
            raise no_session(id)
        return found[0]

    async def of_lessons(self, lessons: Sequence[LessonId]) -> list[Session]:
        found: list[Session] = []
        for some in batched(lessons, _AT_ONCE):
            found.extend(await self._where(schema.session.c.lesson.in_(some)))
        return found

    async def _where(self, condition: Any) -> list[Session]:  # noqa: ANN401
        query = select(schema.session).where(condition)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Session.model_validate(dict(row._mapping)) for row in rows]

    async def running(self, until: datetime) -> list[Running]:
        """Sessions on their way, and planned ones that start before `until`."""
        unfinished = schema.session.c.state.not_in(_FINAL)
        near = or_(
            schema.session.c.state != State.PLANNED, schema.lesson.c.starts_at < until
        )
        return await self._running(unfinished & near)

    async def one_running(self, id: SessionId) -> Running:
        """The plan's view of any session. Raises NotFoundError."""
        found = await self._running(schema.session.c.id == id)
        if not found:
            raise no_session(id)
        return found[0]

    async def _running(self, condition: Any) -> list[Running]:  # noqa: ANN401
        session, lesson = schema.session, schema.lesson
        joined = session.join(lesson, lesson.c.id == session.c.lesson)
        query = (
            select(session, lesson.c.starts_at, lesson.c.ends_at)
            .select_from(joined)
            .where(condition)
        )
        rooms = schema.lesson_room.join(
            session, session.c.lesson == schema.lesson_room.c.lesson
        ).outerjoin(
            schema.session_room,
            (schema.session_room.c.session == session.c.id)
            & (schema.session_room.c.site_room == schema.lesson_room.c.site_room),
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            inside = (
                select(
                    session.c.id,
                    schema.lesson_room.c.site_room,
                    schema.session_room.c.present,
                    schema.session_room.c.came_at,
                )
                .select_from(rooms)
                .where(session.c.id.in_([row.id for row in rows]))
            )
            seats: dict[str, list[AnyRow]] = defaultdict(list)
            for seat in await connection.execute(inside):
                seats[seat.id].append(seat)
        return [_running(row, seats[row.id]) for row in rows]

    async def present(self, ids: Sequence[SessionId]) -> set[tuple[str, str]]:
        """(session, site room) of every room that waits or is inside."""
        table = schema.session_room
        found: set[tuple[str, str]] = set()
        async with self._database.read() as connection:
            for some in batched(ids, _AT_ONCE):
                query = select(table.c.session, table.c.site_room).where(
                    table.c.session.in_(some), table.c.present.is_(True)
                )
                rows = await connection.execute(query)
                found.update((row.session, row.site_room) for row in rows)
        return found

    async def advance(
        self,
        moves: Sequence[tuple[Running, Step]],
        at: datetime,
        fence: int | None = None,
    ) -> set[SessionId]:
        """Makes transitions, each if nobody was faster, and writes their history.

        `fence`: the number of the leader whose clock decided this; None: a person
        did, who needs no lease. One transaction for all, because a whole city starts
        at one bell. Sessions that are missing in the answer are no longer as
        `Running` saw them. Raises ConflictError(`lease_lost`).
        """
        moved: set[SessionId] = set()
        async with self._database.begin() as connection:
            if fence is not None:
                await refuse_fenced(connection, fence)
            ids = [running.session for running, _ in moves]
            await lock_sessions(connection, schema.session.c.id.in_(ids))
            for running, step in moves:
                if await advance_one(connection, running, step, at):
                    moved.add(running.session)
        return moved

    async def unannounced(self) -> list[Transition]:
        """Transitions that the bus may not have seen, oldest first."""
        return await self._history(schema.transition.c.announced_at.is_(None))

    async def history(self, id: SessionId) -> list[Transition]:
        return await self._history(schema.transition.c.session == id)

    async def _history(self, condition: Any) -> list[Transition]:  # noqa: ANN401
        table = schema.transition
        query = (
            select(*(c for c in table.c if c.name != "announced_at"))
            .where(condition)
            .order_by(table.c.at, table.c.session, table.c.version)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Transition.model_validate(dict(row._mapping)) for row in rows]

    async def announced(self, transitions: Sequence[Transition], at: datetime) -> None:
        """The bus has them, but what they say was `skipped`."""
        table = schema.transition
        async with self._database.begin() as connection:
            for one in transitions:
                await connection.execute(
                    update(table)
                    .where(table.c.session == one.session)
                    .where(table.c.version == one.version)
                    .values(announced_at=at, skipped=one.skipped)
                )

    async def seat(
        self, id: SessionId, room: SiteRoomId, *, present: bool, at: datetime
    ) -> bool:
        """A room came or went. False: not a room of this session, or no news."""
        async with self._database.begin() as connection:
            if not await _is_expected(connection, id, room):
                return False
            seat = await _seat(connection, id, room)
            if seat is not None and seat.present == present:
                return False
            if seat is None:
                await connection.execute(
                    insert(schema.session_room).values(
                        session=id,
                        site_room=room,
                        present=present,
                        came_at=at if present else None,
                    )
                )
                return True
            came_at = seat.came_at or (at if present else None)
            await connection.execute(
                update(schema.session_room)
                .where(*_same_seat(id, room))
                .values(present=present, came_at=came_at)
            )
        return True

    async def note(self, id: SessionId, **facts: object) -> bool:
        """Answers of others: `room_closed`, `recording_state`, `resource`.

        False: no such session.
        """
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(schema.session)
                .where(schema.session.c.id == id)
                .values(cast(dict[Any, Any], facts))
            )
        return bool(changed.rowcount)


async def _is_expected(
    connection: AsyncConnection, id: SessionId, room: SiteRoomId
) -> bool:
    rooms, session = schema.lesson_room, schema.session
    query = (
        select(rooms.c.place)
        .join(session, session.c.lesson == rooms.c.lesson)
        .where(session.c.id == id, rooms.c.site_room == room)
    )
    return (await connection.execute(query)).first() is not None


def _same_seat(id: SessionId, room: SiteRoomId) -> tuple[Any, Any]:
    table = schema.session_room
    return (table.c.session == id, table.c.site_room == room)


async def _seat(
    connection: AsyncConnection, id: SessionId, room: SiteRoomId
) -> AnyRow | None:
    query = select(schema.session_room).where(*_same_seat(id, room))
    return (await connection.execute(query)).first()


def _running(row: AnyRow, seats: Sequence[AnyRow]) -> Running:
    return Running(
        session=SessionId(row.id),
        state=State(row.state),
        version=row.version,
        starts_at=row.starts_at.timestamp(),
        ends_at=row.ends_at.timestamp(),
        entered_at=row.entered_at.timestamp(),
        expected=frozenset(SiteRoomId(s.site_room) for s in seats),
        present=frozenset(SiteRoomId(s.site_room) for s in seats if s.present),
        anyone_came=any(s.came_at is not None for s in seats),
        room_closed=row.room_closed,
        recording_done=row.recording_state in ("finished", "failed"),
    )
