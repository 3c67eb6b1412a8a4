"""Rows as CSV files in a ZIP, as Excel opens them. Pure."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from scheduler.catalogue.kinds import Kind
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.exchange.shown import Shown, cell_of, hint_of
from scheduler.importer.sheet import Sheet
from scheduler.importer.sheets import SHEETS

_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
# Equal worlds make equal files; 1980 is where ZIP begins.
_STAMP = (1980, 1, 1, 0, 0, 0)


def sheets_of(kinds: Sequence[Kind]) -> list[Sheet]:
    """In the order of `kinds`."""
    by_kind = {sheet.kind.name: sheet for sheet in SHEETS}
    return [by_kind[kind.name] for kind in kinds]


def rows_of(sheet: Sheet, values: Iterable[Value]) -> list[list[Shown]]:
    return [[cell_of(column, value) for column in sheet.columns] for value in values]


def csv_archive(world: World, kinds: Sequence[Kind]) -> bytes:
    """One CSV for each kind, named by its Chinese name."""
    return _archive(
        (sheet, csv_text(sheet, rows_of(sheet, world.all(sheet.kind.value))))
        for sheet in sheets_of(kinds)
    )


def template_archive(
    kinds: Sequence[Kind], examples: Mapping[type[Value], Value]
) -> bytes:
    """One CSV for each kind with headings, hints and an example, all passed over by
    the importer."""
    return _archive((sheet, _template(sheet, examples)) for sheet in sheets_of(kinds))


def _template(sheet: Sheet, examples: Mapping[type[Value], Value]) -> str:
    hints: list[Shown] = [hint_of(sheet, column) for column in sheet.columns]
    hints[0] = f"#说明 {hints[0]}"
    example = examples.get(sheet.kind.value)
    rows = rows_of(sheet, [example] if example else [])
    return csv_text(sheet, [hints, *([f"#示例 {row[0]}", *row[1:]] for row in rows)])


def _archive(files: Iterable[tuple[Sheet, str]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (sheet, text) in enumerate(files, 1):
            info = zipfile.ZipInfo(f"{number:02d}-{sheet.kind.zh}.csv", _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            # The mark tells Excel that the file is UTF-8.
            archive.writestr(info, text.encode("utf-8-sig"))
    return data.getvalue()


def csv_text(sheet: Sheet, rows: Iterable[Sequence[Shown]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(column.zh[0] for column in sheet.columns)
    for row in rows:
        writer.writerow(_guarded(cell) for cell in row)
    return out.getvalue()


def _guarded(cell: Shown) -> str:
    """What a spreadsheet would take for a formula gets a quote before it; the importer
    takes it away again."""
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text
