"""The database door of the library."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.errors import NotFoundError, UnavailableError
from common.protocol.events import TrackFigures
from recorder.library import schema
from recorder.library.model import (
    Change,
    Correction,
    Facets,
    FacetValues,
    Page,
    Resource,
)
from recorder.library.search import read_query

PAGE_SIZE = 20
_FILTERS = ("subject", "grade", "stage", "teacher", "school", "kind", "state")


@dataclass(frozen=True)
class Wanted:
    """A search. Empty texts do not filter; times are Unix seconds."""

    q: str = ""
    subject: str = ""
    grade: str = ""
    stage: str = ""
    teacher: str = ""
    school: str = ""
    kind: str = ""
    state: str = ""
    since: float | None = None
    until: float | None = None
    page: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a recording came to, written when it is finished."""

    duration_s: float
    completeness: float
    tracks: Sequence[TrackFigures]


class LibraryStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise UnavailableError(
                "database_away", zh="数据库暂时写不进去", en=str(error)
            ) from error

    async def begin(self, entry: Resource) -> None:
        """Makes the entry of a recording that starts. Idempotent.

        Raises UnavailableError(`database_away`).
        """
        async with self._writing() as connection:
            if await _find(connection, entry.id) is None:
                await connection.execute(insert(schema.resource).values(**_row(entry)))
                await _index(connection, entry.id, entry)

    async def finish(self, resource: str, outcome: Outcome) -> None:
        """Raises UnavailableError(`database_away`)."""
        async with self._writing() as connection:
            await connection.execute(
                update(schema.resource)
                .where(schema.resource.c.id == resource)
                .values(
                    state="ready",
                    duration_s=outcome.duration_s,
                    completeness=outcome.completeness,
                    bytes=sum(track.bytes for track in outcome.tracks),
                    tracks=[track.model_dump() for track in outcome.tracks],
                )
            )

    async def get(self, resource: str) -> Resource:
        """Raises NotFoundError(`no_such_resource`)."""
        async with self._database.read() as connection:
            return await _get(connection, resource)

    async def of_session(self, session: str) -> Resource | None:
        statement = select(schema.resource).where(schema.resource.c.session == session)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().first()
        return None if row is None else Resource.model_validate(dict(row))

    async def search(self, wanted: Wanted) -> Page:
        """Newest first."""
        matching = _matching(wanted)
        ordered = (
            matching.order_by(schema.resource.c.starts_at.desc(), schema.resource.c.id)
            .limit(PAGE_SIZE)
            .offset((wanted.page - 1) * PAGE_SIZE)
        )
        count = select(func.count()).select_from(matching.subquery())
        async with self._database.read() as connection:
            total = int((await connection.execute(count)).scalar_one())
            rows = (await connection.execute(ordered)).mappings().all()
        items = [Resource.model_validate(dict(row)) for row in rows]
        pages = max(-(-total // PAGE_SIZE), 1)
        return Page(items=items, total=total, page=wanted.page, pages=pages)

    async def facets(self) -> FacetValues:
        async with self._database.read() as connection:
            values: dict[str, list[str]] = {}
            for name in FacetValues.model_fields:
                column = schema.resource.c[name]
                rows = await connection.execute(select(column).distinct())
                values[name] = sorted(str(row[0]) for row in rows if row[0])
        return FacetValues.model_validate(values)

    async def correct(
        self, resource: str, correction: Correction, who: str, now_s: float
    ) -> Resource:
        """Changes an entry and writes down who did. Raises NotFoundError."""
        async with self._database.begin() as connection:
            old = await _get(connection, resource)
            given = correction.given()
            new = Resource.model_validate({**old.model_dump(), **given})
            changed = {n: v for n, v in given.items() if getattr(old, n) != v}
            if not changed:
                return old
            new = new.model_copy(update={"edited_at": now_s})
            await connection.execute(
                update(schema.resource)
                .where(schema.resource.c.id == resource)
                .values(**changed, search_text=new.search_text(), edited_at=now_s)
            )
            await _index(connection, resource, new)
            await connection.execute(
                insert(schema.change),
                [
                    {
                        "resource": resource,
                        "at": now_s,
                        "who": who,
                        "field": name,
                        "old": _plain(getattr(old, name)),
                        "new": _plain(value),
                    }
                    for name, value in changed.items()
                ],
            )
            return new

    async def changes(self, resource: str) -> list[Change]:
        """Newest first."""
        statement = (
            select(schema.change)
            .where(schema.change.c.resource == resource)
            .order_by(schema.change.c.id.desc())
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [Change.model_validate(dict(row)) for row in rows]


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _row(entry: Resource) -> dict[str, Any]:
    return {**entry.model_dump(), "search_text": entry.search_text()}


async def _find(connection: AsyncConnection, resource: str) -> Resource | None:
    statement = select(schema.resource).where(schema.resource.c.id == resource)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Resource.model_validate(dict(row))


async def _get(connection: AsyncConnection, resource: str) -> Resource:
    found = await _find(connection, resource)
    if found is None:
        raise NotFoundError(
            "no_such_resource",
            zh="资源库里没有这节课",
            en="there is no such lesson in the library",
        )
    return found


async def _index(connection: AsyncConnection, resource: str, entry: Facets) -> None:
    await connection.execute(
        delete(schema.term).where(schema.term.c.resource == resource)
    )
    terms = [{"term": term, "resource": resource} for term in sorted(entry.terms())]
    if terms:
        await connection.execute(insert(schema.term), terms)


def _matching(wanted: Wanted) -> Select[Any]:
    columns = schema.resource.c
    statement = select(schema.resource)
    for name in _FILTERS:
        value = getattr(wanted, name)
        if value:
            statement = statement.where(columns[name] == value)
    if wanted.since is not None:
        statement = statement.where(columns.starts_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(columns.starts_at < wanted.until)
    query = read_query(wanted.q)
    if query.terms:
        having = (
            select(schema.term.c.resource)
            .where(schema.term.c.term.in_(query.terms))
            .group_by(schema.term.c.resource)
            .having(func.count() == len(query.terms))
        )
        statement = statement.where(columns.id.in_(having))
    elif wanted.q.strip():
        # Nothing but punctuation: it stands in no entry.
        statement = statement.where(columns.id == "")
    for phrase in query.phrases:
        statement = statement.where(columns.search_text.contains(phrase))
    return statement
