"""An empty library on each engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.db import Database
from recorder.library import store

MIGRATIONS = Path(store.__file__).parent / "migrations"


@pytest.fixture
async def library(database_url: str) -> AsyncIterator[store.LibraryStore]:
    database = Database(database_url)
    await database.migrate(MIGRATIONS, "library_version")
    yield store.LibraryStore(database)
    await database.close()
