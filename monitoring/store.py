"""The database door of monitoring: seat rows and the last event of each subject."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from common import log
from common.db import Database, insert_into
from common.errors import ParseError
from common.protocol.base import parse_message
from common.protocol.events import BusEvent, LessonFacts, bus_event
from monitoring import tally
from monitoring.collect import session_of, subject
from monitoring.schema import known_event, lesson_quality
from monitoring.tally import Change, SeatTally

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "monitoring_version"
_COLUMNS = [field.name for field in fields(SeatTally)]

_log = log.get("monitoring")


class MonitoringStore:
    """One writer: this service. `record` is atomic, and idempotent per event."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(_MIGRATIONS, _VERSION_TABLE)

    async def record(self, event: BusEvent) -> list[Change]:
        """Remembers the event, folds it into its session's seats, and answers what
        it changed: nothing when it was known."""
        session = session_of(event)
        async with self._database.begin() as connection:
            await self._remember(connection, event, session)
            if session is None:
                return []
            rows = await _seats(connection, session)
            changed = tally.fold(rows, event)
            await self._write(connection, changed)
        return [Change(rows.get(row.seat), row) for row in changed]

    async def close_session(self, facts: LessonFacts) -> list[SeatTally]:
        """Adds a row for each booked classroom that never came; answers all rows."""
        async with self._database.begin() as connection:
            rows = await _seats(connection, facts.session)
            absent = tally.never_came(facts, rows)
            await self._write(connection, absent)
        return [*rows.values(), *absent]

    async def seats(self, session: str) -> list[SeatTally]:
        """Rows of one session, classrooms first, then people."""
        async with self._database.read() as connection:
            rows = await _seats(connection, session)
        return sorted(rows.values(), key=lambda row: (row.site_room is None, row.seat))

    async def known(self, session: str) -> list[BusEvent]:
        """Last event of each subject of one session, oldest first."""
        return await self._events(known_event.c.session == session)

    async def known_since(self, at: float) -> list[BusEvent]:
        """Last event of each subject, oldest first: of agents always, of sessions
        only those since `at`."""
        return await self._events(
            known_event.c.session.is_(None) | (known_event.c.at >= at)
        )

    async def prune(self, before: float) -> int:
        """Deletes sessions whose last event is older; answers how many seats went."""
        async with self._database.begin() as connection:
            await connection.execute(
                delete(known_event).where(
                    known_event.c.session.is_not(None), known_event.c.at < before
                )
            )
            kept = select(known_event.c.session).where(
                known_event.c.session.is_not(None)
            )
            gone = await connection.execute(
                delete(lesson_quality).where(
                    lesson_quality.c.last_at < before,
                    lesson_quality.c.last_report_at < before,
                    lesson_quality.c.session.not_in(kept),
                )
            )
        return gone.rowcount

    async def ping(self) -> bool:
        return await self._database.ping()

    async def _events(self, condition: Any) -> list[BusEvent]:  # noqa: ANN401
        query = select(known_event.c.body).where(condition).order_by(known_event.c.at)
        async with self._database.read() as connection:
            bodies = (await connection.scalars(query)).all()
        return [event for body in bodies if (event := _parse(body)) is not None]

    async def _remember(
        self, connection: AsyncConnection, event: BusEvent, session: str | None
    ) -> None:
        values = {
            "subject": subject(event),
            "session": session,
            "at": event.at,
            "body": event.to_json(),
        }
        insert = insert_into(connection, known_event).values(values)
        await connection.execute(
            insert.on_conflict_do_update(
                index_elements=["subject"],
                set_={name: insert.excluded[name] for name in ("at", "body")},
                where=known_event.c.at <= insert.excluded.at,
            )
        )

    async def _write(
        self, connection: AsyncConnection, rows: Iterable[SeatTally]
    ) -> None:
        for row in rows:
            insert = insert_into(connection, lesson_quality).values(asdict(row))
            await connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["session", "seat"],
                    set_={name: insert.excluded[name] for name in _COLUMNS[2:]},
                )
            )


async def _seats(connection: AsyncConnection, session: str) -> dict[str, SeatTally]:
    query = select(lesson_quality).where(lesson_quality.c.session == session)
    rows = (await connection.execute(query)).mappings()
    return {row["seat"]: SeatTally(**row) for row in rows}


def _parse(body: str) -> BusEvent | None:
    try:
        return parse_message(bus_event, body)
    except ParseError as error:
        # Written by another version of this program.
        _log.warning("x known_event", reason=str(error))
        return None
