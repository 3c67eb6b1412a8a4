"""Databases that were filled by an older version are brought to the newest shape."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert, inspect
from sqlalchemy.exc import IntegrityError

from common.db import Database
from common.ids import new_id
from scheduler.edition.notice_store import Notice, Notices, tell
from scheduler.edition.publish_views import DifferenceView, NoticeView
from tests.unit.scheduler.district import SCHEDULER_MIGRATIONS

MADE_AT = datetime(2026, 9, 20, 8, 30, tzinfo=UTC)
FROM = date(2026, 9, 21)
LINE = {
    "course": "music",
    "name": "三年级音乐",
    "before": {"course": "music", "weekday": 1, "start": 500},
    "after": {"course": "music", "weekday": 3, "start": 610},
    "zh": "三年级音乐从周一 08:20 改到周三 10:10",
    "en": "三年级音乐 moves from Mon 08:20 to Wed 10:10",
}
TOLD: dict[str, Any] = {
    "kind": "teacher",
    "concerns": "wang",
    "at": MADE_AT,
    "from_day": FROM,
}


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCHEDULER_MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = "scheduler_version"
    command.upgrade(config, revision)


def _fill(connection: Connection) -> None:
    """Two editions of a term with 300 notices of each, and a proposal."""
    tables = MetaData()
    tables.reflect(connection)

    def put(name: str, *rows: dict[str, Any]) -> None:
        connection.execute(insert(tables.tables[name]), list(rows))

    put("district", {"id": "dingyuan", "name": "定远县", "zone": "Asia/Shanghai"})
    term = {"id": "autumn", "district": "dingyuan", "name": "2026 秋"}
    days = {"week_1": date(2026, 8, 31), "first_day": date(2026, 9, 1)}
    put("term", {**term, **days, "last_day": date(2027, 1, 22)})
    put("edition", *(_edition(id) for id in ("edn-a", "edn-b")))
    put("repair_proposal", _PROPOSAL)
    put(
        "notice",
        *(
            {
                "id": f"ntc-{edition}-{n:03}",
                **TOLD,
                "edition": edition,
                "zh": f"从 2026-09-21 起课表有 1 处变动：“{n}”；換行\n",
                "en": f"1 change of the timetable from 2026-09-21: '{n}'",
                "lessons": [LINE],
            }
            for edition in ("edn-a", "edn-b")
            for n in range(300)
        ),
    )


def _edition(id: str) -> dict[str, Any]:
    numbers = dict.fromkeys(("week", "revision", "done", "kept"), 1)
    return {
        "id": id,
        "term": "autumn",
        "name": "第一稿",
        "state": "past",
        "made_at": MADE_AT,
        "made_by": "周老师",
        **numbers,
    }


_PROPOSAL = {
    "id": "rep-a",
    "term": "autumn",
    "state": "agreed",
    "absence": {},
    "moves": [],
    "stuck": [],
    "looked_at": 0,
    "made_by": "周老师",
    "made_at": MADE_AT,
}


@pytest.fixture
async def older(database_url: str) -> AsyncIterator[Database]:
    """As the version before notices of repairs left it."""
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(_upgrade, "0006")
        await connection.run_sync(_fill)
    yield database
    await database.close()


def _names(connection: Connection) -> tuple[set[str], set[str]]:
    found = inspect(connection)
    keys = {key["referred_table"] for key in found.get_foreign_keys("notice")}
    return {str(index["name"]) for index in found.get_indexes("notice")}, keys


async def test_notices_of_editions_outlive_the_coming_of_repairs(
    older: Database,
) -> None:
    await older.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    async with older.read() as connection:
        indexes, keys = await connection.run_sync(_names)
    assert {"ix_notice_edition", "ix_notice_concerns", "ix_notice_repair"} <= indexes
    assert keys == {"edition", "repair_proposal"}
    found = await Notices(older).of("teacher", "wang")
    assert len(found) == 200, "as many as are ever shown"
    one = found[0]
    assert (one.edition, one.repair, one.at) == ("edn-a", None, MADE_AT)
    assert one.zh == "从 2026-09-21 起课表有 1 处变动：“0”；換行\n"
    assert one.lessons == [LINE]


async def test_notices_of_repairs_are_kept_beside_the_older_ones(
    older: Database,
) -> None:
    await older.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    fields = {**TOLD, "zh": "临时变动", "en": "", "lessons": []}
    mine = Notice(id=new_id("ntc"), **{**fields, "kind": "school"}, repair="rep-a")
    async with older.begin() as connection:
        await tell(connection, [mine])
    assert await Notices(older).of("school", "wang") == [mine]
    lost = Notice(id=new_id("ntc"), **fields, repair="rep-unknown")
    with pytest.raises(IntegrityError):
        async with older.begin() as connection:
            await tell(connection, [lost])


async def test_notices_without_dates_are_still_read(older: Database) -> None:
    await older.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    for edition, repair in ((None, "rep-a"), ("edn-a", None)):
        notice = Notice(
            id="n", **TOLD, edition=edition, repair=repair, zh="", en="", lessons=[LINE]
        )
        row = {**vars(notice), "at": MADE_AT.timestamp()}
        assert NoticeView.model_validate(row).lessons == [
            DifferenceView.model_validate(LINE)
        ]
