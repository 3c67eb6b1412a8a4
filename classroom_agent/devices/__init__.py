"""Devices by kind. Each kind is one file; `contract` says what a device must do."""

from collections.abc import Callable

from classroom_agent.config import Microphone, RoomConfig, VideoDevice
from classroom_agent.devices.alsa_microphone import AlsaMicrophone
from classroom_agent.devices.contract import AudioSource, VideoSource
from classroom_agent.devices.rtsp import RtspCamera
from classroom_agent.devices.test_pattern import (
    TestPatternCamera,
    TestPatternScreen,
    TestToneMicrophone,
)
from classroom_agent.devices.v4l2 import V4l2Camera
from classroom_agent.devices.x11_screen import X11Screen

VideoMaker = Callable[[RoomConfig], VideoSource | None]


def camera(config: RoomConfig) -> VideoSource | None:
    if config.camera.kind == "test_pattern":
        device = config.camera
        return TestPatternCamera(
            config.site_room, device.width, device.height, device.fps
        )
    return _video(config.camera)


def screen(config: RoomConfig) -> VideoSource | None:
    if config.screen.kind == "test_pattern":
        device = config.screen
        return TestPatternScreen(
            config.site_room, device.width, device.height, device.fps
        )
    return _video(config.screen)


def microphone(config: RoomConfig) -> AudioSource | None:
    device: Microphone = config.microphone
    if device.kind == "test_tone":
        return TestToneMicrophone(config.site_room)
    if device.kind == "alsa":
        return AlsaMicrophone(device.device, device.alsa_config)
    return None


def _video(device: VideoDevice) -> VideoSource | None:
    if device.kind == "v4l2":
        return V4l2Camera(
            device.device, device.width, device.height, device.fps, device.input_format
        )
    if device.kind == "rtsp":
        return RtspCamera(device.url)
    if device.kind == "x11":
        return X11Screen(
            device.display, device.width, device.height, device.fps, device.x, device.y
        )
    return None
