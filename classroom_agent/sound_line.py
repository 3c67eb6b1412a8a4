"""Sound of any length in, 20 ms packets with RTP time and capture time out. Pure.

The RTP time counts samples, so a decoder hears no clicks; the capture time follows
the device's stamps gently, and sender reports tie both together. Where sound is
missing the RTP time jumps by the hole; where sound covers what was sent already, the
overlap is left out. So the RTP time never holds more sound than time passed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_agent.devices.contract import SAMPLE_RATE, Sound
from classroom_agent.encode import OPUS_SAMPLES

HOLE_US = 80_000
"""Stamps that differ by more from what was expected mean a hole, not jitter."""
SET_BACK_US = 1_000_000
"""Stamps that fall back by more than this mean that the clock was set."""
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
        self._join_exactly = False
        """After silence in place of sound, or while sound is left out: the next
        sound's stamp counts to the sample."""

    @property
    def end_us(self) -> int | None:
        """Capture time after the last sample taken in; None before the first."""
        if not self._started:
            return None
        return round(self._rest_us + _us(self._rest.size))

    def fill(self, until_us: int) -> list[SoundPacket]:
        """Silence from the last sound's end; at most a second at once."""
        if not self._started:
            self._begin(until_us - round(_us(OPUS_SAMPLES)))
        missing_us = until_us - self._rest_us - _us(self._rest.size)
        missing = round(min(missing_us, SET_BACK_US) * SAMPLE_RATE / 1e6)
        if missing <= 0:
            return []
        self._join_exactly = True
        self._rest = np.concatenate((self._rest, np.zeros(missing, dtype=np.int16)))
        return self._cut()

    def add(self, sound: Sound) -> list[SoundPacket]:
        samples = sound.samples
        drift_us = sound.capture_us - (self._rest_us + _us(self._rest.size))
        if not self._started or drift_us < -SET_BACK_US:
            self._begin(sound.capture_us)
        elif self._join_exactly or abs(drift_us) > HOLE_US:
            if drift_us < 0:
                samples = samples[round(-drift_us * SAMPLE_RATE / 1e6) :]
                if samples.size == 0:
                    self._join_exactly = True
                    return []
            elif drift_us > 0:
                self._skip_to(sound.capture_us)
        else:
            self._rest_us += drift_us * _FOLLOW
        self._join_exactly = False
        self._rest = np.concatenate((self._rest, samples))
        return self._cut()

    def _skip_to(self, capture_us: int) -> None:
        """What was left of the last sound is given up with the hole."""
        self._rtp_time += round((capture_us - self._rest_us) * SAMPLE_RATE / 1e6)
        self._begin(capture_us)

    def _begin(self, capture_us: int) -> None:
        self._rest = np.zeros(0, dtype=np.int16)
        self._rest_us = float(capture_us)
        self._started = True

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
