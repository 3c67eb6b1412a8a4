"""Where each frame lies on the one timeline of a lesson. Pure.

Position = sender's capture time + one offset per participant - origin. The capture
time is `Frame.capture_us`, known once the publisher has sent a sender report (RFC 3550
§6.4.1); before that the RTP clock alone is followed, anchored at the earliest arrival.
Nothing waits for it: a correction that it brings is worked off gently, not by a jump.

All positions are microseconds since the recording's origin.
"""

from collections import deque
from dataclasses import dataclass, field

_WINDOW_US = 10_000_000
_WINDOWS = 3
"""The offset is the least delay seen in the last half minute: a packet that did not
queue tells the clocks' difference best."""
_CLOCK_SET_US = 200_000
"""The capture clock left the RTP clock by more than this: it was set, not drifting."""
_DEADBAND_US = 4_000
"""Jitter that is not worth a correction: sample durations stay exact."""
_SLEW = 0.1
"""Share of the elapsed time by which a correction may stretch or squeeze it."""
_SQUEEZED_US = 12
"""Frames from before the origin follow each other at this: one tick of 90 kHz."""
_STEP_US = 2_000_000
"""A position further ahead than this was no drift: media is missing in between."""


@dataclass
class _Offset:
    """Windowed minimum of (arrival - stamp), for one setting of the sender's clock."""

    windows: deque[tuple[int, int]] = field(
        default_factory=lambda: deque(maxlen=_WINDOWS)
    )

    def observe(self, delay_us: int, arrival_us: int) -> None:
        window = arrival_us // _WINDOW_US
        if self.windows and self.windows[-1][0] == window:
            delay_us = min(delay_us, self.windows.pop()[1])
        self.windows.append((window, delay_us))

    @property
    def us(self) -> int:
        return min(delay for _, delay in self.windows)


class ParticipantClock:
    """What is known of one participant's wall clock; shared by all its tracks.

    A clock that is set while the lesson runs begins a new *setting*. A track notices
    by itself when its capture times jump, so two settings are in use for a while.
    """

    def __init__(self) -> None:
        self._settings: list[_Offset] = []

    def join(self, delay_us: int, arrival_us: int) -> _Offset:
        """The setting that a new track's first capture time belongs to."""
        nearest = min(
            self._settings, key=lambda s: abs(s.us - delay_us), default=_Offset()
        )
        if not self._settings or abs(nearest.us - delay_us) > _STEP_US:
            nearest = _Offset()
            nearest.observe(delay_us, arrival_us)
            self._settings.append(nearest)
        return nearest

    def reset(self, old: _Offset, jump_us: int, arrival_us: int) -> _Offset:
        """The setting after the sender's clock was put on by `jump_us`.

        It continues `old` without a seam; the second track to notice shares it.
        """
        offset_us = old.us - jump_us
        for setting in self._settings:
            if abs(setting.us - offset_us) < _CLOCK_SET_US // 2:
                return setting
        setting = _Offset()
        setting.observe(offset_us, arrival_us)
        self._settings.append(setting)
        return setting


@dataclass
class _Last:
    rtp_time: int
    position_us: int
    capture_us: int | None
    squeezed: bool


class TrackClock:
    """Places the frames of one track; positions strictly grow."""

    def __init__(self, participant: ParticipantClock, origin_us: int) -> None:
        self._participant = participant
        self._origin_us = origin_us
        self._own = _Offset()
        self._setting: _Offset | None = None
        self._rtp_start: int | None = None
        self._last: _Last | None = None

    def place(
        self, rtp_time: int, clock_rate: int, capture_us: int | None, arrival_us: int
    ) -> int:
        """Position of a frame. `rtp_time` is extended (never wraps), in ticks.

        Frames from before the origin are squeezed into its first instants: a picture
        is decoded with those before it.
        """
        if self._last is not None and rtp_time <= self._last.rtp_time:
            self._restart()
        last, elapsed = self._last, 0
        if last is not None:
            elapsed = (rtp_time - last.rtp_time) * 1_000_000 // clock_rate
        if capture_us is not None:
            target = capture_us + self._offset(capture_us, arrival_us, elapsed)
        else:
            target = self._by_arrival(rtp_time, clock_rate, arrival_us)
        target -= self._origin_us
        if last is None:
            position = max(target, 0)
        elif last.squeezed:
            position = max(target, last.position_us + _SQUEEZED_US)
        else:
            position = _follow(last.position_us, elapsed, target)
        squeezed = target < 0 and (last is None or last.squeezed)
        self._last = _Last(rtp_time, position, capture_us, squeezed)
        return position

    def _restart(self) -> None:
        """The RTP clock began anew: another source in the same track."""
        self._own = _Offset()
        self._setting = None
        self._rtp_start = None

    def _offset(self, capture_us: int, arrival_us: int, elapsed_us: int) -> int:
        last = self._last
        if self._setting is None:
            delay = arrival_us - capture_us
            self._setting = self._participant.join(delay, arrival_us)
        elif last is not None and last.capture_us is not None:
            jump = capture_us - last.capture_us - elapsed_us
            if abs(jump) > _CLOCK_SET_US and not self._fits(arrival_us - capture_us):
                self._setting = self._participant.reset(self._setting, jump, arrival_us)
        self._setting.observe(arrival_us - capture_us, arrival_us)
        return self._setting.us

    def _fits(self, delay_us: int) -> bool:
        """Whether a delay is one of the setting in use. A starved sender's RTP clock
        slips against its wall clock too; only a clock that was set makes frames
        arrive before they were captured, or seconds late."""
        assert self._setting is not None
        return -_CLOCK_SET_US < delay_us - self._setting.us < _STEP_US

    def _by_arrival(self, rtp_time: int, clock_rate: int, arrival_us: int) -> int:
        if self._rtp_start is None:
            self._rtp_start = rtp_time
        stamp = (rtp_time - self._rtp_start) * 1_000_000 // clock_rate
        self._own.observe(arrival_us - stamp, arrival_us)
        return stamp + self._own.us


def _follow(last_us: int, elapsed_us: int, target_us: int) -> int:
    if elapsed_us <= 0:
        return max(target_us, last_us + 1)
    predicted = last_us + elapsed_us
    error = target_us - predicted
    if abs(error) <= _DEADBAND_US:
        return predicted
    if error > _STEP_US:
        return target_us
    limit = max(int(elapsed_us * _SLEW), 1)
    # A second's silence may hide any error; it is no licence to swallow media.
    correction = max(-limit, min(limit, error))
    return max(predicted + correction, last_us + 1)
