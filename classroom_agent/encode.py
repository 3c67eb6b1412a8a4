"""Pictures to H.264, sound to Opus, with settings for a classroom's small computer.

H.264: constrained baseline (no B-frames: recording, HLS and every browser then need
no transcoding), one thread, zero latency, Annex B with SPS and PPS in front of every
IDR. Opus: 20 ms packets with in-band FEC (RFC 6716 §2.1.7).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.reformatter import Interpolation, VideoReformatter

from classroom_agent.devices.contract import SAMPLE_RATE, Picture

MICROSECONDS = Fraction(1, 1_000_000)
OPUS_SAMPLES = SAMPLE_RATE // 50
SILENCE_DBOV = -127


@dataclass(frozen=True, slots=True)
class Encoded:
    """One access unit (Annex B) or one Opus packet."""

    data: bytes
    capture_us: int
    rtp_time: int
    """Ticks of 90 kHz (video) or 48 kHz (audio), from any origin, not wrapped."""
    keyframe: bool = False
    level_dbov: int | None = None
    """RFC 6464: 0 is the loudest, -127 is silence. Audio only."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    width: int
    height: int
    fps: int
    max_bps: int
    preset: str
    keyframe_interval_s: float
    content: Literal["camera", "screen"] = "camera"


class H264Encoder:
    """One layer. Not thread-safe: one thread encodes.

    `bitrate_bps` may be set at any time: x264 takes a new target without a restart
    (libavcodec reconfigures it when `bit_rate` changed), so no keyframe is spent.
    """

    def __init__(self, settings: VideoSettings) -> None:
        self.settings = settings
        self.bitrate_bps = settings.max_bps
        self._reformatter = VideoReformatter()
        self._keyframe_wanted = True
        self._last_pts = -1
        self._budget = _FrameBudget()
        self._codec = self._open()

    def request_keyframe(self) -> None:
        """The next picture becomes an IDR. May be called from any thread."""
        self._keyframe_wanted = True

    def encode(self, picture: Picture) -> Encoded | None:
        """None when the picture is left out: a screen over its budget, or a picture
        not newer than the last one."""
        if picture.capture_us <= self._last_pts:
            return None
        if self.settings.content == "screen" and not self._budget.allows(
            picture.capture_us, self.bitrate_bps
        ):
            return None
        self._codec.bit_rate = self.bitrate_bps
        frame = self._scaled(picture.frame)
        frame.pts, frame.time_base = picture.capture_us, MICROSECONDS
        frame.pict_type = PictureType.NONE
        if self._keyframe_wanted:
            self._keyframe_wanted = False
            frame.pict_type = PictureType.I
        self._last_pts = picture.capture_us
        packets = self._codec.encode(frame)
        if not packets:
            return None
        data = b"".join(bytes(packet) for packet in packets)
        self._budget.spend(len(data) * 8)
        return Encoded(
            data,
            picture.capture_us,
            picture.capture_us * 9 // 100,
            keyframe=any(packet.is_keyframe for packet in packets),
        )

    def _scaled(self, frame: av.VideoFrame) -> av.VideoFrame:
        # The same frame comes back when nothing has to change, so each layer sets
        # pict_type anew before it encodes.
        return self._reformatter.reformat(
            frame,
            self.settings.width,
            self.settings.height,
            format="yuv420p",
            interpolation=Interpolation.FAST_BILINEAR,
        )

    def _open(self) -> av.VideoCodecContext:
        settings = self.settings
        codec = av.CodecContext.create("libx264", "w")
        codec.width, codec.height = settings.width, settings.height
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = settings.max_bps
        codec.framerate = Fraction(settings.fps, 1)
        codec.time_base = MICROSECONDS
        codec.thread_count = 1
        codec.profile = "Baseline"
        screen = settings.content == "screen"
        codec.options = {
            "preset": settings.preset,
            "tune": "zerolatency",
            "forced-idr": "1",
            "sc_threshold": "0",
            "g": str(max(1, round(settings.keyframe_interval_s * settings.fps))),
            # A keyframe may take half a second's budget of a camera, a whole one of
            # a screen: letters must be sharp at once.
            "maxrate": str(settings.max_bps),
            "bufsize": str(settings.max_bps if screen else settings.max_bps // 2),
            **({"qmax": "36"} if screen else {}),
        }
        return codec


class _FrameBudget:
    """A leaky bucket of half a second: a screen that needs more loses pictures, down
    to one a second."""

    def __init__(self) -> None:
        self._level_bits = 0.0
        self._at_us = 0
        self._spent_us = 0

    def allows(self, now_us: int, bps: int) -> bool:
        leaked = bps * (now_us - self._at_us) / 1e6
        self._level_bits = max(0.0, self._level_bits - leaked)
        self._at_us = now_us
        return self._level_bits <= bps / 2 or now_us - self._spent_us >= 1_000_000

    def spend(self, bits: int) -> None:
        self._level_bits += bits
        self._spent_us = self._at_us


class OpusEncoder:
    """Mono. `encode` takes exactly `OPUS_SAMPLES` samples."""

    def __init__(
        self, bitrate_bps: int, profile: Literal["speech", "music"] = "speech"
    ) -> None:
        self._codec = av.CodecContext.create("libopus", "w")
        self._codec.bit_rate = bitrate_bps
        self._codec.format = "s16"
        self._codec.layout = "mono"
        self._codec.sample_rate = SAMPLE_RATE
        self._codec.time_base = Fraction(1, SAMPLE_RATE)
        self._codec.options = {
            "application": "voip" if profile == "speech" else "audio",
            "frame_duration": "20",
            "fec": "1" if profile == "speech" else "0",
            "packet_loss": "5",
        }

    def encode(
        self, samples: npt.NDArray[np.int16], capture_us: int, rtp_time: int
    ) -> Encoded | None:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = rtp_time
        packets = self._codec.encode(frame)
        if not packets:
            return None
        return Encoded(
            bytes(packets[0]), capture_us, rtp_time, level_dbov=level_dbov(samples)
        )


def level_dbov(samples: npt.NDArray[np.int16]) -> int:
    """RMS level, RFC 6465 appendix A: 0 = full scale, -127 = silence."""
    if samples.size == 0:
        return SILENCE_DBOV
    wide = samples.astype(np.float64)
    rms = math.sqrt(float(np.dot(wide, wide)) / samples.size) / 32767
    if rms == 0:
        return SILENCE_DBOV
    return max(SILENCE_DBOV, min(0, round(20 * math.log10(rms))))
