"""The catalogue, on SQLite and on PostgreSQL."""

import pytest

from common.db import Database
from common.errors import NotFoundError
from common.protocol.events import TrackFigures
from recorder.library import schema
from recorder.library.model import Correction, entry_of
from recorder.library.store import LibraryStore, Outcome, Wanted
from tests.unit.recorder.facts import lesson_facts
from tests.unit.recorder.library.conftest import MIGRATIONS


async def add(library: LibraryStore, name: str, at: float, **changes: object) -> str:
    facts = lesson_facts(f"ses-{name}", **changes)
    entry = entry_of(facts, f"res-{name}", f"rec-{name}", at)
    await library.begin(entry)
    return entry.id


async def titles(library: LibraryStore, **wanted: object) -> list[str]:
    page = await library.search(Wanted(**wanted))  # type: ignore[arg-type]
    return [item.title for item in page.items]


@pytest.fixture
async def three(library: LibraryStore) -> LibraryStore:
    await add(library, "a", 100, title="分数的加减法")
    music = {"subject": "音乐", "grade": "三年级", "chapter": "第二课"}
    await add(library, "b", 200, title="茉莉花", teacher="李老师", **music)
    await add(library, "c", 300, title="小数乘法", teacher="李老师", grade="四年级")
    return library


async def test_a_lesson_is_in_the_library_without_typing(library: LibraryStore) -> None:
    entry = await library.get(await add(library, "a", 100))
    assert (entry.subject, entry.chapter) == ("数学", "第六单元 分数的加法和减法")
    assert entry.site_rooms["room-a"] == "桑涧教学点"
    assert entry.state == "recording"
    assert await library.of_session("ses-a") == entry
    assert await library.of_session("ses-none") is None


async def test_a_lesson_that_began_late_says_by_how_much(library: LibraryStore) -> None:
    bell = lesson_facts().starts_at
    late = await library.get(await add(library, "late", bell + 320))
    assert (late.late_s, late.starts_at) == (320, bell + 320)
    punctual = await library.get(await add(library, "punctual", bell + 2))
    assert punctual.late_s == 0


async def test_two_character_words_are_found(three: LibraryStore) -> None:
    assert await titles(three, q="分数的加减") == ["分数的加减法"]
    assert await titles(three, q="茉莉") == ["茉莉花"]
    assert await titles(three, q="李老师 三年级") == ["茉莉花"]
    assert await titles(three, q="师李") == []
    assert await titles(three, q="100%_") == []
    assert await titles(three, q="，。") == []


async def test_filters_and_search_go_together(three: LibraryStore) -> None:
    assert await titles(three) == ["小数乘法", "茉莉花", "分数的加减法"]
    assert await titles(three, teacher="李老师", subject="数学") == ["小数乘法"]
    assert await titles(three, since=150, until=300) == ["茉莉花"]
    assert await titles(three, q="分数", teacher="李老师", grade="三年级") == []
    facets = await three.facets()
    assert facets.subject == ["数学", "音乐"]
    assert facets.teacher == ["李老师", "王老师"]


async def test_a_long_list_comes_in_pages(library: LibraryStore) -> None:
    for number in range(45):
        await add(library, f"n{number}", number, title=f"第{number}课")
    page = await library.search(Wanted(page=3))
    assert (page.total, page.pages, len(page.items)) == (45, 3, 5)
    assert page.items[-1].title == "第0课"


async def test_a_correction_is_found_and_remembered(three: LibraryStore) -> None:
    correction = Correction(title="民歌 茉莉花", week=None, teacher=None)
    await three.correct("res-b", correction, "资源管理员", 1000)
    assert await titles(three, q="民歌") == ["民歌 茉莉花"]
    changed = await three.get("res-b")
    assert (changed.week, changed.teacher, changed.edited_at) == (None, "李老师", 1000)
    changes = await three.changes("res-b")
    assert {(c.field, c.old, c.new) for c in changes} == {
        ("title", "茉莉花", "民歌 茉莉花"),
        ("week", "12", ""),
    }
    assert changes[0].who == "资源管理员"
    await three.correct("res-b", correction, "资源管理员", 2000)
    assert len(await three.changes("res-b")) == 2
    with pytest.raises(NotFoundError):
        await three.correct("res-none", correction, "x", 0)


async def test_a_recording_that_starts_again_keeps_its_entry(
    three: LibraryStore,
) -> None:
    await add(three, "a", 999, title="另一个标题")
    assert (await three.get("res-a")).title == "分数的加减法"
    figures = TrackFigures(
        track="cam",
        participant="p",
        source="camera",
        kind="video",
        duration_s=10,
        expected_s=10,
        lost_s=1,
        completeness=0.9,
        bytes=3_000_000_000,
    )
    await three.finish("res-a", Outcome(10.5, 0.9, [figures]))
    done = await three.get("res-a")
    assert (done.state, done.duration_s, done.bytes) == ("ready", 10.5, 3_000_000_000)
    assert done.tracks == [figures]


async def test_the_migrations_make_the_tables_of_the_schema(database_url: str) -> None:
    from sqlalchemy import inspect

    database = Database(database_url)
    await database.migrate(MIGRATIONS, "library_version")
    async with database.read() as connection:
        columns = await connection.run_sync(
            lambda c: {
                name: {column["name"] for column in inspect(c).get_columns(name)}
                for name in schema.metadata.tables
            }
        )
    await database.close()
    for name, table in schema.metadata.tables.items():
        assert columns[name] == {column.name for column in table.columns}
