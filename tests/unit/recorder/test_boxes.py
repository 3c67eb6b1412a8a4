"""Our fragmented MP4, read back by FFmpeg."""

import io

import av
import pytest

from recorder import boxes, codecs
from tests.support.encoded import h264_frames, opus_packets


def video_samples(count: int) -> tuple[codecs.AvcParameters, list[boxes.Sample]]:
    frames = h264_frames(count, width=640, height=362)
    parameters = codecs.avc_parameters(codecs.split_annex_b(frames[0][0]))
    assert parameters is not None
    return parameters, [
        boxes.Sample(codecs.avc_sample(codecs.split_annex_b(data)), 3600, key)
        for data, key in frames
    ]


def test_every_frame_decodes_at_its_lesson_time() -> None:
    parameters, samples = video_samples(50)
    assert (parameters.width, parameters.height) == (640, 362)
    start = 100 * boxes.VIDEO_TIMESCALE
    data = boxes.video_init(parameters)
    data += boxes.fragment(1, start, samples[:10])
    data += boxes.fragment(2, start + 36_000, samples[10:])
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 50
    assert (frames[0].width, frames[0].height) == (640, 362)
    assert [round(f.time - 100, 3) for f in (frames[0], frames[-1])] == [0, 1.96]


def test_sound_with_silence_filled_in_decodes_to_its_exact_length() -> None:
    packets = opus_packets(100)
    samples = [boxes.Sample(p, codecs.opus_ticks(p), True) for p in packets]
    silence = codecs.opus_silence(packets[0], 48_000)
    samples += [boxes.Sample(data, ticks, True) for data, ticks in silence]
    data = boxes.audio_init(2) + boxes.fragment(1, 0, samples)
    with av.open(io.BytesIO(data), "r") as container:
        assert container.streams.audio[0].codec_context.name in ("opus", "libopus")
        decoded = sum(frame.samples for frame in container.decode(audio=0))
    assert decoded == 48_000 * 3


@pytest.mark.parametrize("ticks", [960, 1_450, 1_919, 2_880, 4_799])
def test_silence_is_never_longer_than_the_hole_it_fills(ticks: int) -> None:
    silence = list(codecs.opus_silence(opus_packets(1)[0], ticks))
    assert sum(length for _, length in silence) == ticks
    assert 0 < sum(codecs.opus_ticks(data) for data, _ in silence) <= ticks


def test_a_torn_tail_is_left_out_and_the_rest_is_read() -> None:
    _, samples = video_samples(50)
    first = boxes.fragment(1, 900, samples[:25])
    second = boxes.fragment(2, 90_900, samples[25:])
    for torn in (1, 9, len(second) // 2, len(second) - 1):
        facts = list(boxes.whole_fragments(first + second[:torn]))
        assert [f.end for f in facts] == [len(first)]
    whole = list(boxes.whole_fragments(first + second))
    assert [(f.start_ticks, f.ticks) for f in whole] == [
        (900, 90_000),
        (90_900, 90_000),
    ]
    assert whole[0].starts_with_sync
    assert whole[1].samples == 25
