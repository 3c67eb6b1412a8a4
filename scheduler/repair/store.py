"""The database door of proposals. Each method is one transaction: whatever agreeing
changes lies in this one database, so a kill leaves all of it or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.errors import ConflictError, NotFoundError
from scheduler.edition.notice_store import Notice, tell
from scheduler.repair.agree import Outcome, refuse_stale, stale
from scheduler.repair.ending import Returning
from scheduler.repair.kept import (
    Done,
    Ended,
    Kept,
    ProposalId,
    ProposalState,
    done_json,
    read_kept,
    row_of,
)
from scheduler.repair.schema import proposal as table
from scheduler.schema import session
from scheduler.sessions.advance_store import act_within
from scheduler.sessions.lesson_row_store import (
    change_lessons,
    load_planned,
    lock_lessons,
    lock_sessions,
    renew_session,
)
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.plan import Step


class Proposals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, one: Kept) -> None:
        async with self._database.begin() as connection:
            await connection.execute(insert(table).values(**row_of(one)))

    async def get(self, id: ProposalId) -> Kept:
        """Raises NotFoundError(`no_such_proposal`)."""
        async with self._database.read() as connection:
            query = select(table).where(table.c.id == id)
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFoundError(
                "no_such_proposal",
                zh=f"没有编号为 {id} 的调整建议",
                en=f"there is no proposal {id}",
            )
        return read_kept(dict(row))

    async def of_term(self, term: str, limit: int = 50) -> Sequence[Kept]:
        """The newest first."""
        query = (
            select(table)
            .where(table.c.term == term)
            .order_by(table.c.made_at.desc(), table.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [read_kept(dict(row)) for row in rows]

    async def agree(
        self,
        one: Kept,
        made: Outcome,
        done: Sequence[Done],
        notices: Iterable[Notice],
        by: str,
        at: datetime,
    ) -> list[Step]:
        """Lessons, cancellations, notices and the proposal change together or not at
        all. Returns the cancellations.

        Raises ConflictError(`proposal_closed`, `proposal_stale`, `wrong_state`) and
        what `change_lessons` raises."""
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            await lock_sessions(connection, session.c.lesson.in_(one.versions))
            await _close(connection, one.id, "agreed", by, at, done)
            refuse_stale(await load_planned(connection, one.versions), one.versions)
            # What is given up leaves its hours to what moves.
            steps: list[Step] = []
            for lesson, detail in made.cancelled:
                what = f"{detail} by {by}" if detail else f"by {by}"
                id = lesson.session
                steps.append(
                    await act_within(connection, id, Cause.CANCELLED, what, at)
                )
            await change_lessons(connection, made.changed)
            await tell(connection, notices)
        return steps

    async def end(
        self,
        one: Kept,
        back: Sequence[Returning],
        ended: Ended,
        notices: Iterable[Notice],
    ) -> None:
        """Lessons, notices and the proposal change together or not at all. What was
        cancelled takes place in a session of its own: one that was cancelled stays so.

        Raises ConflictError(`proposal_stale`, `lesson_begun`, `lesson_clash`)."""
        ids = [each.now.id for each in back]
        async with self._database.begin() as connection:
            await lock_lessons(connection)
            await lock_sessions(connection, session.c.lesson.in_(ids))
            await _note_end(connection, one, back, ended)
            lessons = [
                each.then
                if each.done.after
                else await renew_session(connection, each.now, each.then, ended.at)
                for each in back
            ]
            await change_lessons(connection, lessons)
            await tell(connection, notices)

    async def drop(self, id: ProposalId, by: str, at: datetime) -> None:
        """Raises ConflictError(`proposal_closed`)."""
        async with self._database.begin() as connection:
            await _close(connection, id, "dropped", by, at)


async def _close(
    connection: AsyncConnection,
    id: ProposalId,
    state: ProposalState,
    by: str,
    at: datetime,
    done: Sequence[Done] | None = None,
) -> None:
    chosen = (
        update(table)
        .where(table.c.id == id, table.c.state == "open")
        .values(
            state=state,
            closed_by=by,
            closed_at=at,
            done=None if done is None else done_json(done),
        )
    )
    if not (await connection.execute(chosen)).rowcount:
        raise closed()


async def _note_end(
    connection: AsyncConnection, one: Kept, back: Sequence[Returning], ended: Ended
) -> None:
    undone = {each.now.id for each in back}
    done = [
        replace(each, back=each.back or each.before.id in undone)
        for each in one.done or ()
    ]
    as_read = table.c.ended_at.is_not_distinct_from(one.ended and one.ended.at)
    chosen = (
        update(table)
        .where(table.c.id == one.id, as_read)
        .values(
            done=done_json(done),
            ended_from=ended.from_day,
            ended_by=ended.by,
            ended_at=ended.at,
        )
    )
    if not (await connection.execute(chosen)).rowcount:
        raise stale()


def closed() -> ConflictError:
    return ConflictError(
        "proposal_closed",
        zh="这个调整建议已经处理过了，请刷新",
        en="this proposal was dealt with already; reload",
    )
