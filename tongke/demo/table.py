"""The tables at the end of the demo."""

import unicodedata
from collections.abc import Sequence

from tongke.demo.promises import LessonFigures, Promise

_ROOM_HEAD = (
    "教室",
    "join s",
    "frames",
    "fps",
    "freezes",
    "frozen s",
    "concealed",
    "glass ms",
    "cores",
)


def print_figures(figures: LessonFigures) -> None:
    print("\n教室 · classrooms")
    _table(
        _ROOM_HEAD,
        [
            (
                room.name,
                _number(room.join_ms and room.join_ms / 1000, 2),
                str(room.frames),
                f"{room.fps:.1f}",
                str(room.freezes),
                f"{room.freeze_s:.2f}",
                f"{room.concealed_ratio:.2%}",
                _number(room.glass_to_glass_ms, 0),
                f"{room.cores:.2f}",
            )
            for room in figures.rooms
        ],
    )
    print("\n录像 · recording")
    _table(
        ("轨道", "duration s", "expected s", "complete", "sound-picture ms"),
        [
            (
                track.name,
                f"{track.duration_s:.2f}",
                f"{track.expected_s:.2f}",
                f"{track.completeness:.2%}",
                _number(track.av_offset_ms, 0),
            )
            for track in figures.tracks
        ],
    )


def print_promises(promises: Sequence[Promise]) -> None:
    print("\n承诺 · promises")
    for promise in promises:
        mark = "✔" if promise.kept else "✘"
        print(f"  {mark} {promise.what}: {promise.measured}")
    broken = sum(not promise.kept for promise in promises)
    print(f"\n{len(promises) - broken} kept, {broken} broken")


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        cells = [
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
