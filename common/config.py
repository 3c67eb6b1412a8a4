"""The server's configuration: one TOML file, every option with a default.

`compose/tongke.toml` explains each option; a test loads it and compares. Unknown
options are refused, so that a typing error is not silently a default.
"""

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.errors import ParseError


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSection(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    data_dir: Path = Path("data")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    time_zone: str = "Asia/Shanghai"


class AuthSection(Section):
    secret: str = ""
    access_hours: float = Field(default=12, gt=0)


class BusSection(Section):
    url: str = ""


class DatabaseSection(Section):
    url: str = ""


class ObjectsSection(Section):
    url: str = ""


class SfuSection(Section):
    node: str = "node-1"
    bind: str = "0.0.0.0"
    port: int = Field(default=8443, ge=0, le=65535)
    advertise: list[str] = Field(default_factory=list)
    tcp: bool = True
    empty_room_s: float = Field(default=300, gt=0)
    vanished_s: float = Field(default=15, gt=0)
    message_bytes: int = Field(default=262_144, gt=0)
    messages_per_s: float = Field(default=20, gt=0)
    waiting_per_address: int = Field(default=200, gt=0)
    waiting_total: int = Field(default=1000, gt=0)
    start_bps: int = Field(default=2_500_000, gt=0)


class SchedulerSection(Section):
    lead_s: float = Field(default=180, gt=0)
    late_start_s: float = Field(default=1800, gt=0)
    ending_grace_s: float = Field(default=30, gt=0)
    agent_silent_s: float = Field(default=25, gt=0)
    lease_s: float = Field(default=6, ge=1, le=60)
    overrun_max_s: float = Field(default=1800, ge=0, le=7200)
    handover_s: float = Field(default=60, ge=0, le=900)


class RecorderSection(Section):
    segment_s: float = Field(default=2, ge=1, le=10)
    spool_dir: Path | None = None
    spool_limit_bytes: int = Field(default=20_000_000_000, gt=0)
    record_rooms: bool = True


class MonitoringSection(Section):
    keep_days: int = Field(default=400, gt=0)


class Config(Section):
    """`source` is the file it came from, None when all is default."""

    server: ServerSection = ServerSection()
    auth: AuthSection = AuthSection()
    bus: BusSection = BusSection()
    database: DatabaseSection = DatabaseSection()
    objects: ObjectsSection = ObjectsSection()
    sfu: SfuSection = SfuSection()
    scheduler: SchedulerSection = SchedulerSection()
    recorder: RecorderSection = RecorderSection()
    monitoring: MonitoringSection = MonitoringSection()

    @property
    def public_url(self) -> str:
        """Where people and rooms reach the server, without a trailing slash."""
        plain = f"http://{self.server.host}:{self.server.port}"
        return (self.server.public_url or plain).rstrip("/")

    @property
    def sfu_url(self) -> str:
        """The signalling WebSocket, from `public_url`."""
        return "ws" + self.public_url.removeprefix("http") + "/sfu/v1/ws"

    @property
    def bus_url(self) -> str:
        """Empty: start a child Valkey."""
        return self.bus.url or os.environ.get("REDIS_URL", "")

    @property
    def database_url(self) -> str:
        directory = self.server.data_dir.resolve()
        return self.database.url or f"sqlite+aiosqlite:///{directory}/tongke.db"

    @property
    def objects_url(self) -> str:
        directory = self.server.data_dir.resolve()
        return self.objects.url or f"file://{directory}/objects"

    @property
    def spool_dir(self) -> Path:
        return self.recorder.spool_dir or self.server.data_dir / "spool"


def load(path: Path | None) -> Config:
    """Reads a file; None means all defaults.

    Raises ParseError (`bad_config`) naming the file and the first wrong option.
    """
    if path is None:
        return Config()
    try:
        with path.open("rb") as file:
            return Config.model_validate(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ParseError(
            "bad_config", zh=f"配置文件读不了: {path}", en=f"{path}: {error}"
        ) from error
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        option = ".".join(str(part) for part in detail["loc"])
        raise ParseError(
            "bad_config",
            zh=f"{path} 中的选项 {option} 有误",
            en=f"{path}: {option}: {detail['msg']}",
        ) from error
