"""From frames to segments, read back by FFmpeg."""

import hashlib
import io

import av

from recorder.manifest import Hole, Segment
from recorder.segments import (
    Append,
    AudioWriter,
    NewRun,
    PlacedFrame,
    TrackWriter,
    VideoWriter,
    Write,
)
from tests.support.encoded import h264_frames, opus_packets


def video_frame(
    index: int, data: bytes, keyframe: bool, *, contiguous: bool = True, at: int = 0
) -> PlacedFrame:
    return PlacedFrame(
        at + index * 40_000, data, "H264", keyframe, contiguous, None, index
    )


def audio_frame(
    index: int, data: bytes, *, contiguous: bool = True, at: int = 0
) -> PlacedFrame:
    return PlacedFrame(at + index * 20_000, data, "opus", True, contiguous, None, index)


def write_all(writer: TrackWriter, frames: list[PlacedFrame]) -> list[Write]:
    writes: list[Write] = []
    for index, frame in enumerate(frames):
        writer.add(frame)
        if index % 9 == 8:
            writes += writer.cut()
    return writes + writer.close()


def segments(writes: list[Write]) -> list[Segment]:
    return [w for w in writes if isinstance(w, Segment)]


def file_of(writes: list[Write], run: int = 1) -> bytes:
    init = next(w.init for w in writes if isinstance(w, NewRun) and w.run.run == run)
    return init + b"".join(
        w.data for w in writes if isinstance(w, Append) and w.run == run
    )


def video(count: int, **shape: int) -> list[PlacedFrame]:
    return [
        video_frame(i, d, k) for i, (d, k) in enumerate(h264_frames(count, **shape))
    ]


def decoded_times(data: bytes) -> list[float]:
    with av.open(io.BytesIO(data), "r") as container:
        return [round(f.time, 3) for f in container.decode(video=0)]


def test_segments_start_at_keyframes_and_lie_end_to_end() -> None:
    writes = write_all(VideoWriter("t", 2_000_000), video(130))
    found = segments(writes)
    assert [s.start_us for s in found] == [0, 2_000_000, 4_000_000]
    assert [s.end_us for s in found] == [2_000_000, 4_000_000, 5_200_000]
    assert sum(s.frames for s in found) == 130
    assert len(decoded_times(file_of(writes))) == 130


def test_a_segment_carries_the_hash_and_size_of_its_bytes() -> None:
    writes = write_all(VideoWriter("t", 2_000_000), video(130))
    for segment in segments(writes):
        data = b"".join(
            w.data
            for w in writes
            if isinstance(w, Append) and w.segment == segment.segment
        )
        assert segment.sha256 == hashlib.sha256(data).hexdigest()
        assert segment.bytes == len(data)


def test_a_change_of_resolution_starts_a_new_run() -> None:
    frames = video(50)
    frames += [
        video_frame(50 + i, data, key)
        for i, (data, key) in enumerate(h264_frames(50, width=320, height=180))
    ]
    writes = write_all(VideoWriter("t", 2_000_000), frames)
    runs = [w.run for w in writes if isinstance(w, NewRun)]
    assert [(r.width, r.height, r.start_us) for r in runs] == [
        (160, 90, 0),
        (320, 180, 2_000_000),
    ]
    assert decoded_times(file_of(writes, 2))[0] == 2.0


def test_frames_before_the_first_keyframe_are_dropped_but_keep_their_time() -> None:
    frames = video(75)[10:]
    writer = VideoWriter("t", 2_000_000)
    assert writer.add(frames[0]) is True
    writes = write_all(writer, frames[1:])
    assert decoded_times(file_of(writes))[0] == 1.0


def test_a_lost_frame_holds_the_picture_until_a_keyframe_and_is_declared() -> None:
    frames = video(75)
    del frames[30]
    frames[30] = video_frame(31, frames[30].data, False, contiguous=False)
    writes = write_all(VideoWriter("t", 2_000_000), frames)
    holes = [w for w in writes if isinstance(w, Hole)]
    assert [(h.start_us, h.end_us, h.reason) for h in holes] == [
        (1_200_000, 2_000_000, "network")
    ]
    times = decoded_times(file_of(writes))
    assert 1.16 in times
    assert 1.24 not in times
    assert segments(writes)[0].end_us == 2_000_000


def test_a_long_hole_lies_between_segments() -> None:
    frames = video(25)
    frames += [
        video_frame(i, d, k, contiguous=i > 0, at=5_000_000)
        for i, (d, k) in enumerate(h264_frames(25))
    ]
    found = segments(write_all(VideoWriter("t", 2_000_000), frames))
    assert [(s.start_us, s.end_us) for s in found] == [
        (0, 1_000_000),
        (5_000_000, 6_000_000),
    ]


def test_a_short_hole_in_the_sound_is_filled_with_silence() -> None:
    packets = opus_packets(100)
    frames = [audio_frame(i, d) for i, d in enumerate(packets[:40])]
    frames.append(audio_frame(60, packets[60], contiguous=False))
    frames += [audio_frame(i, packets[i]) for i in range(61, 100)]
    writes = write_all(AudioWriter("t", 2_000_000), frames)
    holes = [w for w in writes if isinstance(w, Hole)]
    assert [(h.start_us, h.end_us) for h in holes] == [(800_000, 1_200_000)]
    with av.open(io.BytesIO(file_of(writes)), "r") as container:
        assert sum(f.samples for f in container.decode(audio=0)) == 96_000


def test_a_muted_room_leaves_a_gap_and_comes_back_at_its_time() -> None:
    packets = opus_packets(50)
    frames = [audio_frame(i, d) for i, d in enumerate(packets)]
    frames += [audio_frame(i, d, at=9_000_000) for i, d in enumerate(packets)]
    writes = write_all(AudioWriter("t", 2_000_000), frames)
    assert [(s.start_us, s.end_us) for s in segments(writes)] == [
        (0, 1_000_000),
        (9_000_000, 10_000_000),
    ]
    assert not [w for w in writes if isinstance(w, Hole)]


def test_another_codec_is_a_declared_hole() -> None:
    writer = VideoWriter("t", 2_000_000)
    frames = [
        PlacedFrame(i * 40_000, b"\x10\x02\x00", "VP8", i == 0, True, None, 0)
        for i in range(60)
    ]
    writes = write_all(writer, frames)
    assert {w.reason for w in writes if isinstance(w, Hole)} == {"codec"}
    assert not segments(writes)


def test_broken_packets_are_dropped() -> None:
    assert AudioWriter("t", 2_000_000).add(audio_frame(0, b"")) is False
    writer = VideoWriter("t", 2_000_000)
    garbage = b"\x00\x00\x01\x67\x64\x00\x1f\x00\x00\x01\x68\x00\x00\x01\x65\xff"
    assert writer.add(video_frame(0, garbage, True)) is True
    assert not segments(writer.close())
