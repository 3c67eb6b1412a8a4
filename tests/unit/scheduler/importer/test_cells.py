"""Rules between the cells of a row: the fault names the cell to change."""

import pytest

from scheduler.importer.tables import Upload
from tests.unit.scheduler.importer.books import Rows, book, faults, only_fault, packed

TEACHERS = ["编号", "学校", "姓名"]
WANG = ["t1", "centre", "王"]


@pytest.mark.parametrize(
    ("title", "rows", "column", "value"),
    [
        (
            "节次",
            [
                ["作息表", "节次", "开始时间", "结束时间"],
                ["b", 9, "23:50", "00:30"],
            ],
            "D",
            "00:30",
        ),
        (
            "本地课",
            [
                ["编号", "名称", "星期", "教师", "开始时间", "结束时间"],
                ["l", "夜课", 1, "wang", "23:50", ""],
            ],
            "F",
            "",
        ),
        (
            "校历",
            [
                ["区县", "日期", "类别", "执行周次", "执行星期"],
                ["dingyuan", "2026-10-10", "调休", 6, ""],
            ],
            "E",
            "",
        ),
        (
            "学期",
            [
                ["编号", "区县", "名称", "第一周", "开始日期", "结束日期"],
                *[["t", "dingyuan", "春", "2028-02-28", "2028-02-28", "2028-02-27"]],
            ],
            "F",
            "2028-02-27",
        ),
        (
            "学校",
            [["编号", "区县", "名称", "中心校"], ["s", "dingyuan", "校", "centre"]],
            "D",
            "centre",
        ),
    ],
    ids=["midnight", "half-a-time", "make-up", "term", "centre"],
)
def test_a_rule_between_cells_names_the_cell_to_change(
    title: str, rows: Rows, column: str, value: str
) -> None:
    fault = only_fault(book({title: rows}))
    assert (fault.sheet, fault.line, fault.column) == (title, 2, column)
    assert fault.value == value


def test_an_empty_cell_that_is_at_fault_is_shown_as_empty() -> None:
    rows = [["编号", "学校", "名称"], ["b9", "centre", "又一张作息表"]]
    fault = only_fault(book({"作息表": rows}))
    assert "同一天同样有效" in fault.zh
    assert (fault.line, fault.value) == (2, "")


def test_workbooks_within_an_archive_are_named_one_by_one() -> None:
    inner = book({"教师": [TEACHERS, WANG]}).data
    found = faults(Upload("全部.zip", packed({"教师.xlsx": inner, "学校.zip": inner})))
    assert [fault.value for fault in found] == ["教师.xlsx", "学校.zip"]
    assert all("单独上传" in fault.zh for fault in found)
