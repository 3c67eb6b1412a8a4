"""Printable weeks: one page for each teacher, room, class or school. Pure."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from common.errors import NotFoundError
from scheduler.catalogue.bells import Minutes, clock_text
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import School
from scheduler.exchange.book import Book, Page, text_width
from scheduler.exchange.links import TARGETS, What
from scheduler.exchange.shown import WEEKDAYS, WEEKS
from scheduler.exchange.week import Item, Timed, Weeks

MOST_PAGES = 500
_A4 = 9
_WIDE = 24
_LEAST_LINES = 3
_NAME_LENGTH = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_CELL = {"border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
_HEAD = {**_CELL, "bold": True, "bg_color": "#DCE9F5"}
_LESSON = {**_CELL, "bg_color": "#EAF3E6"}
_LOCAL = {**_CELL, "font_color": "#595959"}
_TITLE = {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}


@dataclass
class Line:
    """One row of a page: a period, or a time between them."""

    time: Minutes
    title: str = ""
    cells: dict[int, list[Item]] = field(default_factory=lambda: defaultdict(list))
    """By weekday."""


def week_book(
    weeks: Weeks, timed: Sequence[Timed], what: What, id: str = "", title: str = ""
) -> bytes:
    """`id`: one page; empty: of everybody who has a lesson. Raises NotFoundError."""
    ids = [id] if id else _everybody(weeks, timed, what)
    if not ids:
        raise NotFoundError(
            "nothing_to_print",
            zh="这个学期还没有排课，没有可以打印的课表",
            en="nothing is planned in this term yet",
        )
    book, names = Book(), set[str]()
    for one in ids[:MOST_PAGES]:
        name = _name(weeks, what, one)
        page = book.page(_page_name(name, names))
        weekdays, lines = lines_of(weeks, weeks.items(timed, what, one), what, one)
        heading = f"{name} 课表　{title or weeks.term.name}"
        page.merge_range(0, 0, 0, len(weekdays), heading, book.look(**_TITLE))
        _set_up(book, page, weekdays)
        for row, line in enumerate(lines, 2):
            _write_line(book, page, row, weekdays, line, what)
    return book.close()


def _everybody(weeks: Weeks, timed: Sequence[Timed], what: What) -> list[str]:
    """Who has a synchronous lesson; of rooms those that teach."""
    if what == "room":
        return sorted({one.course.master_room for one in timed})
    if what == "teacher":
        return sorted({one.course.teacher for one in timed})
    everyone = [str(getattr(v, "id", "")) for v in weeks.world.all(TARGETS[what])]
    return [
        id
        for id in everyone
        if any(not item.is_local for item in weeks.items(timed, what, id))
    ]


def _name(weeks: Weeks, what: What, id: str) -> str:
    own = str(getattr(find(weeks.world, TARGETS[what], id), "name", id))
    if what in ("room", "class"):
        school = find(weeks.world, School, weeks.school(what, id))
        return f"{school.name} {own}"
    return own


def _page_name(name: str, taken: set[str]) -> str:
    """At most 31 characters, some never, no two alike whatever the case."""
    plain = _NOT_IN_NAMES.sub(" ", name).strip() or "课表"
    for count in range(1, MOST_PAGES + 2):
        end = f" {count}" if count > 1 else ""
        short = plain[: _NAME_LENGTH - len(end)] + end
        if short.lower() not in taken:
            break
    taken.add(short.lower())
    return short


# ---- one page ---------------------------------------------------------------------


def lines_of(
    weeks: Weeks, items: Iterable[Item], what: What, id: str
) -> tuple[list[int], list[Line]]:
    """The weekdays and the rows of a page; an item stands at the period that it
    overlaps most, or at a line of its own."""
    everything = list(items)
    school = weeks.school(what, id)
    last = max([5, *(item.weekday for item in everything)])
    weekdays = list(range(1, last + 1))
    lines: dict[tuple[int, int], Line] = {}
    ringing: dict[int, list[Minutes]] = defaultdict(list)
    for weekday in weekdays:
        for title, time in weeks.ringing(school, weekday):
            ringing[weekday].append(time)
            lines.setdefault((time.start, time.end), Line(time, title))
    for item in everything:
        time = max(
            ringing[item.weekday], key=lambda t: item.time.overlap(t), default=item.time
        )
        if not item.time.overlap(time):
            time = item.time
        line = lines.setdefault((time.start, time.end), Line(time))
        line.cells[item.weekday].append(item)
    return weekdays, [lines[key] for key in sorted(lines)]


def _set_up(book: Book, page: Page, weekdays: Sequence[int]) -> None:
    """One sheet of A4 across."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 1)
    page.center_horizontally()
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L同课 Tongke&R&D")
    page.freeze_panes(2, 1)
    page.set_row(0, 30)
    page.set_column(0, 0, 18)
    page.set_column(1, len(weekdays), _WIDE)
    page.write_string(1, 0, "节次", book.look(**_HEAD))
    for weekday in weekdays:
        page.write_string(1, weekday, WEEKDAYS[weekday - 1], book.look(**_HEAD))


def _write_line(
    book: Book, page: Page, row: int, weekdays: Sequence[int], line: Line, what: What
) -> None:
    span = f"{clock_text(line.time.start)}-{clock_text(line.time.end)}"
    label = "\n".join(part for part in (line.title, span) if part)
    page.write_string(row, 0, label, book.look(**_HEAD))
    height = _LEAST_LINES
    for weekday in weekdays:
        here = line.cells[weekday]
        text = "\n".join(cell_text(item, line, what) for item in here)
        height = max(height, sum(_wraps(part) for part in text.split("\n")))
        has_lesson = any(not item.is_local for item in here)
        page.write_string(
            row, weekday, text, book.look(**(_LESSON if has_lesson else _LOCAL))
        )
    page.set_row(row, 15 * height + 6)


def _wraps(text: str) -> int:
    """Lines that a text takes in a cell; a Chinese character is two wide."""
    return max(1, math.ceil(text_width(text) / (_WIDE - 2)))


def cell_text(item: Item, line: Line, what: What) -> str:
    """What the readers of the page do not know yet: not their own name."""
    parts = [item.title]
    who = [] if what == "teacher" else [item.teacher]
    where = [] if what in ("room", "class") and not item.is_local else [item.place]
    parts.append(" ".join(part for part in (*who, *where) if part))
    notes = []
    if item.weeks != "all":
        notes.append(WEEKS.get(item.weeks) or f"第{item.weeks}周")
    if item.time != line.time:
        start, end = clock_text(item.time.start), clock_text(item.time.end)
        notes.append(f"{start}-{end}")
    parts.append(" ".join(notes))
    return "\n".join(part for part in parts if part)
