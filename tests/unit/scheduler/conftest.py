"""A small district in a migrated database, on each engine."""

from collections.abc import AsyncIterator

import pytest

from common.db import Database
from tests.unit.scheduler.district import DISTRICT, SCHEDULER_MIGRATIONS


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    yield database
    await database.close()


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """With the centre school, two teaching points and one music course."""
    from scheduler.catalogue.store import Catalogue

    await Catalogue(empty_database).put(DISTRICT)
    return empty_database
