"""One sheet of a workbook, from its XML elements (ECMA-376 part 1 §18.3). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from scheduler.importer.archive import bad
from scheduler.importer.formats import PLAIN, Cell, NumberForm, read_serial
from scheduler.importer.texts import Unreadable

MAX_ROWS = 100_000
MAX_CELLS = 2_000_000
_STYLED_COLUMNS = 200
_MOST_MERGED = 1_000
"""More are not worth naming."""
# Characters that XML cannot carry, written by their number (§22.9.2.19).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Value = Cell | Unreadable

NO_RESULT = (
    "公式没有计算结果；请在 Excel 或 WPS 中打开并保存一次，或改填数值",
    "a formula without a result; open and save it in Excel, or type the value",
)
BROKEN = (
    "公式出错了；请改正公式或改填数值",
    "a formula with an error; correct it or type the value",
)
NOT_A_VALUE = (
    "这一格无法读取；请重新填写",
    "this cell cannot be read; type it again",
)


@dataclass(frozen=True)
class Context:
    """What cells refer to by number."""

    strings: Sequence[str]
    forms: Sequence[NumberForm]
    since_1904: bool = False


@dataclass
class Grid:
    """Cells that hold something, by row and column from 1."""

    name: str
    hidden: bool
    rows: dict[int, dict[int, Value]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    """Such as `A2:A5`."""


@dataclass
class GridReader:
    """Takes the elements of one worksheet in order; `grid` is then complete."""

    file: str
    grid: Grid
    context: Context
    _row: int = 0
    _column: int = 0
    _row_style: int | None = None
    _column_styles: dict[int, int] = field(default_factory=dict)
    _kind: str = "n"
    _form: NumberForm = PLAIN
    _has_formula: bool = False
    _listening: bool = False
    _reading: bool = False
    _pieces: list[str] = field(default_factory=list)
    _cells: int = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "c":
                self._begin_cell(attributes)
            case "row":
                self._row = _number(attributes.get("r")) or self._row + 1
                self._column = 0
                self._row_style = _number(attributes.get("s"))
            case "col":
                self._style_columns(attributes)
            case "v" | "t":
                self._listening = not self._reading
            case "f":
                self._has_formula = True
            case "rPh":
                self._reading = True
            case "mergeCell" if len(self.grid.merged) < _MOST_MERGED:
                self.grid.merged.append(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        if self._listening:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        match name:
            case "c":
                self._end_cell()
            case "v" | "t":
                self._listening = False
            case "rPh":
                self._reading = False

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column = column_number(place[1]) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        style = _number(attributes.get("s"))
        if style is None:
            # Gnumeric leaves out what the row or the column says already.
            by_column = self._column_styles.get(self._column, 0)
            style = by_column if self._row_style is None else self._row_style
        forms = self.context.forms
        self._form = forms[style] if style < len(forms) else PLAIN
        self._has_formula = False
        self._pieces.clear()

    def _style_columns(self, attributes: Mapping[str, str]) -> None:
        style = _number(attributes.get("style"))
        first = _number(attributes.get("min"))
        last = _number(attributes.get("max"))
        if style and first and last:
            # A style of all columns up to the last one is not about a table.
            for column in range(first, min(last, first + _STYLED_COLUMNS) + 1):
                self._column_styles[column] = style

    def _end_cell(self) -> None:
        raw = "".join(self._pieces)
        value = self._value(raw)
        if value == "":
            return
        self._cells += 1
        row = self.grid.rows.setdefault(self._row, {})
        if self._cells > MAX_CELLS or len(self.grid.rows) > MAX_ROWS:
            raise bad(
                self.file,
                f"工作表“{self.grid.name}”太大，最多 {MAX_ROWS} 行；请分成几个文件",
                f"sheet {self.grid.name} has more than {MAX_ROWS} rows; split it",
                self.grid.name,
            )
        row[self._column] = value

    def _value(self, raw: str) -> Value:
        if self._kind == "e":
            return Unreadable(raw or "#?", *BROKEN)
        if self._kind in ("str", "inlineStr"):
            # A formula may well say "" on purpose.
            return unescaped(raw)
        if not raw:
            return Unreadable("=", *NO_RESULT) if self._has_formula else ""
        try:
            return self._typed(raw)
        except (ValueError, IndexError, OverflowError):
            return Unreadable(raw[:40], *NOT_A_VALUE)

    def _typed(self, raw: str) -> Cell:
        match self._kind:
            case "s":
                return unescaped(self.context.strings[int(raw)])
            case "b":
                return raw.strip() == "1"
            case "d":
                return _iso(raw)
        return read_serial(raw, self._form, since_1904=self.context.since_1904)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).strip()


def _iso(text: str) -> date | time | datetime:
    """ISO 8601 cells of strict workbooks (§18.18.11)."""
    if "T" not in text and ":" in text:
        return time.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.date() if moment.time() == time(0) else moment


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def column_number(letters: str) -> int:
    """`A` is 1, `AA` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def first_place(reference: str) -> tuple[int, int] | None:
    """(row, column) of the upper left cell of a range such as `B2:B5`."""
    place = _PLACE.fullmatch(reference.partition(":")[0])
    return (int(place[2]), column_number(place[1])) if place else None


def last_row(reference: str) -> int:
    place = _PLACE.fullmatch(reference.rpartition(":")[2])
    return int(place[2]) if place else 0
