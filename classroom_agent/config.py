"""One TOML file per room. `compose/room.toml` explains every option."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from common.errors import ParseError
from common.ids import ID_PATTERN

MIN_LAYER_BPS = 60_000


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSection(Section):
    url: str = "http://127.0.0.1:8080"
    device_token: str = ""
    device_token_file: Path | None = None

    def token(self) -> str:
        """Raises ParseError when the token file cannot be read."""
        if self.device_token_file is None:
            return self.device_token
        try:
            return self.device_token_file.read_text().strip()
        except OSError as error:
            raise ParseError(
                "no_device_token",
                zh=f"读不到设备令牌文件 {self.device_token_file}，请重新配对",
                en=f"cannot read the device token file: {error}; pair the room again",
            ) from error


class VideoDevice(Section):
    kind: Literal["none", "test_pattern", "v4l2", "rtsp", "x11"] = "none"
    width: int = Field(default=1280, ge=160, le=3840, multiple_of=2)
    height: int = Field(default=720, ge=120, le=2160, multiple_of=2)
    fps: int = Field(default=25, ge=1, le=60)
    device: str = "/dev/video0"
    input_format: str = ""
    url: str = ""
    display: str = ":0"
    x: int = 0
    y: int = 0


class ScreenDevice(VideoDevice):
    fps: int = Field(default=8, ge=1, le=60)


class Microphone(Section):
    kind: Literal["none", "test_tone", "alsa"] = "none"
    device: str = "plughw:0,0"
    alsa_config: Path | None = None
    bitrate_bps: int = Field(default=48_000, ge=8_000, le=256_000)
    profile: Literal["speech", "music"] = "speech"


class Layer(Section):
    name: Literal["low", "mid", "high"]
    width: int = Field(ge=160, multiple_of=2)
    height: int = Field(ge=90, multiple_of=2)
    max_bps: int = Field(ge=MIN_LAYER_BPS)


_CAMERA_LAYERS = [
    Layer(name="low", width=640, height=360, max_bps=400_000),
    Layer(name="high", width=1280, height=720, max_bps=1_500_000),
]


class EncodingSection(Section):
    preset: Literal["ultrafast", "superfast", "veryfast", "faster"] = "superfast"
    keyframe_interval_s: float = Field(default=4, ge=0.5, le=60)
    camera_layers: list[Layer] = Field(
        default=_CAMERA_LAYERS, min_length=1, max_length=3
    )
    screen_max_bps: int = Field(default=1_200_000, ge=MIN_LAYER_BPS)

    @model_validator(mode="after")
    def _lowest_first(self) -> "EncodingSection":
        areas = [layer.width * layer.height for layer in self.camera_layers]
        names = [layer.name for layer in self.camera_layers]
        if areas != sorted(areas) or len(set(names)) != len(names):
            raise ValueError("camera_layers: smallest first, each name once")
        return self


class PlayoutSection(Section):
    audio_slots: int = Field(default=3, ge=0, le=8)
    video_slots: int = Field(default=3, ge=0, le=12)


class NetworkSection(Section):
    loopback: bool = False
    turn_url: str = ""
    turn_user: str = ""
    turn_password: str = ""


class DisplaySection(Section):
    port: int = Field(default=0, ge=0, le=65535)
    chromium: str = ""
    access_key: str = ""


class RoomConfig(Section):
    site_room: str = Field(pattern=ID_PATTERN)
    name: str = Field(default="", max_length=80)
    state_dir: Path = Path("state")
    min_free_bytes: int = Field(default=1_000_000_000, ge=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    server: ServerSection = ServerSection()
    camera: VideoDevice = VideoDevice()
    screen: ScreenDevice = ScreenDevice()
    microphone: Microphone = Microphone()
    encoding: EncodingSection = EncodingSection()
    playout: PlayoutSection = PlayoutSection()
    network: NetworkSection = NetworkSection()
    display: DisplaySection = DisplaySection()

    @model_validator(mode="after")
    def _has_something_to_do(self) -> "RoomConfig":
        devices = (self.camera.kind, self.screen.kind, self.microphone.kind)
        slots = self.playout.audio_slots + self.playout.video_slots
        if slots == 0 and all(kind == "none" for kind in devices):
            raise ValueError("no device and no slot: nothing to send or receive")
        return self


def load(path: Path) -> RoomConfig:
    """Raises ParseError(`bad_config`) naming the option."""
    try:
        with path.open("rb") as file:
            return RoomConfig.model_validate(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ParseError(
            "bad_config",
            zh=f"读不懂配置文件 {path}: {error}",
            en=f"cannot read {path}: {error}",
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ParseError(
            "bad_config",
            zh=f"{path} 中的 {where} 有误: {first['msg']}",
            en=f"{where} in {path}: {first['msg']}",
        ) from error
