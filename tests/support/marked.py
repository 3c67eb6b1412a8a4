"""Media in which every full second flashes and beeps, to measure picture and sound
against each other; and the eyes and ears that find these marks again."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache

import av
import numpy as np

FPS = 25
LOOP_S = 10


@cache
def flashing_frames(width: int = 320, height: int = 180) -> tuple[bytes, ...]:
    """Ten seconds; frame 0 of each second is white. A keyframe every second."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(FPS)
    params = f"keyint={FPS}:min-keyint={FPS}:scenecut=0"
    encoder.options = {
        "tune": "zerolatency",
        "preset": "ultrafast",
        "x264-params": params,
    }
    units: list[bytes] = []
    for index in range(FPS * LOOP_S):
        value = 255 if index % FPS == 0 else 30
        picture = np.full((height, width, 3), value, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = index * 3600, Fraction(1, 90_000)
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(units)


@cache
def beeping_packets() -> tuple[bytes, ...]:
    """Ten seconds of 20 ms packets; the first 60 ms of each second beep."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    packets: list[bytes] = []
    for index in range(50 * LOOP_S):
        at = np.arange(index * 960, (index + 1) * 960)
        wave = 12_000 * np.sin(2 * np.pi * 1000 * at / 48_000) * (at % 48_000 < 2880)
        stereo = np.repeat(wave.astype(np.int16), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, index * 960
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets)


def flashes(frames: Iterable[av.VideoFrame]) -> list[float]:
    """When the picture turned white, in seconds."""
    found: list[float] = []
    was_white = False
    for frame in frames:
        white = float(frame.to_ndarray(format="gray").mean()) > 140
        if white and not was_white:
            found.append(float(frame.time))
        was_white = white
    return found


def beeps(frames: Iterable[av.AudioFrame]) -> list[float]:
    """When the sound began after a silence, in seconds."""
    found: list[float] = []
    quiet_since = -1.0
    for frame in frames:
        data = frame.to_ndarray().astype(np.float64)
        if frame.format.is_packed:
            data = data.reshape(-1, frame.layout.nb_channels).T
        loud = np.abs(data[0]) > (
            0.08 if data.dtype.kind == "f" and np.abs(data).max() <= 1.5 else 2600
        )
        if loud.any() and frame.time is not None:
            start = float(frame.time) + int(np.argmax(loud)) / frame.sample_rate
            if start - quiet_since > 0.3:
                found.append(start)
            last = len(loud) - 1 - int(np.argmax(loud[::-1]))
            quiet_since = float(frame.time) + last / frame.sample_rate
    return found


def offsets_ms(flash: list[float], beep: list[float]) -> list[float]:
    """Sound after picture, of each flash that has a beep within 0.4 s."""
    pairs = ((f, min(beep, key=lambda b: abs(b - f), default=9e9)) for f in flash)
    return [(b - f) * 1000 for f, b in pairs if abs(b - f) < 0.4]
