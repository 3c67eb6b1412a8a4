"""The database door of proposals. Each method is one transaction: whatever agreeing
changes lies in this one database, so a kill leaves all of it or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NewType

from sqlalchemy import insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import LessonId
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.organisation import TeacherId
from scheduler.edition.notice_store import Notice, tell
from scheduler.repair.agree import Outcome, refuse_stale
from scheduler.repair.event import Absence
from scheduler.repair.moved import At
from scheduler.repair.propose import Proposal
from scheduler.repair.schema import proposal as table
from scheduler.schema import session
from scheduler.sessions.lesson_row_store import (
    change_lessons,
    load_planned,
    lock_lessons,
    lock_sessions,
)
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.plan import Step
from scheduler.sessions.session_store import act_within

ProposalId = NewType("ProposalId", str)
ProposalState = Literal["open", "agreed", "dropped"]


@dataclass(frozen=True, slots=True)
class KeptMove:
    lesson: LessonId
    version: int
    to: At


@dataclass(frozen=True, slots=True)
class KeptStuck:
    lesson: LessonId
    version: int
    substitutes: tuple[TeacherId, ...]
    dates: tuple[At, ...]


@dataclass(frozen=True)
class Kept:
    """A proposal as the database has it: lessons by id and version."""

    id: ProposalId
    term: TermId
    state: ProposalState
    absence: Absence
    moves: tuple[KeptMove, ...]
    stuck: tuple[KeptStuck, ...]
    looked_at: int
    made_by: str
    made_at: datetime

    @property
    def versions(self) -> dict[LessonId, int]:
        moves = {one.lesson: one.version for one in self.moves}
        return moves | {one.lesson: one.version for one in self.stuck}


def kept(
    id: ProposalId, term: TermId, found: Proposal, made_by: str, made_at: datetime
) -> Kept:
    return Kept(
        id=id,
        term=term,
        state="open",
        absence=found.absence,
        moves=tuple(KeptMove(m.lesson.id, m.lesson.version, m.to) for m in found.moves),
        stuck=tuple(
            KeptStuck(s.lesson.id, s.lesson.version, s.substitutes, s.dates)
            for s in found.stuck
        ),
        looked_at=found.looked_at,
        made_by=made_by,
        made_at=made_at,
    )


class Proposals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, one: Kept) -> None:
        row = {
            "id": one.id,
            "term": one.term,
            "state": one.state,
            "absence": one.absence.model_dump(mode="json"),
            "moves": [
                {"lesson": m.lesson, "version": m.version, **_at_json(m.to)}
                for m in one.moves
            ],
            "stuck": [
                {
                    "lesson": s.lesson,
                    "version": s.version,
                    "substitutes": list(s.substitutes),
                    "dates": [_at_json(at) for at in s.dates],
                }
                for s in one.stuck
            ],
            "looked_at": one.looked_at,
            "made_by": one.made_by,
            "made_at": one.made_at,
        }
        async with self._database.begin() as connection:
            await connection.execute(insert(table).values(**row))

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
        return _read(row)

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
        return [_read(row) for row in rows]

    async def agree(
        self,
        one: Kept,
        made: Outcome,
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
            await _close(connection, one.id, "agreed", by, at)
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
) -> None:
    chosen = (
        update(table)
        .where(table.c.id == id, table.c.state == "open")
        .values(state=state, closed_by=by, closed_at=at)
    )
    if not (await connection.execute(chosen)).rowcount:
        raise closed()


def closed() -> ConflictError:
    return ConflictError(
        "proposal_closed",
        zh="这个调整建议已经处理过了，请刷新",
        en="this proposal was dealt with already; reload",
    )


def _at_json(at: At) -> dict[str, Any]:
    return {"day": at.day.isoformat(), "start": at.start}


def _at(row: dict[str, Any]) -> At:
    return At(date.fromisoformat(row["day"]), row["start"])


def _read(row: RowMapping) -> Kept:
    return Kept(
        id=ProposalId(row["id"]),
        term=TermId(row["term"]),
        state=row["state"],
        absence=Absence.model_validate(row["absence"]),
        moves=tuple(
            KeptMove(LessonId(m["lesson"]), m["version"], _at(m)) for m in row["moves"]
        ),
        stuck=tuple(
            KeptStuck(
                LessonId(s["lesson"]),
                s["version"],
                tuple(map(TeacherId, s["substitutes"])),
                tuple(_at(at) for at in s["dates"]),
            )
            for s in row["stuck"]
        ),
        looked_at=row["looked_at"],
        made_by=row["made_by"],
        made_at=row["made_at"],
    )
