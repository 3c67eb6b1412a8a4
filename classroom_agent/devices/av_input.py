"""Reading a device through FFmpeg: what V4L2, RTSP, X11 and ALSA have in common."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import av
import av.container
import numpy as np

from classroom_agent.devices.contract import SAMPLE_RATE, DeviceLost, Picture, Sound

_MIN_SAMPLES = SAMPLE_RATE // 100
_WALL_CLOCK_SPAN_US = 3_600_000_000
"""A time stamp this near to now is a wall-clock stamp (v4l2 abs, x11grab, alsa)."""


class CaptureClock:
    """Turns a stream's time stamps into wall-clock capture times.

    Devices that stamp with the wall clock are believed. Others (RTSP) count from
    anywhere: the smallest delay seen between stamp and arrival is the anchor, so
    that network jitter does not become jitter of capture times. The anchor creeps
    towards later by 100 ppm, to follow a camera whose clock is slow.
    """

    def __init__(self) -> None:
        self._anchor_us: float | None = None
        self._last_us = 0

    def map(self, stamp_us: int | None, now_us: int) -> int:
        if stamp_us is None:
            return now_us
        if abs(stamp_us - now_us) < _WALL_CLOCK_SPAN_US:
            return min(stamp_us, now_us)
        anchor = now_us - stamp_us
        if self._anchor_us is None or abs(anchor - self._anchor_us) > 5_000_000:
            self._anchor_us = anchor
        else:
            creep = self._anchor_us + (now_us - self._last_us) * 1e-4
            self._anchor_us = min(anchor, creep)
        self._last_us = now_us
        return round(stamp_us + self._anchor_us)


class AvInput:
    """One open FFmpeg input with one decoded stream.

    `label_zh`/`label_en` name the device in the sentence of DeviceLost, `shown` is
    its address without secrets.
    """

    def __init__(
        self,
        url: str,
        container_format: str | None,
        options: Mapping[str, str],
        *,
        label_zh: str,
        label_en: str,
        shown: str = "",
        timeout_s: float = 5.0,
    ) -> None:
        self._url = url
        self._shown = shown or url
        self._format = container_format
        self._options = dict(options)
        self._label = (label_zh, label_en)
        self._timeout_s = timeout_s
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[Any] = iter(())
        self._clock = CaptureClock()

    def open(self, kind: str) -> None:
        """`kind`: `video` or `audio`. Raises DeviceLost."""
        self.close()
        try:
            container = av.open(
                self._url,
                format=self._format,
                options=self._options,
                timeout=(self._timeout_s, self._timeout_s),
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._lost(error) from error
        self._container = container
        streams = (
            container.streams.video if kind == "video" else container.streams.audio
        )
        if not streams:
            self.close()
            raise self._lost(ValueError(f"no {kind} stream"))
        # One thread a stream: frame threads would add a frame of delay each.
        streams[0].codec_context.thread_count = 1
        self._clock = CaptureClock()
        self._frames = container.decode(streams[0])

    def read(self) -> tuple[Any, int]:
        """The next frame and its capture time. Raises DeviceLost."""
        try:
            frame = next(self._frames)
        except StopIteration:
            raise self._lost(EOFError("the stream ended")) from None
        except (av.FFmpegError, OSError) as error:
            raise self._lost(error) from error
        stamp = None
        if frame.pts is not None and frame.time_base is not None:
            stamp = int(frame.pts * frame.time_base * 1_000_000)
        return frame, self._clock.map(stamp, time.time_ns() // 1000)

    def close(self) -> None:
        self._frames = iter(())
        if self._container is not None:
            with suppress(av.FFmpegError, OSError):
                self._container.close()
            self._container = None

    def _lost(self, error: Exception) -> DeviceLost:
        zh, en = self._label
        # FFmpeg's own text repeats the address, password included.
        why = getattr(error, "strerror", None) or type(error).__name__
        return DeviceLost(
            zh=f"{zh}没有信号，请检查连接：{self._shown}",
            en=f"no signal from {en}, check the connection: {self._shown} ({why})",
        )


class AvVideoSource:
    """A VideoSource on top of an AvInput."""

    def __init__(self, source: AvInput) -> None:
        self._input = source

    def open(self) -> None:
        self._input.open("video")

    def read(self) -> Picture:
        return Picture(*self._input.read())

    def close(self) -> None:
        self._input.close()


class AvAudioSource:
    """An AudioSource on top of an AvInput: mixed to mono, resampled to 48 kHz."""

    def __init__(self, source: AvInput) -> None:
        self._input = source
        self._resampler = _resampler()

    def open(self) -> None:
        self._resampler = _resampler()
        self._input.open("audio")

    def read(self) -> Sound:
        """At least 10 ms: some drivers hand over single samples."""
        parts, size, first_us = [], 0, 0
        while size < _MIN_SAMPLES:
            frame, capture_us = self._input.read()
            first_us = first_us or capture_us
            for resampled in self._resampler.resample(frame):
                parts.append(resampled.to_ndarray()[0])
                size += resampled.samples
        return Sound(np.concatenate(parts), first_us)

    def close(self) -> None:
        self._input.close()


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
