"""Sound of any length becomes 20 ms packets on one time line."""

from itertools import pairwise

import numpy as np
import pytest

from classroom_agent.devices.contract import Sound
from classroom_agent.sound_line import SoundLine, SoundPacket

START_US = 1_795_321_295_000_000


def sound(samples: int, at_us: float) -> Sound:
    return Sound(np.ones(samples, dtype=np.int16), round(at_us))


def feed(line: SoundLine, chunk: int, count: int, at_us: float) -> list[SoundPacket]:
    packets: list[SoundPacket] = []
    for i in range(count):
        packets += line.add(sound(chunk, at_us + i * chunk * 1e6 / 48_000))
    return packets


@pytest.mark.parametrize("chunk", [160, 480, 960, 1024, 4800])
def test_any_chunk_length_gives_packets_of_960_samples(chunk: int) -> None:
    packets = feed(SoundLine(), chunk, 100, START_US)
    assert len(packets) == chunk * 100 // 960
    assert all(packet.samples.size == 960 for packet in packets)
    steps = {b.rtp_time - a.rtp_time for a, b in pairwise(packets)}
    assert steps == {960}
    assert packets[-1].capture_us - packets[0].capture_us == pytest.approx(
        (len(packets) - 1) * 20_000, abs=50
    )


def test_a_hole_moves_the_rtp_time_by_its_length() -> None:
    line = SoundLine()
    first = feed(line, 960, 10, START_US)
    second = feed(line, 960, 10, START_US + 10 * 20_000 + 500_000)
    assert second[0].rtp_time - first[-1].rtp_time == 960 + 24_000
    assert second[0].capture_us == START_US + 10 * 20_000 + 500_000


def test_a_clock_that_jumps_back_does_not_turn_the_rtp_time_back() -> None:
    line = SoundLine()
    first = feed(line, 960, 10, START_US)
    second = feed(line, 960, 10, START_US - 3_000_000)
    assert second[0].rtp_time - first[-1].rtp_time == 960
    assert second[0].capture_us == START_US - 3_000_000


def test_a_slow_sound_card_is_followed_without_jumps() -> None:
    """1000 ppm is worse than any card; after 100 s the stamps are 100 ms apart."""
    line = SoundLine()
    packets: list[SoundPacket] = []
    for i in range(5000):
        packets += line.add(sound(960, START_US + i * 20_000 * 1.001))
    assert packets[-1].rtp_time == 4999 * 960
    truth_us = START_US + 4999 * 20_000 * 1.001
    assert packets[-1].capture_us == pytest.approx(truth_us, abs=1_000)


def seconds_sent(packets: list[SoundPacket]) -> float:
    """How far the RTP time went, the last packet included."""
    return (packets[-1].rtp_time - packets[0].rtp_time + 960) / 48_000


@pytest.mark.parametrize("late_ms", [65, 100, 140, 199])
def test_sound_that_comes_after_its_silence_is_not_added_to_it(late_ms: int) -> None:
    """A starved device thread hands over what silence has been sent for already."""
    line = SoundLine()
    packets = feed(line, 960, 10, START_US)
    at_us = START_US + 200_000
    for _ in range(3):
        now_us = at_us + late_ms * 1_000
        packets += line.fill(now_us - 60_000)
        count = late_ms // 20 + 10
        packets += feed(line, 960, count, at_us)
        at_us += count * 20_000
    assert seconds_sent(packets) == pytest.approx((at_us - START_US) / 1e6, abs=0.02)
    truth_us = packets[0].capture_us + packets[-1].rtp_time * 1e6 / 48_000
    assert packets[-1].capture_us == pytest.approx(truth_us, abs=1_000)


def test_sound_that_leaves_a_hole_after_silence_keeps_its_own_time() -> None:
    line = SoundLine()
    first = feed(line, 960, 10, START_US)
    line.fill(START_US + 300_000)
    last = feed(line, 960, 10, START_US + 360_000)
    assert last[0].capture_us == START_US + 360_000
    assert last[0].rtp_time - first[0].rtp_time == 18 * 960


def test_silence_fills_a_lost_devices_time_without_end() -> None:
    line = SoundLine()
    packets = feed(line, 960, 5, START_US)
    for step in range(100):
        packets += line.fill(START_US + 100_000 + step * 20_000)
    assert seconds_sent(packets) == pytest.approx(0.1 + 99 * 0.02)
    assert not packets[-1].samples.any()


def test_stamps_that_step_back_a_little_leave_out_what_was_sent() -> None:
    line = SoundLine()
    packets = feed(line, 960, 10, START_US)
    packets += feed(line, 960, 50, START_US + 200_000 - 100_000)
    assert seconds_sent(packets) == pytest.approx(1.1, abs=0.02)
