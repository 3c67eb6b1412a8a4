"""Measuring sound against picture."""

import numpy as np
import pytest

from tongke.demo.av_offset import av_offset_ms, beep_onsets_s

RATE = 48_000


def tone(seconds: float, *, first_beep: float) -> np.ndarray:
    """A faint tone with a loud 100 ms at `first_beep` and each second after."""
    t = np.arange(int(seconds * RATE)) / RATE
    loud = ((t - first_beep) % 1.0 < 0.1) & (t >= first_beep)
    wave = np.sin(2 * np.pi * 440 * t) * np.where(loud, 12_000, 150)
    return wave.astype(np.float32)


def test_beeps_are_found_where_they_begin() -> None:
    onsets = beep_onsets_s(tone(3.0, first_beep=0.25), RATE)
    assert onsets == pytest.approx([0.25, 1.25, 2.25], abs=0.006)


def test_silence_has_no_beeps() -> None:
    assert beep_onsets_s(np.zeros(RATE, np.float32), RATE) == []


@pytest.mark.parametrize("late_s", [-0.2, -0.03, 0.0, 0.04, 0.3])
def test_the_offset_of_sound_against_picture_is_measured(late_s: float) -> None:
    # The recording began at wall time 1000.4: a beep of second 1001 lies at 0.6.
    pictures = [(at, 1000.4 + at) for at in (0.0, 0.04, 0.08)]
    onsets = beep_onsets_s(tone(4.0, first_beep=0.6 + late_s), RATE)
    assert av_offset_ms(pictures, onsets) == pytest.approx(late_s * 1000, abs=6)


def test_without_a_picture_nothing_is_measured() -> None:
    assert av_offset_ms([], [1.0]) is None
