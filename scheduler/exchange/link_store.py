"""The database door for calendar links, and for the lessons that they show."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from common.db import Database
from common.errors import NotFoundError
from scheduler import schema
from scheduler.catalogue.course import Lesson
from scheduler.exchange.links import CalendarLink, Stamped, token_hash
from scheduler.exchange.schema import calendar_link
from scheduler.sessions.lesson_row_store import load_lessons
from scheduler.sessions.lifecycle import State

_COLUMNS = [calendar_link.c[name] for name in CalendarLink.model_fields]


class CalendarLinks:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: CalendarLink, token: str) -> None:
        row = {**link.model_dump(), "token_hash": token_hash(token)}
        async with self._database.begin() as connection:
            await connection.execute(insert(calendar_link).values(**row))

    async def all(self) -> list[CalendarLink]:
        """Newest first."""
        query = select(*_COLUMNS).order_by(
            calendar_link.c.made_at.desc(), calendar_link.c.id
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [CalendarLink.model_validate(dict(row._mapping)) for row in rows]

    async def of_token(self, token: str) -> CalendarLink | None:
        query = select(*_COLUMNS).where(calendar_link.c.token_hash == token_hash(token))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return CalendarLink.model_validate(dict(row._mapping)) if row else None

    async def get(self, id: str) -> CalendarLink:
        """Raises NotFoundError."""
        query = select(*_COLUMNS).where(calendar_link.c.id == id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise _no_such_link()
        return CalendarLink.model_validate(dict(row._mapping))

    async def remove(self, id: str) -> None:
        """The address shows nothing from now on. Raises NotFoundError."""
        async with self._database.begin() as connection:
            chosen = delete(calendar_link).where(calendar_link.c.id == id)
            if not (await connection.execute(chosen)).rowcount:
                raise _no_such_link()


def _no_such_link() -> NotFoundError:
    return NotFoundError(
        "no_such_calendar_link",
        zh="没有这个日历链接，可能已经撤销；请重新载入列表",
        en="there is no such calendar link, it may have been revoked; reload the list",
    )


class CalendarLessons:
    """Dated lessons as calendars show them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(
        self,
        first: date,
        last: date,
        *,
        teacher: str = "",
        rooms: Sequence[str] = (),
    ) -> list[tuple[Lesson, Stamped]]:
        """Of a teacher, or of any of `rooms`, by local days, in order of time."""
        table, room = schema.lesson, schema.lesson_room.c
        inside = select(room.lesson).where(room.site_room.in_(rooms))
        mine = table.c.teacher == teacher if teacher else table.c.id.in_(inside)
        wanted = table.c.day.between(first, last) & mine
        session = schema.session.c
        stamps = (
            select(table.c.id, table.c.changed_at, session.state, session.entered_at)
            .join_from(table, schema.session, session.lesson == table.c.id)
            .where(wanted)
        )
        async with self._database.read() as connection:
            lessons = await load_lessons(connection, wanted)
            found = {
                row.id: Stamped(
                    cancelled=row.state == State.CANCELLED,
                    changed_at=max(row.changed_at or row.entered_at, row.entered_at),
                )
                for row in await connection.execute(stamps)
            }
        return [(one, found[one.id]) for one in lessons if one.id in found]
