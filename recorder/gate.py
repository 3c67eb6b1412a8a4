"""What comes before the bell, kept so that the recording starts with it. Pure."""

from collections import deque
from dataclasses import dataclass, field

from recorder.manifest import Track
from recorder.tap import Sink
from rtc import Frame

_SOUND_US = 3_000_000
"""Sound kept while the gate is shut: longer than the news of the bell ever takes."""
_PICTURES_US = 4_000_000
"""A picture is kept with all since its keyframe. After this a new keyframe is wanted,
as often as while recording; after three times this, the old ones are let go."""
_ASK_EVERY_US = 1_000_000


@dataclass
class _Waiting:
    """The newest frames of one track, decodable from the first."""

    frames: deque[Frame] = field(default_factory=deque)
    asked_us: int = -_ASK_EVERY_US

    def add(self, frame: Frame) -> bool:
        """True when a keyframe is wanted."""
        if frame.kind == "audio":
            self.frames.append(frame)
            while self._age_us(frame) > _SOUND_US:
                self.frames.popleft()
            return False
        if frame.keyframe:
            self.frames = deque([frame])
            return False
        if not self.frames or not frame.contiguous:
            self.frames.clear()
            return self._ask(frame)
        self.frames.append(frame)
        if self._age_us(frame) > 3 * _PICTURES_US:
            self.frames.clear()
            return self._ask(frame)
        return self._age_us(frame) > _PICTURES_US and self._ask(frame)

    def _age_us(self, newest: Frame) -> int:
        return newest.arrival_us - self.frames[0].arrival_us

    def _ask(self, frame: Frame) -> bool:
        if frame.arrival_us - self.asked_us < _ASK_EVERY_US:
            return False
        self.asked_us = frame.arrival_us
        return True


class Gate:
    """A sink that stays shut until the bell.

    It opens with the newest frames of what is published: the lesson's first picture
    and sound lie at its position 0.
    """

    def __init__(self) -> None:
        self._behind: Sink | None = None
        self._watched: dict[str, tuple[Track, str]] = {}
        self._expected: dict[str, bool] = {}
        self._waiting: dict[str, _Waiting] = {}

    def open(self, sink: Sink, bell_us: int) -> None:
        """`bell_us`: Unix time. Sound from before it is dropped; pictures are not,
        the first one after it is decoded with them."""
        self._behind = sink
        for track, publication in self._watched.values():
            sink.watch(track, publication)
        for name, expected in self._expected.items():
            sink.expect(name, expected=expected, found=True)
        for name, waiting in self._waiting.items():
            for frame in waiting.frames:
                if frame.kind == "video" or frame.arrival_us >= bell_us:
                    sink.frame(name, frame)
        self._waiting.clear()

    def watch(self, track: Track, publication: str) -> None:
        self._watched[track.track] = (track, publication)
        self._waiting.pop(track.track, None)
        if self._behind is not None:
            self._behind.watch(track, publication)

    def expect(self, track: str, *, expected: bool, found: bool = False) -> None:
        self._expected[track] = expected
        if self._behind is not None:
            self._behind.expect(track, expected=expected, found=found)

    def frame(self, track: str, frame: Frame) -> bool:
        if self._behind is not None:
            return self._behind.frame(track, frame)
        return self._waiting.setdefault(track, _Waiting()).add(frame)
