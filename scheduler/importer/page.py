"""Writes docs/import.md from the sheets, so that the page is never wrong.

`python -m scheduler.importer.page`
"""

from pathlib import Path

from scheduler.catalogue.kinds import BY_VALUE, ORGANISATION
from scheduler.importer.fields import (
    Choice,
    Reader,
    read_bandwidth,
    read_day,
    read_number,
    read_starts_cell,
    read_time,
    read_weekday,
    read_weekdays,
    read_weeks,
    read_yes_or_no,
)
from scheduler.importer.sheet import Column, Sheet
from scheduler.importer.sheets import SHEETS

_WRITTEN: dict[Reader, str] = {
    read_number: "整数 whole number",
    read_day: "2026-09-01, 2026/9/1, 2026年9月1日",
    read_time: "08:20",
    read_weekday: "1-7, 一…日 (1 = 星期一 Monday)",
    read_weekdays: "1-5, 一三五; 空 empty: 每天 every day",
    read_weeks: "每周 all, 单周 odd, 双周 even, 1-8,10",
    read_bandwidth: "5M, 10 Mbit/s",
    read_starts_cell: "1@10:00,3@14:00 (星期@时间 weekday@time)",
    read_yes_or_no: "是 yes, 否 no",
}
_HEAD = """\
# 导入机构与课表 · Importing an organisation and a timetable

由 `python -m scheduler.importer.page` 从代码中的表头生成，请勿手改。
Drawn from the sheets in the code; do not edit by hand.

一个 .xlsx 工作簿里每种记录一张工作表，或每种记录一个 CSV 文件（工作表名或文件名就是
表名，如 `学校`、`学校.csv`、`school.csv`），或在一个 TOML 文件里每条记录写一段
`[[school]]`。CSV 编码可用 UTF-8、带 BOM 的 UTF-8 或 UTF-16、GB18030；表头用中文或英文，
顺序随意。模板：`GET /api/v1/templates/organisation.xlsx`、`timetable.xlsx`。
编号相同的记录会被替换，没有写到的记录不动。只要有一处错误就什么都不导入，
每处错误都指出文件、工作表、行、列和改法。样例在 `scheduler/sample/`。

One sheet of a workbook for each kind of row, or one CSV, named after it, or one
`[[school]]` for each row of a TOML file. A row with a known id replaces the old one;
others stay. One fault and nothing is imported; every fault names file, sheet, line,
column and remedy.

`POST /api/v1/import/organisation`: 机构；`POST /api/v1/import/timetable`: 课表。
请求体是一个文件（`?sheet=school&name=学校.csv`），或 multipart/form-data 的多个文件。
`?check=true` 只检查：说明会新增、改动多少，什么都不写。
更多见 [exchange.md](exchange.md)。
"""


def page() -> str:
    parts = [_HEAD]
    for title, wanted in (
        ("机构 Organisation", True),
        ("课表 Timetable", False),
    ):
        parts.append(f"## {title}\n")
        parts += [_table(s) for s in SHEETS if (s.kind in ORGANISATION) == wanted]
    return "\n".join(parts)


def _table(sheet: Sheet) -> str:
    rows = [_row(sheet, column) for column in sheet.columns]
    return "\n".join(
        [
            f"### {sheet.kind.zh} `{sheet.kind.name}`",
            "",
            "| 表头 | heading | 必填 required | 写法 written as |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(sheet: Sheet, column: Column) -> str:
    zh = "、".join(column.zh)
    heading = column.key or column.field
    required = "✔" if column in sheet.required else ""
    return f"| {zh} | `{heading}` | {required} | {_how(sheet, column)} |"


def _how(sheet: Sheet, column: Column) -> str:
    target = (sheet.kind.refers or {}).get(column.field)
    if target is not None:
        kind = BY_VALUE[target]
        return f"{kind.zh}的编号 id of a {kind.name}"
    if column.field == "id":
        return "字母、数字和 . _ - letters, digits and . _ -"
    if isinstance(column.read, Choice):
        return "、".join(f"{zh} `{code}`" for zh, code in column.read.words.items())
    return _WRITTEN.get(column.read, "文字 text")


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "import.md"
    target.write_text(page(), encoding="utf-8")
