"""From the bytes of an XLSX file to grids of typed cells. Pure.

Reads what a table needs of ECMA-376 part 1 (SpreadsheetML, transitional and strict)
and nothing else: formulas are not computed, macros and links not followed. XML with a
document type is refused before it is read, so that no entity is ever expanded.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from scheduler.importer.archive import (
    Archive,
    bad,
    damaged,
    open_archive,
    resolve,
)
from scheduler.importer.formats import PLAIN, NumberForm, number_form
from scheduler.importer.grid import Context, Grid, GridReader

Attributes = Mapping[str, str]
_BOOK = "officeDocument"


def read_workbook(file: str, data: bytes) -> Iterator[Grid]:
    """The sheets of a workbook, in order. Raises BadFileError."""
    archive = open_archive(file, data)
    roots = [part for kind, _, part in _links(archive, "") if kind == _BOOK]
    if not roots or roots[0].endswith(".bin"):
        raise _not_a_workbook(file, archive)
    links = _links(archive, roots[0])
    contents, strings, styles = _Contents(), _Strings(), _Styles()
    _walk(archive, roots[0], contents.start)
    for kind, _, target in links:
        if kind == "sharedStrings":
            _walk(archive, target, strings.start, strings.end, strings.text)
        elif kind == "styles":
            _walk(archive, target, styles.start, styles.end)
    context = Context(strings.texts, styles.forms(), contents.since_1904)
    sheets = {id: part for kind, id, part in links if kind == "worksheet"}
    for name, id, hidden in contents.sheets:
        part = sheets.get(id)
        if part is not None:
            reader = GridReader(file, Grid(name, hidden), context)
            _walk(archive, part, reader.start, reader.end, reader.text)
            yield reader.grid


def _not_a_workbook(file: str, archive: Archive) -> Exception:
    if "content.xml" in archive:
        what, en = "这是 OpenDocument 表格", "an OpenDocument spreadsheet"
    elif "xl/workbook.bin" in archive:
        what, en = "这是二进制工作簿（.xlsb）", "a binary workbook"
    else:
        what, en = "这不是 Excel 工作簿", "not an Excel workbook"
    return bad(file, f"{what}；请另存为 .xlsx 后再导入", f"{en}; save it as .xlsx")


def _links(archive: Archive, part: str) -> list[tuple[str, str, str]]:
    """(kind, id, part) of what a part refers to inside the file."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels".lstrip("/")
    found: list[tuple[str, str, str]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = resolve(part, attributes.get("Target", ""))
            found.append((kind, attributes.get("Id", ""), target))

    if rels in archive:
        _walk(archive, rels, start)
    return found


@dataclass
class _Contents:
    """What workbook.xml says."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    """(name, relationship, hidden)."""
    since_1904: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            id = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), id, hidden))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")


@dataclass
class _Strings:
    """The texts that cells refer to by number; readings 拼音 above them left out."""

    texts: list[str] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _in_text: bool = False
    _in_reading: bool = False

    def start(self, name: str, _attributes: Attributes) -> None:
        match name:
            case "si":
                self._pieces.clear()
            case "t":
                self._in_text = not self._in_reading
            case "rPh":
                self._in_reading = True

    def end(self, name: str) -> None:
        match name:
            case "si":
                self.texts.append("".join(self._pieces))
            case "t":
                self._in_text = False
            case "rPh":
                self._in_reading = False

    def text(self, data: str) -> None:
        if self._in_text:
            self._pieces.append(data)


@dataclass
class _Styles:
    """Which number format each cell style has."""

    codes: dict[int, str] = field(default_factory=dict)
    styles: list[str] = field(default_factory=list)
    _in_cell_styles: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        match name:
            case "numFmt":
                id = attributes.get("numFmtId", "")
                if id.isdecimal():
                    self.codes.setdefault(int(id), attributes.get("formatCode", ""))
            case "cellXfs":
                self._in_cell_styles = True
            case "xf" if self._in_cell_styles:
                self.styles.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cell_styles = False

    def forms(self) -> list[NumberForm]:
        return [
            number_form(int(id), self.codes) if id.isdecimal() else PLAIN
            for id in self.styles
        ]


def _walk(
    archive: Archive,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Calls back with local names. Raises BadFileError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise bad(
            archive.file,
            "文件里有实体定义，疑似攻击，没有读取；请用 Excel 或 WPS 重新保存",
            "defines XML entities, was not read; save it again in Excel",
            part,
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        _local(name), attributes
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in archive.chunks(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(archive.file, f"{part}: {error}") from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]
