"""How much can be sent to one participant. Pure.

Where the participant sends transport-cc, the engine's own estimate is taken as it is.
Where it does not (aiortc, FFmpeg), there are only REMB and loss reports. A receiver's
REMB follows what it happens to receive (measured with aiortc: 15-22 kbit/s for a
still picture), and falls when its own processor is busy. So it counts only when it is
below what is being sent and the line itself looks full: packets are missing, or the
round trip has grown by a queue. Loss works as in the loss-based part of Google
congestion control (draft-ietf-rmcat-gcc-02 §6): above 10 % step back, below 2 % grow
slowly.
"""

from typing import Literal

FLOOR_BPS = 60_000
CEILING_BPS = 20_000_000
LOSS_BAD = 0.10
LOSS_GOOD = 0.02
GROWTH_PER_S = 1.05
QUEUE_MS = 100.0
"""A round trip longer than the shortest by this means a queue on the way."""
_TOO_FULL = 0.95
_RTT_CREEP_PER_S = 1.01


class DownlinkEstimate:
    """One participant's downlink. `tick` once a second with what was measured."""

    def __init__(self, estimates_bandwidth: bool, start_bps: int) -> None:
        """`start_bps`: believed until the line says more."""
        self._engine_estimates = estimates_bandwidth
        self._bps = float(start_bps)
        self._sent_bps = 0.0
        self._shortest_ms: float | None = None
        self._looks_full = False

    @property
    def bps(self) -> int:
        return int(self._bps)

    def on_estimate(self, bps: int, source: Literal["twcc", "remb"]) -> None:
        if source == "twcc":
            self._engine_estimates = True
            self._bps = _within(bps)
        elif (
            not self._engine_estimates
            and self._looks_full
            and bps < self._sent_bps * _TOO_FULL
        ):
            self._bps = _within(min(self._bps, bps))

    def on_second(
        self, sent_bps: float, lost_ratio: float | None, rtt_ms: float | None
    ) -> None:
        """What went out in the last second, the share the far side missed, and the
        round trip."""
        self._sent_bps = sent_bps
        self._looks_full = (lost_ratio or 0.0) > LOSS_GOOD or self._queues(rtt_ms)
        if self._engine_estimates or lost_ratio is None:
            return
        if lost_ratio > LOSS_BAD:
            base = min(self._bps, sent_bps) if sent_bps > 0 else self._bps
            self._bps = _within(base * (1 - lost_ratio / 2))
        elif not self._looks_full:
            self._bps = _within(self._bps * GROWTH_PER_S)

    def _queues(self, rtt_ms: float | None) -> bool:
        if rtt_ms is None:
            return False
        crept_ms = (self._shortest_ms or rtt_ms) * _RTT_CREEP_PER_S
        self._shortest_ms = min(crept_ms, rtt_ms)
        return rtt_ms > self._shortest_ms + QUEUE_MS


def _within(bps: float) -> float:
    return min(max(bps, FLOOR_BPS), CEILING_BPS)
