"""The tables that migrations make are those that the code expects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from common.db import Database
from scheduler import schema
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.store import Catalogue
from scheduler.edition import schema as edition_schema
from scheduler.exchange import schema as exchange_schema
from scheduler.repair import schema as repair_schema
from tests.unit.scheduler.district import SCHEDULER_MIGRATIONS


def _differences(connection: Connection) -> list[object]:
    options = {
        "include_object": lambda thing, name, kind, reflected, other: (
            name != "scheduler_version"
        )
    }
    context = MigrationContext.configure(connection, opts=options)
    assert edition_schema.edition.metadata is schema.metadata
    assert exchange_schema.calendar_link.metadata is schema.metadata
    assert repair_schema.proposal.metadata is schema.metadata
    return list(compare_metadata(context, schema.metadata))


async def test_the_migrations_make_the_tables_that_the_code_expects(
    empty_database: Database,
) -> None:
    async with empty_database.read() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    assert len(await Catalogue(database).all(SiteRoom)) == 3
