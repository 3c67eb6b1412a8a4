"""The database door of notices: what teachers, classrooms and schools are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.turns import batched
from scheduler.edition.schema import notice as table

_MOST = 200
_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one teacher, classroom or school is told: by an `edition` that was
    published or a `repair` that was agreed to; neither once the edition is deleted.
    `lessons`: differences as JSON."""

    id: str
    kind: str
    concerns: str
    edition: str | None = None
    repair: str | None = None
    at: datetime
    from_day: date
    zh: str
    en: str
    lessons: Sequence[Mapping[str, Any]]


async def tell(connection: AsyncConnection, notices: Iterable[Notice]) -> None:
    """In the transaction of what they tell of."""
    for some in batched(notices, _AT_ONCE):
        await connection.execute(insert(table), [vars(notice) for notice in some])


class Notices:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, kind: str, concerns: str) -> list[Notice]:
        """Newest first."""
        query = (
            select(table)
            .where(table.c.kind == kind, table.c.concerns == concerns)
            .order_by(table.c.at.desc(), table.c.id)
            .limit(_MOST)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Notice(**row._mapping) for row in rows]
