"""The database door, the same on SQLite and PostgreSQL."""

import asyncio

from sqlalchemy import text

from common.db import Database, is_sqlite
from common.errors import UnavailableError
from tests.support.guard import GUARD_S
from tests.support.postgres import PostgresServer


async def test_two_read_then_write_transactions_lose_no_update(
    database_url: str,
) -> None:
    database = Database(database_url)
    async with database.begin() as db:
        await db.execute(text("create table counter (n integer)"))
        await db.execute(text("insert into counter values (0)"))

    async def add_one() -> None:
        async with database.begin() as db:
            row = await db.execute(
                text("select n from counter")
                if is_sqlite(db)
                else text("select n from counter for update")
            )
            n = row.scalar_one()
            await db.execute(text("update counter set n = :n"), {"n": n + 1})

    await asyncio.gather(*(add_one() for _ in range(10)))
    async with database.read() as db:
        assert (await db.execute(text("select n from counter"))).scalar_one() == 10
    await database.close()


async def test_a_reader_does_not_wait_for_a_writer(database_url: str) -> None:
    database = Database(database_url)
    async with database.begin() as db:
        await db.execute(text("create table t (n integer)"))
    async with database.begin() as writer:
        await writer.execute(text("insert into t values (1)"))
        async with asyncio.timeout(GUARD_S), database.read() as reader:
            rows = (await reader.execute(text("select n from t"))).all()
    assert rows == []
    await database.close()


async def test_a_failed_transaction_leaves_nothing(database_url: str) -> None:
    database = Database(database_url)
    async with database.begin() as db:
        await db.execute(text("create table t (n integer)"))
    try:
        async with database.begin() as db:
            await db.execute(text("insert into t values (1)"))
            raise RuntimeError
    except RuntimeError:
        pass
    async with database.read() as db:
        assert (await db.execute(text("select n from t"))).all() == []
    await database.close()


async def test_writes_that_are_cancelled_anywhere_keep_no_lock(
    database_url: str,
) -> None:
    database = Database(database_url)
    async with database.begin() as db:
        await db.execute(text("create table t (n integer)"))

    async def write() -> None:
        async with database.begin() as db:
            await db.execute(text("select n from t"))
            await db.execute(text("insert into t values (1)"))

    for turns in range(150):
        task = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write()
    await database.close()


async def test_ping_tells_whether_the_database_answers(database_url: str) -> None:
    database = Database(database_url)
    assert await database.ping()
    await database.close()
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert not await away.ping()
    await away.close()


async def test_postgresql_ends_the_transaction_of_a_frozen_process(
    postgres: PostgresServer,
) -> None:
    database = Database(postgres.new_database())
    async with database.read() as db:
        shown = await db.execute(text("show idle_in_transaction_session_timeout"))
        assert shown.scalar_one() == "20s"
    await database.close()


async def test_a_transaction_that_postgresql_gives_up_says_to_try_again(
    postgres: PostgresServer,
) -> None:
    database = Database(postgres.new_database())
    async with database.begin() as db:
        await db.execute(text("create table n (id int primary key, v int)"))
        await db.execute(text("insert into n values (1, 0), (2, 0)"))
    each_has_one = asyncio.Barrier(2)
    change = text("update n set v = v + 1 where id = :id")

    async def both(first: int, second: int) -> None:
        async with database.begin() as db:
            await db.execute(change, {"id": first})
            await each_has_one.wait()
            await db.execute(change, {"id": second})

    found = await asyncio.gather(both(1, 2), both(2, 1), return_exceptions=True)
    [given_up] = [each for each in found if each is not None]
    assert isinstance(given_up, UnavailableError)
    assert given_up.code == "database_busy"
    async with database.read() as db:
        values = (await db.execute(text("select v from n"))).scalars().all()
    assert list(values) == [1, 1], "the other one got through, whole"
    await database.close()
