"""On PostgreSQL two transactions that change the same lessons wait for each other in
one order, so that neither is aborted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from common.bus import Bus
from common.db import Database
from common.errors import ConflictError
from common.ids import LessonId, SchoolId, SiteRoomId
from scheduler import schema
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.organisation import SiteRoom, Teacher, TeacherId
from scheduler.catalogue.store import Catalogue
from scheduler.repair.agree import Choice
from scheduler.repair.event import Absence
from scheduler.repair.kept import ProposalId, kept
from scheduler.repair.propose import Proposal, Stuck
from scheduler.repair.store import Proposals
from scheduler.sessions.lifecycle import State
from tests.flow.agreeing import repair_desk
from tests.flow.scheduler_bench import Bench, open_bench
from tests.support.guard import GUARD_S
from tests.support.postgres import PostgresServer
from tests.unit.scheduler.district import BELL, lesson

_LEAD = timedelta(seconds=180)
_PROPOSAL = ProposalId("rep-1")
_NAMES = ("a", "b", "c")


@pytest.fixture
async def bench(postgres: PostgresServer, bus: Bus) -> AsyncIterator[Bench]:
    bench = await open_bench(postgres.new_database(), bus, BELL - _LEAD)
    yield bench
    await bench.database.close()


async def three_at_one_bell(bench: Bench) -> list[Lesson]:
    centre = SchoolId("centre")
    found = []
    for name in _NAMES:
        room = SiteRoom(
            id=SiteRoomId(f"room-{name}"), school=centre, name=name, kind="master"
        )
        teacher = Teacher(id=TeacherId(f"teacher-{name}"), school=centre, name=name)
        await Catalogue(bench.database).put([room, teacher])
        found.append(
            lesson(name, teacher=teacher.id, master_room=room.id, receiving_rooms=())
        )
    await bench.lessons.add(found, bench.clock.now())
    return found


async def propose_to_cancel(bench: Bench, lessons: Sequence[Lesson]) -> None:
    """In the order given."""
    day = lessons[0].day
    absence = Absence(what="school", id="centre", first_day=day, last_day=day)
    stuck = tuple(Stuck(one, (), ()) for one in lessons)
    found = Proposal(absence, tuple(one.id for one in lessons), (), stuck)
    one = kept(_PROPOSAL, TermId("2026-autumn"), found, "周老师", bench.clock.now())
    await Proposals(bench.database).add(one)


async def agree(bench: Bench, lessons: Sequence[Lesson]) -> None:
    desk = repair_desk(bench.database, bench.starter)
    choices: dict[LessonId, Choice] = {one.id: Choice("cancel") for one in lessons}
    await desk.agree(_PROPOSAL, choices, "周老师")


@asynccontextmanager
async def held(database: Database, one: Lesson) -> AsyncIterator[None]:
    """Somebody else has the session of a lesson until the end."""
    query = select(schema.session.c.id).where(schema.session.c.lesson == one.id)
    async with database.begin() as connection:
        await connection.execute(query.with_for_update())
        yield


async def until_waiting(database: Database, count: int) -> None:
    """Until so many transactions wait for a lock."""
    query = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(GUARD_S):
        while True:
            async with database.read() as connection:
                if await connection.scalar(query) == count:
                    return


@pytest.mark.parametrize("first", ["bell", "agreement"])
async def test_a_bell_and_an_agreement_about_the_same_lessons_both_get_through(
    bench: Bench, first: str
) -> None:
    lessons = await three_at_one_bell(bench)
    await propose_to_cancel(bench, lessons[::-1])
    deeds: list[Awaitable[object]] = [bench.step(), agree(bench, lessons)]
    if first == "agreement":
        deeds.reverse()
    async with held(bench.database, lessons[1]):
        running = []
        for count, deed in enumerate(deeds, 1):
            running.append(asyncio.ensure_future(deed))
            await until_waiting(bench.database, count)
    found = await asyncio.gather(*running, return_exceptions=True)
    refused = [each for each in found if isinstance(each, BaseException)]
    states = {await bench.state(one) for one in lessons}
    name = "classroom_session_transitions_total"
    counted = bench.counted(name, state="cancelled", reason="cancelled")
    if first == "bell":
        [error] = refused
        assert isinstance(error, ConflictError)
        assert error.code == "proposal_stale", "its lessons have begun"
        assert (states, counted) == ({State.PREPARING}, 0)
    else:
        assert refused == []
        assert (states, counted) == ({State.CANCELLED}, 3)
