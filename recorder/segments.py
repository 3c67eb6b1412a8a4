"""Frames of one track in, fragments and closed segments out. Pure: no files, no clock.

A segment of video starts at a keyframe; a change of the parameter sets starts a new
run. At most the newest frame is held back (its duration is not known before the next
one comes); everything else leaves with the next `cut`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import ParseError
from recorder import boxes, codecs
from recorder.manifest import Hole, Run, Segment

_SILENCE_FROM_TICKS = 480
_CUT_FROM_US = 1_000_000
"""A longer hole is left open between two segments and declared; a shorter one is
filled, with silence or by holding the picture."""
_NOMINAL_FRAME_US = 40_000
_EARLY = 0.75
"""A keyframe this far into the wanted length already ends a segment."""


@dataclass(frozen=True)
class PlacedFrame:
    position_us: int
    data: bytes
    codec: str
    keyframe: bool
    contiguous: bool
    capture_us: int | None
    arrival_us: int


@dataclass(frozen=True)
class NewRun:
    run: Run
    init: bytes


@dataclass(frozen=True)
class Append:
    """One fragment for the open part file of a segment."""

    track: str
    segment: int
    run: int
    data: bytes


Write = NewRun | Append | Segment | Hole


@dataclass
class _Held:
    at: int
    data: bytes
    sync: bool
    ticks: int
    """Nominal length; the next frame's time decides unless there is none."""


@dataclass
class _Open:
    number: int
    start: int
    capture_us: int | None
    arrival_us: int
    end: int = 0
    size: int = 0
    frames: int = 0

    def __post_init__(self) -> None:
        self.end = self.start
        self.digest = hashlib.sha256()


class TrackWriter:
    """What video and sound have in common. `add` a frame, `cut` what is ready."""

    scale: int

    def __init__(
        self, track: str, segment_us: int, next_segment: int = 1, next_run: int = 1
    ) -> None:
        self.track = track
        self.pending_bytes = 0
        self._segment_us = segment_us
        self._next_segment = next_segment
        self._next_run = next_run
        self._run = 0
        self._open: _Open | None = None
        self._held: list[_Held] = []
        self._fragments = 0
        self._writes: list[Write] = []

    def add(self, frame: PlacedFrame) -> bool:
        """Takes a frame; True when a keyframe is needed to go on.

        Frames must come with growing positions.
        """
        raise NotImplementedError

    def cut(self) -> list[Write]:
        """Everything that can be written now."""
        if len(self._held) > 1:
            self._flush(self._held.pop())
        writes, self._writes = self._writes, []
        self.pending_bytes = sum(len(held.data) for held in self._held)
        return writes

    def close(self) -> list[Write]:
        """Ends the open segment, with nothing held back. The writer may go on."""
        self._end_segment(None)
        return self.cut()

    def forget(self) -> None:
        """Drops what is not written and starts afresh: the disk refused it."""
        self._held, self._writes, self._open = [], [], None
        self.pending_bytes = 0
        self._run = 0

    @property
    def open_since_us(self) -> int | None:
        return None if self._open is None else self._us(self._open.start)

    def _ticks(self, position_us: int) -> int:
        return round(position_us * self.scale / 1_000_000)

    def _us(self, ticks: int) -> int:
        return round(ticks * 1_000_000 / self.scale)

    def _hold(self, held: _Held) -> None:
        self._held.append(held)
        self.pending_bytes += len(held.data)

    def _begin_segment(self, at: int, frame: PlacedFrame) -> None:
        self._open = _Open(self._next_segment, at, frame.capture_us, frame.arrival_us)
        self._next_segment += 1

    def _end_segment(self, at: int | None) -> None:
        """`at`: where the next frame lies; None: the last frame's own length counts."""
        segment = self._open
        if segment is None:
            return
        if self._held:
            last = self._held[-1]
            end = last.at + last.ticks if at is None else at
            self._flush(_Held(end, b"", False, 0))
            self._held = []
        self._open = None
        if segment.frames:
            self._writes.append(
                Segment(
                    track=self.track,
                    segment=segment.number,
                    run=self._run,
                    start_us=self._us(segment.start),
                    end_us=self._us(segment.end),
                    bytes=segment.size,
                    sha256=segment.digest.hexdigest(),
                    frames=segment.frames,
                    capture_us=segment.capture_us,
                    arrival_us=segment.arrival_us,
                )
            )

    def _flush(self, following: _Held) -> None:
        """Makes a fragment of what is held; `following` tells where it ends."""
        held, segment = self._held, self._open
        self._held = [following]
        if segment is None or not held:
            return
        ends = [*(entry.at for entry in held[1:]), following.at]
        samples = [
            boxes.Sample(entry.data, max(end - entry.at, 1), entry.sync)
            for entry, end in zip(held, ends, strict=True)
        ]
        self._fragments += 1
        data = boxes.fragment(self._fragments, held[0].at, samples)
        segment.digest.update(data)
        segment.size += len(data)
        segment.frames += len(samples)
        segment.end = following.at
        self._writes.append(Append(self.track, segment.number, self._run, data))

    def _begin_run(self, init: bytes, codec: str, at: int, size: Sequence[int]) -> None:
        self._run = self._next_run
        self._next_run += 1
        run = Run(
            track=self.track,
            run=self._run,
            codec=codec,
            start_us=self._us(at),
            width=size[0],
            height=size[1],
        )
        self._writes.append(NewRun(run, init))

    def _hole(self, start_us: int, end_us: int, reason: str) -> None:
        if end_us > start_us:
            fields = {"track": self.track, "start_us": start_us, "end_us": end_us}
            self._writes.append(Hole.model_validate({**fields, "reason": reason}))


class VideoWriter(TrackWriter):
    """H.264 without B-frames. Anything else is declared as a hole (`codec`)."""

    scale = boxes.VIDEO_TIMESCALE

    def __init__(
        self, track: str, segment_us: int, next_segment: int = 1, next_run: int = 1
    ) -> None:
        super().__init__(track, segment_us, next_segment, next_run)
        self._parameters: codecs.AvcParameters | None = None
        self._broken_since_us: int | None = None
        self._unusable_since_us: int | None = None
        self._last_us: int | None = None

    def add(self, frame: PlacedFrame) -> bool:
        if frame.codec != "H264":
            self._skip_codec(frame.position_us)
            return False
        units = codecs.split_annex_b(frame.data)
        if not frame.contiguous and self._broken_since_us is None:
            self._broken_since_us = self._picture_end(frame.position_us)
        waiting = self._open is None or self._broken_since_us is not None
        if not frame.keyframe and waiting:
            return True
        if frame.keyframe:
            return self._add_keyframe(frame, units)
        self._take(frame, units)
        return False

    def forget(self) -> None:
        super().forget()
        self._parameters = self._broken_since_us = self._last_us = None

    def _picture_end(self, position_us: int) -> int:
        if self._last_us is None:
            return position_us
        return min(self._last_us + _NOMINAL_FRAME_US, position_us)

    def _skip_codec(self, position_us: int) -> None:
        """Said once a second, so that a live manifest shows it too."""
        if self._unusable_since_us is None:
            self._unusable_since_us = position_us
        elif position_us - self._unusable_since_us >= 1_000_000:
            self._hole(self._unusable_since_us, position_us, "codec")
            self._unusable_since_us = position_us

    def _add_keyframe(self, frame: PlacedFrame, units: list[bytes]) -> bool:
        try:
            found = codecs.avc_parameters(units) or self._parameters
        except ParseError:
            found = None
        if found is None:
            return True
        at = self._ticks(frame.position_us)
        if self._broken_since_us is not None:
            self._mend(frame.position_us, self._broken_since_us)
        if found != self._parameters or not self._run:
            self._end_segment(at)
            self._parameters = found
            size = (found.width, found.height)
            self._begin_run(boxes.video_init(found), found.codec, at, size)
        enough = round(self._segment_us * _EARLY)
        since = self.open_since_us
        if since is not None and frame.position_us - since >= enough:
            self._end_segment(at)
        if self._open is None:
            self._begin_segment(at, frame)
        self._take(frame, units)
        return False

    def _mend(self, position_us: int, since_us: int) -> None:
        self._broken_since_us = None
        if self._open is None:
            return
        self._hole(since_us, position_us, "network")
        if position_us - since_us > _CUT_FROM_US:
            self._end_segment(self._ticks(since_us))

    def _take(self, frame: PlacedFrame, units: list[bytes]) -> None:
        sample = codecs.avc_sample(units)
        if not sample:
            return
        self._last_us = frame.position_us
        ticks = self._ticks(_NOMINAL_FRAME_US)
        at = self._ticks(frame.position_us)
        self._hold(_Held(at, sample, frame.keyframe, ticks))


class AudioWriter(TrackWriter):
    """Opus. A segment never has a hole: short ones are filled with silence."""

    scale = boxes.AUDIO_TIMESCALE

    def add(self, frame: PlacedFrame) -> bool:
        try:
            ticks = codecs.opus_ticks(frame.data)
        except ParseError:
            return False
        at = self._ticks(frame.position_us)
        if self._held:
            self._bridge(frame, at)
        if not self._run:
            # Decoders take the channel count from each packet; two is always enough.
            self._begin_run(boxes.audio_init(2), "opus", at, (0, 0))
        elapsed = frame.position_us - (self.open_since_us or 0)
        if self._open is not None and elapsed >= self._segment_us:
            self._end_segment(at)
        if self._open is None:
            self._begin_segment(at, frame)
        self._hold(_Held(at, frame.data, True, ticks))
        return False

    def _bridge(self, frame: PlacedFrame, at: int) -> None:
        """Closes the distance between the last packet and one at `at`."""
        last = self._held[-1]
        end = last.at + last.ticks
        missing = at - end
        if missing < _SILENCE_FROM_TICKS:
            return
        if not frame.contiguous:
            self._hole(self._us(end), frame.position_us, "network")
        if missing > self._ticks(_CUT_FROM_US):
            self._end_segment(None)
            return
        for data, ticks in codecs.opus_silence(frame.data, missing):
            self._hold(_Held(end, data, True, ticks))
            end += ticks


def writer_for(
    kind: str, track: str, segment_us: int, next_segment: int = 1, next_run: int = 1
) -> TrackWriter:
    made = VideoWriter if kind == "video" else AudioWriter
    return made(track, segment_us, next_segment, next_run)
