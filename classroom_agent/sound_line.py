"""Sound of any length in, 20 ms packets with RTP time and capture time out. Pure.

The RTP time counts samples, so a decoder hears no clicks; the capture time follows
the device's stamps gently, and sender reports tie both together. Where sound is
missing the RTP time jumps by the hole.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_agent.devices.contract import SAMPLE_RATE, Sound
from classroom_agent.encode import OPUS_SAMPLES

HOLE_US = 80_000
"""Stamps that differ by more from what was expected mean a hole, not jitter."""
_FOLLOW = 0.05


@dataclass(frozen=True, slots=True)
class SoundPacket:
    samples: npt.NDArray[np.int16]
    capture_us: int
    rtp_time: int


class SoundLine:
    def __init__(self) -> None:
        self._rest = np.zeros(0, dtype=np.int16)
        self._rest_us = 0.0
        self._rtp_time = 0
        self._started = False

    @property
    def end_us(self) -> int | None:
        """Capture time after the last sample taken in; None before the first."""
        if not self._started:
            return None
        return round(self._rest_us + _us(self._rest.size))

    def add(self, sound: Sound) -> list[SoundPacket]:
        expected_us = self._rest_us + _us(self._rest.size)
        drift_us = sound.capture_us - expected_us
        if not self._started or abs(drift_us) > HOLE_US:
            if self._started and drift_us > 0:
                # What was left of the last sound is given up with the hole.
                hole_us = sound.capture_us - self._rest_us
                self._rtp_time += round(hole_us * SAMPLE_RATE / 1e6)
            self._rest = np.zeros(0, dtype=np.int16)
            self._rest_us = float(sound.capture_us)
            self._started = True
        else:
            self._rest_us += drift_us * _FOLLOW
        self._rest = np.concatenate((self._rest, sound.samples))
        return self._cut()

    def _cut(self) -> list[SoundPacket]:
        packets = []
        while self._rest.size >= OPUS_SAMPLES:
            packets.append(
                SoundPacket(
                    self._rest[:OPUS_SAMPLES], round(self._rest_us), self._rtp_time
                )
            )
            self._rest = self._rest[OPUS_SAMPLES:]
            self._rest_us += _us(OPUS_SAMPLES)
            self._rtp_time += OPUS_SAMPLES
        return packets


def _us(samples: int) -> float:
    return samples * 1e6 / SAMPLE_RATE
