"""From uploaded files to tables, whatever they are: CSV, TOML, XLSX, a ZIP of these.

Goes by content, not by the end of the name: schools rename. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from scheduler.importer.archive import (
    Archive,
    bad,
    is_zip,
    open_archive,
    password,
)
from scheduler.importer.fault import Fault
from scheduler.importer.grid import Grid, column_letters, first_place, last_row
from scheduler.importer.sheet import Sheet
from scheduler.importer.sheets import SHEETS, find_sheet
from scheduler.importer.texts import (
    BadFileError,
    Row,
    csv_rows,
    decode,
    is_note,
    plain_heading,
    toml_tables,
)
from scheduler.importer.workbook import read_workbook

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
"""PDF, PNG and JPEG: what a scanner or a telephone makes of a timetable."""
_HTML = re.compile(rb"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)
_ABOUT = {"说明", "填写说明", "使用说明", "选项", "readme", "notes", "instructions"}
_OFFICE = ("_rels/.rels", "[Content_Types].xml", "content.xml", "xl/workbook.bin")
"""An archive that has one of these is a document, a workbook perhaps."""
_HEADING_WITHIN = 10
"""Rows among which the headings are looked for: schools put titles above them."""


@dataclass(frozen=True)
class Upload:
    """`sheet`: which kind of rows a CSV holds, when its file name does not say."""

    name: str
    data: bytes
    sheet: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of one kind in one file. `tab` and `columns` (heading -> letter) are
    those of a workbook; `line` is that of the headings."""

    file: str
    sheet: Sheet
    headings: Sequence[str]
    rows: Sequence[Row]
    line: int = 1
    tab: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    def fault(
        self,
        line: int | None,
        heading: str,
        zh: str,
        en: str,
        value: object = "",
    ) -> Fault:
        return Fault(
            file=self.file,
            sheet=self.tab,
            line=line,
            column=self.columns.get(heading, ""),
            field=heading,
            value="" if value is None else str(value)[:80],
            zh=zh,
            en=en,
        )


Found = Table | Fault


def read_tables(upload: Upload, allowed: set[str]) -> Iterator[Found]:
    """The tables of a file, and what is wrong with others."""
    try:
        if is_zip(upload.data):
            yield from _from_zip(upload, allowed)
        else:
            yield from _from_text(upload, allowed)
    except BadFileError as error:
        yield error.fault


def _from_text(upload: Upload, allowed: set[str]) -> Iterator[Found]:
    _refuse_what_is_no_table(upload)
    text = decode(upload.name, upload.data)
    if PurePath(upload.name).suffix.lower() == ".toml":
        for name, rows in toml_tables(upload.name, text).items():
            sheet = _sheet(upload.name, name, allowed)
            headings = list(dict.fromkeys(key for row in rows for key in row.cells))
            line = rows[0].line if rows and rows[0].lines else 1
            yield Table(upload.name, sheet, headings, rows, line)
        return
    sheet = _sheet(upload.name, upload.sheet or PurePath(upload.name).stem, allowed)
    headings, rows = csv_rows(upload.name, text)
    yield Table(upload.name, sheet, headings, rows)


def _refuse_what_is_no_table(upload: Upload) -> None:
    if upload.data.startswith(_PICTURES):
        raise bad(
            upload.name,
            "这是 PDF 或图片，不是表格；请下载模板，填好后选 .xlsx 或 .csv 文件",
            "a PDF or a picture, not a table; download the template and fill it in",
        )
    if upload.data.startswith(_OLE2):
        # Protected workbooks are wrapped in the old container (MS-OFFCRYPTO §2.3.4).
        if _ENCRYPTED_PACKAGE in upload.data:
            raise password(upload.name)
        raise bad(
            upload.name,
            "这是旧版 Excel 97-2003 文件；请在 Excel 或 WPS 中另存为 .xlsx",
            "an old Excel 97-2003 file; save it as .xlsx",
        )
    if _HTML.match(upload.data):
        raise bad(
            upload.name,
            "这是网页，不是表格；请用 Excel 或 WPS 打开后另存为 .xlsx",
            "a web page, not a table; open it in Excel and save it as .xlsx",
        )


def _sheet(file: str, name: str, allowed: set[str], tab: str = "") -> Sheet:
    found = find_sheet(name)
    if found is not None and found.kind.name in allowed:
        return found
    here = [sheet.kind for sheet in SHEETS if sheet.kind.name in allowed]
    zh = "、".join(f"{kind.zh}({kind.name})" for kind in here)
    raise BadFileError(
        Fault(
            file=file,
            sheet=tab,
            value=name[:80],
            zh=f"看不出这是什么表；请用这些名称之一：{zh}",
            en="unknown sheet; name it " + ", ".join(kind.name for kind in here),
        )
    )


# ---- archives and workbooks -------------------------------------------------------


def _from_zip(upload: Upload, allowed: set[str]) -> Iterator[Found]:
    archive = open_archive(upload.name, upload.data)
    names = archive.names()
    tables = any(_is_table(name) for name in names)
    is_called_book = PurePath(upload.name).suffix.lower() == ".xlsx"
    if any(part in archive for part in _OFFICE) or (is_called_book and not tables):
        yield from _from_workbook(upload, allowed)
        return
    for name in names:
        if _is_table(name):
            yield from _from_packed(archive, name, allowed)
        elif not PurePath(name).name.startswith(".") and "__MACOSX" not in name:
            yield Fault(
                file=upload.name,
                value=name[:80],
                zh="压缩包里只能放 .csv 和 .toml 文件；请取出它，单独上传",
                en="an archive may hold .csv and .toml files only; take it out",
            )


def _is_table(name: str) -> bool:
    return PurePath(name).suffix.lower() in (".csv", ".toml") and not PurePath(
        name
    ).name.startswith(".")


def _from_packed(archive: Archive, name: str, allowed: set[str]) -> Iterator[Found]:
    data = archive.read(name)
    try:
        yield from _from_text(Upload(PurePath(name).name, data), allowed)
    except BadFileError as error:
        yield error.fault


def _from_workbook(upload: Upload, allowed: set[str]) -> Iterator[Found]:
    grids = [
        grid
        for grid in read_workbook(upload.name, upload.data)
        if grid.rows and _plain(grid.name) not in _ABOUT
    ]
    shown = [grid for grid in grids if not grid.hidden]
    for grid in grids:
        name = grid.name
        if shown == [grid] and find_sheet(name) is None:
            name = upload.sheet or PurePath(upload.name).stem
        try:
            if grid.hidden:
                _refuse_hidden_rows(upload.name, grid)
            else:
                sheet = _sheet(upload.name, name, allowed, grid.name)
                yield from _from_grid(upload.name, sheet, grid)
        except BadFileError as error:
            yield error.fault


def _plain(name: str) -> str:
    return name.strip().lower()


def _refuse_hidden_rows(file: str, grid: Grid) -> None:
    if find_sheet(grid.name) is not None and len(grid.rows) > 1:
        raise BadFileError(
            Fault(
                file=file,
                sheet=grid.name,
                zh="这张工作表是隐藏的；请取消隐藏后再导入，或删除它",
                en="this sheet is hidden; show it or delete it",
            )
        )


def _from_grid(file: str, sheet: Sheet, grid: Grid) -> Iterator[Found]:
    line = _line_of_headings(sheet, grid)
    heads = {
        column: plain_heading(str(value))
        for column, value in sorted(grid.rows[line].items())
    }
    columns = {heading: column_letters(at) for at, heading in heads.items()}
    rows = [
        _grid_row(number, grid, heads)
        for number in sorted(grid.rows)
        if number > line and not is_note(grid.rows[number][min(grid.rows[number])])
    ]
    table = Table(file, sheet, list(heads.values()), rows, line, grid.name, columns)
    yield from _stray_cells(table, grid, heads)
    yield from _merged_cells(table, grid)
    yield table


def _line_of_headings(sheet: Sheet, grid: Grid) -> int:
    def known(line: int) -> int:
        cells = grid.rows[line].values()
        return sum(sheet.column(plain_heading(str(cell))) is not None for cell in cells)

    return max(sorted(grid.rows)[:_HEADING_WITHIN], key=known)


def _grid_row(number: int, grid: Grid, heads: dict[int, str]) -> Row:
    cells = grid.rows[number]
    return Row(
        number, {heads[at]: cells[at] for at in sorted(cells) if at in heads}, {}
    )


def _stray_cells(table: Table, grid: Grid, heads: dict[int, str]) -> Iterable[Fault]:
    for row in table.rows:
        for at, value in grid.rows[row.line].items():
            if at not in heads:
                yield Fault(
                    file=table.file,
                    sheet=table.tab,
                    line=row.line,
                    column=column_letters(at),
                    value=str(value)[:80],
                    zh="这一格上面没有表头；请补表头或清空这一格",
                    en="no heading above this cell; add one or clear the cell",
                )


def _merged_cells(table: Table, grid: Grid) -> Iterable[Fault]:
    for reference in grid.merged:
        place = first_place(reference)
        if place and last_row(reference) >= table.line and table.rows:
            row, column = place
            yield Fault(
                file=table.file,
                sheet=table.tab,
                line=row,
                column=column_letters(column),
                value=reference[:80],
                zh="这里是合并单元格；请取消合并，并在每一行都填写",
                en="merged cells; unmerge them and fill in every row",
            )
