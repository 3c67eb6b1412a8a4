"""The program that solves: `python -m scheduler.edition.worker`, a child of the
scheduler, so that no live lesson ever waits for it.

Standard input: the length of the order (8 bytes), the order pickled by our own parent
(nobody else has this pipe), and then whatever means stop: a line, or its end.
Standard output: one JSON object per line: `progress`, `best` (the rows of the best
timetable so far, about once a second), at the end `answer`, `rules` or `failed`.
"""

import json
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from common.children import die_with_parent
from common.priority import come_last
from scheduler.edition.job_views import JobKind
from scheduler.solver.explain import explain
from scheduler.solver.problem import Placement, Problem
from scheduler.solver.solve import Progress, Result, solve

BEST_EVERY_S = 1.0
PROGRESS_EVERY_S = 0.2
LENGTH_BYTES = 8


@dataclass(frozen=True)
class Order:
    """`start`: what a solution begins with. `workers`: threads of the search."""

    kind: JobKind
    problem: Problem
    start: frozenset[Placement]
    seconds: float
    workers: int
    memory_bytes: int

    def pack(self) -> bytes:
        data = pickle.dumps(self)
        return len(data).to_bytes(LENGTH_BYTES, "big") + data


class _Teller:
    """Writes lines; the search calls it from its threads, one at a time."""

    def __init__(self, lessons: int) -> None:
        self._lessons = lessons
        self._said_at = float("-inf")
        self._best_at = float("-inf")
        self._best: tuple[int, int] | None = None

    def progress(self, now: Progress) -> None:
        at = time.monotonic()
        if at - self._said_at >= PROGRESS_EVERY_S:
            self._said_at = at
            self._say(progress=self._as_json(now))
        rank = (now.unplaced, now.cost or 0)
        known = now.cost is not None and (self._best is None or rank < self._best)
        if known and at - self._best_at >= BEST_EVERY_S:
            self._best_at, self._best = at, rank
            self._say(best=_rows(now.snapshot()))

    def answer(self, result: Result) -> None:
        self._say(
            answer={
                "outcome": result.outcome,
                "rows": _rows(result.placements),
                "progress": {
                    "phase": "done",
                    "seconds": result.seconds,
                    "cost": result.cost,
                    "bound": result.bound,
                    "unplaced": result.unplaced,
                    "placed": self._lessons - result.unplaced,
                    "proven": result.outcome == "optimal",
                },
            }
        )

    def rules(self, rules: list[dict[str, str]], minimal: bool) -> None:
        self._say(rules=rules, minimal=minimal)

    def failed(self, reason: str) -> None:
        self._say(failed=reason)

    def _as_json(self, now: Progress) -> dict[str, Any]:
        return {
            "phase": now.phase,
            "seconds": now.seconds,
            "cost": now.cost,
            "bound": now.bound,
            "unplaced": now.unplaced,
            "placed": self._lessons - now.unplaced,
            "proven": False,
        }

    @staticmethod
    def _say(**line: Any) -> None:  # noqa: ANN401 - JSON
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _rows(placements: Iterable[Placement]) -> list[list[Any]]:
    return [[p.stream, p.weekday, p.start] for p in sorted(placements)]


def read_order(pipe: int) -> Order:
    """From a file descriptor: a buffered reader would be locked by the thread that
    waits for more, which the interpreter does not like at its end."""
    length = int.from_bytes(_read(pipe, LENGTH_BYTES), "big")
    order = pickle.loads(_read(pipe, length))
    assert isinstance(order, Order)
    return order


def _read(pipe: int, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        more = os.read(pipe, length - len(data))
        if not more:
            raise EOFError("the order ends too early")
        data += more
    return bytes(data)


def carry_out(order: Order, pipe: int) -> None:
    lessons = sum(stream.lessons for stream in order.problem.streams)
    teller = _Teller(lessons)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(order, pipe, stop), daemon=True).start()
    try:
        if order.kind == "solve":
            teller.answer(
                solve(
                    order.problem,
                    start=order.start,
                    seconds=order.seconds,
                    workers=order.workers,
                    stop=stop,
                    on_progress=teller.progress,
                )
            )
        else:
            _explain(order, teller)
    except MemoryError:
        teller.failed("out_of_memory")


def _explain(order: Order, teller: _Teller) -> None:
    found = explain(order.problem, seconds=order.seconds)
    if found is None:
        teller.rules([], minimal=False)
        return
    rules = [
        {"kind": s.rule.kind, "id": s.rule.id, "zh": s.zh, "en": s.en}
        for s in found.rules
    ]
    teller.rules(rules, found.minimal)


def _listen(order: Order, pipe: int, stop: threading.Event) -> None:
    """Anything more on the pipe, also its end, means stop."""
    os.read(pipe, 1)
    stop.set()
    if order.kind == "explain":
        # Half an explanation explains nothing.
        os._exit(0)


if __name__ == "__main__":
    # Unpickled under this module's own name, not as `__main__`.
    from scheduler.edition import worker

    die_with_parent()
    asked = worker.read_order(sys.stdin.fileno())
    come_last(asked.memory_bytes)
    worker.carry_out(asked, sys.stdin.fileno())
