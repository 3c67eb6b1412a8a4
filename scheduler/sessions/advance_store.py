"""One step of a session, as part of a transaction of the caller."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.errors import NotFoundError
from common.ids import SessionId
from scheduler import schema
from scheduler.sessions.lifecycle import Cause, State, follow
from scheduler.sessions.plan import Running, Step


@dataclass(frozen=True, slots=True)
class _Seen:
    """A session as it was read: what a transition is compared with."""

    session: SessionId
    state: State
    version: int


async def advance_one(
    connection: AsyncConnection, running: Running | _Seen, step: Step, at: datetime
) -> bool:
    table = schema.session
    version = running.version + 1
    moved = await connection.execute(
        update(table)
        .where(table.c.id == running.session)
        .where(table.c.state == running.state, table.c.version == running.version)
        .values(
            state=step.to,
            version=version,
            entered_at=at,
            reason=f"{step.cause} {step.detail}".strip(),
        )
    )
    if not moved.rowcount:
        return False
    await connection.execute(
        insert(schema.transition).values(
            session=running.session,
            version=version,
            from_state=running.state,
            to_state=step.to,
            cause=step.cause,
            detail=step.detail,
            at=at,
        )
    )
    return True


async def act_within(
    connection: AsyncConnection, id: SessionId, cause: Cause, detail: str, at: datetime
) -> Step:
    """A person's wish as part of a larger transaction; `Starter.acted` tells of the
    step after that. Raises ConflictError(`wrong_state`), NotFoundError."""
    table = schema.session
    query = select(table.c.state, table.c.version).where(table.c.id == id)
    row = (await connection.execute(query.with_for_update())).first()
    if row is None:
        raise no_session(id)
    seen = _Seen(id, State(row.state), row.version)
    step = Step(id, cause, follow(seen.state, cause), detail)
    await advance_one(connection, seen, step, at)
    return step


def no_session(id: SessionId) -> NotFoundError:
    return NotFoundError(
        "no_such_session", zh=f"没有这节课: {id}", en=f"no session {id}"
    )
