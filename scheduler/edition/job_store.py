"""The database door of the solver's work. Each method is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from common.db import Database
from common.errors import NotFoundError
from common.ids import is_id
from scheduler.edition import schema
from scheduler.edition.errors import job_running
from scheduler.edition.jobs import OPEN, Job, JobId

_TABLE = schema.solver_job


class JobStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job) -> None:
        """Raises ConflictError(`job_running`): one at a time for each edition."""
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(_TABLE).values(**vars(job)))
        except IntegrityError as error:
            raise job_running() from error

    async def get(self, id: JobId) -> Job:
        """Raises NotFoundError(`no_such_job`)."""
        query = select(_TABLE).where(_TABLE.c.id == id)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).first() if is_id(id) else None
        if found is None:
            raise NotFoundError(
                "no_such_job", zh=f"没有这个任务: {id}", en=f"no job {id}"
            )
        return _job(found)

    async def note(self, id: JobId, **fields: Any) -> None:  # noqa: ANN401 - columns
        """Writes some columns of a job."""
        async with self._database.begin() as connection:
            await connection.execute(
                update(_TABLE).where(_TABLE.c.id == id).values(**fields)
            )

    async def end(self, id: JobId, **fields: Any) -> bool:  # noqa: ANN401 - columns
        """Writes the last columns of an open job; False: it had ended already."""
        chosen = update(_TABLE).where(_TABLE.c.id == id, _TABLE.c.state.in_(OPEN))
        async with self._database.begin() as connection:
            return bool((await connection.execute(chosen.values(**fields))).rowcount)

    async def take(self, id: JobId, answer: str) -> bool:
        """False: somebody was faster."""
        chosen = update(_TABLE).where(_TABLE.c.id == id, _TABLE.c.answer == "offered")
        async with self._database.begin() as connection:
            return bool(
                (await connection.execute(chosen.values(answer=answer))).rowcount
            )

    async def seen(self, ids: Sequence[JobId], at: datetime) -> set[JobId]:
        """These go on; those of them that somebody wants to stop."""
        mine = _TABLE.c.id.in_(ids)
        wanted = select(_TABLE.c.id).where(mine, _TABLE.c.stop_asked)
        async with self._database.begin() as connection:
            await connection.execute(update(_TABLE).where(mine).values(seen_at=at))
            return {JobId(row.id) for row in await connection.execute(wanted)}

    async def silent(self, since: datetime) -> list[Job]:
        """Open jobs that nobody has said to be running since then."""
        query = select(_TABLE).where(_TABLE.c.state.in_(OPEN), _TABLE.c.seen_at < since)
        async with self._database.read() as connection:
            return [_job(row) for row in await connection.execute(query)]


def _job(row: Any) -> Job:  # noqa: ANN401 - a row of solver_job
    return Job(**row._mapping)
