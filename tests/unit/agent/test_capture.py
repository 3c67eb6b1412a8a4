"""Devices that fail, come back, hang: nobody waits for them."""

import threading
import time
from collections.abc import Callable

import av
import numpy as np
import pytest

from classroom_agent import capture as capture_module
from classroom_agent.capture import AudioCapture, Placeholder, VideoCapture
from classroom_agent.devices.contract import DeviceLost, Picture, Sound
from classroom_agent.selfcheck import judge_camera, thumbnail
from tests.support.guard import GUARD_S


class Camera:
    """A camera whose cable the test holds."""

    def __init__(self, plugged: threading.Event) -> None:
        self._plugged = plugged
        self.closed = False

    def open(self) -> None:
        if not self._plugged.is_set():
            raise DeviceLost(zh="没有摄像头", en="no camera")

    def read(self) -> Picture:
        time.sleep(0.005)
        if not self._plugged.is_set():
            raise DeviceLost(zh="没有摄像头", en="no camera")
        planes = np.full((270, 320), 180, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        return Picture(frame, time.time_ns() // 1000)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def placeholder() -> Placeholder:
    return Placeholder("camera_lost", 320, 180)


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GUARD_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def real_pictures(capture: VideoCapture, count: int) -> int:
    """Takes pictures until `count` real ones came; returns the last number."""
    seen, real = 0, 0
    deadline = time.monotonic() + GUARD_S
    while real < count:
        assert time.monotonic() < deadline
        numbered = capture.next_picture(seen)
        seen = numbered.number
        real += numbered.real
    return seen


def test_a_camera_that_vanishes_becomes_a_placeholder_and_comes_back(
    placeholder: Placeholder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_module, "_REOPEN_FIRST_S", 0.02)
    plugged = threading.Event()
    plugged.set()
    capture = VideoCapture("camera", lambda: Camera(plugged), placeholder)
    capture.start()
    seen = real_pictures(capture, 3)
    plugged.clear()
    wait_for(lambda: capture.fault is not None)
    seen = capture.next_picture(seen).number
    shown = capture.next_picture(seen)
    assert not shown.real
    assert thumbnail(shown.picture).mean() < 60
    plugged.set()
    wait_for(lambda: capture.fault is None)
    real_pictures(capture, 3)
    assert capture.losses == 1
    capture.stop()


def test_a_read_that_never_returns_is_abandoned(
    placeholder: Placeholder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_module, "ABANDON_S", 0.2)
    hang = threading.Event()
    made: list[Camera] = []

    class Hanging(Camera):
        def read(self) -> Picture:
            if self is made[0]:
                hang.wait(GUARD_S)
            return super().read()

    plugged = threading.Event()
    plugged.set()

    def make() -> Camera:
        made.append(Hanging(plugged))
        return made[-1]

    capture = VideoCapture("camera", make, placeholder)
    capture.start()
    real_pictures_from_second = 0
    deadline = time.monotonic() + GUARD_S
    seen = 0
    while real_pictures_from_second < 3:
        assert time.monotonic() < deadline
        numbered = capture.next_picture(seen, timeout_s=0.1)
        seen = numbered.number
        real_pictures_from_second += numbered.real
    assert len(made) == 2
    hang.set()
    wait_for(lambda: made[0].closed)
    assert not made[1].closed, "the late thread closed its successor's device"
    capture.stop()


def test_a_slow_reader_gets_the_newest_picture(placeholder: Placeholder) -> None:
    plugged = threading.Event()
    plugged.set()
    capture = VideoCapture("camera", lambda: Camera(plugged), placeholder)
    capture.start()
    seen = real_pictures(capture, 1)
    wait_for(lambda: capture.reads > seen + 20)
    newest = capture.next_picture(seen)
    assert newest.number > seen + 15
    capture.stop()


def test_a_microphone_that_is_gone_gives_none_in_time() -> None:
    class Missing:
        def open(self) -> None:
            raise DeviceLost(zh="没有麦克风", en="no microphone")

        def read(self) -> Sound:
            raise AssertionError("never opened")

        def close(self) -> None:
            pass

    capture = AudioCapture("microphone", Missing)
    capture.start()
    assert capture.next_sound(0.05) is None
    wait_for(lambda: capture.fault is not None)
    capture.stop()


def test_the_placeholder_says_what_is_missing_and_its_clock_runs() -> None:
    placeholder = Placeholder("screen_lost", 640, 360)
    first = thumbnail(placeholder.picture())
    words = first[8:32]
    assert words.max() > 120, "there are bright words in the upper part"
    time.sleep(0.05)
    assert not np.array_equal(first, thumbnail(placeholder.picture()))


def flat(luma: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((90, 160), luma, dtype=np.uint8)


def test_the_self_check_knows_black_frozen_and_good_pictures() -> None:
    random = np.random.default_rng(1)
    living = [random.integers(80, 90, (90, 160), dtype=np.uint8) for _ in range(5)]
    assert judge_camera(living).ok
    assert "全黑" in judge_camera([flat(16)] * 5).zh
    assert "不动" in judge_camera([flat(120)] * 5).zh
