"""One thread per device; the newest picture wins; nobody ever waits for a device.

    device thread ──▶ newest picture ──▶ encoder thread (`next_picture`)

A device that fails, ends or falls silent becomes a placeholder picture (or silence)
and is opened again with growing pauses. A read that never returns (a USB driver after
unplugging) is abandoned with its thread: a new thread opens the device afresh.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import av
import numpy as np
import numpy.typing as npt

from classroom_agent.devices.clock_face import draw_clock
from classroom_agent.devices.contract import (
    AudioSource,
    DeviceLost,
    Picture,
    Sound,
    VideoSource,
)
from common import log

_log = log.get("classroom_agent")

SILENT_S = 1.0
"""Without a picture for this long the placeholder is shown."""
ABANDON_S = 15.0
"""Without any answer for this long the device's thread is given up."""
_REOPEN_FIRST_S, _REOPEN_MAX_S = 0.5, 10.0
_PLACEHOLDER_PERIOD_S = 0.5
_SOUND_BACKLOG = 25


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Source(Protocol[T_co]):
    def open(self) -> None: ...
    def read(self) -> T_co: ...
    def close(self) -> None: ...


class _Capture(Generic[T]):
    """The device thread: open, read, reopen. Subclasses say where a read goes.

    `make` gives a device object of its own to each thread, so that an abandoned
    thread that wakes up late cannot close its successor's device.
    """

    def __init__(self, name: str, make: Callable[[], _Source[T]]) -> None:
        self.name = name
        self._make = make
        self._changed = threading.Condition()
        self._generation = 0
        self._running = False
        self._alive_at = 0.0
        self.fault: DeviceLost | None = None
        """Why there is nothing now; None while the device delivers."""
        self.reads = 0
        self.losses = 0

    def start(self) -> None:
        with self._changed:
            if self._running:
                return
            self._running = True
            self._spawn()

    def stop(self) -> None:
        """Returns at once; the thread closes the device when its read returns."""
        with self._changed:
            self._running = False
            self._generation += 1
            self._changed.notify_all()

    def _spawn(self) -> None:
        self._generation += 1
        self._alive_at = time.monotonic()
        threading.Thread(
            target=self._life,
            args=(self._generation,),
            name=f"capture-{self.name}",
            daemon=True,
        ).start()

    def _life(self, generation: int) -> None:
        pause_s = _REOPEN_FIRST_S
        while self._current(generation):
            before = self.reads
            self._read_until_lost(generation)
            if self.reads > before:
                pause_s = _REOPEN_FIRST_S
            self._pause(generation, pause_s)
            pause_s = min(pause_s * 2, _REOPEN_MAX_S)

    def _read_until_lost(self, generation: int) -> None:
        source = self._make()
        try:
            source.open()
            while True:
                piece = source.read()
                if not self._current(generation):
                    return
                self._note_read()
                self._take(piece)
        except DeviceLost as lost:
            if self._current(generation):
                self._note_loss(lost)
        finally:
            source.close()

    def _take(self, piece: T) -> None:
        raise NotImplementedError

    def _note_read(self) -> None:
        self._alive_at = time.monotonic()
        self.reads += 1
        if self.fault is not None:
            _log.info("device_back", device=self.name)
            self.fault = None

    def _note_loss(self, lost: DeviceLost) -> None:
        self._alive_at = time.monotonic()
        if self.fault is None:
            self.losses += 1
            _log.warning("device_lost", device=self.name, why=lost.en)
        self.fault = lost

    def _pause(self, generation: int, pause_s: float) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: generation != self._generation, timeout=pause_s
            )

    def _current(self, generation: int) -> bool:
        return self._running and generation == self._generation

    def _abandon_if_stuck(self) -> None:
        """To be called with the condition held."""
        stuck_s = time.monotonic() - self._alive_at
        if self._running and self.fault is None and stuck_s > ABANDON_S:
            self._note_loss(
                DeviceLost(
                    "device_stuck",
                    zh=f"{self.name} 没有响应，正在重新打开",
                    en=f"{self.name} does not answer, opening it again",
                )
            )
            self._spawn()


class VideoCapture(_Capture[Picture]):
    """`placeholder` is what is shown while the device gives nothing."""

    def __init__(
        self, name: str, make: Callable[[], VideoSource], placeholder: "Placeholder"
    ) -> None:
        super().__init__(name, make)
        self._placeholder = placeholder
        self._newest: Picture | None = None
        self._count = 0

    def next_picture(self, seen: int, timeout_s: float = SILENT_S) -> "Numbered":
        """The newest picture after number `seen`; the placeholder twice a second
        while there is none for `timeout_s`. Blocks, so not for the event loop."""
        with self._changed:
            wait_s = _PLACEHOLDER_PERIOD_S if self.fault else timeout_s
            fresh = self._changed.wait_for(
                lambda: self._count > seen or not self._running, timeout=wait_s
            )
            if fresh and self._newest is not None and self._count > seen:
                return Numbered(self._count, self._newest, real=True)
            self._abandon_if_stuck()
            seen = self._count
        return Numbered(seen, self._placeholder.picture(), real=False)

    def _take(self, piece: Picture) -> None:
        with self._changed:
            self._newest = piece
            self._count += 1
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Numbered:
    number: int
    picture: Picture
    real: bool


class AudioCapture(_Capture[Sound]):
    """A short backlog of sound; when it overflows the oldest is lost."""

    def __init__(self, name: str, make: Callable[[], AudioSource]) -> None:
        super().__init__(name, make)
        self._backlog: deque[Sound] = deque(maxlen=_SOUND_BACKLOG)
        self._peak = 0

    def next_sound(self, timeout_s: float) -> Sound | None:
        """The next piece of sound, None when there is none in time. Blocks."""
        with self._changed:
            self._changed.wait_for(
                lambda: bool(self._backlog) or not self._running, timeout=timeout_s
            )
            if self._backlog:
                return self._backlog.popleft()
            self._abandon_if_stuck()
            return None

    def take_peak(self) -> int:
        """Largest sample since the last call, 0..32768: for the self-check."""
        peak, self._peak = self._peak, 0
        return peak

    def _take(self, piece: Sound) -> None:
        self._peak = max(self._peak, int(np.abs(piece.samples.astype(int)).max()))
        with self._changed:
            self._backlog.append(piece)
            self._changed.notify_all()


class Placeholder:
    """A dark picture that says in Chinese and English what is missing, with a
    running clock, so that it is not taken for a frozen line."""

    def __init__(self, words: str, width: int, height: int) -> None:
        self._planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        self._planes[:height] = 16
        text = _read_words(words, width)
        top = height // 10
        rows = min(text.shape[0], height * 3 // 10)
        self._planes[top : top + rows, : text.shape[1]] = text[:rows]
        self._height = height

    def picture(self) -> Picture:
        at_us = time.time_ns() // 1000
        planes = self._planes.copy()
        draw_clock(planes[: self._height], at_us)
        return Picture(av.VideoFrame.from_ndarray(planes, format="yuv420p"), at_us)


def _read_words(words: str, width: int) -> npt.NDArray[np.uint8]:
    """The words, drawn beforehand, scaled to the width of the picture."""
    path = Path(__file__).with_name("words") / f"{words}.png"
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    height = frame.height * width // frame.width // 2 * 2
    gray = frame.reformat(width, height, format="gray").to_ndarray()
    return gray.astype(np.uint8)
