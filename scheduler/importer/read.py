"""From files to values, with every fault named. Pure: touches no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError

from scheduler.importer.fault import BadField, Fault, FaultyImportError
from scheduler.importer.sheets import SHEETS, Sheet, find_sheet
from scheduler.importer.texts import BadFileError, Row, csv_rows, decode, toml_tables
from scheduler.kinds import Kind
from scheduler.value import Value
from scheduler.world import Contradiction, World, contradictions


@dataclass(frozen=True)
class Upload:
    """`sheet`: which kind of rows a CSV holds, when its file name does not say."""

    name: str
    data: bytes
    sheet: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a value came from."""

    file: str
    row: Row
    headings: dict[str, str]
    """Field -> heading in the file."""


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
            self.faults.append(
                Fault(
                    file=origin.file,
                    line=origin.row.line,
                    field=origin.headings.get(kind.key[0], kind.key[0]),
                    value=str(getattr(value, kind.key[0])),
                    zh=f"与 {first.file} 第 {first.row.line} 行重复，请删去一行",
                    en=f"repeats {first.file}:{first.row.line}; remove one of them",
                )
            )
        self.values.append(value)
        self.origins[id(value)] = origin


def read_uploads(
    uploads: Sequence[Upload], kinds: Iterable[Kind], known: Iterable[Value]
) -> list[Value]:
    """The rows of all files, when every one of them is right.

    `known`: what is there already; a row with the same key replaces it. Raises
    FaultyImportError with all faults: unreadable cells first, and only when there are
    none, rows that do not fit together.
    """
    harvest = Harvest()
    allowed = {kind.name for kind in kinds}
    for upload in uploads:
        try:
            _read_upload(upload, allowed, harvest)
        except BadFileError as error:
            harvest.faults.append(error.fault)
    if not harvest.values and not harvest.faults:
        nothing = Fault(file="-", zh="文件里没有任何记录", en="no rows in the files")
        harvest.faults.append(nothing)
    if not harvest.faults:
        harvest.faults.extend(_misfits(harvest, known))
    if harvest.faults:
        raise FaultyImportError(harvest.faults)
    return harvest.values


def _read_upload(upload: Upload, allowed: set[str], harvest: Harvest) -> None:
    text = decode(upload.name, upload.data)
    if PurePath(upload.name).suffix.lower() == ".toml":
        for name, rows in toml_tables(upload.name, text).items():
            sheet = _sheet(upload.name, name, allowed)
            headings = list(dict.fromkeys(key for row in rows for key in row.cells))
            _read_rows(upload.name, sheet, headings, rows, harvest)
        return
    name = upload.sheet or PurePath(upload.name).stem
    sheet = _sheet(upload.name, name, allowed)
    headings, rows = csv_rows(upload.name, text)
    _read_rows(upload.name, sheet, headings, rows, harvest)


def _sheet(file: str, name: str, allowed: set[str]) -> Sheet:
    found = find_sheet(name)
    if found is not None and found.kind.name in allowed:
        return found
    here = [sheet.kind for sheet in SHEETS if sheet.kind.name in allowed]
    zh = "、".join(f"{kind.zh}({kind.name})" for kind in here)
    raise BadFileError(
        Fault(
            file=file,
            value=name,
            zh=f"看不出这是什么表；请用这些名称之一：{zh}",
            en="unknown sheet; name it " + ", ".join(kind.name for kind in here),
        )
    )


def _read_rows(
    file: str, sheet: Sheet, headings: Sequence[str], rows: list[Row], harvest: Harvest
) -> None:
    harvest.faults.extend(_heading_faults(file, sheet, headings, rows))
    names = {
        column.field: heading
        for heading in headings
        if (column := sheet.column(heading)) is not None
    }
    for row in rows:
        origin = Origin(file, row, names)
        cells, faults = _read_cells(sheet, origin)
        if not faults:
            value, faults = _build(sheet, cells, origin)
            if value is not None:
                harvest.add(sheet.kind, value, origin)
        harvest.faults.extend(faults)


def _heading_faults(
    file: str, sheet: Sheet, headings: Sequence[str], rows: Sequence[Row]
) -> Iterable[Fault]:
    line = rows[0].line if rows and rows[0].lines else 1
    known = [name for c in sheet.columns for name in (c.key or c.field, *c.zh)]
    seen: set[str] = set()
    for heading in headings:
        column = sheet.column(heading)
        if column is None and heading:
            near = get_close_matches(heading, known, n=1)
            yield Fault(
                file=file,
                line=_first_line_with(rows, heading, line),
                field=heading,
                zh="不认识这一列" + (f"，是不是“{near[0]}”？" if near else ""),
                en="unknown column" + (f", do you mean {near[0]}?" if near else ""),
            )
        elif column is not None and column.field in seen:
            yield Fault(
                file=file,
                line=line,
                field=heading,
                zh="这一列重复了，请删去一列",
                en="this column appears twice; remove one",
            )
        if column is not None:
            seen.add(column.field)


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
            cells[column.field] = column.read(raw)
        except BadField as error:
            faults.append(_fault(origin, column.field, raw, error.zh, error.en))
    for column in sheet.required:
        if column.field not in cells and not faults:
            heading = origin.headings.get(column.field, column.zh[0])
            faults.append(
                Fault(
                    file=origin.file,
                    line=origin.row.line,
                    field=heading,
                    zh=f"必须填写“{column.zh[0]}”",
                    en=f"{column.key or column.field} is required",
                )
            )
    return cells, faults


def _too_many_cells(origin: Origin, raw: Any) -> Fault:  # noqa: ANN401
    return Fault(
        file=origin.file,
        line=origin.row.line,
        value=str(raw),
        zh="这一行比表头多一格，请删去多余的逗号，或给含逗号的内容加双引号",
        en="more cells than headings; remove a comma or quote the cell",
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
    name = str(detail["loc"][0]) if detail["loc"] else ""
    context = detail.get("ctx", {})
    zh, en = context.get("zh", ""), detail["msg"]
    match detail["type"]:
        case "string_pattern_mismatch":
            zh = "编号只能用英文字母、数字、点、下划线和短横线，最多 64 个字符"
            en = "an id has letters, digits, dot, underscore, hyphen; at most 64"
        case "string_too_short":
            zh = "不能为空"
        case "string_too_long":
            zh = f"太长，最多 {context['max_length']} 个字"
        case "greater_than_equal" | "greater_than":
            zh = f"太小，最小是 {context.get('ge', context.get('gt'))}"
        case "less_than_equal" | "less_than":
            zh = f"太大，最大是 {context.get('le', context.get('lt'))}"
    return _fault(origin, name, cells.get(name, ""), zh or "填写有误，请改正", en)


def _fault(origin: Origin, field: str, raw: Any, zh: str, en: str) -> Fault:  # noqa: ANN401
    heading = origin.headings.get(field, field)
    return Fault(
        file=origin.file,
        line=origin.row.line_of(heading),
        field=heading,
        value=str(raw)[:80],
        zh=zh,
        en=en,
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
    return _fault(origin, found.field, cell, found.zh, found.en)
