"""The door to XlsxWriter: one workbook being written.

Texts are text cells whatever they begin with, so that nothing in them is a formula.
"""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import xlsxwriter

from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.exchange.shown import Clock, Shown

Look = Any
"""A cell format of XlsxWriter, which has no types."""
Page = Any
"""A worksheet of XlsxWriter."""
_WIDEST = 36


class Book:
    def __init__(self) -> None:
        self._data = io.BytesIO()
        self._file = xlsxwriter.Workbook(self._data, {"in_memory": True})
        self._looks: dict[str, Look] = {}

    def page(self, name: str) -> Page:
        return self._file.add_worksheet(name)

    def look(self, **properties: object) -> Look:
        key = repr(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self._file.add_format(properties)
        return self._looks[key]

    def close(self) -> bytes:
        """The finished file."""
        self._file.close()
        return self._data.getvalue()


def write(page: Page, row: int, at: int, cell: Shown, look: Look = None) -> None:
    match cell:
        case "":
            return
        case Clock(minute):
            page.write_number(row, at, minute / MINUTES_A_DAY, look)
        case date():
            page.write_datetime(row, at, cell, look)
        case int():
            page.write_number(row, at, cell, look)
        case str():
            page.write_string(row, at, cell, look)


def text_width(text: str) -> int:
    """A Chinese character is two wide."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def width(texts: Iterable[str]) -> int:
    """Of a column, by its longest line."""
    lines = [line for text in texts for line in text.split("\n")] or [""]
    return min(max(10, max(map(text_width, lines)) + 3), _WIDEST)
