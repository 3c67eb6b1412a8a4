"""The database door of the scheduler: what people enter, as values in and out.

Dated lessons are in `lesson_store`, what is running in `session_store`. Each method
is one transaction.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Delete, Table, bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database, insert_into
from common.errors import ConflictError, NotFoundError
from common.turns import batched, in_turns
from scheduler import schema
from scheduler.catalogue.availability import ClosedTime, LocalLesson, SchoolDay, Travel
from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import CalendarDay, Term
from scheduler.catalogue.course import (
    Course,
    CourseRoom,
    Slot,
)
from scheduler.catalogue.organisation import (
    ClassGroup,
    Device,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.catalogue.wishes import SubjectTime, Weighting

V = TypeVar("V", bound=Value)
_AT_ONCE = 250
"""Rows of one statement: ten thousand would hold the event loop for half a second."""
_CATALOGUE = "catalogue"

TABLES: dict[type[Value], Table] = {
    District: schema.district,
    School: schema.school,
    SiteRoom: schema.site_room,
    Device: schema.device,
    Teacher: schema.teacher,
    ClassGroup: schema.class_group,
    BellSchedule: schema.bell_schedule,
    Period: schema.period,
    SchoolDay: schema.school_day,
    Travel: schema.travel,
    Term: schema.term,
    CalendarDay: schema.calendar_day,
    Course: schema.course,
    CourseRoom: schema.course_room,
    Slot: schema.slot,
    LocalLesson: schema.local_lesson,
    ClosedTime: schema.closed_time,
    SubjectTime: schema.subject_time,
    Weighting: schema.weighting,
}
"""In the order in which rows may refer to earlier ones."""


class Catalogue:
    """Organisation, bells, calendar, courses: rows with a key, all alike."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.revision = 0
        """Grows with every change made through this object."""

    async def put(
        self,
        values: Iterable[Value],
        *,
        gone: Iterable[Value] = (),
        judged_at: int | None = None,
    ) -> None:
        """Inserts or replaces, and removes what is `gone`, all or nothing.
        `judged_at`: the `number` of the rows that the values were found to fit with.

        Raises ConflictError(`unknown_reference`) when a row names what is not there,
        ChangedMeanwhileError when `judged_at` is not the number any more.
        """
        try:
            async with self._database.begin() as connection:
                # First: of two who judged the same rows, the second waits here.
                await count_change(connection, judged_at)
                for kind, rows in groupby(values, key=type):
                    upsert = _upsert(connection, kind)
                    for some in batched(rows, _AT_ONCE):
                        fields = [row.model_dump() for row in some]
                        await connection.execute(upsert, fields)
                for row in gone:
                    await connection.execute(_removal(row))
            self.revision += 1
        except IntegrityError as error:
            raise ConflictError(
                "unknown_reference",
                zh="引用了不存在的编号，请先建立它",
                en="a row refers to an id that does not exist; create that first",
            ) from error

    async def number(self) -> int:
        """Grows with every change, whichever process makes it."""
        table = schema.counter
        query = select(table.c.number).where(table.c.name == _CATALOGUE)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0

    async def all(self, kind: type[V], **equal: object) -> list[V]:
        """Every row of one kind, in order of its key."""
        table = TABLES[kind]
        query = select(table).order_by(*table.primary_key.columns)
        query = query.where(*_equal(table, equal))
        async with self._database.read() as connection:
            found = await connection.execute(query)
            names = list(found.keys())
            return [
                kind.model_validate(dict(zip(names, row, strict=True)))
                async for row in in_turns(found)
            ]

    async def get(self, kind: type[V], id: str) -> V:
        """Raises NotFoundError(`no_such_<kind>`)."""
        found = await self.all(kind, id=id)
        if not found:
            name = TABLES[kind].name
            raise NotFoundError(
                f"no_such_{name}", zh=f"没有编号为 {id} 的记录", en=f"no {name} {id}"
            )
        return found[0]

    async def remove(self, kind: type[Value], **key: object) -> None:
        """Raises NotFoundError, or ConflictError(`in_use`) while others refer to it."""
        table = TABLES[kind]
        chosen = delete(table).where(*_equal(table, key))
        try:
            async with self._database.begin() as connection:
                # First, as in `put`: who counts last waits for who counts first.
                await count_change(connection)
                gone = (await connection.execute(chosen)).rowcount
            self.revision += 1
        except IntegrityError as error:
            raise ConflictError(
                "in_use",
                zh="还有其他记录在使用它，请先修改那些记录",
                en="other rows still refer to it; change those first",
            ) from error
        if not gone:
            name = TABLES[kind].name
            raise NotFoundError(
                f"no_such_{name}", zh="没有这条记录", en=f"no such {name}"
            )


class ChangedMeanwhileError(ConflictError):
    """Somebody else entered something since the rows were judged: judge them again."""

    def __init__(self) -> None:
        super().__init__(
            "catalogue_changed",
            zh="别人刚刚也在修改数据，这次什么都没有写入；请再试一次",
            en="somebody else was changing rows at the same time, nothing was written;"
            " try again",
        )


async def count_change(
    connection: AsyncConnection, judged_at: int | None = None
) -> None:
    """Within the transaction of a change: every process reads the rows again. Raises
    ChangedMeanwhileError when others have counted on from `judged_at`."""
    table = schema.counter
    counted = await connection.execute(
        insert_into(connection, table)
        .values(name=_CATALOGUE, number=1)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"number": table.c.number + 1},
            where=None if judged_at is None else table.c.number == judged_at,
        )
        .returning(table.c.number)
    )
    if counted.first() is None:
        raise ChangedMeanwhileError


def _removal(row: Value) -> Delete:
    table = TABLES[type(row)]
    key = {column.name: getattr(row, column.name) for column in table.primary_key}
    return delete(table).where(*_equal(table, key))


def _equal(table: Table, wanted: Mapping[str, object]) -> Iterator[ColumnElement[bool]]:
    """As the column writes its values: a None that is stored as a text is not NULL."""
    for name, value in wanted.items():
        column = table.c[name]
        yield column == bindparam(None, value, type_=column.type)


def _upsert(connection: AsyncConnection, kind: type[Value]) -> Any:  # noqa: ANN401
    table = TABLES[kind]
    keys = [column.name for column in table.primary_key.columns]
    statement = insert_into(connection, table)
    others = {c.name: c for c in statement.excluded if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
