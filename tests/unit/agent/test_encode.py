"""Encoders: what they promise to the wire."""

import av
import numpy as np

from classroom_agent.devices.contract import Picture
from classroom_agent.devices.test_pattern import TestPatternCamera, TestPatternScreen
from classroom_agent.encode import (
    OPUS_SAMPLES,
    SILENCE_DBOV,
    Encoded,
    H264Encoder,
    OpusEncoder,
    VideoSettings,
    level_dbov,
)

CAMERA = VideoSettings(640, 360, 25, 400_000, "ultrafast", 60)
START_US = 1_795_321_295_000_000


def pictures(count: int, step_us: int = 40_000) -> list[Picture]:
    camera = TestPatternCamera("room-a", 640, 360, 25)
    times = [START_US + i * step_us for i in range(count)]
    return [Picture(camera.draw(at_us), at_us) for at_us in times]


def noise(count: int, step_us: int) -> list[Picture]:
    random = np.random.default_rng(7)
    return [
        Picture(
            av.VideoFrame.from_ndarray(
                random.integers(16, 236, size=(540, 640), dtype=np.uint8), "yuv420p"
            ),
            START_US + i * step_us,
        )
        for i in range(count)
    ]


def nal_types(data: bytes) -> list[int]:
    types, at = [], data.find(b"\x00\x00\x01")
    while at >= 0:
        types.append(data[at + 3] & 0x1F)
        at = data.find(b"\x00\x00\x01", at + 3)
    return types


def encode_all(encoder: H264Encoder, frames: list[Picture]) -> list[Encoded]:
    encoded = [encoder.encode(picture) for picture in frames]
    return [unit for unit in encoded if unit is not None]


def test_each_picture_comes_out_at_once_as_annex_b() -> None:
    units = encode_all(H264Encoder(CAMERA), pictures(10))
    assert len(units) == 10
    assert units[0].keyframe
    assert nal_types(units[0].data)[:2] == [7, 8]
    assert 5 in nal_types(units[0].data)
    assert not any(unit.keyframe for unit in units[1:])


def test_it_is_constrained_baseline_without_b_frames() -> None:
    unit = encode_all(H264Encoder(CAMERA), pictures(1))[0]
    sps = unit.data.find(b"\x67")
    assert unit.data[sps + 1] == 66
    assert unit.data[sps + 2] & 0x40, "constraint_set1: constrained baseline"


def test_a_requested_keyframe_is_the_next_picture() -> None:
    encoder = H264Encoder(CAMERA)
    frames = pictures(10)
    encode_all(encoder, frames[:5])
    encoder.request_keyframe()
    units = encode_all(encoder, frames[5:])
    assert [unit.keyframe for unit in units] == [True, False, False, False, False]
    assert nal_types(units[0].data)[:2] == [7, 8]


def test_the_bitrate_changes_without_a_new_keyframe() -> None:
    settings = VideoSettings(640, 360, 25, 2_000_000, "ultrafast", 60)
    encoder = H264Encoder(settings)
    frames = noise(125, 40_000)
    rich = encode_all(encoder, frames[:50])
    encoder.bitrate_bps = 500_000
    poor = encode_all(encoder, frames[50:])
    assert not any(unit.keyframe for unit in poor)
    rich_bps = sum(len(unit.data) for unit in rich[25:]) * 8
    poor_bps = sum(len(unit.data) for unit in poor[50:]) * 8
    assert poor_bps < rich_bps / 2


def test_rtp_time_runs_at_90_khz_from_capture_time() -> None:
    units = encode_all(H264Encoder(CAMERA), pictures(26))
    assert units[25].rtp_time - units[0].rtp_time == 90_000
    assert units[3].capture_us == START_US + 120_000


def test_a_picture_that_is_not_newer_is_left_out() -> None:
    encoder = H264Encoder(CAMERA)
    picture = pictures(1)[0]
    assert encoder.encode(picture) is not None
    assert encoder.encode(picture) is None


def test_a_screen_over_its_budget_loses_pictures_not_sharpness() -> None:
    settings = VideoSettings(640, 360, 8, 300_000, "ultrafast", 60, content="screen")
    encoder = H264Encoder(settings)
    units = encode_all(encoder, noise(80, 125_000))
    assert 10 <= len(units) < 40


def test_a_quiet_screen_keeps_every_picture() -> None:
    screen = TestPatternScreen("room-a", 640, 360, 8)
    settings = VideoSettings(640, 360, 8, 600_000, "ultrafast", 60, content="screen")
    encoder = H264Encoder(settings)
    times = [START_US + i * 125_000 for i in range(40)]
    units = encode_all(encoder, [Picture(screen.draw(t), t) for t in times])
    assert len(units) == 40


def test_opus_gives_one_packet_for_20_ms_with_its_level() -> None:
    encoder = OpusEncoder(48_000)
    decoder = av.CodecContext.create("libopus", "r")
    n = np.arange(OPUS_SAMPLES)
    tone = (np.sin(2 * np.pi * 440 * n / 48_000) * 8000).astype(np.int16)
    for i in range(5):
        packet = encoder.encode(tone, START_US, i * OPUS_SAMPLES)
        assert packet is not None
        assert packet.level_dbov == level_dbov(tone)
        assert sum(f.samples for f in decoder.decode(av.Packet(packet.data))) in (
            OPUS_SAMPLES,
            OPUS_SAMPLES - 312,  # libopus drops its look-ahead from the first packet.
        )


def test_levels_are_dbov() -> None:
    assert level_dbov(np.zeros(960, dtype=np.int16)) == SILENCE_DBOV
    assert level_dbov(np.full(960, 32767, dtype=np.int16)) == 0
    assert level_dbov(np.full(960, 3277, dtype=np.int16)) == -20
