"""The database door of publishing: slots and dated lessons follow a new edition.

The edition, its slots and its notices change in one transaction. Dated lessons follow
in small ones, some courses of one term week each, so that no bell waits behind a whole
term being written; what a kill leaves undone is found again by `unfinished`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.ids import CourseId
from common.turns import batched
from scheduler import schema as tables
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.course import Lesson, Slot
from scheduler.catalogue.store import ChangedMeanwhileError, count_change
from scheduler.edition import schema
from scheduler.edition.follow_store import (
    AT_ONCE,
    IDS_AT_ONCE,
    Stretch,
    courses_of,
    follow_within,
    planned_of,
    remove_lessons,
)
from scheduler.edition.notice_store import Notice, tell
from scheduler.edition.reconcile import Reconciled
from scheduler.edition.store import draft_at, edition_of, turn
from scheduler.edition.values import Edition, EditionId
from scheduler.sessions.lesson_row_store import (
    lock_lessons,
    lock_sessions,
)


class Publications:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        id: EditionId,
        revision: int,
        *,
        slots: Sequence[Slot],
        from_day: date,
        notices: Iterable[Notice],
        at: datetime,
        by: str,
    ) -> tuple[Edition, list[Lesson]]:
        """The edition as it is now, and dated lessons taken off because their slot is
        gone. Raises ConflictError(`edition_changed`, `edition_not_draft`,
        `catalogue_changed`)."""
        try:
            async with self._database.begin() as connection:
                await lock_lessons(connection)
                await count_change(connection)
                old = await draft_at(connection, id, revision)
                new = replace(
                    old,
                    state="published",
                    revision=revision + 1,
                    published_at=at,
                    published_by=by,
                    from_day=from_day,
                )
                await _publish(connection, old, new)
                removed = await _replace_slots(connection, old.term, slots, from_day)
                await tell(connection, notices)
        except IntegrityError as error:
            # A course was removed since it was judged, or another edition published.
            raise ChangedMeanwhileError from error
        return new, removed

    async def follow(self, stretch: Stretch, now: datetime) -> Reconciled:
        """Brings the dated lessons of some courses of a week to what is wanted."""
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            return await follow_within(connection, stretch, now)

    async def finish(self, id: EditionId) -> None:
        table = schema.edition
        async with self._database.begin() as connection:
            await connection.execute(
                update(table).where(table.c.id == id).values(unfinished_from=None)
            )

    async def unfinished(self) -> list[Edition]:
        """Published editions whose dated lessons do not all follow yet."""
        table = schema.edition
        query = select(table).where(
            table.c.state == "published", table.c.unfinished_from.is_not(None)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [edition_of(row._mapping) for row in rows]

    async def class_hours(self, term: TermId, before: date) -> dict[CourseId, int]:
        """The last class hour each course has had by a day."""
        lesson = tables.lesson.c
        last = func.max(lesson.class_hour).label("last")
        query = (
            select(lesson.course, last)
            .where(lesson.course.in_(courses_of(term)), lesson.day < before)
            .where(lesson.class_hour.is_not(None))
            .group_by(lesson.course)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {CourseId(row.course): row.last for row in rows}


# ---- slots -------------------------------------------------------------------------


async def _publish(connection: AsyncConnection, old: Edition, new: Edition) -> None:
    """In the place of the edition that was published until now."""
    table = schema.edition
    await connection.execute(
        update(table)
        .where(table.c.term == old.term, table.c.state == "published")
        .values(state="past", unfinished_from=None)
    )
    await turn(connection, old, new)
    unfinished = update(table).where(table.c.id == new.id)
    await connection.execute(unfinished.values(unfinished_from=new.from_day))


async def _replace_slots(
    connection: AsyncConnection, term: TermId, slots: Sequence[Slot], from_day: date
) -> list[Lesson]:
    table, lesson = tables.slot, tables.lesson
    query = select(table).where(table.c.course.in_(courses_of(term)))
    rows = (await connection.execute(query)).all()
    old = {row.id: Slot.model_validate(dict(row._mapping)) for row in rows}
    new = {slot.id: slot for slot in slots}
    gone = [id for id in old if id not in new]
    await lock_sessions(
        connection,
        tables.session.c.lesson.in_(select(lesson.c.id).where(lesson.c.slot.in_(gone))),
    )
    removed = await planned_of(connection, gone, from_day)
    await remove_lessons(connection, removed)
    for some in batched(gone, IDS_AT_ONCE):
        # Lessons that took place, or that people changed, do not come from it now.
        await connection.execute(
            update(lesson).where(lesson.c.slot.in_(some)).values(slot=None)
        )
        await connection.execute(delete(table).where(table.c.id.in_(some)))
    changed = [s for s in slots if s.id in old and old[s.id] != s]
    if changed:
        fields = [name for name in Slot.model_fields if name != "id"]
        await connection.execute(
            update(table)
            .where(table.c.id == bindparam("the_slot"))
            .values({name: bindparam(f"new_{name}") for name in fields}),
            [
                {"the_slot": s.id, **{f"new_{n}": getattr(s, n) for n in fields}}
                for s in changed
            ],
        )
    made = [slot for slot in slots if slot.id not in old]
    for some in batched(made, AT_ONCE):
        await connection.execute(insert(table), [slot.model_dump() for slot in some])
    return removed
