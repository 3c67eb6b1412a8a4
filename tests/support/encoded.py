"""Really encoded media for tests: H.264 access units (Annex B) and Opus packets."""

from fractions import Fraction
from functools import cache

import av
import numpy as np

VIDEO_RATE = 90_000


@cache
def h264_frames(
    count: int, *, width: int = 160, height: int = 90, fps: int = 25, gop: int = 25
) -> tuple[tuple[bytes, bool], ...]:
    """(access unit, is a keyframe); a bar moves one step a frame."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, VIDEO_RATE)
    encoder.framerate = Fraction(fps)
    encoder.gop_size = gop
    encoder.options = {
        "tune": "zerolatency",
        "preset": "ultrafast",
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0",
    }
    frames: list[tuple[bytes, bool]] = []
    for index in range(count):
        picture = np.full((height, width, 3), 40, dtype=np.uint8)
        picture[:, index % width] = 255
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = (
            index * VIDEO_RATE // fps,
            Fraction(1, VIDEO_RATE),
        )
        frames += [(bytes(p), p.is_keyframe) for p in encoder.encode(frame)]
    return tuple(frames)


@cache
def opus_packets(count: int, *, tone_hz: float = 440.0) -> tuple[bytes, ...]:
    """20 ms stereo packets of a tone."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    packets: list[bytes] = []
    for index in range(count):
        at = np.arange(index * 960, (index + 1) * 960) / 48_000
        wave = (8000 * np.sin(2 * np.pi * tone_hz * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(
            np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = 48_000, index * 960
        packets += [bytes(p) for p in encoder.encode(frame)]
    return tuple(packets)
