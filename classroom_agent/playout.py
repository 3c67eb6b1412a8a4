"""Where decoded pictures and sound end: measured, slot by slot.

The pictures on the room's wall are the browser's job (`display`); this sink tells
what the line and this computer delivered, with the same clockwork a player has.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import av
import numpy as np

from classroom_agent import barcode
from classroom_agent.measure import AudioMeter, DelayMeter, Totals, VideoMeter
from common.protocol.signalling import SlotState

_BLIND_AFTER = 50
"""Pictures without a barcode in a row: a real camera; look only now and then."""
_BLIND_STEP = 25
_LARGEST_DELAY_US = 60_000_000


@dataclass(frozen=True, slots=True)
class SlotFigures:
    mid: str
    source: str
    frames: int
    fps: float
    freezes: int
    freeze_s: float


class Playout:
    """All slots of one lesson, over every reconnection. Event loop only."""

    def __init__(self) -> None:
        self.delays = DelayMeter()
        self._fresh_delays = DelayMeter()
        self.first_frame = asyncio.Event()
        """Something has been decoded on this connection."""
        self.shown_since_s: float | None = None
        """Since when (monotonic) there is something to see or hear on it."""
        self._video: dict[str, _VideoSlot] = {}
        self._audio: dict[str, _AudioSlot] = {}

    def on_join(self) -> None:
        self.first_frame.clear()
        self.shown_since_s = None

    def on_slots(self, slots: Sequence[SlotState]) -> None:
        if self.shown_since_s is None and any(slot.publication for slot in slots):
            self.shown_since_s = time.monotonic()
        for slot in slots:
            shown = (slot.publication, slot.reason if slot.layer is None else None)
            if slot.kind == "video":
                self._video_slot(slot.mid).show(shown, slot.source)
            else:
                self._audio_slot(slot.mid).show(shown)

    def on_disconnect(self) -> None:
        """The line is gone; a slot that shows the same afterwards had an outage."""
        for sound in self._audio.values():
            sound.note_outage()

    def on_video(self, mid: str, frame: av.VideoFrame) -> None:
        now_s = time.monotonic()
        self.first_frame.set()
        delay_ms = self._video_slot(mid).add(frame, now_s)
        if delay_ms is not None:
            self.delays.add(delay_ms)
            self._fresh_delays.add(delay_ms)

    def on_audio(self, mid: str, frame: av.AudioFrame) -> None:
        now_s = time.monotonic()
        self.first_frame.set()
        if frame.pts is not None:
            self._audio_slot(mid).add(frame.pts, frame.samples, now_s)

    def totals(self) -> Totals:
        now_s = time.monotonic()
        freezes = [slot.meter.freezes(now_s) for slot in self._video.values()]
        return Totals(
            at_s=now_s,
            video_frames=sum(slot.meter.frames for slot in self._video.values()),
            freezes=sum(count for count, _ in freezes),
            freeze_s=sum(seconds for _, seconds in freezes),
            audio_samples=sum(slot.meter.samples for slot in self._audio.values()),
            concealed_samples=sum(
                slot.meter.concealed for slot in self._audio.values()
            ),
        )

    def take_fresh_delay_ms(self) -> float | None:
        """Median glass-to-glass delay since the last call."""
        median = self._fresh_delays.quantile(0.5)
        self._fresh_delays = DelayMeter()
        return median

    def slots(self) -> list["SlotFigures"]:
        """Per video slot, since the start, the busiest first."""
        now_s = time.monotonic()
        figures = [
            SlotFigures(
                mid,
                slot.source,
                slot.meter.frames,
                slot.meter.fps,
                *slot.meter.freezes(now_s),
            )
            for mid, slot in self._video.items()
        ]
        return sorted(figures, key=lambda slot: -slot.frames)

    def _video_slot(self, mid: str) -> "_VideoSlot":
        return self._video.setdefault(mid, _VideoSlot())

    def _audio_slot(self, mid: str) -> "_AudioSlot":
        return self._audio.setdefault(mid, _AudioSlot())


_Shown = tuple[str | None, str | None]
"""Publication, and why it is paused."""


class _VideoSlot:
    def __init__(self) -> None:
        self.meter = VideoMeter()
        self.shown: _Shown | None = None
        self.source = ""
        """What it showed last."""
        self._blind = 0

    def show(self, shown: _Shown, source: str | None) -> None:
        if shown != self.shown:
            self.shown = shown
            self.source = source or self.source
            self._blind = 0
            showing = shown[0] is not None and shown[1] is None
            judged = showing and source != "screen"
            self.meter.restart(time.monotonic(), judged=judged)

    def add(self, frame: av.VideoFrame, now_s: float) -> float | None:
        """Glass-to-glass delay in ms where the picture carries a barcode."""
        self.meter.add(now_s)
        if self._blind > _BLIND_AFTER and self.meter.frames % _BLIND_STEP:
            return None
        now_us = time.time_ns() // 1000
        capture_us = barcode.read(luma_of(frame), now_us)
        if capture_us is None or abs(now_us - capture_us) > _LARGEST_DELAY_US:
            self._blind += 1
            return None
        self._blind = 0
        return (now_us - capture_us) / 1000


class _AudioSlot:
    def __init__(self) -> None:
        self.meter = AudioMeter()
        self.heard_s: float | None = None
        self._lost_s: float | None = None
        self.shown: _Shown | None = None

    def note_outage(self) -> None:
        if self._lost_s is None and self.heard_s is not None:
            self._lost_s = self.heard_s

    def show(self, shown: _Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self._lost_s = None
            self.meter.restart()

    def add(self, pts: int, samples: int, now_s: float) -> None:
        if self._lost_s is not None:
            self.meter.restart()
            self.meter.outage(now_s - self._lost_s)
            self._lost_s = None
        self.meter.add(pts, samples, now_s)
        self.heard_s = now_s


def luma_of(frame: av.VideoFrame) -> barcode.Luma:
    """A view of the Y plane, not a copy."""
    plane = frame.planes[0]
    # A plane has the buffer protocol, which PyAV's types do not say.
    flat = np.frombuffer(cast(bytes, plane), dtype=np.uint8)
    rows: barcode.Luma = flat.reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
