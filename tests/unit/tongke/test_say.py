"""What the timetable commands print of long lists and of imports."""

import io

import pytest

from tongke.timetable.say import show_all, show_report

WARNING = {
    "zh": "请核对",
    "en": "check it",
    "kind": "travel",
    "key": "a b",
    "file": "路程.csv",
    "sheet": "",
    "line": 3,
}


def printed(count: int, *, all_of_them: bool = False) -> list[str]:
    out = io.StringIO()
    show_all([f"fault {n}" for n in range(count)], all_of_them, out)
    return out.getvalue().splitlines()


def test_fifty_faults_are_all_shown() -> None:
    assert printed(50) == [f"fault {n}" for n in range(50)]


def test_of_ten_thousand_faults_fifty_are_shown_and_the_others_counted() -> None:
    lines = printed(10_000)
    assert lines[:50] == [f"fault {n}" for n in range(50)]
    assert len(lines) == 51
    assert "9950" in lines[50]
    assert "--all" in lines[50]


def test_all_are_shown_to_whoever_asks() -> None:
    assert len(printed(10_000, all_of_them=True)) == 10_000


def test_a_report_counts_rows_and_says_where_the_odd_ones_stand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts = {"added": 2, "changed": 1, "unchanged": 0}
    report = {"sheets": {"travel": counts}, "written": False, "warnings": [WARNING]}
    show_report(report, all_of_them=False)
    said = capsys.readouterr().out
    assert "路程 travel: 新增 2 new, 修改 1 changed" in said
    assert "!  路程.csv 3 请核对" in said
    assert "什么都没有写入" in said
