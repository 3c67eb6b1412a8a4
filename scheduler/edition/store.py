"""The database door of editions. Each method is one transaction.

An edition changes only from the revision that was looked at; the row count of one
UPDATE decides between two people who change it at the same moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import CourseId, is_id
from common.turns import batched
from scheduler.catalogue.calendar import TermId
from scheduler.edition import schema
from scheduler.edition.errors import edition_changed, job_running, not_a_draft
from scheduler.edition.jobs import OPEN
from scheduler.edition.values import (
    Draft,
    Edition,
    EditionId,
    Entry,
    Label,
    Placed,
    Rows,
    Step,
    rows_of,
    step_as_json,
    step_of_json,
)

_MOST_EDITIONS = 200
_MOST_KEPT = 500
"""Steps that can be undone."""
_CHUNK = 200


class Editions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, edition: Edition, rows: Iterable[Placed]) -> None:
        """Raises ConflictError(`too_many_editions`)."""
        table = schema.edition
        count = select(func.count()).where(table.c.term == edition.term)
        async with self._database.begin() as connection:
            if (await connection.execute(count)).scalar_one() >= _MOST_EDITIONS:
                raise ConflictError(
                    "too_many_editions",
                    zh=f"一个学期最多 {_MOST_EDITIONS} 个版本，请先删除不用的",
                    en=f"a term has at most {_MOST_EDITIONS} editions; delete some",
                )
            await connection.execute(insert(table).values(**_columns(edition)))
            await _enter(connection, edition.id, rows)

    async def of_term(self, term: TermId) -> list[tuple[Edition, int]]:
        """Newest first, each with the number of its rows."""
        table, placed = schema.edition, schema.placed
        count = select(func.count()).where(placed.c.edition == table.c.id)
        query = (
            select(table, count.scalar_subquery().label("placed"))
            .where(table.c.term == term)
            .order_by(table.c.made_at.desc(), table.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [(edition_of(row._mapping), row.placed) for row in rows]

    async def get(self, id: EditionId) -> Edition:
        """Raises NotFoundError(`no_such_edition`)."""
        async with self._database.read() as connection:
            return await _get(connection, id)

    async def draft(self, id: EditionId) -> Draft:
        """With its rows. Raises NotFoundError(`no_such_edition`)."""
        async with self._database.read() as connection:
            edition = await _get(connection, id)
            return Draft(edition, await _rows(connection, id))

    async def published(self, term: TermId) -> Draft | None:
        table = schema.edition
        query = select(table.c.id).where(
            table.c.term == term, table.c.state == "published"
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
            if found is None:
                return None
            id = EditionId(found)
            return Draft(await _get(connection, id), await _rows(connection, id))

    async def open_jobs(self, ids: Sequence[EditionId]) -> dict[EditionId, str]:
        """The job of each edition that is waiting or running."""
        table = schema.solver_job
        query = select(table.c.edition, table.c.id).where(
            table.c.edition.in_(ids), table.c.state.in_(OPEN)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {EditionId(row.edition): row.id for row in rows}

    async def rename(self, id: EditionId, name: str) -> None:
        """Raises NotFoundError."""
        table = schema.edition
        async with self._database.begin() as connection:
            await _get(connection, id)
            await connection.execute(
                update(table).where(table.c.id == id).values(name=name)
            )

    async def remove(self, id: EditionId) -> None:
        """Its notices stay: somebody may not have read yet what it changed, and that
        may still be so. Raises NotFoundError, ConflictError(`edition_published`,
        `job_running`)."""
        async with self._database.begin() as connection:
            edition = await _get(connection, id)
            job = schema.solver_job.c
            running = select(job.id).where(job.edition == id, job.state.in_(OPEN))
            if (await connection.execute(running)).first() is not None:
                raise job_running()
            if edition.state == "published":
                raise ConflictError(
                    "edition_published",
                    zh="正在使用的版本不能删除；先发布另一个版本",
                    en="the published edition cannot be deleted; publish another first",
                )
            notice = schema.notice
            await connection.execute(
                update(notice).where(notice.c.edition == id).values(edition=None)
            )
            for table in (schema.placed, schema.edition_change, schema.solver_job):
                await connection.execute(delete(table).where(table.c.edition == id))
            await connection.execute(
                delete(schema.edition).where(schema.edition.c.id == id)
            )

    # ---- history ------------------------------------------------------------------

    async def change(
        self,
        id: EditionId,
        revision: int,
        step: Step,
        label: Label,
        *,
        by: str,
        at: datetime,
    ) -> Edition:
        """Takes the step, from the revision it was made for; what could be done again
        is forgotten. Raises NotFoundError, ConflictError(`edition_changed`,
        `edition_not_draft`)."""
        table = schema.edition_change
        async with self._database.begin() as connection:
            old = await draft_at(connection, id, revision)
            number = old.done + 1
            oldest = number - _MOST_KEPT
            new = replace(old, revision=revision + 1, done=number, kept=number)
            await turn(connection, old, new)
            await connection.execute(
                delete(table).where(
                    table.c.edition == id,
                    (table.c.number > old.done) | (table.c.number <= oldest),
                )
            )
            await connection.execute(
                insert(table).values(
                    edition=id,
                    number=number,
                    step=step_as_json(step),
                    zh=label.zh,
                    en=label.en,
                    by=by,
                    at=at,
                )
            )
            await _take(connection, id, step)
        return new

    async def undo(self, id: EditionId, revision: int) -> tuple[Edition, Step]:
        """Raises as `change`, and ConflictError(`nothing_to_undo`)."""
        async with self._database.begin() as connection:
            old = await draft_at(connection, id, revision)
            entry = await _entry(connection, id, old.done)
            if entry is None:
                raise ConflictError(
                    "nothing_to_undo", zh="没有可以撤销的改动", en="nothing to undo"
                )
            new = replace(old, revision=revision + 1, done=old.done - 1)
            await turn(connection, old, new)
            await _take(connection, id, entry.step.inverse)
        return new, entry.step.inverse

    async def redo(self, id: EditionId, revision: int) -> tuple[Edition, Step]:
        """Raises as `change`, and ConflictError(`nothing_to_redo`)."""
        async with self._database.begin() as connection:
            old = await draft_at(connection, id, revision)
            entry = await _entry(connection, id, old.done + 1)
            if entry is None:
                raise ConflictError(
                    "nothing_to_redo", zh="没有可以重做的改动", en="nothing to redo"
                )
            new = replace(old, revision=revision + 1, done=old.done + 1)
            await turn(connection, old, new)
            await _take(connection, id, entry.step)
        return new, entry.step

    async def history(self, id: EditionId) -> list[Entry]:
        """In the order in which they were done. Raises NotFoundError."""
        table = schema.edition_change
        query = select(table).where(table.c.edition == id).order_by(table.c.number)
        async with self._database.read() as connection:
            await _get(connection, id)
            rows = (await connection.execute(query)).all()
        return [_history_entry(row) for row in rows]

    async def last(self, edition: Edition) -> Entry | None:
        """What an undo would take back."""
        async with self._database.read() as connection:
            return await _entry(connection, edition.id, edition.done)


async def _get(connection: AsyncConnection, id: EditionId) -> Edition:
    table = schema.edition
    query = select(table).where(table.c.id == id)
    found = (await connection.execute(query)).first() if is_id(id) else None
    if found is None:
        raise NotFoundError(
            "no_such_edition", zh=f"没有这个课表版本: {id}", en=f"no edition {id}"
        )
    return edition_of(found._mapping)


async def _rows(connection: AsyncConnection, id: EditionId) -> Rows:
    table = schema.placed
    query = select(table).where(table.c.edition == id)
    return rows_of(
        Placed(CourseId(r.course), r.weekday, r.start_minute, r.origin, r.locked)
        for r in await connection.execute(query)
    )


async def draft_at(
    connection: AsyncConnection, id: EditionId, revision: int
) -> Edition:
    """Raises NotFoundError, ConflictError(`edition_changed`, `edition_not_draft`)."""
    edition = await _get(connection, id)
    if edition.state != "draft":
        raise not_a_draft(edition)
    if edition.revision != revision:
        raise edition_changed(edition)
    return edition


async def turn(connection: AsyncConnection, old: Edition, new: Edition) -> None:
    """From one revision to the next. Raises ConflictError(`edition_changed`)."""
    table = schema.edition
    here = and_(table.c.id == old.id, table.c.revision == old.revision)
    turned = await connection.execute(update(table).where(here).values(**_columns(new)))
    if not turned.rowcount:
        raise edition_changed(await _get(connection, old.id))


async def _take(connection: AsyncConnection, id: EditionId, step: Step) -> None:
    table = schema.placed
    key = tuple_(table.c.course, table.c.weekday, table.c.start_minute)
    gone = [tuple(row.place) for row in step.gone]
    for some in batched(gone, _CHUNK):
        await connection.execute(
            delete(table).where(table.c.edition == id, key.in_(some))
        )
    await _enter(connection, id, step.come)


async def _enter(
    connection: AsyncConnection, id: EditionId, rows: Iterable[Placed]
) -> None:
    for some in batched(rows, _CHUNK):
        values = [
            {
                "edition": id,
                "course": row.course,
                "weekday": row.weekday,
                "start_minute": row.start,
                "origin": row.origin,
                "locked": row.locked,
            }
            for row in some
        ]
        await connection.execute(insert(schema.placed), values)


async def _entry(
    connection: AsyncConnection, id: EditionId, number: int
) -> Entry | None:
    table = schema.edition_change
    query = select(table).where(table.c.edition == id, table.c.number == number)
    found = (await connection.execute(query)).first()
    return None if found is None else _history_entry(found)


def _history_entry(row: Any) -> Entry:  # noqa: ANN401 - a row of edition_change
    label = Label(row.zh, row.en)
    return Entry(row.number, step_of_json(row.step), label, row.by, row.at)


def _columns(edition: Edition) -> dict[str, object]:
    return dict(vars(edition))


def edition_of(row: Mapping[Any, Any]) -> Edition:
    names = Edition.__dataclass_fields__
    return Edition(**{name: row[name] for name in names})
