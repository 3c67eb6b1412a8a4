"""Lessons of one room, for tests: minutes of one morning."""

from datetime import UTC, datetime

from common.protocol.control import Agenda, Prepare, RoomLesson

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""08:00 in Beijing."""
ZERO = MORNING.timestamp()
LEAD_S = 180.0


def at(minute: float) -> float:
    return ZERO + minute * 60


def lesson(session: str, start: float, end: float, token: str = "t") -> RoomLesson:
    return RoomLesson(
        session=session,
        title=f"课 {session}",
        role="room",
        subject="音乐",
        teacher="王老师",
        starts_at=at(start),
        ends_at=at(end),
        sfu_url="ws://sfu/sfu/v1/ws",
        token=token,
    )


def agenda(*lessons: RoomLesson, version: str = "v1", told: float = -60) -> Agenda:
    return Agenda(
        version=version,
        at=at(told),
        until=at(14 * 1440),
        lead_s=LEAD_S,
        lessons=list(lessons),
    )


def prepare(one: RoomLesson, token: str = "fresh") -> Prepare:
    return Prepare(**{**one.model_dump(), "token": token})
