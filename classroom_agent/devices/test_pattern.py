"""A camera, a screen and a microphone that need no hardware.

The picture moves, shows a clock for people and a barcode for machines (`barcode`);
the microphone beeps in the first 100 ms of each wall-clock second, while the flash
block of the picture is white. Both are cut from the same wall clock, so what is
measured later is the system, not the pattern.
"""

import time
import zlib

import av
import numpy as np
import numpy.typing as npt

from classroom_agent import barcode
from classroom_agent.devices.clock_face import draw_clock
from classroom_agent.devices.contract import SAMPLE_RATE, Picture, Sound

CHUNK = SAMPLE_RATE // 50
_CHUNK_US = 20_000
_BEEP_SAMPLES = SAMPLE_RATE * barcode.FLASH_US // 1_000_000
_LATE_US = 200_000
"""Behind the wall clock by more than this: jump, as a real device overruns."""


class TestPatternCamera:
    """Colour bars in the room's own hue, a moving block, clock, flash, barcode."""

    __test__ = False

    def __init__(self, name: str, width: int, height: int, fps: int) -> None:
        self._size = (width, height)
        self._ticks = _Ticks(1_000_000 / fps)
        self._background = _camera_background(name, width, height)

    def open(self) -> None:
        self._ticks.restart()

    def read(self) -> Picture:
        at_us = self._ticks.wait()
        return Picture(self.draw(at_us), at_us)

    def draw(self, at_us: int) -> av.VideoFrame:
        _, height = self._size
        planes = self._background.copy()
        luma = planes[:height]
        _draw_moving_block(luma, at_us)
        draw_clock(luma, at_us)
        barcode.draw(luma, at_us)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")

    def close(self) -> None:
        pass


class TestPatternScreen(TestPatternCamera):
    """Lines like text on a page, which turns every 10 s; clock, flash, barcode."""

    __test__ = False

    def __init__(self, name: str, width: int, height: int, fps: int) -> None:
        super().__init__(name, width, height, fps)
        self._pages = [_page(name, width, height, page) for page in range(3)]

    def draw(self, at_us: int) -> av.VideoFrame:
        _, height = self._size
        planes = self._pages[at_us // 10_000_000 % len(self._pages)].copy()
        luma = planes[:height]
        draw_clock(luma, at_us)
        barcode.draw(luma, at_us)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


class TestToneMicrophone:
    """A faint tone all the time, loud in the first 100 ms of each second."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.frequency_hz = tone_frequency_hz(name)
        self._second = _one_second(self.frequency_hz)
        self._ticks = _Ticks(_CHUNK_US)

    def open(self) -> None:
        self._ticks.restart()

    def read(self) -> Sound:
        # A microphone hands a chunk over when its last sample has been heard.
        start_us = self._ticks.wait() - _CHUNK_US
        first = start_us % 1_000_000 * SAMPLE_RATE // 1_000_000
        return Sound(self._second[first : first + CHUNK], start_us)

    def close(self) -> None:
        pass


def tone_frequency_hz(name: str) -> int:
    """440..1390 Hz in steps of 50: each room has its own, whole Hz, so that a table
    of one second repeats without a click."""
    return 440 + 50 * (zlib.crc32(name.encode()) % 20)


class _Ticks:
    """Wall-clock instants that are whole multiples of a period."""

    def __init__(self, period_us: float) -> None:
        self._period_us = period_us
        self._next = 0

    def restart(self) -> None:
        self._next = int(time.time_ns() // 1000 / self._period_us) + 1

    def wait(self) -> int:
        now_us = time.time_ns() // 1000
        if abs(now_us - self._next * self._period_us) > max(
            _LATE_US, 2 * self._period_us
        ):
            self.restart()
        at_us = round(self._next * self._period_us)
        self._next += 1
        time.sleep(max(0.0, (at_us - time.time_ns() // 1000) / 1e6))
        return at_us


def _one_second(frequency_hz: int) -> npt.NDArray[np.int16]:
    n = np.arange(SAMPLE_RATE)
    tone = np.sin(2 * np.pi * frequency_hz * n / SAMPLE_RATE)
    loudness = np.where(n < _BEEP_SAMPLES, 12_000.0, 150.0)
    return (tone * loudness).astype(np.int16)


def _camera_background(name: str, width: int, height: int) -> npt.NDArray[np.uint8]:
    planes = _blank(width, height, luma=90)
    seed = zlib.crc32(name.encode())
    for bar in range(8):
        x0, x1 = width * bar // 8, width * (bar + 1) // 8
        planes[:height, x0:x1] = 60 + 20 * ((bar * 3 + seed) % 8)
    u, v = _chroma(planes, width, height)
    for bar in range(8):
        x0, x1 = width // 2 * bar // 8, width // 2 * (bar + 1) // 8
        u[:, x0:x1] = 64 + (seed + bar * 37) % 128
        v[:, x0:x1] = 64 + (seed // 131 + bar * 53) % 128
    for plane in (u, v):  # clock, barcode and flash are black and white
        plane[height * 19 // 100 :] = 128
        plane[:, width * 43 // 100 :] = 128
    return planes


def _page(name: str, width: int, height: int, page: int) -> npt.NDArray[np.uint8]:
    planes = _blank(width, height, luma=225)
    random = np.random.default_rng(zlib.crc32(name.encode()) + page)
    line = max(4, height // 36)
    for y in range(2 * line, int(height * 0.78), 2 * line):
        end = int(width * random.uniform(0.4, 0.8))
        words = random.integers(0, 2, size=max(1, end // (line // 2)))
        row = np.repeat(np.where(words == 1, 40, 225), line // 2)[:end]
        planes[y : y + line, width // 20 : width // 20 + row.size] = row
    return planes


def _blank(width: int, height: int, luma: int) -> npt.NDArray[np.uint8]:
    planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    planes[:height] = luma
    return planes


def _chroma(
    planes: npt.NDArray[np.uint8], width: int, height: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Views of the U and V planes of a yuv420p array."""
    flat = planes[height:].reshape(-1)
    size = (height // 2) * (width // 2)
    shape = (height // 2, width // 2)
    return flat[:size].reshape(shape), flat[size : 2 * size].reshape(shape)


def _draw_moving_block(luma: barcode.Luma, at_us: int) -> None:
    """Crosses the picture once in 4 s, forth and back."""
    height, width = luma.shape
    phase = at_us % 8_000_000 / 4_000_000
    along = phase if phase <= 1 else 2 - phase
    side = height // 6
    x, y = int(along * (width * 0.8 - side)), height // 10
    luma[y : y + side, x : x + side] = barcode.WHITE
    luma[y + side // 4 : y + side * 3 // 4, x + side // 4 : x + side * 3 // 4] = 40
