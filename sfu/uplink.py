"""Ceilings that the SFU asks of publishers that do not estimate their own uplink.

Pure. aiortc sends without transport-cc and follows REMB alone, so the SFU looks at
what was lost on the way in and asks for less, or for more again.
"""

from collections.abc import Mapping

FLOOR_BPS: Mapping[str, int] = {"audio": 32_000, "video": 100_000}
LOSS_BAD = 0.10
LOSS_GOOD = 0.02
GROWTH_PER_S = 1.08
REPORT_STEP = 0.05
"""Smaller changes are not worth an RTCP packet."""


class UplinkCap:
    """Ceiling of one published section. `on_second` with what came and was lost."""

    def __init__(self, kind: str, ceiling_bps: int) -> None:
        self._floor_bps = FLOOR_BPS[kind]
        self._ceiling_bps = ceiling_bps
        self._bps = float(ceiling_bps)
        self._told_bps = 0.0

    def set_ceiling(self, ceiling_bps: int) -> None:
        self._ceiling_bps = max(ceiling_bps, self._floor_bps)
        self._bps = min(self._bps, float(self._ceiling_bps))

    def on_second(self, received_bps: float, packets: int, lost: int) -> None:
        expected = packets + lost
        loss = lost / expected if expected > 0 else 0.0
        if loss > LOSS_BAD:
            base = min(self._bps, received_bps) if received_bps > 0 else self._bps
            self._bps = max(base * (1 - loss / 2), self._floor_bps)
        elif loss < LOSS_GOOD:
            self._bps = min(self._bps * GROWTH_PER_S, float(self._ceiling_bps))

    def to_tell(self) -> int | None:
        """The ceiling in bit/s, None when the publisher knows it well enough."""
        if abs(self._bps - self._told_bps) <= REPORT_STEP * self._told_bps:
            return None
        self._told_bps = self._bps
        return int(self._bps)
