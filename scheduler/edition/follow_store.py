"""Dated lessons that follow an edition, some courses of one term week at a time, as
part of a transaction of the caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.ids import CourseId
from common.turns import batched
from scheduler import schema as tables
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.edition.reconcile import Reconciled, There, reconcile
from scheduler.sessions.lesson_row_store import (
    OVER,
    load_lessons,
    lock_sessions,
    planned_row,
)
from scheduler.sessions.lifecycle import State

AT_ONCE = 250
"""Rows of one statement: more would hold the event loop for longer than a bell should
wait."""
IDS_AT_ONCE = 500
"""SQLite takes some thousand values in one statement."""
_WITH_SESSION = tables.lesson.join(
    tables.session, tables.session.c.lesson == tables.lesson.c.id
)


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


async def follow_within(
    connection: AsyncConnection, stretch: Stretch, now: datetime
) -> Reconciled:
    """Brings the dated lessons of some courses of a week to what is wanted. After
    `lock_lessons`."""
    there, settled = await _there(connection, stretch)
    wanted = [w for w in stretch.wanted if w.slot not in settled]
    others = await _others(connection, stretch, wanted, there)
    result = reconcile(wanted, there, others)
    await _write(connection, result, now)
    return result


async def planned_of(
    connection: AsyncConnection, slots: Sequence[SlotId], from_day: date
) -> list[Lesson]:
    lesson, session = tables.lesson.c, tables.session.c
    ids: list[str] = []
    for some in batched(slots, IDS_AT_ONCE):
        query = (
            select(lesson.id)
            .select_from(_WITH_SESSION)
            .where(lesson.slot.in_(some), lesson.day >= from_day, ~lesson.by_hand)
            .where(session.state == State.PLANNED)
        )
        ids.extend(row.id for row in await connection.execute(query))
    return await _load(connection, ids)


def courses_of(term: TermId) -> Any:  # noqa: ANN401 - a subquery
    return select(tables.course.c.id).where(tables.course.c.term == term)


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
                lesson.course.not_in(courses_of(stretch.term)),
            )
        )
    )
    mine = {one.lesson.id for one in there}
    ids = [row.id for row in await connection.execute(query) if row.id not in mine]
    return await _load(connection, ids)


async def _load(connection: AsyncConnection, ids: Sequence[str]) -> list[Lesson]:
    found: list[Lesson] = []
    for some in batched(ids, IDS_AT_ONCE):
        found.extend(await load_lessons(connection, tables.lesson.c.id.in_(some)))
    return found


async def _write(
    connection: AsyncConnection, result: Reconciled, now: datetime
) -> None:
    await remove_lessons(connection, result.removed)
    await _change(connection, [new for _, new in result.changed], now)
    await _insert(connection, result.added, now)


async def remove_lessons(
    connection: AsyncConnection, lessons: Sequence[Lesson]
) -> None:
    for some in batched([lesson.id for lesson in lessons], IDS_AT_ONCE):
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
    for some in batched(ids, IDS_AT_ONCE):
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
    for part in batched(lessons, AT_ONCE):
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
    for some in batched(lessons, AT_ONCE):
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
