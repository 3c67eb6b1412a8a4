"""The database door: SQLite (WAL) by default, PostgreSQL in a cluster.

Services speak SQLAlchemy Core in their `store.py`; each has its own alembic folder
and version table, so that no service knows another's tables.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from common.errors import UnavailableError

_BUSY_TIMEOUT_MS = 10_000
_IDLE_TRANSACTION_MS = 20_000
"""A process that froze in the middle of a transaction holds its rows no longer: the
one that takes over needs them. SQLite has no such thing, and one process only."""

_GIVEN_UP = ("40001", "40P01")
"""PostgreSQL's words for a transaction that lost against another: two that cannot be
put in order, and a deadlock."""


class Database:
    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        if self._is_sqlite and self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(url, sqlite=self._is_sqlite)

    @property
    def _is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction; on SQLite it takes the write lock at once, so that
        read-then-write cannot fail half way with `database is locked`.

        Raises UnavailableError(`database_busy`) when PostgreSQL gave this one up for
        another; nothing of it was written."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _GIVEN_UP:
                raise
            raise UnavailableError(
                "database_busy",
                zh="同时有别的改动在写入，这次没有保存，请再试一次",
                en="other changes were being written; nothing was saved, try again",
            ) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction; on SQLite it does not wait for writers."""
        async with self._engine.connect() as connection:
            await connection.execution_options(tongke_read=True)
            async with connection.begin():
                yield connection

    async def ping(self) -> bool:
        try:
            async with self.read() as connection:
                await connection.execute(text("select 1"))
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def migrate(self, script_location: Path, version_table: str) -> None:
        """Brings one service's tables to their newest shape (alembic `head`). Of
        several processes that start at once, one does and the others wait."""
        async with self._engine.begin() as connection:
            if not self._is_sqlite:
                lock = text("select pg_advisory_xact_lock(hashtext(:name))")
                await connection.execute(lock, {"name": version_table})
            await connection.run_sync(_upgrade, script_location, version_table)

    async def close(self) -> None:
        await self._engine.dispose()


class _SqliteConnection(sqlite3.Connection):
    """A task that is cancelled in the middle of a statement leaves a connection that is
    closed while a cursor still has the statement. SQLite then keeps it, and with it the
    write lock that it holds, until that cursor is gone: for ever (measured, one of
    about a hundred cancelled writes)."""

    def close(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # closed already
            self.rollback()
        super().close()


def _engine(url: str, *, sqlite: bool) -> AsyncEngine:
    if not sqlite:
        settings = {"idle_in_transaction_session_timeout": str(_IDLE_TRANSACTION_MS)}
        return create_async_engine(
            url, pool_pre_ping=True, connect_args={"server_settings": settings}
        )
    engine = create_async_engine(url, connect_args={"factory": _SqliteConnection})

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(dbapi: Any, _record: object) -> None:  # noqa: ANN401
        # The driver must not open transactions by itself: `on_begin` does.
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("tongke_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _upgrade(connection: Connection, script_location: Path, version_table: str) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table
    command.upgrade(config, "head")


def run_migrations() -> None:
    """The body of every service's `migrations/env.py`."""
    from alembic import context

    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        transactional_ddl=False,
    )
    context.run_migrations()


def insert_into(
    connection: AsyncConnection, table: Table
) -> sqlite.Insert | postgresql.Insert:
    """Both dialects spell ON CONFLICT the same, SQLAlchemy keeps them apart."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)


def is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"
