"""The wall clock, as long as it can be believed.

Bells ring by the wall clock; but one that stops, or jumps because somebody set it,
must not ring or silence them at once. `SteadyClock` runs on with the monotonic clock
while the two disagree, and follows the wall clock again when it is back in step, or
has ticked evenly at its new time for `BELIEVE_S`. A clock that stands still is never
believed.

NTP slews by at most 500 ppm (RFC 5905, appendix A.5.5.9) and steps beyond 128 ms:
what stays within `_SLACK_S` and `_DRIFT` of the last reading is followed silently.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from common import log
from common.clock import Clock

BELIEVE_S = 60.0
_SLACK_S = 1.0
_DRIFT = 0.001

Trouble = Literal["", "stopped", "jumped"]
_log = log.get("clock")


@dataclass(frozen=True, slots=True)
class _Reading:
    wall_s: float
    mono_s: float

    def expects(self, mono_s: float) -> float:
        return self.wall_s + mono_s - self.mono_s

    def agrees(self, other: "_Reading") -> bool:
        error_s = abs(other.wall_s - self.expects(other.mono_s))
        return error_s <= _SLACK_S + _DRIFT * (other.mono_s - self.mono_s)

    def slewed_to(self, other: "_Reading") -> "_Reading":
        """This one, carried on to the other's moment and as far towards it as a slew
        may explain: small steps that add up are no slew."""
        expected_s = self.expects(other.mono_s)
        most_s = _DRIFT * (other.mono_s - self.mono_s)
        error_s = max(-most_s, min(most_s, other.wall_s - expected_s))
        return _Reading(expected_s + error_s, other.mono_s)


class SteadyClock:
    """A `Clock`. Every reading also watches: read it at least every few seconds.

    `moved` is called with the seconds by which a new time was believed to differ from
    the old; it must not wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: _Reading | None = None
        """The believed time, when wall and monotonic clock were last in step."""
        self._doubted: _Reading | None = None
        """Since when the wall clock ticks evenly at its new time."""
        self._out_of_step: _Reading | None = None
        """The first reading that disagreed."""
        self.disagreement_s = 0.0
        """Wall clock minus what is believed."""
        self.jumps = 0
        self.moved: Callable[[float], None] | None = None

    def mono_s(self) -> float:
        return self._clock.mono_s()

    def wall_us(self) -> int:
        return round(self._read() * 1_000_000)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._read(), UTC)

    @property
    def trouble(self) -> Trouble:
        """What is wrong with the wall clock now."""
        first = self._out_of_step
        if first is None:
            return ""
        passed_s = self._clock.mono_s() - first.mono_s
        ticked_s = self._clock.wall_us() / 1_000_000 - first.wall_s
        return "stopped" if abs(ticked_s) < passed_s / 2 else "jumped"

    def _read(self) -> float:
        seen = _Reading(self._clock.wall_us() / 1_000_000, self._clock.mono_s())
        if self._anchor is None or self._anchor.agrees(seen):
            self._follow(self._anchor.slewed_to(seen) if self._anchor else seen)
            return seen.wall_s
        believed_s = self._anchor.expects(seen.mono_s)
        self.disagreement_s = seen.wall_s - believed_s
        if self._out_of_step is None:
            self._out_of_step = seen
            self.jumps += 1
            _log.warning("x clock", disagreement_s=round(self.disagreement_s, 1))
        if self._doubted is None or not self._doubted.agrees(seen):
            self._doubted = seen
        if seen.mono_s - self._doubted.mono_s < BELIEVE_S:
            return believed_s
        self._believe(seen)
        return seen.wall_s

    def _follow(self, anchor: _Reading) -> None:
        self._anchor = anchor
        self._doubted = self._out_of_step = None
        self.disagreement_s = 0.0

    def _believe(self, seen: _Reading) -> None:
        shift_s = self.disagreement_s
        self._follow(seen)
        _log.warning("- clock_believed", shift_s=round(shift_s, 1))
        if self.moved is not None:
            self.moved(shift_s)
