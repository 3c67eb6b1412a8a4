"""From bytes to rows with line numbers: CSV and TOML. Pure.

Reads UTF-8 with or without byte order mark, UTF-16 with one, and GB18030 (what
Chinese Excel writes).
"""

import codecs
import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scheduler.importer.fault import Fault

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",\t;，"
_HEADER = re.compile(r"""^\s*\[\[\s*["']?([^\]"']+?)["']?\s*\]\]""")
_KEY = re.compile(r"""^\s*["']?([^\s"'=\[#]+)["']?\s*=""")
_AT_LINE = re.compile(r"at line (\d+), column (\d+)")
# What people put around a heading to say that it must be filled in.
_AROUND_HEADING = re.compile(r"^[*＊]+|[*＊]+$|[(（](必填|选填|可选|required)[)）]$")
# Cells that a spreadsheet would take for a formula are written with a quote before.
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_NOTE = re.compile(r"[#＃]\s*(说明|示例|note|example)", re.IGNORECASE)


@dataclass(frozen=True)
class Unreadable:
    """A cell that holds no value, and why."""

    shown: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Row:
    """Cells by heading; `lines` says where a cell stands when not on `line`."""

    line: int
    cells: dict[str, Any]
    lines: dict[str, int]

    def line_of(self, heading: str) -> int:
        return self.lines.get(heading, self.line)


class BadFileError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def decode(file: str, data: bytes) -> str:
    """Raises BadFileError."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:
        raise BadFileError(
            Fault(
                file=file,
                zh="这既不是文本文件也不是 .xlsx 工作簿；请另存为 .xlsx 或“CSV UTF-8”",
                en="neither text nor an .xlsx workbook; save it as one of them",
            )
        )
    marked = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if marked or _is_mostly_utf8(data):
            raise _bad_bytes(file, data, error.start) from error
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _bad_bytes(file, data, error.start) from error


def _is_mostly_utf8(data: bytes) -> bool:
    """Text in another encoding hardly ever forms UTF-8 sequences by chance."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for c in text if ord(c) > 127) - broken
    return good > broken


def _bad_bytes(file: str, data: bytes, at: int) -> BadFileError:
    return BadFileError(
        Fault(
            file=file,
            line=data.count(b"\n", 0, at) + 1,
            zh="这一行有无法识别的字符，请用 UTF-8 或 GB18030 编码重新保存",
            en="unreadable bytes on this line; save the file as UTF-8 or GB18030",
        )
    )


def csv_rows(file: str, text: str) -> tuple[list[str], list[Row]]:
    """Headings and rows; rows without any content are left out.

    Raises BadFileError.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    # newline="" keeps line breaks inside quotes countable.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = list(_records(reader))
    except csv.Error as error:
        raise BadFileError(
            Fault(
                file=file,
                line=reader.line_num,
                zh="引号不配对，请检查这一行的双引号",
                en=f"quotes do not match: {error}",
            )
        ) from error
    if not records:
        empty = Fault(file=file, zh="文件是空的", en="the file is empty")
        raise BadFileError(empty)
    headings = [plain_heading(cell) for cell in records[0][1]]
    return headings, [
        _row(line, headings, cells)
        for line, cells in records[1:]
        if not is_note(next(cell for cell in cells if cell.strip()))
    ]


def plain_heading(text: str) -> str:
    """Without line breaks, stars and （必填）."""
    return _AROUND_HEADING.sub("", "".join(text.split())).strip("*＊")


def is_note(first_cell: object) -> bool:
    """Rows that explain a template, or show an example: `#说明`, `#示例`."""
    return isinstance(first_cell, str) and _NOTE.match(first_cell.strip()) is not None


def _records(reader: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv's own
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _row(line: int, headings: list[str], cells: list[str]) -> Row:
    cells = [cell[1:] if _GUARDED.match(cell) else cell for cell in cells]
    named = dict(zip(headings, cells, strict=False))
    extra = [cell for cell in cells[len(headings) :] if cell.strip()]
    if extra:
        # A cell without heading: a comma too many.
        named[""] = extra[0]
    return Row(line, {k: v for k, v in named.items() if v.strip()}, {})


def toml_tables(file: str, text: str) -> dict[str, list[Row]]:
    """Arrays of tables by name, in order. Raises BadFileError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        raise BadFileError(
            Fault(
                file=file,
                line=int(found[1]) if found else None,
                zh="TOML 格式错误，请检查引号、等号和括号",
                en=f"not TOML: {error}",
            )
        ) from error
    return {
        name: _toml_rows(file, name, content, text)
        for name, content in document.items()
    }


def _toml_rows(file: str, name: str, content: Any, text: str) -> list[Row]:  # noqa: ANN401
    tables = content if isinstance(content, list) else []
    if not tables or not all(isinstance(one, dict) for one in tables):
        raise BadFileError(
            Fault(
                file=file,
                field=name,
                zh=f"请写成 [[{name}]] 的形式，每条记录一段",
                en=f"write [[{name}]], one for each row",
            )
        )
    lines = _lines_of_tables(text, name)
    if len(lines) != len(tables):
        # Written inline or with dotted keys: say the file, not a wrong line.
        lines = [(1, {})] * len(tables)
    return [
        Row(line, table, keys)
        for table, (line, keys) in zip(tables, lines, strict=True)
    ]


def _lines_of_tables(text: str, name: str) -> list[tuple[int, dict[str, int]]]:
    """Where each `[[name]]` and its keys stand; tomllib does not say."""
    found: list[tuple[int, dict[str, int]]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            inside = header[1] == name
            if inside:
                found.append((number, {}))
        elif inside and (key := _KEY.match(line)):
            found[-1][1][key[1]] = number
    return found
