"""What a device must do. Each call is made by one thread, the device's own.

`read` blocks until there is something, but no longer than it must: a device that has
nothing for a few seconds raises DeviceLost and is opened again later.
"""

from dataclasses import dataclass
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt

from common.errors import RemoteError

SAMPLE_RATE = 48_000


class DeviceLost(RemoteError):
    """Not there, unplugged, refused, or silent. `zh`/`en` say which and what to do."""

    default_code = "device_lost"


@dataclass(frozen=True, slots=True)
class Picture:
    frame: av.VideoFrame
    capture_us: int
    """Wall clock (Unix µs) when the light was caught, as near as the device knows."""


@dataclass(frozen=True, slots=True)
class Sound:
    samples: npt.NDArray[np.int16]
    """Mono, 48 kHz, any length."""
    capture_us: int
    """Wall clock of the first sample."""


class VideoSource(Protocol):
    def open(self) -> None: ...
    def read(self) -> Picture: ...
    def close(self) -> None: ...


class AudioSource(Protocol):
    def open(self) -> None: ...
    def read(self) -> Sound: ...
    def close(self) -> None: ...
