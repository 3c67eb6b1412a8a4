"""The capture time in the picture."""

import av
import numpy as np
import pytest

from classroom_agent import barcode
from classroom_agent.devices.contract import Picture
from classroom_agent.devices.test_pattern import TestPatternCamera, TestPatternScreen
from classroom_agent.encode import H264Encoder, VideoSettings
from classroom_agent.playout import luma_of

NOW_US = 1_795_321_295_000_000


def test_what_is_drawn_is_read_at_every_layer_size() -> None:
    for width, height in ((320, 180), (640, 360), (1280, 720), (1920, 1080)):
        luma = np.full((height, width), 90, dtype=np.uint8)
        barcode.draw(luma, NOW_US + 123_456)
        assert barcode.read(luma, NOW_US) == NOW_US + 123_000


def test_a_time_is_read_although_the_counter_wrapped_in_between() -> None:
    wrap_us = (1 << 32) * 1000 * 500
    luma = np.full((360, 640), 90, dtype=np.uint8)
    barcode.draw(luma, wrap_us - 5_000)
    assert barcode.read(luma, wrap_us + 40_000) == wrap_us - 5_000


def test_a_picture_without_barcode_reads_as_none() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        luma = random.integers(16, 236, size=(360, 640), dtype=np.uint8)
        assert barcode.read(luma, NOW_US) is None
    assert barcode.read(np.full((360, 640), 16, dtype=np.uint8), NOW_US) is None


def test_one_damaged_cell_is_noticed() -> None:
    luma = np.full((360, 640), 90, dtype=np.uint8)
    barcode.draw(luma, NOW_US)
    block = luma[288:318, 320:345]
    block[:] = barcode.WHITE - (block - barcode.BLACK)
    assert barcode.read(luma, NOW_US) is None


@pytest.mark.parametrize("pattern", [TestPatternCamera, TestPatternScreen])
def test_barcode_and_flash_survive_360p_at_200_kbit(
    pattern: type[TestPatternCamera],
) -> None:
    camera = pattern("room-a", 1280, 720, 25)
    encoder = H264Encoder(VideoSettings(640, 360, 25, 200_000, "ultrafast", 4))
    decoder = av.CodecContext.create("h264", "r")
    sent_bits = 0
    for i in range(100):
        at_us = NOW_US + i * 40_000
        encoded = encoder.encode(Picture(camera.draw(at_us), at_us))
        assert encoded is not None
        sent_bits += len(encoded.data) * 8
        (frame,) = decoder.decode(av.Packet(encoded.data))
        luma = luma_of(frame)
        assert barcode.read(luma, at_us) == at_us
        assert barcode.flash_is_lit(luma) == (at_us % 1_000_000 < 100_000)
    assert sent_bits / 4 < 300_000
