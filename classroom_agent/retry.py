"""When to try again after losing the server."""

MAX_DELAY_S = 7.0
STEADY_S = 10.0
"""A connection that held this long starts the count anew."""


def delay_s(attempt: int, jitter: float) -> float:
    """Pause before try number `attempt` (0 is the first): 0, 0.3, 1.2, 2.7, 4.8, 7,
    7 ... plus up to a fifth by `jitter` (0..1), so that N rooms that lost the same
    server do not come back in the same instant."""
    return min(0.3 * attempt**2, MAX_DELAY_S) * (1 + 0.2 * jitter)
