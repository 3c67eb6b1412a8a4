"""Agrees to a proposal and breaks on the way, by an error or by SIGKILL.

`python -m tests.flow.agreeing URL PROPOSAL CHOICES STEP` is the part that is killed.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

from sqlalchemy import event, select

from common.clock import SystemClock
from common.db import Database
from common.ids import LessonId
from scheduler import schema
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.store import Catalogue
from scheduler.edition.schema import notice
from scheduler.repair.agree import Choice
from scheduler.repair.desk import RepairDesk
from scheduler.repair.kept import ProposalId
from scheduler.repair.moved import At
from scheduler.repair.schema import proposal
from scheduler.repair.store import Proposals
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.plan import Step
from scheduler.sessions.starter import Starter

COMMIT, AFTER = "commit", "after"
_TABLES = (
    schema.lesson,
    schema.lesson_room,
    schema.session,
    schema.transition,
    proposal,
    notice,
)
_LATER = ("announced_at", "skipped")
"""What the leader writes when it has told of a transition."""


def repair_desk(database: Database, starter: Starter) -> RepairDesk:
    clock = SystemClock()
    worlds = WorldDesk(Catalogue(database), clock)
    return RepairDesk(worlds, Lessons(database), Proposals(database), starter, clock)


def choices_of(body: list[dict[str, Any]]) -> dict[LessonId, Choice]:
    return {LessonId(each["lesson"]): _choice(each) for each in body}


def _choice(body: dict[str, Any]) -> Choice:
    if body["kind"] != "date":
        return Choice(body["kind"])
    return Choice("date", at=At(date.fromisoformat(body["day"]), body["start"]))


async def rows(database: Database) -> list[Any]:
    """All that agreeing may change."""
    found: list[Any] = []
    async with database.read() as connection:
        for table in _TABLES:
            columns = [c for c in table.c if c.name not in _LATER]
            query = select(*columns).order_by(*table.primary_key)
            found.append((await connection.execute(query)).all())
    return found


@contextmanager
def broken_at(
    database: Database, step: str, breaks: Callable[[], None]
) -> Iterator[None]:
    """`step`: before the n-th write, or before the commit."""
    engine = database._engine.sync_engine
    written = 0

    def on_statement(_c: object, _k: object, text: str, *_: object) -> None:
        nonlocal written
        if text.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            written += 1
            if step == str(written):
                breaks()

    def on_commit(_c: object) -> None:
        if step == COMMIT and written:
            breaks()

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Deadly:
    """The first thing after the commit is to tell of it: nobody gets that far."""

    async def acted(self, step: Step) -> None:
        die()


async def _main(url: str, id: str, choices: str, step: str) -> None:
    database = Database(url)
    desk = repair_desk(database, cast(Starter, _Deadly()))
    with broken_at(database, step, die):
        await desk.agree(ProposalId(id), choices_of(json.loads(choices)), "周老师")


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
