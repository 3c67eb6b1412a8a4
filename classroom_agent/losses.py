"""Loss between two receiver reports. Pure."""

_WRAP = 1 << 32


class Losses:
    """From the cumulative numbers (RFC 3550 §6.4.1), not from `fraction lost`: a
    resent packet makes the true fraction negative, and a receiver that does not clamp
    it reports up to 99.6 % (str0m 0.23.1)."""

    def __init__(self) -> None:
        self._lost: int | None = None
        self._highest = 0

    def ratio(self, lost: int, highest_sequence: int) -> float:
        """Share lost since the last report, 0..1. `lost`: cumulative, may fall;
        `highest_sequence`: extended, wraps at 2^32."""
        before, self._lost = self._lost, lost
        expected = (highest_sequence - self._highest) % _WRAP
        self._highest = highest_sequence
        if before is None or not 0 < expected < _WRAP // 2:
            return 0.0
        return min(1.0, max(0.0, (lost - before) / expected))
