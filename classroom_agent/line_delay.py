"""Is our downlink too full? Told by the growth of one-way delay; pure.

Each packet carries when it was sent (abs-send-time, 24 bits of 6.18 fixed point
seconds). The clocks of both ends differ by an unknown constant, so only the growth
over the smallest delay of the last half minute counts. The *smallest* delay of each
half second is looked at: a computer that is busy delays some packets, a queue in the
line delays all of them. A standing queue of more than `QUEUE_MS` for two half seconds
means that more is sent than the line carries: then the answer is what did arrive,
less 15 % (draft-ietf-rmcat-gcc-02 §5.5 backs off by the same factor).
"""

from collections import deque

QUEUE_MS = 150.0
BACK_OFF = 0.85
WINDOW_MS = 500
_BASE_WINDOWS = 60
_WRAP_MS = 64_000.0
_TICK_MS = 1000 / (1 << 18)


class LineDelay:
    """All video of one connection. Times are milliseconds of any steady clock."""

    def __init__(self) -> None:
        self._reference_ms: float | None = None
        self._window_end_ms = 0.0
        self._least_ms = float("inf")
        self._bytes = 0
        self._history: deque[float] = deque(maxlen=_BASE_WINDOWS)
        self._full_windows = 0

    def add(self, send_time: int, arrival_ms: float, size_bytes: int) -> int | None:
        """One packet. Returns bits per second to ask for, at most once a window,
        while the line is too full; None otherwise."""
        answer = self._close_window(arrival_ms)
        delay_ms = self._relative_delay_ms(send_time, arrival_ms)
        self._least_ms = min(self._least_ms, delay_ms)
        self._bytes += size_bytes
        return answer

    def _close_window(self, now_ms: float) -> int | None:
        if now_ms < self._window_end_ms:
            return None
        silent = now_ms > self._window_end_ms + WINDOW_MS
        least_ms, received = self._least_ms, self._bytes
        self._window_end_ms = now_ms + WINDOW_MS
        self._least_ms, self._bytes = float("inf"), 0
        if silent or received == 0:
            # A pause: what came before says nothing about now.
            self._full_windows = 0
            return None
        self._history.append(least_ms)
        is_full = least_ms - min(self._history) > QUEUE_MS
        self._full_windows = self._full_windows + 1 if is_full else 0
        if self._full_windows < 2:
            return None
        return int(received * 8 * 1000 / WINDOW_MS * BACK_OFF)

    def _relative_delay_ms(self, send_time: int, arrival_ms: float) -> float:
        """Arrival less sending, on a scale whose zero is the first packet."""
        raw_ms = arrival_ms - send_time * _TICK_MS
        if self._reference_ms is None:
            self._reference_ms = raw_ms
        half = _WRAP_MS / 2
        return (raw_ms - self._reference_ms + half) % _WRAP_MS - half
