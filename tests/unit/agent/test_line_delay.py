"""A full downlink is told from a busy computer."""

import numpy as np

from classroom_agent.line_delay import LineDelay

PACKET = 1200
EPOCH_MS = 1_795_321_295_000.0


def stamp(ms: float) -> int:
    """abs-send-time of a moment."""
    return int(ms / 1000 * (1 << 18)) & 0xFFFFFF


class Line:
    """A queue that carries `bps`; sends at `sent_bps`; 40 ms away, other clock."""

    def __init__(self, bps: float) -> None:
        self.bps = bps
        self.delay = LineDelay()
        self.now_ms = EPOCH_MS
        self._free_ms = EPOCH_MS
        self.asked: list[int] = []

    def run(self, sent_bps: float, seconds: float, stall_ms: float = 0) -> None:
        step_ms = PACKET * 8 * 1000 / sent_bps
        end_ms = self.now_ms + seconds * 1000
        random = np.random.default_rng(3)
        while self.now_ms < end_ms:
            self.now_ms += step_ms
            leaves_ms = max(self.now_ms, self._free_ms) + PACKET * 8 * 1000 / self.bps
            self._free_ms = leaves_ms
            busy_ms = random.uniform(0, stall_ms)
            arrival_ms = leaves_ms + 40 + busy_ms - 123_456
            asked = self.delay.add(stamp(self.now_ms), arrival_ms, PACKET)
            if asked is not None:
                self.asked.append(asked)


def test_a_line_with_room_to_spare_says_nothing_for_minutes() -> None:
    line = Line(bps=5e6)
    line.run(sent_bps=2e6, seconds=300)
    assert line.asked == []


def test_a_line_that_is_too_full_says_what_it_carries() -> None:
    line = Line(bps=1e6)
    line.run(sent_bps=0.5e6, seconds=10)
    line.run(sent_bps=2e6, seconds=3)
    assert line.asked
    assert all(0.6e6 < bps < 1.0e6 for bps in line.asked)


def test_it_falls_silent_when_the_queue_has_drained() -> None:
    line = Line(bps=1e6)
    line.run(sent_bps=0.5e6, seconds=10)
    line.run(sent_bps=2e6, seconds=2)
    line.run(sent_bps=0.3e6, seconds=10)
    line.asked.clear()
    line.run(sent_bps=0.8e6, seconds=20)
    assert line.asked == []


def test_a_busy_computer_is_not_a_full_line() -> None:
    line = Line(bps=5e6)
    line.run(sent_bps=1e6, seconds=60, stall_ms=400)
    assert line.asked == []


def test_a_pause_and_the_wrap_of_the_stamp_are_not_delays() -> None:
    line = Line(bps=5e6)
    line.run(sent_bps=1e6, seconds=70)
    line.now_ms += 50_000
    line.run(sent_bps=1e6, seconds=70)
    assert line.asked == []
