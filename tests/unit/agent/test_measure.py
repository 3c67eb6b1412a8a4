"""The definitions behind freezes, concealed sound and delay."""

import pytest

from classroom_agent.measure import (
    PLAYOUT_DELAY_S,
    AudioMeter,
    DelayMeter,
    PlayoutClock,
    VideoMeter,
)

FRAME_S = 0.04


def shown(meter: VideoMeter, frames: int, from_s: float = 0.0) -> float:
    """Shows `frames` pictures at 25 fps; returns the time of the last."""
    for i in range(frames):
        meter.add(from_s + i * FRAME_S)
    return from_s + (frames - 1) * FRAME_S


def test_a_steady_picture_never_freezes() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 500)
    assert meter.freezes(last_s + FRAME_S) == (0, 0.0)
    assert meter.fps == pytest.approx(25, rel=0.01)


def test_a_gap_of_three_intervals_but_under_200_ms_is_not_a_freeze() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 50)
    meter.add(last_s + 0.19)
    assert meter.freezes(last_s + 0.2)[0] == 0


def test_a_gap_over_200_ms_is_one_freeze_as_long_as_what_was_missing() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 50)
    meter.add(last_s + 1.0)
    count, seconds = meter.freezes(last_s + 1.01)
    assert count == 1
    assert seconds == pytest.approx(1.0 - FRAME_S)


def test_a_freeze_that_is_going_on_counts_already_and_only_once() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 50)
    assert meter.freezes(last_s + 2.0)[0] == 1
    meter.add(last_s + 3.0)
    count, seconds = meter.freezes(last_s + 3.01)
    assert count == 1
    assert seconds == pytest.approx(3.0 - FRAME_S)


def test_a_picture_that_was_paused_or_replaced_does_not_freeze() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 50)
    meter.restart(last_s + 0.02, judged=True)
    shown(meter, 50, from_s=last_s + 5)
    assert meter.freezes(last_s + 5 + 50 * FRAME_S)[0] == 0


def test_a_freeze_that_ends_with_another_picture_stays_counted() -> None:
    meter = VideoMeter()
    last_s = shown(meter, 50)
    meter.restart(last_s + 2.0, judged=True)
    count, seconds = meter.freezes(last_s + 9.0)
    assert count == 1
    assert seconds == pytest.approx(2.0 - FRAME_S)


def test_a_screen_that_does_not_change_is_not_a_freeze() -> None:
    meter = VideoMeter()
    meter.restart(0.0, judged=False)
    last_s = shown(meter, 50)
    meter.add(last_s + 10)
    assert meter.freezes(last_s + 10)[0] == 0


def heard(meter: AudioMeter, packets: int, pts: int = 0, from_s: float = 0.0) -> None:
    for i in range(packets):
        meter.add(pts + i * 960, 960, from_s + i * 0.02)


def test_sound_without_holes_conceals_nothing() -> None:
    meter = AudioMeter()
    heard(meter, 500)
    assert (meter.samples, meter.concealed) == (480_000, 0)


def test_a_missing_packet_is_concealed() -> None:
    meter = AudioMeter()
    heard(meter, 50)
    heard(meter, 50, pts=51 * 960, from_s=51 * 0.02)
    assert meter.concealed == 960
    assert meter.samples == 101 * 960


def test_sound_later_than_the_loudspeaker_can_wait_is_concealed() -> None:
    meter = AudioMeter()
    heard(meter, 50)
    heard(meter, 50, pts=50 * 960, from_s=50 * 0.02 + PLAYOUT_DELAY_S + 0.1)
    assert meter.concealed == pytest.approx(0.1 * 48_000, abs=2)


def test_a_hole_and_the_wait_for_it_are_one_loss() -> None:
    meter = AudioMeter()
    heard(meter, 50)
    heard(meter, 50, pts=60 * 960, from_s=60 * 0.02 + PLAYOUT_DELAY_S)
    assert meter.concealed == 10 * 960


def test_an_outage_of_the_line_is_concealed_sound() -> None:
    meter = AudioMeter()
    heard(meter, 50)
    meter.restart()
    meter.outage(2.0)
    heard(meter, 50, pts=123, from_s=10)
    assert meter.concealed == 96_000


def test_a_stream_that_starts_over_is_not_a_hole() -> None:
    meter = AudioMeter()
    heard(meter, 50, pts=1_000_000)
    heard(meter, 50, pts=0, from_s=1.0)
    assert meter.concealed == 0


def test_the_playout_clock_comes_back_when_everything_is_early() -> None:
    clock = PlayoutClock(0.06)
    assert clock.late_s(0.0, 0.0) == 0
    assert clock.late_s(0.02, 0.52) == pytest.approx(0.44)
    for i in range(1200):
        stream_s = 0.04 + i * 0.02
        assert clock.late_s(stream_s, stream_s) == 0
    assert clock.late_s(30.0, 30.2) == pytest.approx(0.14, abs=0.001)


def test_quantiles_of_delays_are_exact_to_the_millisecond() -> None:
    meter = DelayMeter()
    assert meter.quantile(0.5) is None
    for delay in range(1, 101):
        meter.add(delay)
    assert meter.quantile(0.5) == 50
    assert meter.quantile(0.95) == 95
    assert meter.count == 100
