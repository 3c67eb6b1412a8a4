"""Time as an argument: pure code takes a `Clock` or a number, never reads one.

`wall_us` is microseconds since the Unix epoch (UTC); `mono_s` is seconds of a clock
that never jumps, for deadlines and intervals.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def wall_us(self) -> int: ...

    def mono_s(self) -> float: ...

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class SystemClock:
    def wall_us(self) -> int:
        return time.time_ns() // 1000

    def mono_s(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that a test moves by hand."""

    def __init__(self, start: datetime) -> None:
        self._wall_us = int(start.timestamp() * 1_000_000)
        self._mono_us = 0

    def wall_us(self) -> int:
        return self._wall_us

    def mono_s(self) -> float:
        return self._mono_us / 1_000_000

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall_us / 1_000_000, UTC)

    def advance(self, seconds: float) -> None:
        self._wall_us += round(seconds * 1_000_000)
        self._mono_us += round(seconds * 1_000_000)

    def jump(self, seconds: float) -> None:
        """Moves the wall clock only, as a clock correction does."""
        self._wall_us += round(seconds * 1_000_000)

    def stand_still(self, seconds: float) -> None:
        """Time passes, the wall clock does not show it."""
        self._mono_us += round(seconds * 1_000_000)
