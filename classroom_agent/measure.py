"""What a room really got: pure meters, told when things arrived.

freeze     a gap between two shown pictures of a camera longer than three usual
           intervals (mean of the last 30) and longer than 200 ms. Its length is the
           gap less one usual interval. Screens are not judged: they send pictures
           when something changes.
concealed  audio samples that a loudspeaker would have had to invent: holes in the
           sequence, and the time it ran dry because sound came later than the
           playout clock allows.
delay      glass to glass: barcode in the picture to decoded picture here.
"""

from collections import deque
from dataclasses import dataclass, field

SAMPLE_RATE = 48_000
FREEZE_INTERVALS, FREEZE_MIN_S = 3, 0.2
PLAYOUT_DELAY_S = 0.06
"""Slack of the loudspeaker against late sound, on top of the jitter buffer."""
_DRIFT_WINDOW_S = 10.0
_LONGEST_HOLE = 30 * SAMPLE_RATE


class VideoMeter:
    """One video slot."""

    def __init__(self) -> None:
        self.frames = 0
        self.shown_s = 0.0
        """Time with pictures, the gaps between them included."""
        self._freezes = 0
        self._freeze_s = 0.0
        self._intervals: deque[float] = deque(maxlen=30)
        self._last_s: float | None = None
        self._judged = True

    def restart(self, now_s: float, *, judged: bool) -> None:
        """Another picture, a pause or nothing: the next gap is not a freeze. One that
        is going on ends here."""
        self._freezes, self._freeze_s = self.freezes(now_s)
        self._last_s = None
        self._intervals.clear()
        self._judged = judged

    def add(self, now_s: float) -> None:
        self.frames += 1
        if self._last_s is not None:
            gap_s = now_s - self._last_s
            self.shown_s += gap_s
            if self._is_freeze(gap_s):
                self._freezes += 1
                self._freeze_s += gap_s - self._usual_s
            else:
                self._intervals.append(gap_s)
        self._last_s = now_s

    @property
    def fps(self) -> float:
        return self.frames / self.shown_s if self.shown_s else 0.0

    def freezes(self, now_s: float) -> tuple[int, float]:
        """Number and seconds so far, the one that is going on included."""
        gap_s = 0.0 if self._last_s is None else now_s - self._last_s
        if self._is_freeze(gap_s):
            return self._freezes + 1, self._freeze_s + gap_s - self._usual_s
        return self._freezes, self._freeze_s

    @property
    def _usual_s(self) -> float:
        return sum(self._intervals) / len(self._intervals)

    def _is_freeze(self, gap_s: float) -> bool:
        return (
            self._judged
            and len(self._intervals) >= 5
            and gap_s > FREEZE_MIN_S
            and gap_s > FREEZE_INTERVALS * self._usual_s
        )


class PlayoutClock:
    """Stream time -> the moment it is heard. Moves later when sound came late, and
    back when for 10 s everything came much too early."""

    def __init__(self, delay_s: float = PLAYOUT_DELAY_S) -> None:
        self._delay_s = delay_s
        self._offset_s: float | None = None
        self._least_slack_s = float("inf")
        self._window_from_s = 0.0

    def restart(self) -> None:
        self._offset_s = None

    def late_s(self, stream_s: float, now_s: float) -> float:
        """How long the loudspeaker has been dry when this sound arrives (0 if not)."""
        if self._offset_s is None:
            self._offset_s = now_s + self._delay_s - stream_s
            self._open_window(now_s)
        slack_s = self._offset_s + stream_s - now_s
        if slack_s < 0:
            self._offset_s -= slack_s
            self._open_window(now_s)
            return -slack_s
        self._least_slack_s = min(self._least_slack_s, slack_s)
        if now_s - self._window_from_s > _DRIFT_WINDOW_S:
            if self._least_slack_s > 2 * self._delay_s:
                self._offset_s -= self._least_slack_s - self._delay_s
            self._open_window(now_s)
        return 0.0

    def _open_window(self, now_s: float) -> None:
        self._window_from_s = now_s
        self._least_slack_s = float("inf")


class AudioMeter:
    """One audio slot. `pts` counts samples of 48 kHz."""

    def __init__(self) -> None:
        self.samples = 0
        """Everything that was to be heard, the concealed part included."""
        self.concealed = 0
        self._next_pts: int | None = None
        self._clock = PlayoutClock()

    def restart(self) -> None:
        self._next_pts = None
        self._clock.restart()

    def outage(self, seconds: float) -> None:
        """The line was gone for so long, and the same sound is back."""
        missing = round(seconds * SAMPLE_RATE)
        self.concealed += missing
        self.samples += missing

    def add(self, pts: int, samples: int, now_s: float) -> None:
        hole = 0 if self._next_pts is None else pts - self._next_pts
        if not 0 <= hole <= _LONGEST_HOLE:
            self.restart()
            hole = 0
        dry = round(self._clock.late_s(pts / SAMPLE_RATE, now_s) * SAMPLE_RATE)
        # While it is dry because of a hole, the same moment is not counted twice.
        invented = max(hole, dry)
        self.concealed += invented
        self.samples += samples + invented
        self._next_pts = pts + samples


@dataclass
class DelayMeter:
    """Milliseconds, counted in 1 ms buckets: any length of lesson, exact quantiles."""

    _counts: dict[int, int] = field(default_factory=dict)

    def add(self, delay_ms: float) -> None:
        bucket = round(delay_ms)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def quantile(self, q: float) -> float | None:
        total = sum(self._counts.values())
        if total == 0:
            return None
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= q * total:
                break
        return float(bucket)

    @property
    def count(self) -> int:
        return sum(self._counts.values())


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the start of the lesson, over all slots."""

    at_s: float
    video_frames: int
    freezes: int
    freeze_s: float
    audio_samples: int
    concealed_samples: int
