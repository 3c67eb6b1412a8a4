"""Big files are read by a child, and a check says what would change."""

import asyncio
import os
import sys
import time

import pytest

from common.db import Database
from common.errors import UnavailableError
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.organisation import Teacher
from scheduler.catalogue.store import Catalogue
from scheduler.importer import child
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.run import SheetReport, import_files
from scheduler.importer.tables import Upload
from tests.support.cpu import cpu_time
from tests.unit.scheduler.district import DISTRICT
from tests.unit.scheduler.importer.books import Rows, book

TEACHERS = ["编号", "学校", "姓名"]


def many(count: int, school: str = "centre") -> Upload:
    rows: Rows = [TEACHERS, *([f"t{i}", school, "王"] for i in range(count))]
    return book({"教师": rows})


async def test_a_workbook_is_read_by_a_child_and_written_at_once(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    report = await import_files(catalogue, [many(2_000)])
    assert report.rows == {"teacher": 2_000}
    assert len(await catalogue.all(Teacher)) == 2_002


async def test_faults_of_a_workbook_come_back_from_the_child(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    with pytest.raises(FaultyImportError) as caught:
        await import_files(catalogue, [many(3, "nowhere")])
    assert [str(fault)[:13] for fault in caught.value.faults] == [
        "表.xlsx 教师!B2 ",
        "表.xlsx 教师!B3 ",
        "表.xlsx 教师!B4 ",
    ]
    assert len(await catalogue.all(Teacher)) == 2


async def test_the_event_loop_goes_on_while_ten_thousand_rows_are_read() -> None:
    """Lessons live in that loop: it may never be held as long as the reading takes."""
    longest_s, stop = 0.0, asyncio.Event()

    async def live() -> None:
        nonlocal longest_s
        while not stop.is_set():
            before = time.thread_time()
            await asyncio.sleep(0.005)
            longest_s = max(longest_s, time.thread_time() - before)

    files = [many(10_000)]
    begun = os.times()
    with cpu_time():
        lesson = asyncio.create_task(live())
        values = await child.read_apart(files, KINDS, DISTRICT)
        stop.set()
        await lesson
    assert len(values) == 10_000
    assert longest_s < (os.times().children_user - begun.children_user) / 2


async def test_a_child_that_fails_imports_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UnavailableError) as caught:
        await import_files(Catalogue(database), [many(1)])
    assert "什么都没有导入" in caught.value.zh


async def test_a_check_says_what_would_change_and_writes_nothing(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    rows = [TEACHERS, ["wang", "centre", "王老师"], ["li", "centre", "李主任"]]
    rows.append(["zhao", "centre", "赵"])
    upload, revision = book({"教师": rows}), catalogue.revision
    report = await import_files(catalogue, [upload], check=True)
    assert report.sheets == {"teacher": SheetReport(added=1, changed=1, unchanged=1)}
    assert not report.written
    assert catalogue.revision == revision
    assert len(await catalogue.all(Teacher)) == 2
    done = await import_files(catalogue, [upload])
    assert (done.sheets, done.written) == (report.sheets, True)
    again = await import_files(catalogue, [upload])
    assert again.sheets == {"teacher": SheetReport(unchanged=3)}


WAYS: Rows = [
    ["起点", "终点", "分钟"],
    ["centre", "point", 20],
    ["point", "centre", 30],
]


def as_csv(rows: Rows, name: str) -> Upload:
    text = "\n".join(",".join(map(str, row)) for row in rows)
    return Upload(name, text.encode())


@pytest.mark.parametrize(
    ("upload", "place"),
    [
        (as_csv(WAYS, "路程.csv"), ("路程.csv", "", 2)),
        (book({"路程": WAYS}), ("表.xlsx", "路程", 2)),
    ],
)
async def test_what_looks_odd_is_said_with_its_place(
    database: Database, upload: Upload, place: tuple[str, str, int]
) -> None:
    report = await import_files(Catalogue(database), [upload], check=True)
    (warning,) = report.warnings
    assert "往返路程不同" in warning.zh
    assert (warning.file, warning.sheet, warning.line) == place
    assert (warning.kind, warning.key) == ("travel", "centre point")
    assert report.warnings_count == 1


async def test_what_was_odd_before_is_not_said_again(database: Database) -> None:
    catalogue = Catalogue(database)
    assert (await import_files(catalogue, [as_csv(WAYS, "路程.csv")])).warnings
    again = await import_files(catalogue, [as_csv(WAYS, "路程.csv")])
    assert (again.warnings, again.warnings_count) == ([], 0)
