"""Each kind of device, as real as a machine without hardware allows."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from classroom_agent import capture as capture_module
from classroom_agent.capture import AudioCapture, Placeholder, VideoCapture
from classroom_agent.devices.alsa_microphone import AlsaMicrophone
from classroom_agent.devices.av_input import AvInput, AvVideoSource, CaptureClock
from classroom_agent.devices.contract import DeviceLost
from classroom_agent.devices.rtsp import RtspCamera, without_password
from classroom_agent.devices.test_pattern import TestToneMicrophone
from classroom_agent.devices.v4l2 import V4l2Camera
from classroom_agent.devices.x11_screen import X11Screen
from tests.support.agent_devices import (
    rtsp_server,
    write_clip,
    write_sound_card,
    x_display,
)
from tests.support.guard import GUARD_S


def now_us() -> int:
    return time.time_ns() // 1000


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(GUARD_S):
        while not what():
            await asyncio.sleep(0.02)


async def test_an_ip_camera_that_dies_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_module, "_REOPEN_FIRST_S", 0.1)
    monkeypatch.setattr(capture_module, "_REOPEN_MAX_S", 0.3)
    write_clip(tmp_path / "camera.mp4", seconds=30)
    async with rtsp_server(tmp_path) as server:
        url = f"rtsp://127.0.0.1:{server.port}/camera.mp4"
        capture = VideoCapture(
            "camera",
            lambda: RtspCamera(url, timeout_s=2),
            Placeholder("camera_lost", 320, 180),
        )
        capture.start()
        try:
            await until(lambda: capture.reads > 25)
            await server.kill()
            await until(lambda: capture.fault is not None)
            shown = await asyncio.to_thread(capture.next_picture, 10**9)
            assert not shown.real
            before = capture.reads
            await server.start()
            await until(lambda: capture.reads > before + 25)
            assert capture.fault is None
        finally:
            capture.stop()


async def test_pictures_of_an_ip_camera_come_at_its_pace_with_steady_times(
    tmp_path: Path,
) -> None:
    write_clip(tmp_path / "camera.mp4", seconds=30)
    async with rtsp_server(tmp_path) as server:
        camera = RtspCamera(f"rtsp://127.0.0.1:{server.port}/camera.mp4")
        await asyncio.to_thread(camera.open)
        pictures = [await asyncio.to_thread(camera.read) for _ in range(50)]
        camera.close()
    steps = np.diff([picture.capture_us for picture in pictures][10:])
    assert abs(steps.mean() - 40_000) < 2_000
    assert abs(now_us() - pictures[-1].capture_us) < 2_000_000
    assert (pictures[0].frame.width, pictures[0].frame.height) == (320, 180)


def test_a_password_of_an_ip_camera_is_never_shown() -> None:
    url = "rtsp://admin:geheim@127.0.0.1:1/stream"
    assert without_password(url) == "rtsp://admin:***@127.0.0.1:1/stream"
    with pytest.raises(DeviceLost) as lost:
        RtspCamera(url, timeout_s=1).open()
    assert "geheim" not in lost.value.zh + lost.value.en + str(lost.value)


def test_the_desktop_is_grabbed_at_the_asked_size_and_pace() -> None:
    with x_display(800, 600) as display:
        screen = X11Screen(display, 640, 360, 10)
        screen.open()
        pictures = [screen.read() for _ in range(10)]
        screen.close()
    frame = pictures[-1].frame
    assert (frame.width, frame.height) == (640, 360)
    steps = np.diff([picture.capture_us for picture in pictures])
    assert abs(np.median(steps) - 100_000) < 20_000
    assert 0 <= now_us() - pictures[-1].capture_us < 1_000_000


def test_a_display_that_ends_is_a_lost_device() -> None:
    with x_display(640, 480) as display:
        screen = X11Screen(display, 640, 480, 10)
        screen.open()
        screen.read()
    with pytest.raises(DeviceLost):
        read_for_ever(screen)
    screen.close()
    with pytest.raises(DeviceLost, match="the screen"):
        screen.open()


def read_for_ever(screen: X11Screen) -> None:
    while True:
        screen.read()


def test_an_alsa_microphone_hears_its_tone(tmp_path: Path) -> None:
    microphone = AlsaMicrophone("card", write_sound_card(tmp_path, 500))
    microphone.open()
    heard = [microphone.read() for _ in range(50)]
    microphone.close()
    samples = np.concatenate([sound.samples for sound in heard])
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    strongest_hz = np.argmax(spectrum) * 48_000 / samples.size
    assert strongest_hz == pytest.approx(500, abs=5)
    assert abs(now_us() - heard[-1].capture_us) < 1_000_000


def test_our_alsa_configuration_knows_hw_and_says_when_it_is_missing() -> None:
    with pytest.raises(DeviceLost, match="the microphone"):
        AlsaMicrophone("plughw:7,0").open()


def test_a_camera_that_is_not_there_is_said_in_two_languages() -> None:
    camera = V4l2Camera("/dev/video77", 1280, 720, 25, "mjpeg")
    with pytest.raises(DeviceLost) as lost:
        camera.open()
    assert "摄像头" in lost.value.zh
    assert "the camera" in lost.value.en


def test_pictures_in_any_pixel_format_come_through() -> None:
    """What a USB camera's MJPEG or YUYV needs, through the same reader (lavfi)."""
    source = AvVideoSource(
        AvInput(
            "testsrc2=size=640x480:rate=25,format=yuyv422",
            "lavfi",
            {},
            label_zh="摄像头",
            label_en="the camera",
        )
    )
    source.open()
    picture = source.read()
    source.close()
    assert isinstance(picture.frame, av.VideoFrame)
    assert picture.frame.format.name == "yuyv422"


async def test_the_test_microphone_beeps_at_each_whole_second() -> None:
    capture = AudioCapture("microphone", lambda: TestToneMicrophone("room-a"))
    capture.start()
    onsets: list[int] = []
    try:
        async with asyncio.timeout(GUARD_S):
            quiet = False
            while len(onsets) < 2:
                sound = await asyncio.to_thread(capture.next_sound, 1.0)
                assert sound is not None
                loud = bool(np.abs(sound.samples).max() > 3000)
                if loud and quiet:
                    onsets.append(sound.capture_us)
                quiet = not loud
    finally:
        capture.stop()
    assert all(onset % 1_000_000 == 0 for onset in onsets)


def test_network_jitter_does_not_become_jitter_of_capture_times() -> None:
    clock = CaptureClock()
    random = np.random.default_rng(1)
    base_us = 1_795_321_295_000_000
    mapped = []
    for i in range(500):
        arrival_us = base_us + i * 40_000 + int(random.exponential(15_000))
        mapped.append(clock.map(i * 40_000, arrival_us))
    late = np.array(mapped[50:]) - (base_us + np.arange(50, 500) * 40_000)
    assert late.min() >= 0
    assert late.max() < 3_000


def test_stamps_that_are_wall_clock_already_are_believed() -> None:
    at_us = now_us()
    assert CaptureClock().map(at_us - 30_000, at_us) == at_us - 30_000
