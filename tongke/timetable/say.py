"""What the timetable commands print."""

import sys
from typing import Any

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
