"""What time it is at the scheduler, as well as this room knows.

Once the scheduler has answered, its time goes on by our monotonic clock: whoever sets
this computer's clock moves no lesson. Until then the computer's clock counts, put right
by what was found when the two were last compared.
"""

import time

from common import log
from common.clock import Clock, SystemClock

JUMP_S = 1.0
"""A wall clock that moves by more than this against the monotonic one was set."""
TRIP_MAX_S = 2.0
"""An answer that took longer says too little about the time."""

_log = log.get("classroom_agent")


class RoomClock(SystemClock):
    """Its monotonic time also counts while the computer sleeps (Linux)."""

    def mono_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class ServerClock:
    """`skew_s`: our wall clock minus the scheduler's, from an earlier day."""

    def __init__(self, clock: Clock, skew_s: float | None) -> None:
        self._clock = clock
        self._known = skew_s is not None
        self._answered = False
        self._asked: tuple[float, float] | None = None
        self._ahead_s = self._wall_ahead_s()
        """Of our wall clock against our monotonic one."""
        self._base_s = self._ahead_s - (skew_s or 0.0)
        """Of the scheduler's clock against our monotonic one."""

    def mono_s(self) -> float:
        return self._clock.mono_s()

    def now_s(self) -> float:
        """Unix seconds at the scheduler, best guess."""
        self._notice_jump()
        return self._base_s + self._clock.mono_s()

    def skew_s(self) -> float | None:
        """Our wall clock minus the scheduler's; None: never compared."""
        if not self._known:
            return None
        return self._wall_s() - self.now_s()

    def ask(self) -> float:
        """Our wall clock, to be sent now and echoed by the scheduler."""
        wall_s = self._wall_s()
        self._asked = (wall_s, self._clock.mono_s())
        return wall_s

    def hear(self, at: float, echo: float) -> None:
        """The answer to `ask`; an older one is passed over."""
        asked, self._asked = self._asked, None
        mono_s = self._clock.mono_s()
        if asked is None or asked[0] != echo or mono_s - asked[1] > TRIP_MAX_S:
            return
        self._notice_jump()
        # Half the trip there, half of it back.
        self._base_s = at - (asked[1] + mono_s) / 2
        self._known = self._answered = True

    def _notice_jump(self) -> None:
        ahead_s = self._wall_ahead_s()
        jump_s = ahead_s - self._ahead_s
        if abs(jump_s) <= JUMP_S:
            return
        _log.warning("clock_was_set", by_s=round(jump_s, 1))
        self._ahead_s = ahead_s
        if not self._answered:
            # Whoever set it meant to put it right, and knew better than we.
            self._base_s, self._known = ahead_s, False

    def _wall_ahead_s(self) -> float:
        return self._wall_s() - self._clock.mono_s()

    def _wall_s(self) -> float:
        return self._clock.wall_us() / 1_000_000
