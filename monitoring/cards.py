"""The shapes and the words of the status page's JSON."""

from typing import Literal

from pydantic import Field

from common.protocol.base import Message
from common.protocol.control import CheckResult
from monitoring.quality import Grade, Words
from monitoring.troubles import Trouble

RoomWord = Literal[
    "offline",
    "standby",
    "checking",
    "check_failed",
    "waiting",
    "in_lesson",
    "degraded",
    "reconnecting",
]

ROOM_WORDS: dict[RoomWord, Words] = {
    "offline": Words(zh="离线", en="offline"),
    "standby": Words(zh="待机", en="standby"),
    "checking": Words(zh="自检中", en="checking itself"),
    "check_failed": Words(zh="自检失败", en="self-check failed"),
    "waiting": Words(zh="候课", en="waiting for the bell"),
    "in_lesson": Words(zh="上课", en="in lesson"),
    "degraded": Words(zh="弱网降级", en="degraded by a thin line"),
    "reconnecting": Words(zh="断线重连", en="reconnecting"),
}
LESSON_WORDS: dict[str, Words] = {
    "planned": Words(zh="未开始", en="planned"),
    "preparing": Words(zh="准备中", en="preparing"),
    "ready": Words(zh="就绪", en="ready"),
    "live": Words(zh="上课中", en="live"),
    "ending": Words(zh="正在下课", en="ending"),
    "ended": Words(zh="已下课", en="ended"),
    "failed": Words(zh="未上成", en="failed"),
    "cancelled": Words(zh="已取消", en="cancelled"),
}
RECORDING_WORDS: dict[str, Words] = {
    "recording": Words(zh="录制中", en="recording"),
    "trouble": Words(zh="录制异常", en="recording in trouble"),
    "finishing": Words(zh="整理中", en="finishing"),
    "finished": Words(zh="已入库", en="in the library"),
    "failed": Words(zh="录制失败", en="recording failed"),
}
DEVICES_ZH = {
    "camera": "摄像头",
    "microphone": "麦克风",
    "screen": "屏幕",
    "speaker": "扬声器",
    "disk": "磁盘",
    "clock": "时钟",
    "network": "网络",
}


class QualityCard(Message):
    """The last report of a seat; ratios 0..1, `score` 0..100 smoothed."""

    at: float
    score: float
    grade: Grade
    word: Words
    fps: float
    freeze_ratio: float
    concealed_ratio: float
    rtt_ms: float | None = None
    loss_ratio: float | None = None
    estimate_bps: int | None = None
    glass_to_glass_ms: float | None = None
    join_ms: float | None = None
    degraded: str | None = None


class RoomCard(Message):
    """One real classroom."""

    site_room: str
    name: str
    state: RoomWord
    word: Words
    since: float | None = None
    """Unix seconds; when this state began, None when never heard of."""
    role: Literal["master", "room"] | None = None
    session: str | None = None
    """The lesson it is due in or was last seen in, while that runs."""
    title: str | None = None
    on_stage: bool = False
    hand_raised: bool = False
    checks: list[CheckResult] = Field(default_factory=list)
    quality: QualityCard | None = None
    trouble: Trouble | None = None


class LessonCard(Message):
    """One lesson of the last hours: its session and its recording."""

    session: str
    lesson: str
    title: str
    subject: str
    grade: str
    teacher: str
    school: str
    state: str
    word: Words
    starts_at: float
    ends_at: float
    master_room: str
    rooms_expected: int
    rooms_present: int
    missing: list[str]
    """Names of booked classrooms that are not in, while the session runs."""
    recording: str | None = None
    recording_word: Words | None = None
    resource: str | None = None
    trouble: Trouble | None = None


class Summary(Message):
    rooms: int
    online: int
    in_lesson: int
    rooms_in_trouble: int
    lessons_live: int
    lessons_in_trouble: int


class Overview(Message):
    """`at`: Unix seconds of this picture."""

    at: float
    summary: Summary
    rooms: list[RoomCard]
    lessons: list[LessonCard]
