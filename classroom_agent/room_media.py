"""The devices of one room, and what is published from them."""

import asyncio
from functools import partial

from classroom_agent import devices
from classroom_agent.capture import AudioCapture, Placeholder, VideoCapture
from classroom_agent.config import RoomConfig
from classroom_agent.devices.contract import AudioSource, VideoSource
from classroom_agent.encode import OpusEncoder, VideoSettings
from classroom_agent.publish import AudioPublication, Publication, VideoPublication


class RoomMedia:
    """Devices run from `start` to `stop`: a camera is open only when it must be."""

    def __init__(self, config: RoomConfig) -> None:
        self._config = config
        self.camera: VideoCapture | None = None
        self.screen: VideoCapture | None = None
        self.microphone: AudioCapture | None = None
        if config.camera.kind != "none":
            size = (config.camera.width, config.camera.height)
            self.camera = VideoCapture(
                "camera",
                partial(_video, devices.camera, config),
                Placeholder("camera_lost", *size),
            )
        if config.screen.kind != "none":
            size = (config.screen.width, config.screen.height)
            self.screen = VideoCapture(
                "screen",
                partial(_video, devices.screen, config),
                Placeholder("screen_lost", *size),
            )
        if config.microphone.kind != "none":
            self.microphone = AudioCapture("microphone", partial(_audio, config))

    def start(self) -> None:
        for capture in (self.camera, self.screen, self.microphone):
            if capture is not None:
                capture.start()

    def stop(self) -> None:
        for capture in (self.camera, self.screen, self.microphone):
            if capture is not None:
                capture.stop()

    def publications(self, loop: asyncio.AbstractEventLoop) -> list[Publication]:
        """Fresh ones, for one lesson."""
        publications: list[Publication] = []
        if self.microphone is not None:
            settings = self._config.microphone
            encoder = OpusEncoder(settings.bitrate_bps, settings.profile)
            publications.append(
                AudioPublication(self.microphone, encoder, settings.bitrate_bps, loop)
            )
        if self.camera is not None:
            layers = [
                (layer.name, self._settings(layer.width, layer.height, layer.max_bps))
                for layer in self._config.encoding.camera_layers
            ]
            publications.append(VideoPublication("camera", self.camera, layers, loop))
        if self.screen is not None:
            publications.append(
                VideoPublication(
                    "screen", self.screen, [("high", self._screen_settings())], loop
                )
            )
        return publications

    def _settings(self, width: int, height: int, max_bps: int) -> VideoSettings:
        encoding = self._config.encoding
        return VideoSettings(
            width,
            height,
            self._config.camera.fps,
            max_bps,
            encoding.preset,
            encoding.keyframe_interval_s,
        )

    def _screen_settings(self) -> VideoSettings:
        screen, encoding = self._config.screen, self._config.encoding
        return VideoSettings(
            screen.width,
            screen.height,
            screen.fps,
            encoding.screen_max_bps,
            encoding.preset,
            encoding.keyframe_interval_s,
            content="screen",
        )


def _video(maker: "devices.VideoMaker", config: RoomConfig) -> VideoSource:
    source = maker(config)
    assert source is not None, "kind `none` has no capture"
    return source


def _audio(config: RoomConfig) -> AudioSource:
    source = devices.microphone(config)
    assert source is not None, "kind `none` has no capture"
    return source
