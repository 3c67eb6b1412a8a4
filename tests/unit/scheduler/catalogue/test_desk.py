"""The world in memory, for all who read it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from common.clock import ManualClock
from common.db import Database
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.store import Catalogue
from tests.unit.scheduler.district import DISTRICT, SCHEDULER_MIGRATIONS


async def test_of_two_who_find_it_old_at_once_one_reads_it(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    await database.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    catalogue = Catalogue(database)
    await catalogue.put(DISTRICT)
    desk = WorldDesk(catalogue, ManualClock(datetime(2026, 9, 1, tzinfo=UTC)))
    first, second = await asyncio.gather(desk.world(), desk.world())
    assert first is second
    await catalogue.put(DISTRICT[:1])
    assert await desk.world() is not first
    await database.close()
