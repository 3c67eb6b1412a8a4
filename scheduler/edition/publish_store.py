"""The database door of publishing: slots and dated lessons follow a new edition.

The edition, its slots and its notices change in one transaction. Dated lessons follow
in small ones, some courses of one term week each, so that no bell waits behind a whole
term being written; what a kill leaves undone is found again by `unfinished`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.ids import CourseId
from common.turns import batched
from scheduler import schema as tables
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.course import Lesson, Slot, SlotId
from scheduler.catalogue.store import ChangedMeanwhileError, count_change
from scheduler.edition import schema
from scheduler.edition.notice_store import Notice, tell
from scheduler.edition.reconcile import Reconciled, There, reconcile
from scheduler.edition.store import draft_at, edition_of, turn
from scheduler.edition.values import Edition, EditionId
from scheduler.sessions.lesson_row_store import (
    OVER,
    load_lessons,
    lock_lessons,
    lock_sessions,
    planned_row,
)
from scheduler.sessions.lifecycle import State

_AT_ONCE = 250
"""Rows of one statement: more would hold the event loop for longer than a bell should
wait."""
_IDS_AT_ONCE = 500
"""SQLite takes some thousand values in one statement."""


@dataclass(frozen=True)
class Stretch:
    """Some courses of one term week. `days`: the dates on which it runs. `lasting`:
    slots whose lesson of the week would now have been before `from_day`; they keep the
    one that is there."""

    term: TermId
    week: int
    from_day: date
    courses: Sequence[CourseId]
    wanted: Sequence[Lesson]
    days: frozenset[date]
    lasting: frozenset[str] = frozenset()


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
            there, settled = await _there(connection, stretch)
            wanted = [w for w in stretch.wanted if w.slot not in settled]
            others = await _others(connection, stretch, wanted, there)
            result = reconcile(wanted, there, others)
            await _write(connection, result, now)
        return result

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
            .where(lesson.course.in_(_courses_of(term)), lesson.day < before)
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


def _courses_of(term: TermId) -> Any:  # noqa: ANN401 - a subquery
    return select(tables.course.c.id).where(tables.course.c.term == term)


async def _replace_slots(
    connection: AsyncConnection, term: TermId, slots: Sequence[Slot], from_day: date
) -> list[Lesson]:
    table, lesson = tables.slot, tables.lesson
    query = select(table).where(table.c.course.in_(_courses_of(term)))
    rows = (await connection.execute(query)).all()
    old = {row.id: Slot.model_validate(dict(row._mapping)) for row in rows}
    new = {slot.id: slot for slot in slots}
    gone = [id for id in old if id not in new]
    await lock_sessions(
        connection,
        tables.session.c.lesson.in_(select(lesson.c.id).where(lesson.c.slot.in_(gone))),
    )
    removed = await _planned_of(connection, gone, from_day)
    await _remove(connection, removed)
    for some in batched(gone, _IDS_AT_ONCE):
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
    for some in batched(made, _AT_ONCE):
        await connection.execute(insert(table), [slot.model_dump() for slot in some])
    return removed


async def _planned_of(
    connection: AsyncConnection, slots: Sequence[SlotId], from_day: date
) -> list[Lesson]:
    lesson, session = tables.lesson.c, tables.session.c
    ids: list[str] = []
    for some in batched(slots, _IDS_AT_ONCE):
        query = (
            select(lesson.id)
            .select_from(_WITH_SESSION)
            .where(lesson.slot.in_(some), lesson.day >= from_day, ~lesson.by_hand)
            .where(session.state == State.PLANNED)
        )
        ids.extend(row.id for row in await connection.execute(query))
    return await _load(connection, ids)


# ---- dated lessons -----------------------------------------------------------------


_WITH_SESSION = tables.lesson.join(
    tables.session, tables.session.c.lesson == tables.lesson.c.id
)


async def _there(
    connection: AsyncConnection, stretch: Stretch
) -> tuple[list[There], set[str]]:
    """Lessons of these courses and this week that may change, and the slots whose
    lesson of this week is not to be made again."""
    lesson, session = tables.lesson.c, tables.session.c
    mine = (
        lesson.course.in_(stretch.courses)
        & lesson.slot.is_not(None)
        & or_(lesson.week == stretch.week, lesson.slot_day.is_not(None))
    )
    # No bell may make one begin between the look and the write.
    await lock_sessions(connection, session.lesson.in_(select(lesson.id).where(mine)))
    query = select(lesson.id, session.state).select_from(_WITH_SESSION).where(mine)
    states = {r.id: State(r.state) for r in await connection.execute(query)}
    there: list[There] = []
    settled: set[str] = set()
    for one in await _load(connection, list(states)):
        # One that a person moved to another date may be another week's.
        if one.slot_day is not None and one.slot_day not in stretch.days:
            continue
        if one.day < stretch.from_day or one.slot in stretch.lasting:
            settled.add(one.slot or "")
        else:
            there.append(There(one, states[one.id]))
    return there, settled


async def _others(
    connection: AsyncConnection,
    stretch: Stretch,
    wanted: Sequence[Lesson],
    there: Sequence[There],
) -> list[Lesson]:
    """Unfinished lessons of those days that do not follow the edition: made or changed
    by people, begun, or of another term."""
    lesson, session = tables.lesson.c, tables.session.c
    days = {one.day for one in wanted} | {one.lesson.day for one in there}
    query = (
        select(lesson.id)
        .select_from(_WITH_SESSION)
        .where(lesson.day.in_(days), session.state.not_in(OVER))
        .where(
            or_(
                lesson.slot.is_(None),
                lesson.by_hand,
                session.state != State.PLANNED,
                lesson.day < stretch.from_day,
                lesson.course.not_in(_courses_of(stretch.term)),
            )
        )
    )
    mine = {one.lesson.id for one in there}
    ids = [row.id for row in await connection.execute(query) if row.id not in mine]
    return await _load(connection, ids)


async def _load(connection: AsyncConnection, ids: Sequence[str]) -> list[Lesson]:
    found: list[Lesson] = []
    for some in batched(ids, _IDS_AT_ONCE):
        found.extend(await load_lessons(connection, tables.lesson.c.id.in_(some)))
    return found


async def _write(
    connection: AsyncConnection, result: Reconciled, now: datetime
) -> None:
    await _remove(connection, result.removed)
    await _change(connection, [new for _, new in result.changed], now)
    await _insert(connection, result.added, now)


async def _remove(connection: AsyncConnection, lessons: Sequence[Lesson]) -> None:
    for some in batched([lesson.id for lesson in lessons], _IDS_AT_ONCE):
        for table in (tables.lesson_room, tables.session):
            await connection.execute(delete(table).where(table.c.lesson.in_(some)))
        await connection.execute(
            delete(tables.lesson).where(tables.lesson.c.id.in_(some))
        )


async def _change(
    connection: AsyncConnection, lessons: Sequence[Lesson], now: datetime
) -> None:
    if not lessons:
        return
    table, session = tables.lesson, tables.session
    ids = [lesson.id for lesson in lessons]
    for some in batched(ids, _IDS_AT_ONCE):
        # Two lessons may take each other's day: for a moment none has one.
        await connection.execute(
            update(table).where(table.c.id.in_(some)).values(slot=None)
        )
        await connection.execute(
            delete(tables.lesson_room).where(tables.lesson_room.c.lesson.in_(some))
        )
        # A starter that looked before the change must look again.
        await connection.execute(
            update(session)
            .where(session.c.lesson.in_(some))
            .values(version=session.c.version + 1)
        )
    fields = [f for f in _columns(lessons[0]) if f not in ("id", "session", "version")]
    changing = (
        update(table)
        .where(table.c.id == bindparam("the_lesson"))
        .values(
            {name: bindparam(f"new_{name}") for name in fields}
            | {"version": table.c.version + 1, "changed_at": now}
        )
    )
    for part in batched(lessons, _AT_ONCE):
        await connection.execute(
            changing,
            [
                {"the_lesson": one.id, **{f"new_{n}": getattr(one, n) for n in fields}}
                for one in part
            ],
        )
        await _insert_rooms(connection, part)


async def _insert(
    connection: AsyncConnection, lessons: Sequence[Lesson], now: datetime
) -> None:
    for some in batched(lessons, _AT_ONCE):
        await connection.execute(insert(tables.lesson), [_columns(one) for one in some])
        await _insert_rooms(connection, some)
        await connection.execute(
            insert(tables.session), [planned_row(one, now) for one in some]
        )


async def _insert_rooms(connection: AsyncConnection, lessons: Sequence[Lesson]) -> None:
    await connection.execute(
        insert(tables.lesson_room),
        [
            {"lesson": one.id, "site_room": room, "place": place}
            for one in lessons
            for place, room in enumerate(one.site_rooms)
        ],
    )


def _columns(lesson: Lesson) -> dict[str, Any]:
    return lesson.model_dump(exclude={"receiving_rooms"})
