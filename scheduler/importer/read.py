"""From files to values, with every fault named. Pure: touches no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from scheduler.catalogue.kinds import BY_VALUE, Kind
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import Contradiction, World
from scheduler.contradictions import contradictions
from scheduler.importer.fault import BadField, Fault, FaultyImportError, Place
from scheduler.importer.fields import read_day, read_text, read_time
from scheduler.importer.sheet import Column, Sheet
from scheduler.importer.tables import Found, Table, Upload, read_tables
from scheduler.importer.texts import Row, Unreadable

MOST_FAULTS = 20_000
_MOST_COLUMNS = 200
# Full-width letters, digits and signs, as Chinese input methods type them.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True)
class Origin:
    """Where a value came from."""

    table: Table
    row: Row
    headings: dict[str, str]
    """Field -> heading in the file."""

    def fault(self, field: str, raw: object, zh: str, en: str) -> Fault:
        heading = self.headings.get(field) or self.table.sheet.heading(field)
        return self.table.fault(self.row.line_of(heading), heading, zh, en, raw)

    @property
    def at(self) -> Place:
        return Place(self.table.file, self.table.tab, self.row.line)

    @property
    def place(self) -> str:
        return f"{self.table.tab or self.table.file} 第 {self.row.line} 行"


@dataclass
class Harvest:
    values: list[Value] = field(default_factory=list)
    origins: dict[int, Origin] = field(default_factory=dict)
    """By `id()` of the value: two equal rows are two values."""
    faults: list[Fault] = field(default_factory=list)
    _first_lines: dict[tuple[str, tuple[object, ...]], Origin] = field(
        default_factory=dict
    )

    def add(self, kind: Kind, value: Value, origin: Origin) -> None:
        place = (kind.name, kind.key_of(value))
        first = self._first_lines.setdefault(place, origin)
        if first is not origin:
            where = f"{first.table.tab or first.table.file}:{first.row.line}"
            self.faults.append(
                origin.fault(
                    kind.key[0],
                    getattr(value, kind.key[0]),
                    f"与 {first.place}重复，请删去一行",
                    f"repeats {where}; remove one of them",
                )
            )
        self.values.append(value)
        self.origins[id(value)] = origin


class PlacedRow(NamedTuple):
    """A value, and the file, sheet and line it stands in."""

    value: Value
    place: Place


def read_uploads(
    uploads: Sequence[Upload], kinds: Iterable[Kind], known: Iterable[Value]
) -> list[Value]:
    """The rows of all files, when every one of them is right. Raises as `read_rows`."""
    return [row.value for row in read_rows(uploads, kinds, known)]


def read_rows(
    uploads: Sequence[Upload], kinds: Iterable[Kind], known: Iterable[Value]
) -> list[PlacedRow]:
    """The rows of all files with their places, when every one of them is right.

    `known`: what is there already; a row with the same key replaces it. Raises
    FaultyImportError with all faults: unreadable cells first, and only when there are
    none, rows that do not fit together.
    """
    allowed = {kind.name for kind in kinds}
    found = (one for upload in uploads for one in read_tables(upload, allowed))
    return read_found(found, known)


def read_found(found: Iterable[Found], known: Iterable[Value]) -> list[PlacedRow]:
    """As `read_rows`, of tables that were found already."""
    harvest = Harvest()
    for one in found:
        if isinstance(one, Fault):
            harvest.faults.append(one)
        else:
            _read_rows(one, harvest)
    if not harvest.values and not harvest.faults:
        nothing = Fault(
            file="-",
            zh="文件里没有任何记录；请在表头下面填写，以“#说明”“#示例”开头的行不算",
            en="no rows in the files; fill in some below the headings, rows that begin"
            " with #说明 or #示例 do not count",
        )
        harvest.faults.append(nothing)
    if not harvest.faults:
        harvest.faults.extend(_misfits(harvest, known))
    if harvest.faults:
        raise FaultyImportError(harvest.faults[:MOST_FAULTS])
    return [PlacedRow(v, harvest.origins[id(v)].at) for v in harvest.values]


def _read_rows(table: Table, harvest: Harvest) -> None:
    if len(table.headings) > _MOST_COLUMNS:
        zh = f"表头有 {len(table.headings)} 列，最多 {_MOST_COLUMNS} 列；请删去多余的列"
        en = f"{len(table.headings)} columns, at most {_MOST_COLUMNS}; remove others"
        harvest.faults.append(table.fault(table.line, "", zh, en))
        return
    harvest.faults.extend(_heading_faults(table))
    names = {
        column.field: heading
        for heading in table.headings
        if (column := table.sheet.column(heading)) is not None
    }
    absent = [c for c in table.sheet.required if c.field not in names]
    if table.rows:
        harvest.faults.extend(_absent(table, column) for column in absent)
    for row in table.rows:
        origin = Origin(table, row, names)
        cells, faults = _read_cells(table.sheet, origin)
        if not faults and not absent:
            value, faults = _build(table.sheet, cells, origin)
            if value is not None:
                harvest.add(table.sheet.kind, value, origin)
        harvest.faults.extend(faults)


def _heading_faults(table: Table) -> Iterable[Fault]:
    known = [name for c in table.sheet.columns for name in (c.key or c.field, *c.zh)]
    seen: set[str] = set()
    for heading in table.headings:
        column = table.sheet.column(heading)
        if column is None and heading:
            near = get_close_matches(heading, known, n=1)
            yield table.fault(
                _first_line_with(table.rows, heading, table.line),
                heading,
                "不认识这一列，"
                + (f"是不是“{near[0]}”？" if near else "请改成模板里的表头或删去它"),
                "unknown column, "
                + (
                    f"do you mean {near[0]}?" if near else "see the template or drop it"
                ),
            )
        elif column is not None and column.field in seen:
            yield table.fault(
                table.line,
                heading,
                "这一列重复了，请删去一列",
                "this column appears twice; remove one",
            )
        if column is not None:
            seen.add(column.field)


def _absent(table: Table, column: Column) -> Fault:
    heading, key = column.zh[0], column.key or column.field
    zh = f"缺少“{heading}”这一列，请添加表头并填写"
    return table.fault(table.line, heading, zh, f"add the column {key}")


def _first_line_with(rows: Sequence[Row], heading: str, otherwise: int) -> int:
    return next((r.lines[heading] for r in rows if heading in r.lines), otherwise)


def _read_cells(sheet: Sheet, origin: Origin) -> tuple[dict[str, Any], list[Fault]]:
    cells: dict[str, Any] = {}
    faults: list[Fault] = []
    for heading, raw in origin.row.cells.items():
        column = sheet.column(heading)
        if column is None:
            if not heading:
                faults.append(_too_many_cells(origin, raw))
            continue
        try:
            cells[column.field] = _read_cell(sheet, column, raw)
        except BadField as error:
            faults.append(origin.fault(column.field, raw, error.zh, error.en))
    bad = {fault.field for fault in faults}
    for column in sheet.required:
        here = origin.headings.get(column.field)
        if here and column.field not in cells and here not in bad:
            zh, en = f"必须填写“{column.zh[0]}”", f"{here} is required"
            faults.append(origin.fault(column.field, "", zh, en))
    return cells, faults


def _read_cell(sheet: Sheet, column: Column, raw: Any) -> Any:  # noqa: ANN401
    """Raises BadField."""
    if isinstance(raw, Unreadable):
        raise BadField(raw.zh, raw.en)
    if isinstance(raw, (date, time)) and column.read not in (read_day, read_time):
        # `1-5` and class 3-1 are what spreadsheets like to make dates of.
        raise BadField(
            "表格软件把这一格变成了日期或时间；请把单元格格式设为“文本”后重新填写",
            "the spreadsheet made a date of this; format it as text, type it again",
        )
    named = {*sheet.kind.key, *(sheet.kind.refers or {})}
    if isinstance(raw, str) and (column.read is not read_text or column.field in named):
        raw = raw.translate(_HALF_WIDTH)
    return column.read(raw)


def _too_many_cells(origin: Origin, raw: Any) -> Fault:  # noqa: ANN401
    return origin.table.fault(
        origin.row.line,
        "",
        "这一行比表头多一格，请删去多余的逗号，或给含逗号的内容加双引号",
        "more cells than headings; remove a comma or quote the cell",
        raw,
    )


def _build(
    sheet: Sheet, cells: dict[str, Any], origin: Origin
) -> tuple[Value | None, list[Fault]]:
    try:
        return sheet.kind.value.model_validate(cells), []
    except ValidationError as error:
        return None, [
            _explain(detail, cells, origin)
            for detail in error.errors(include_url=False)
        ]


def _explain(detail: Any, cells: dict[str, Any], origin: Origin) -> Fault:  # noqa: ANN401
    context = detail.get("ctx", {})
    name = str(detail["loc"][0]) if detail["loc"] else context.get("field", "")
    zh, en = context.get("zh", ""), detail["msg"]
    match detail["type"]:
        case "string_pattern_mismatch":
            zh, en = _no_id(origin.table.sheet.kind, name)
        case "string_too_short":
            zh = "不能为空"
        case "string_too_long":
            zh = f"太长，最多 {context['max_length']} 个字"
        case "greater_than_equal" | "greater_than":
            zh = f"太小，最小是 {context.get('ge', context.get('gt'))}"
        case "less_than_equal" | "less_than":
            zh = f"太大，最大是 {context.get('le', context.get('lt'))}"
    raw = origin.row.cells.get(origin.headings.get(name, ""), cells.get(name))
    return origin.fault(name, raw, zh or "填写有误，请改正", en)


def _no_id(kind: Kind, name: str) -> tuple[str, str]:
    refers = (kind.refers or {}).get(name)
    if refers is not None:
        # People write the name of a school where its id belongs.
        other = BY_VALUE[refers]
        return (
            f"这里要填“{other.zh}”表里的编号，不是名称",
            f"give the id from the sheet {other.name}, not the name",
        )
    return (
        "编号只能用英文字母、数字、点、下划线和短横线，最多 64 个字符",
        "an id has letters, digits, dot, underscore, hyphen; at most 64",
    )


def _misfits(harvest: Harvest, known: Iterable[Value]) -> list[Fault]:
    """Contradictions that this import would bring in; older ones are not its."""
    world = World()
    world.put(known)
    world.put(harvest.values)
    faults = []
    for found in contradictions(world):
        mine = [v for v in found.values if id(v) in harvest.origins]
        if mine:
            faults.append(_misfit(found, mine[0], harvest.origins[id(mine[0])]))
    return faults


def _misfit(found: Contradiction, value: Value, origin: Origin) -> Fault:
    raw = getattr(value, found.field, "") if value is found.values[0] else ""
    heading = origin.headings.get(found.field, found.field)
    cell = origin.row.cells.get(heading, raw)
    return origin.fault(found.field, cell, found.zh, found.en)
