"""The database door for leases: who may act alone, and since which number.

No clock is compared here. A holder proves that it lives by changing the row; who
waits decides by its own monotonic clock that the row has stood still for too long.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database, insert_into, is_sqlite
from common.errors import ConflictError, UnavailableError
from scheduler import schema

STARTER = "starter"
"""The lease of the one process that carries out the timetable."""


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """`holder` empty: given back. `beat` grows while the holder lives."""

    holder: str
    fence: int
    beat: int
    since: datetime


class Leases:
    """Each method raises UnavailableError(`database_away`)."""

    def __init__(self, database: Database, name: str = STARTER) -> None:
        self._database = database
        self._name = name

    async def read(self) -> LeaseRow | None:
        query = select(schema.lease).where(schema.lease.c.name == self._name)
        async with self._reading() as connection:
            row = (await connection.execute(query)).first()
        return LeaseRow(row.holder, row.fence, row.beat, row.since) if row else None

    async def take(
        self, seen: LeaseRow | None, holder: str, at: datetime
    ) -> int | None:
        """The new fencing number; None: the row is no longer as it was `seen`."""
        table = schema.lease
        fence = seen.fence + 1 if seen else 1
        fresh = {"holder": holder, "fence": fence, "beat": 0, "since": at}
        async with self._writing() as connection:
            if seen is None:
                statement = _insert_once(connection, {"name": self._name, **fresh})
            else:
                statement = (
                    update(table)
                    .where(table.c.name == self._name)
                    .where(table.c.fence == seen.fence, table.c.beat == seen.beat)
                    .values(**fresh)
                )
            taken = await connection.execute(statement)
        return fence if taken.rowcount else None

    async def renew(self, fence: int) -> bool:
        """False: somebody else holds it now."""
        return await self._set(fence, beat=schema.lease.c.beat + 1)

    async def give_back(self, fence: int) -> bool:
        """The next one need not wait. False: somebody else holds it now."""
        return await self._set(fence, holder="", beat=schema.lease.c.beat + 1)

    async def _set(self, fence: int, **values: object) -> bool:
        table = schema.lease
        async with self._writing() as connection:
            changed = await connection.execute(
                update(table)
                .where(table.c.name == self._name, table.c.fence == fence)
                .values(**values)
            )
        return bool(changed.rowcount)

    async def database_now(self) -> float | None:
        """Unix seconds of the database server; None where it has no clock of its own
        (SQLite reads ours)."""
        async with self._reading() as connection:
            if is_sqlite(connection):
                return None
            now = await connection.scalar(select(func.clock_timestamp()))
        return float(now.timestamp()) if now is not None else None

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        async with _reachable(), self._database.read() as connection:
            yield connection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with _reachable(), self._database.begin() as connection:
            yield connection


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise UnavailableError(
            "database_away", zh="数据库暂时不可用", en=str(error)
        ) from error


def _insert_once(connection: AsyncConnection, values: dict[str, object]) -> Any:  # noqa: ANN401
    """Of two who find no row, one makes it."""
    return (
        insert_into(connection, schema.lease).values(**values).on_conflict_do_nothing()
    )


async def refuse_fenced(
    connection: AsyncConnection, fence: int, name: str = STARTER
) -> None:
    """Raises ConflictError(`lease_lost`) when a newer holder has taken over.

    Part of the transaction that writes: the row stays locked against a takeover until
    that is committed (on SQLite the whole database is).
    """
    table = schema.lease
    query = select(table.c.fence).where(table.c.name == name)
    if await connection.scalar(query.with_for_update(read=True)) != fence:
        raise ConflictError(
            "lease_lost",
            zh="另一个调度进程已经接管，本进程的操作作废",
            en="another scheduler process has taken over; this write is void",
        )
