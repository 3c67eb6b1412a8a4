"""Digits for the picture's running clock, from plain rectangles: no font is needed."""

from datetime import datetime

from classroom_agent.agenda import BEIJING
from classroom_agent.barcode import BLACK, WHITE, Luma

# Rectangles of a seven-segment digit in a 10 x 18 cell: x0, y0, x1, y1.
_SEGMENTS = {
    "a": (1, 0, 9, 2),
    "b": (7, 1, 9, 9),
    "c": (7, 9, 9, 17),
    "d": (1, 16, 9, 18),
    "e": (1, 9, 3, 17),
    "f": (1, 1, 3, 9),
    "g": (1, 8, 9, 10),
    ":": (4, 4, 6, 6),
    ";": (4, 12, 6, 14),
    ".": (4, 15, 6, 18),
}
_LIT = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
    ":": ":;",
    ".": ".",
}
_CELL_W, _CELL_H = 11, 20


def draw_clock(luma: Luma, capture_us: int) -> None:
    """HH:MM:SS.cc (Beijing time) across the middle, white on a black band."""
    at = datetime.fromtimestamp(capture_us / 1e6, BEIJING)
    text = f"{at:%H:%M:%S}.{at.microsecond // 10_000:02d}"
    height, width = luma.shape
    unit = max(1, min(width * 8 // 10 // (_CELL_W * len(text)), height // 4 // _CELL_H))
    left = (width - unit * _CELL_W * len(text)) // 2
    top = height * 4 // 10
    luma[
        top - 2 * unit : top + _CELL_H * unit,
        left - 2 * unit : left + unit * (_CELL_W * len(text) + 1),
    ] = BLACK
    for i, character in enumerate(text):
        x = left + i * _CELL_W * unit
        for segment in _LIT[character]:
            x0, y0, x1, y1 = _SEGMENTS[segment]
            luma[top + y0 * unit : top + y1 * unit, x + x0 * unit : x + x1 * unit] = (
                WHITE
            )
