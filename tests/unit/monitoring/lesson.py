"""Events of one lesson as the other services would say them. Times are Unix seconds;
the bell rings at `BELL`."""

from common.protocol.control import AgentState, CheckResult
from common.protocol.events import (
    AgentStateChanged,
    LessonFacts,
    ParticipantJoined,
    ParticipantLeft,
    QualityReported,
    RecordingState,
    SessionEnd,
    SessionPrepare,
    SessionStart,
    SessionState,
)
from common.protocol.signalling import Report, Role

BELL = 1_800_000_000.0
SESSION = "ses-1"
ROOMS = {"master": "定远县第一小学", "sanguan": "三官教学点", "lihe": "蒋集教学点"}


def facts(session: str = SESSION, starts_at: float = BELL) -> LessonFacts:
    return LessonFacts(
        lesson=f"les-{session}",
        session=session,
        title="一年级音乐：小星星",
        kind="delivery",
        stage="小学",
        subject="音乐",
        grade="一年级",
        teacher="王老师",
        district="定远县",
        school="定远县第一小学",
        master_room="master",
        site_rooms=ROOMS,
        starts_at=starts_at,
        ends_at=starts_at + 2400,
    )


def prepared(at: float = BELL - 180) -> SessionPrepare:
    return SessionPrepare(at=at, facts=facts())


def started(at: float = BELL, session: str = SESSION) -> SessionStart:
    return SessionStart(at=at, facts=facts(session))


def state(name: str, at: float, reason: str = "") -> SessionState:
    return SessionState.model_validate(
        {
            "at": at,
            "session": SESSION,
            "lesson": f"les-{SESSION}",
            "state": name,
            "reason": reason,
        }
    )


def ended(at: float = BELL + 2400) -> SessionEnd:
    return SessionEnd(at=at, session=SESSION, reason="bell")


def agent(
    site_room: str,
    said: AgentState | None = "standby",
    at: float = BELL - 300,
    *,
    online: bool = True,
    failed: str | None = None,
) -> AgentStateChanged:
    checks = []
    if failed is not None:
        checks = [
            CheckResult.model_validate(
                {
                    "name": failed,
                    "ok": False,
                    "zh": "摄像头没有画面",
                    "en": "no picture",
                }
            )
        ]
    return AgentStateChanged(
        at=at, site_room=site_room, online=online, state=said, checks=checks
    )


def joined(
    site_room: str,
    at: float = BELL - 30,
    *,
    participant: str | None = None,
    role: Role | None = None,
) -> ParticipantJoined:
    return ParticipantJoined(
        at=at,
        session=SESSION,
        participant=participant or f"par-{site_room}",
        role=role or ("master" if site_room == "master" else "room"),
        name=ROOMS[site_room],
        site_room=site_room,
    )


def left(
    site_room: str,
    at: float,
    *,
    participant: str | None = None,
    reason: str = "media_lost",
) -> ParticipantLeft:
    return ParticipantLeft(
        at=at,
        session=SESSION,
        participant=participant or f"par-{site_room}",
        site_room=site_room,
        reason=reason,
    )


def report(
    *,
    frames: int = 125,
    freezes: int = 0,
    freeze_s: float = 0.0,
    samples: int = 240_000,
    concealed: int = 0,
    interval_s: float = 5.0,
    join_ms: float | None = None,
) -> Report:
    return Report(
        interval_s=interval_s,
        video_frames=frames,
        video_fps=frames / interval_s,
        freezes=freezes,
        freeze_s=freeze_s,
        audio_samples=samples,
        concealed_samples=concealed,
        join_ms=join_ms,
    )


def reported(
    site_room: str,
    at: float,
    measured: Report | None = None,
    *,
    participant: str | None = None,
    loss_ratio: float | None = 0.0,
    degraded: str | None = None,
) -> QualityReported:
    return QualityReported(
        at=at,
        session=SESSION,
        participant=participant or f"par-{site_room}",
        site_room=site_room,
        role="master" if site_room == "master" else "room",
        report=measured or report(),
        estimate_bps=2_700_000,
        rtt_ms=40,
        loss_ratio=loss_ratio,
        degraded=degraded,
    )


def recording(name: str, at: float, reason: str = "") -> RecordingState:
    return RecordingState.model_validate(
        {
            "at": at,
            "session": SESSION,
            "recording": "rec-1",
            "state": name,
            "reason": reason,
        }
    )
