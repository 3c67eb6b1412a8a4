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
