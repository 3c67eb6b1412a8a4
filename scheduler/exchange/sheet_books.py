"""Rows as workbooks: exports that can be changed and imported again, and templates."""

from collections.abc import Iterable, Mapping, Sequence

from scheduler.catalogue.kinds import BY_VALUE, Kind
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.exchange.book import Book, Look, Page, width, write
from scheduler.exchange.csv_out import rows_of, sheets_of
from scheduler.exchange.shown import Shown, hint_of, way_of
from scheduler.importer.fields import read_day, read_number, read_time
from scheduler.importer.grid import column_letters
from scheduler.importer.sheet import Column, Sheet

ABOUT = "说明"
OPTIONS = "选项"
"""Sheets of these names are for people; the importer passes over them."""
_LAST_ROW = 5_000
_HEAD = {"bold": True, "bg_color": "#DCE9F5", "border": 1, "text_wrap": True}
_MUST = {**_HEAD, "bg_color": "#FBE3D6"}
_NOTE = {"italic": True, "font_color": "#7F7F7F", "text_wrap": True, "valign": "top"}
_LINES = (
    "填写说明",
    "",
    "1. 每张工作表是一种记录，表名和表头请不要改；列的顺序可以改，不用的列可以空着。",
    "2. 橙色表头的列必须填写；鼠标停在表头上可以看到写法。",
    "3. 以“#说明”“#示例”开头的行只给人看，导入时会跳过，不必删除。",
    "4. 编号由您自己定，填好后不要再改：编号相同的记录会被替换，没有写到的记录不动。",
    "5. 请不要合并单元格。公式要先保存出结果。",
    "6. 只要有一处错误就什么都不导入，每处错误都会指出工作表、行、列和改法。",
    "",
    "Keep sheet names and headings. Orange columns are required. Rows that begin with "
    "#说明 or #示例 are skipped. One fault and nothing is imported.",
)


def filled_book(world: World, kinds: Sequence[Kind]) -> bytes:
    """Everything that was entered, ready to be changed and imported again."""
    book, lists = Book(), _Lists(kinds)
    for sheet in sheets_of(kinds):
        page = book.page(sheet.kind.zh)
        rows = rows_of(sheet, world.all(sheet.kind.value))
        looks = _lay_out(book, page, sheet, rows)
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                write(page, number, at, cell, looks[at])
        lists.offer(page, sheet)
    return book.close()


def template_book(
    kinds: Sequence[Kind], world: World, examples: Mapping[type[Value], Value]
) -> bytes:
    """Empty sheets that explain themselves. `world`: whose ids are offered for columns
    that refer to other files; `examples`: one row for each kind."""
    book, lists = Book(), _Lists(kinds)
    _write_about(book)
    pages = []
    for sheet in sheets_of(kinds):
        page = book.page(sheet.kind.zh)
        example = examples.get(sheet.kind.value)
        rows = rows_of(sheet, [example] if example else [])
        _lay_out(book, page, sheet, rows)
        _write_notes(book, page, sheet, rows)
        pages.append((page, sheet))
    lists.write_known(book, world)
    for page, sheet in pages:
        lists.offer(page, sheet)
    return book.close()


def _write_about(book: Book) -> None:
    page = book.page(ABOUT)
    page.set_column(0, 0, 100)
    for number, line in enumerate(_LINES):
        look = book.look(bold=number == 0, text_wrap=True)
        page.write_string(number, 0, line, look)


def _lay_out(
    book: Book, page: Page, sheet: Sheet, rows: Sequence[Sequence[Shown]]
) -> list[Look]:
    """Headings with comments, widths; returns the look of each column's cells."""
    page.freeze_panes(1, 0)
    looks = []
    for at, column in enumerate(sheet.columns):
        must = column in sheet.required
        head = book.look(**(_MUST if must else _HEAD))
        page.write_string(0, at, column.zh[0], head)
        hint = hint_of(sheet, column)
        comment = f"{'必填' if must else '可以空着'}。{hint}"
        page.write_comment(0, at, comment, {"x_scale": 2})
        look = book.look(**_form(column))
        shown = [column.zh[0], *(str(row[at]) for row in rows[:200])]
        page.set_column(at, at, width(shown), look)
        looks.append(look)
    return looks


def _write_notes(
    book: Book, page: Page, sheet: Sheet, examples: Iterable[Sequence[Shown]]
) -> None:
    hints = [hint_of(sheet, column) for column in sheet.columns]
    page.set_row(1, 45)
    for at, hint in enumerate([f"#说明 {hints[0]}", *hints[1:]]):
        write(page, 1, at, hint, book.look(**_NOTE))
    for number, row in enumerate(examples, 2):
        for at, cell in enumerate([f"#示例 {row[0]}", *row[1:]]):
            look = book.look(**_NOTE, **_form(sheet.columns[at]))
            write(page, number, at, cell, look)


def _form(column: Column) -> dict[str, str]:
    if column.read is read_day:
        return {"num_format": "yyyy-mm-dd"}
    if column.read is read_time:
        # In square brackets 24:00 is not shown as 00:00.
        return {"num_format": "[hh]:mm"}
    # As text `1-5` does not become the fifth of January, nor 007 a 7.
    return {} if column.read is read_number else {"num_format": "@"}


class _Lists:
    """Drop-down lists: fixed choices, ids of the other sheets, ids known already."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._here = {kind.value for kind in kinds}
        self._ids = {
            kind.value: f"='{kind.zh}'!$A$2:$A${_LAST_ROW}"
            for kind in kinds
            if kind.key == ("id",)
        }

    def write_known(self, book: Book, world: World) -> None:
        """A sheet with ids and names of what this workbook refers to but has not."""
        targets = {target for kind in self._here for target in _refers(kind)}
        known = [kind for kind in BY_VALUE if kind in targets - self._here]
        if not any(world.all(kind) for kind in known):
            return
        page = book.page(OPTIONS)
        page.freeze_panes(1, 0)
        for at, kind in enumerate(known):
            values, zh = world.all(kind), BY_VALUE[kind].zh
            cells = [(f"{zh}编号", f"{zh}名称")]
            cells += [(str(_id_of(v)), str(getattr(v, "name", ""))) for v in values]
            for number, pair in enumerate(cells):
                look = book.look(**_HEAD) if number == 0 else None
                for place, text in enumerate(pair):
                    write(page, number, 2 * at + place, text, look)
            page.set_column(2 * at, 2 * at + 1, 22)
            letter = column_letters(2 * at + 1)
            last = max(2, len(cells))
            self._ids[kind] = f"='{OPTIONS}'!${letter}$2:${letter}${last}"

    def offer(self, page: Page, sheet: Sheet) -> None:
        for at, column in enumerate(sheet.columns):
            way = way_of(column)
            target = (sheet.kind.refers or {}).get(column.field)
            source = self._ids.get(target) if target else list(way.choices)
            if source:
                page.data_validation(
                    *(1, at, _LAST_ROW - 1, at),
                    {
                        "validate": "list",
                        "source": source,
                        # An id may be known to the server though not in this file.
                        "show_error": target is None and way.strict,
                        "error_title": "请从列表中选择",
                        "error_message": hint_of(sheet, column)[:200],
                    },
                )


def _id_of(value: Value) -> object:
    return BY_VALUE[type(value)].key_of(value)[0]


def _refers(kind: type[Value]) -> Iterable[type[Value]]:
    return (BY_VALUE[kind].refers or {}).values()
