"""How far sound and picture of one classroom are apart in a recording; pure.

The test camera writes its capture time into each picture and the test microphone beeps
at each full second, so both can be compared with the wall clock they were made by.
"""

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_WINDOW_S = 0.005
_RISE = 5.0
"""A beep is at least this many times louder than the 50 ms before it; the test tone
between beeps is 80 times fainter."""
_QUIET_S = 0.3
"""Shortest time between two beeps' onsets; they come each second."""


def picture_offset_s(pictures: Sequence[tuple[float, float]]) -> float:
    """Median of (time in the recording - capture time), seconds.

    pictures: (time in the recording, capture wall time), seconds."""
    return median(at - captured for at, captured in pictures)


def beep_onsets_s(samples: Samples, rate_hz: int) -> list[float]:
    """Times from the first sample at which a beep begins. samples: (n,) mono."""
    window = int(rate_hz * _WINDOW_S)
    usable = samples[: samples.size // window * window].reshape(-1, window)
    loudness = np.sqrt(np.mean(np.square(usable, dtype=np.float64), axis=1))
    if loudness.size == 0 or loudness.max() == 0:
        return []
    threshold = loudness.max() / _RISE
    onsets: list[float] = []
    for index in np.flatnonzero(loudness > threshold):
        at = float(index) * _WINDOW_S
        before = loudness[max(0, index - 10) : index]
        is_rise = before.size == 10 and before.max() < threshold
        if is_rise and (not onsets or at - onsets[-1] > _QUIET_S):
            onsets.append(at)
    return onsets


def sound_offsets_s(onsets: Sequence[float], picture_offset: float) -> list[float]:
    """(time in the recording - full wall second) of each beep, less the picture's
    own offset: what the listener notices, seconds; + = sound late."""
    offsets = []
    for at in onsets:
        wall = at - picture_offset
        offsets.append(wall - math.floor(wall + 0.5))
    return offsets


def av_offset_ms(
    pictures: Sequence[tuple[float, float]], onsets: Sequence[float]
) -> float | None:
    """Sound minus picture, median, ms; None without pictures or beeps."""
    if not pictures or not onsets:
        return None
    return median(sound_offsets_s(onsets, picture_offset_s(pictures))) * 1000
