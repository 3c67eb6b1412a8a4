"""When to look again for what a line can carry. Pure.

A sender that has made its pictures small sends little, and an estimator never believes
in more than half as much again as it has seen arrive. So after a thin time the estimate
stays where it is although the line is wide again: str0m 0.23.1 probes of its own accord
only when the estimate has not moved by 5 % for 15 s, or when less than 65 % of it is
used (measured: 15-30 s from a wide line to the first probe). Here the engine is let to
begin anew, which probes at once, as soon as the line has been clear for a while.

On a line that is still thin a probe is a burst of a few packets; each doubles the wait
before the next, until nothing is given up any more.
"""

FIRST_WAIT_S = 4
MAX_WAIT_S = 16


class Prober:
    """One participant's downlink, asked once a second."""

    def __init__(self) -> None:
        self._clear_s = 0
        self._wait_s = FIRST_WAIT_S

    def content(self) -> None:
        """Nothing is given up."""
        self._clear_s, self._wait_s = 0, FIRST_WAIT_S

    def short(self, clear: bool) -> bool:
        """The estimate has no room for what is wished: whether to probe now.

        `clear`: nothing was missing in the last second and no queue stood on the way.
        """
        self._clear_s = self._clear_s + 1 if clear else 0
        if self._clear_s < self._wait_s:
            return False
        self._clear_s, self._wait_s = 0, min(self._wait_s * 2, MAX_WAIT_S)
        return True
