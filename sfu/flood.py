"""A token bucket: so many messages a second, with a little in hand. Pure."""


class TokenBucket:
    def __init__(self, per_s: float, burst: float, now_s: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """False when there is none left: the sender is too fast."""
        refill = (now_s - self._at_s) * self._per_s
        self._left = min(self._burst, self._left + refill)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
