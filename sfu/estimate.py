"""How much can be sent to one participant. Pure.

Where the participant sends transport-cc, the engine's own estimate is taken as it is.
Where it does not (aiortc, FFmpeg), there are only REMB and loss reports. A receiver's
REMB follows what it happens to receive (measured with aiortc: 15-22 kbit/s for a
still picture), and falls when its own processor is busy. So it counts only when it is
below what is being sent and the line itself looks full: packets are missing, or the
round trip has grown by a queue. Loss works as in the loss-based part of Google
congestion control (draft-ietf-rmcat-gcc-02 §6): above 10 % step back, below 2 % grow.

Little or nothing is sent once pictures are paused, and only trying tells whether the
line is good again. So below its start the estimate grows twice as boldly with each
good second: room for sound and a picture (500 kbit/s) is found within 6 s from the
floor, and 3 s later (`allocation.UP_HOLD_S`) the picture is back. A try that fails
makes the allocator wait twice as long before the next, so that nothing swings.
"""

from typing import Literal

FLOOR_BPS = 60_000
CEILING_BPS = 20_000_000
REMB_FLOOR_BPS = 150_000.0
"""Below this only loss is believed: sound and a small picture fit into it."""
LOSS_BAD = 0.10
LOSS_GOOD = 0.02
GROWTH_PER_S = 1.05
"""From the start upwards, where nothing is missing."""
RECOVERY_STEP = 0.1
"""Below it: growth in the first good second, doubled with each further one."""
RECOVERY_MAX_PER_S = 2.0
QUIET_BPS = 20_000
"""Less than this is ICE and RTCP: nothing that a report could be about."""
REPORT_LATE_S = 2
"""Receivers report every 0.5-1.5 s (RFC 3550 §6.2): a second without is no news."""
SETTLE_S = 2
"""After a step back the next reports still tell of the time before it."""
QUEUE_MS = 100.0
"""A round trip longer than the shortest by this means a queue on the way."""
_TOO_FULL = 0.95
_RTT_CREEP_PER_S = 1.01


class DownlinkEstimate:
    """One participant's downlink. `on_second` once a second, `on_loss` per slot."""

    def __init__(self, estimates_bandwidth: bool, start_bps: int) -> None:
        """`start_bps`: believed until the line says more."""
        self._engine_estimates = estimates_bandwidth
        self._bps = float(start_bps)
        self._start_bps = start_bps
        self._sent_bps = 0.0
        self._shortest_ms: float | None = None
        self._queued = False
        self._reported_bps = 0.0
        self._missed_bps = 0.0
        self._settling_s = 0
        self._good_s = 0
        """Seconds in a row that spoke for more, 0 while the line is in doubt."""
        self._unreported_s = 0

    @property
    def bps(self) -> int:
        return int(self._bps)

    def on_estimate(self, bps: int, source: Literal["twcc", "remb"]) -> None:
        if source == "twcc":
            self._engine_estimates = True
            self._bps = _within(bps)
        elif not self._engine_estimates and self._is_full(bps):
            self._step_back(max(float(bps), REMB_FLOOR_BPS))

    def on_loss(self, sent_bps: int, lost_ratio: float) -> None:
        """What a receiver report says of one slot in the running second."""
        self._reported_bps += sent_bps
        self._missed_bps += sent_bps * lost_ratio

    def on_second(self, sent_bps: float, rtt_ms: float | None) -> None:
        """A second has passed: what went out in it, and the round trip."""
        self._sent_bps = sent_bps
        self._queued = self._queues(rtt_ms)
        if not self._engine_estimates:
            self._follow_loss()
        self._reported_bps = self._missed_bps = 0.0
        self._settling_s = max(0, self._settling_s - 1)

    def is_clear(self, lost_ratio: float | None) -> bool:
        """Does an engine that could probe see neither loss nor a queue?"""
        clear = (lost_ratio or 0.0) < LOSS_GOOD and not self._queued
        return self._engine_estimates and clear

    def _follow_loss(self) -> None:
        lost_ratio = self._lost_ratio()
        if lost_ratio is None:
            return
        if lost_ratio < LOSS_GOOD and not self._queued:
            self._grow()
            return
        self._good_s = 0
        if lost_ratio > LOSS_BAD and self._settling_s == 0:
            base = min(self._bps, self._sent_bps) or self._bps
            self._step_back(_within(base * (1 - lost_ratio / 2)))

    def _lost_ratio(self) -> float | None:
        """Of the running second; None when nothing can be said of it."""
        if self._reported_bps > 0:
            self._unreported_s = 0
            return self._missed_bps / self._reported_bps
        if self._sent_bps < QUIET_BPS:
            return 0.0 if self._bps < self._start_bps else None
        self._unreported_s += 1
        good = self._good_s > 0 and self._unreported_s < REPORT_LATE_S
        return 0.0 if good else None

    def _grow(self) -> None:
        self._good_s += 1
        growth = GROWTH_PER_S
        if self._bps < self._start_bps:
            step = RECOVERY_STEP * 2 ** min(self._good_s - 1, 10)
            growth = min(1 + step, RECOVERY_MAX_PER_S)
        self._bps = _within(self._bps * growth)

    def _step_back(self, bps: float) -> None:
        if bps < self._bps:
            self._bps = bps
            self._good_s = 0
            self._settling_s = SETTLE_S + 1

    def _is_full(self, remb_bps: int) -> bool:
        missing = self._missed_bps > self._reported_bps * LOSS_GOOD
        below = remb_bps < self._sent_bps * _TOO_FULL
        return below and (missing or self._queued)

    def _queues(self, rtt_ms: float | None) -> bool:
        if rtt_ms is None:
            return False
        crept_ms = (self._shortest_ms or rtt_ms) * _RTT_CREEP_PER_S
        self._shortest_ms = min(crept_ms, rtt_ms)
        return rtt_ms > self._shortest_ms + QUEUE_MS


def _within(bps: float) -> float:
    return min(max(bps, FLOOR_BPS), CEILING_BPS)
