"""The capture time inside the picture, readable by a machine.

48 cells in two rows near the bottom edge: 4 sync cells, then 32 bits of Unix
milliseconds (modulo 2^32, about 49 days), then 12 check bits. A cell is 1/25 of the
width and 1/12 of the height, so it survives 360p H.264 at 200 kbit/s. Positions are
fractions of the picture: a scaled layer reads the same. Only luma is touched.

A separate flash block is white during the first 100 ms of each second, together with
the beep of the test microphone, so that audio/video offset can be measured.
"""

import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

BLACK, WHITE = 16, 235
"""Limits of video range luma (BT.601 §2.5.3)."""
FLASH_US = 100_000

_COLUMNS, _ROWS = 24, 2
_LEFT, _RIGHT = 0.02, 0.98
_TOP, _BOTTOM = 0.80, 0.97
_SYNC = (1, 0, 1, 0)
_MS_BITS, _CHECK_BITS = 32, 12
_MIN_CONTRAST = 60
_FLASH = (0.86, 0.05, 0.97, 0.25)
"""x0, y0, x1, y1 of the flash block, fractions."""


def draw(luma: Luma, capture_us: int) -> None:
    """Writes barcode and flash block of `capture_us` into a (height, width) plane."""
    height, width = luma.shape
    bits = np.array(_bits(capture_us // 1000), dtype=np.uint8).reshape(_ROWS, _COLUMNS)
    levels = np.where(bits == 1, WHITE, BLACK).astype(np.uint8)
    xs = _edges(width, _LEFT, _RIGHT, _COLUMNS)
    ys = _edges(height, _TOP, _BOTTOM, _ROWS)
    for row in range(_ROWS):
        line = np.repeat(levels[row], np.diff(xs))
        luma[ys[row] : ys[row + 1], xs[0] : xs[-1]] = line
    x0, y0, x1, y1 = _FLASH
    lit = capture_us % 1_000_000 < FLASH_US
    luma[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)] = (
        WHITE if lit else BLACK
    )


def read(luma: Luma, now_us: int) -> int | None:
    """Capture time (Unix µs, whole milliseconds) nearest to `now_us`, or None."""
    height, width = luma.shape
    rows, columns = _sample_points(height, width)
    cells = luma[rows, columns].reshape(_ROWS * _COLUMNS, -1).mean(axis=1)
    whites = min(cells[0], cells[2])
    blacks = max(cells[1], cells[3])
    if whites - blacks < _MIN_CONTRAST:
        return None
    bits = (cells > (whites + blacks) / 2).astype(int)
    ms = _number(bits[len(_SYNC) : len(_SYNC) + _MS_BITS])
    if _number(bits[len(_SYNC) + _MS_BITS :]) != _check(ms):
        return None
    return _nearest(ms, now_us // 1000) * 1000


def flash_is_lit(luma: Luma) -> bool:
    """Whether the flash block is white: the first 100 ms of a second."""
    height, width = luma.shape
    x0, y0, x1, y1 = _FLASH
    middle_y, half = int((y0 + y1) / 2 * height), max(1, int((x1 - x0) * width / 4))
    middle_x = int((x0 + x1) / 2 * width)
    block = luma[middle_y - 2 : middle_y + 3, middle_x - half : middle_x + half]
    return bool(block.mean() > (BLACK + WHITE) / 2)


def _bits(ms: int) -> list[int]:
    wrapped = ms % (1 << _MS_BITS)
    number = (wrapped << _CHECK_BITS) | _check(wrapped)
    total = _MS_BITS + _CHECK_BITS
    return [*_SYNC, *((number >> (total - 1 - i)) & 1 for i in range(total))]


def _check(ms: int) -> int:
    return zlib.crc32(ms.to_bytes(4, "big")) & ((1 << _CHECK_BITS) - 1)


def _number(bits: npt.NDArray[np.int_]) -> int:
    value = 0
    for bit in bits.tolist():
        value = (value << 1) | bit
    return value


def _nearest(ms: int, now_ms: int) -> int:
    """Undoes the wrap at 2^32: the value congruent to `ms` nearest to `now_ms`."""
    span = 1 << _MS_BITS
    return now_ms + (ms - now_ms + span // 2) % span - span // 2


def _edges(size: int, start: float, end: float, count: int) -> npt.NDArray[np.int_]:
    return np.linspace(start * size, end * size, count + 1).astype(int)


@lru_cache(maxsize=8)
def _sample_points(
    height: int, width: int
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """Index arrays that pick 3 x 5 points in the middle of each cell."""
    xs = _edges(width, _LEFT, _RIGHT, _COLUMNS)
    ys = _edges(height, _TOP, _BOTTOM, _ROWS)
    rows, columns = [], []
    for r in range(_ROWS):
        for c in range(_COLUMNS):
            for fy in (0.35, 0.5, 0.65):
                for fx in (0.3, 0.4, 0.5, 0.6, 0.7):
                    rows.append(int(ys[r] + fy * (ys[r + 1] - ys[r])))
                    columns.append(int(xs[c] + fx * (xs[c + 1] - xs[c])))
    return np.array(rows), np.array(columns)
