"""Makes what has time until after class: the MP4 download (H.264 as recorded, all sound
as AAC), and the sound of everybody as segments beside the recorded ones (Opus).

A program of its own (`python -m recorder.finish`), so that decoding and mixing hold
neither the service's loop nor its interpreter lock: it reads one `Order` as JSON from
standard input and says how far it is, one number of 0..1 a line.

The picture is remuxed, never encoded: over a hole the last picture stands, by
timestamps alone. Sound of all rooms is laid on the lesson's timeline and added up;
where nobody was recorded there is silence.
"""

# PyAV's Packet is generic in its stubs only.
from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from common.objects import Objects
from recorder.boxes import VIDEO_TIMESCALE
from recorder.library.downloads import Order
from recorder.library.mixes import TRACK_FILE
from recorder.manifest import MIX, Manifest, Segment, Track, TrackRecord
from recorder.playlist import breaks, init_name, main_video, segment_name, sounds
from recorder.segments import Append, AudioWriter, NewRun, PlacedFrame, Write
from recorder.storage import object_path

_RATE = 48_000
_TICK = Fraction(1, _RATE)
_WINDOW = _RATE
"""Samples mixed at once."""
_TOGETHER = 240
"""Samples (5 ms) by which a packet may be off and still join its neighbour."""
_NICENESS = 10
_MIX_NAME = "全班 all"
_MIX_BPS = 96_000
_MIX_SEGMENT_US = 6_000_000

Samples = NDArray[np.float32]


class _Runs:
    """The recorded files of one track, one local file a run."""

    def __init__(self, track: TrackRecord, files: Sequence[Path]) -> None:
        self.track = track
        self.files = files


async def fetch(
    objects: Objects, manifest: Manifest, track: TrackRecord, directory: Path
) -> _Runs:
    """Init segment and media of each run, put together again."""
    recording, name = manifest.started.recording, track.info.track
    files: list[Path] = []
    for run in track.runs:
        segments = [s for s in track.segments if s.run == run.run]
        if not segments:
            continue
        path = directory / f"{name}-{run.run}.mp4"
        with path.open("wb") as file:
            init = object_path(recording, name, init_name(run.run))
            file.write(await objects.get(init))
            for segment in segments:
                file.write(await objects.get(_path(recording, segment)))
        files.append(path)
    return _Runs(track, files)


def _path(recording: str, segment: Segment) -> str:
    name = segment_name(segment.segment, segment.run)
    return object_path(recording, segment.track, name)


class _Picture:
    """Packets of the main video with lesson times, run after run."""

    def __init__(self, runs: _Runs, output: OutputContainer) -> None:
        self._files = runs.files
        with av.open(str(runs.files[0])) as first:
            self.stream = output.add_stream_from_template(first.streams.video[0])
        self.stream.time_base = Fraction(1, VIDEO_TIMESCALE)
        self._output = output
        self._packets = self._read()
        self._waiting = next(self._packets, None)
        self._begun = False

    def _read(self) -> Iterator[av.Packet[VideoStream]]:
        for path in self._files:
            with av.open(str(path)) as container:
                source = container.streams.video[0]
                # Parameter sets go in-band: a later run may have another size.
                in_band = av.BitStreamFilterContext("h264_mp4toannexb", source)
                for packet in container.demux(source):
                    yield from in_band.filter(packet if packet.size else None)

    def write_until(self, end_s: float) -> None:
        end = round(end_s * VIDEO_TIMESCALE)
        while self._waiting is not None and (self._waiting.pts or 0) < end:
            packet, self._waiting = self._waiting, next(self._packets, None)
            self._write(packet, self._waiting, end)

    def _write(
        self,
        packet: av.Packet[VideoStream],
        following: av.Packet[VideoStream] | None,
        end: int,
    ) -> None:
        """The first picture stands from the start, the last one to the end."""
        if not self._begun:
            packet.pts = 0
            self._begun = True
        packet.dts = packet.pts
        after = end if following is None else following.pts
        packet.duration = max((after or 0) - (packet.pts or 0), 1)
        packet.stream = self.stream
        packet.time_base = Fraction(1, VIDEO_TIMESCALE)
        self._output.mux(packet)


class _Voice:
    """Decoded sound of one track on the lesson's timeline."""

    def __init__(self, runs: _Runs) -> None:
        self._pieces = self._read(runs.files)
        self._waiting = next(self._pieces, None)

    def _read(self, files: Sequence[Path]) -> Iterator[tuple[int, Samples]]:
        expected = 0
        resampler = av.AudioResampler("fltp", "stereo", _RATE)
        for path in files:
            with av.open(str(path)) as container:
                for frame in _decoded(container):
                    at = round((frame.time or 0) * _RATE)
                    if abs(at - expected) < _TOGETHER:
                        at = expected
                    for piece in resampler.resample(frame):
                        data = piece.to_ndarray().astype(np.float32, copy=False)
                        yield at, data
                        at += data.shape[1]
                    expected = at

    def add_to(self, window: Samples, start: int) -> None:
        """Adds what lies in the window that begins at sample `start`."""
        end = start + window.shape[1]
        while self._waiting is not None and self._waiting[0] < end:
            at, data = self._waiting
            skipped = max(start - at, 0)
            data, at = data[:, skipped:], at + skipped
            fits = min(data.shape[1], end - at)
            if fits > 0:
                window[:, at - start : at - start + fits] += data[:, :fits]
            if fits < data.shape[1]:
                self._waiting = (at + fits, data[:, fits:])
                return
            self._waiting = next(self._pieces, None)


def _decoded(container: InputContainer) -> Iterator[av.AudioFrame]:
    """Frames of the one sound stream; a damaged packet is left out."""
    for packet in container.demux(audio=0):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue


def _windows(
    tracks: Sequence[_Voice], length_s: float
) -> Iterator[tuple[int, Samples]]:
    """The lesson's sound, added up: (first sample, second after second)."""
    total = max(round(length_s * _RATE), 1)
    for start in range(0, total, _WINDOW):
        window: Samples = np.zeros((2, min(_WINDOW, total - start)), np.float32)
        for track in tracks:
            track.add_to(window, start)
        yield start, np.clip(window, -1, 1)


def assemble(
    picture: _Runs | None, voices: Sequence[_Runs], length_s: float, output: Path
) -> Iterator[float]:
    """Writes the file; yields how far it is, 0..1."""
    options = {"movflags": "faststart"}
    with av.open(str(output), "w", format="mp4", options=options) as container:
        video = _Picture(picture, container) if picture else None
        sound = container.add_stream("aac", rate=_RATE, layout="stereo")
        sound.bit_rate = 128_000
        tracks = [_Voice(runs) for runs in voices]
        total = max(round(length_s * _RATE), 1)
        for start, window in _windows(tracks, length_s):
            end = start + window.shape[1]
            if video is not None:
                video.write_until(end / _RATE if end < total else length_s)
            _encode(container, sound, window, start)
            yield end / total
        for packet in sound.encode(None):
            container.mux(packet)


def mix(
    voices: Sequence[_Runs], length_s: float, seams: Sequence[int], directory: Path
) -> Iterator[float]:
    """Writes all sound as one track of segments into a new folder, with `track.json`;
    yields how far it is, 0..1. `seams`: a segment ends at each of these, microseconds.
    """
    info = Track(
        track=MIX,
        participant="",
        name=_MIX_NAME,
        role="master",
        source="microphone",
        kind="audio",
    )
    shelf = _SegmentFolder(info, directory)
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = _RATE, "stereo", "flt"
    encoder.bit_rate = _MIX_BPS
    tracks = [_Voice(runs) for runs in voices]
    waiting = list(seams)
    for start, window in _windows(tracks, length_s):
        frame = av.AudioFrame.from_ndarray(
            window.T.reshape(1, -1), format="flt", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = _RATE, start, _TICK
        _keep(encoder.encode(frame), waiting, shelf)
        yield (start + window.shape[1]) / max(round(length_s * _RATE), 1)
    _keep(encoder.encode(None), waiting, shelf)
    shelf.finish()


def _keep(
    packets: Sequence[av.Packet[AudioStream]], seams: list[int], shelf: _SegmentFolder
) -> None:
    for packet in packets:
        # The encoder's look-ahead lies before the lesson (RFC 7845 §4.2).
        if packet.pts is None or packet.pts < 0:
            continue
        position_us = packet.pts * 1_000_000 // _RATE
        if seams and position_us >= seams[0]:
            seams.pop(0)
            shelf.end_segment()
        shelf.add(position_us, bytes(packet))
    shelf.cut()


class _SegmentFolder:
    """Segments of one track as files, as the recorder makes them."""

    def __init__(self, info: Track, directory: Path) -> None:
        directory.mkdir()
        self._directory = directory
        self._record = TrackRecord(info=info)
        self._writer = AudioWriter(info.track, _MIX_SEGMENT_US)

    def add(self, position_us: int, packet: bytes) -> None:
        placed = PlacedFrame(position_us, packet, "opus", True, True, None, 0)
        self._writer.add(placed)

    def cut(self) -> None:
        """Makes a fragment of what was added since."""
        self._write(self._writer.cut())

    def end_segment(self) -> None:
        self._write(self._writer.close())

    def finish(self) -> None:
        self.end_segment()
        text = self._record.model_dump_json()
        (self._directory / TRACK_FILE).write_text(text)

    def _write(self, writes: Sequence[Write]) -> None:
        for write in writes:
            match write:
                case NewRun():
                    path = self._directory / init_name(write.run.run)
                    path.write_bytes(write.init)
                    self._record.runs.append(write.run)
                case Append():
                    name = segment_name(write.segment, write.run)
                    with (self._directory / name).open("ab") as file:
                        file.write(write.data)
                case Segment():
                    self._record.segments.append(write)


def _encode(
    container: OutputContainer, sound: AudioStream, window: Samples, start: int
) -> None:
    frame = av.AudioFrame.from_ndarray(window, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = _RATE, start, _TICK
    for packet in sound.encode(frame):
        container.mux(packet)


async def gather(order: Order, directory: Path) -> tuple[_Runs | None, list[_Runs]]:
    objects, manifest = Objects(order.objects_url), order.manifest
    video = main_video(manifest, order.video)
    picture = None
    if order.product == "download" and video is not None and video.segments:
        picture = await fetch(objects, manifest, video, directory)
    heard = [track for track in sounds(manifest) if track.segments]
    return picture, [await fetch(objects, manifest, t, directory) for t in heard]


def main() -> None:
    os.nice(_NICENESS)
    order = Order.model_validate_json(sys.stdin.read())
    with tempfile.TemporaryDirectory(dir=order.output.parent) as name:
        picture, voices = asyncio.run(gather(order, Path(name)))
        length_s = order.manifest.end_us / 1e6
        if order.product == "sound":
            seams = breaks(order.manifest.tracks.values())
            shares = mix(voices, length_s, seams, order.output)
        else:
            shares = assemble(picture, voices, length_s, order.output)
        for share in shares:
            print(f"{share:.3f}", flush=True)


if __name__ == "__main__":
    main()
