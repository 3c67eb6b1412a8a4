"""What the timetable commands print."""

import sys
from collections.abc import Sequence
from typing import Any, TextIO

from scheduler.catalogue.kinds import BY_NAME

FIRST = 50

_OUTCOMES = {
    "optimal": ("已证明没有更好的课表", "proven: no timetable is better"),
    "feasible": ("所有课都有了时间", "every lesson has a place"),
    "partial": ("还有课没有时间，可再多给些时间", "some lessons have no place yet"),
    "impossible": (
        "已证明不可能全部排下，请用 explain 看原因",
        "proven: not all can be placed; `explain` says why",
    ),
}


class Line:
    """Progress: on a terminal one line that is written over, elsewhere one a change
    of phase, so that a log stays short."""

    def __init__(self) -> None:
        self._over = sys.stdout.isatty()
        self._phase = ""

    def show(
        self, phase: str, seconds: float, placed: int, unplaced: int, cost: int | None
    ) -> None:
        text = f"{seconds:6.1f} s  {phase:<10} "
        text += f"已排 placed {placed}  未排 unplaced {unplaced}"
        text += "" if cost is None else f"  代价 cost {cost}"
        if self._over:
            print(f"\r{text:<78}", end="", flush=True)
        elif phase != self._phase:
            print(text, flush=True)
        self._phase = phase

    def end(self) -> None:
        if self._over:
            print()


def outcome_words(outcome: str, unplaced: int, cost: int) -> str:
    zh, en = _OUTCOMES[outcome]
    return f"{zh} · {en}（未排 unplaced {unplaced}，代价 cost {cost}）"


def sentence(view: dict[str, Any]) -> str:
    return f"{view['zh']}\n   {view['en']}"


def show_all(lines: Sequence[str], all_of_them: bool, out: TextIO) -> None:
    """The first 50, and how many more there are: ten thousand scroll away what can be
    acted on."""
    shown = lines if all_of_them else lines[:FIRST]
    for line in shown:
        print(line, file=out)
    if left := len(lines) - len(shown):
        print(
            f"……还有 {left} 处，用 --all 全部列出 and {left} more; --all lists them",
            file=out,
        )


def show_report(report: dict[str, Any], all_of_them: bool) -> None:
    """What an import changed, sheet by sheet, and what looks odd since."""
    for name, counts in report["sheets"].items():
        kind = BY_NAME[name].zh if name in BY_NAME else name
        print(
            f"{kind} {name}: 新增 {counts['added']} new,"
            f" 修改 {counts['changed']} changed, 不变 {counts['unchanged']} unchanged"
        )
    warnings = [f"!  {warning_words(one)}" for one in report["warnings"]]
    show_all(warnings, all_of_them, sys.stdout)
    if not report["written"]:
        print("只检查了，什么都没有写入 checked only, nothing was written")


def warning_words(warning: dict[str, Any]) -> str:
    """With the place of the row, where these files have it."""
    place = " ".join(
        str(warning[name]) for name in ("file", "sheet", "line") if warning[name]
    )
    return f"{place} {sentence(warning)}" if place else sentence(warning)
