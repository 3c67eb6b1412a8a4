"""The truth of one seat in one session, folded from events: pure.

In: the seat's row so far and an event; out: the row after it. Each row remembers the
time of the last fact it took, so an event read twice is counted once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from common.protocol.events import (
    BusEvent,
    LessonFacts,
    ParticipantJoined,
    ParticipantLeft,
    QualityReported,
    RoomClosed,
)
from common.protocol.signalling import Role
from monitoring import quality

# A lesson began well for a room that saw and heard the teacher this soon.
START_GRACE_S = 60.0

Outcome = Literal["ok", "late", "failed"]


@dataclass(frozen=True)
class SeatTally:
    """Key: (session, seat). All times Unix seconds, spans seconds."""

    session: str
    seat: str
    """`room:<site room>` for a classroom, which keeps it over reconnects; the
    participant id for a person's browser."""
    role: Role
    name: str = ""
    site_room: str | None = None
    participant: str | None = None
    """Who sits there now, None while away."""
    joins: int = 0
    first_joined_at: float | None = None
    joined_at: float | None = None
    last_at: float = 0.0
    attended_s: float = 0.0
    last_report_at: float = 0.0
    reported_s: float = 0.0
    video_frames: int = 0
    freezes: int = 0
    freeze_s: float = 0.0
    audio_samples: int = 0
    concealed_samples: int = 0
    score_s: float = 0.0
    """Sum of score x interval: divide by `reported_s` for the mean, 0..100."""
    worst_score: float | None = None
    degraded_s: float = 0.0
    join_ms: float | None = None
    glass_to_glass_ms: float | None = None
    started_at: float | None = None
    """First picture and sound of a room; the master's first join."""

    @property
    def reconnects(self) -> int:
        return max(self.joins - 1, 0)

    @property
    def mean_score(self) -> float | None:
        return self.score_s / self.reported_s if self.reported_s else None

    @property
    def concealed_ratio(self) -> float:
        return self.concealed_samples / max(self.audio_samples, 1)

    def attended_until(self, now: float) -> float:
        """Seconds in the room, an open attendance counted up to `now`."""
        open_s = max(now - self.joined_at, 0.0) if self.joined_at is not None else 0.0
        return self.attended_s + open_s

    def outcome(self, starts_at: float) -> Outcome:
        if self.started_at is None:
            return "failed"
        return "ok" if self.started_at <= starts_at + START_GRACE_S else "late"


class Change(NamedTuple):
    before: SeatTally | None
    after: SeatTally


def seat_key(role: Role, site_room: str | None, participant: str) -> str:
    if site_room is not None and role in ("master", "room"):
        return f"room:{site_room}"
    return participant


def fold(rows: Mapping[str, SeatTally], event: BusEvent) -> list[SeatTally]:
    """The rows that `event` changes. `rows`: the event's session, by seat."""
    match event:
        case ParticipantJoined():
            return _joined(rows, event)
        case ParticipantLeft():
            # Who was replaced leaves after its successor sat down: look at who sits.
            return [
                _left(row, event.at)
                for row in rows.values()
                if row.participant == event.participant and event.at > row.last_at
            ]
        case QualityReported():
            return _reported(rows, event)
        case RoomClosed():
            return [
                _left(row, event.at)
                for row in rows.values()
                if row.participant is not None and row.last_at < event.at
            ]
        case _:
            return []


def never_came(facts: LessonFacts, rows: Mapping[str, SeatTally]) -> list[SeatTally]:
    """Rows for the booked classrooms that no event ever mentioned."""
    return [
        SeatTally(
            session=facts.session,
            seat=f"room:{site_room}",
            role="master" if site_room == facts.master_room else "room",
            name=name,
            site_room=site_room,
        )
        for site_room, name in facts.site_rooms.items()
        if f"room:{site_room}" not in rows
    ]


def _joined(rows: Mapping[str, SeatTally], event: ParticipantJoined) -> list[SeatTally]:
    key = seat_key(event.role, event.site_room, event.participant)
    row = rows.get(key) or SeatTally(event.session, key, event.role)
    if event.at <= row.last_at:
        return []
    if row.joined_at is not None:
        # It came back before its old end was noticed.
        row = _left(row, event.at)
    row = replace(
        row,
        role=event.role,
        name=event.name or row.name,
        site_room=event.site_room,
        participant=event.participant,
        joins=row.joins + 1,
        first_joined_at=row.first_joined_at or event.at,
        joined_at=event.at,
        last_at=event.at,
    )
    if event.role == "master" and row.started_at is None:
        row = replace(row, started_at=event.at)
    return [row]


def _left(row: SeatTally, at: float) -> SeatTally:
    attended_s = row.attended_until(at)
    return replace(
        row, attended_s=attended_s, participant=None, joined_at=None, last_at=at
    )


def _reported(rows: Mapping[str, SeatTally], event: QualityReported) -> list[SeatTally]:
    key = seat_key(event.role, event.site_room, event.participant)
    row = rows.get(key) or SeatTally(
        event.session, key, event.role, site_room=event.site_room
    )
    if event.at <= row.last_report_at:
        return []
    report = event.report
    worst = quality.score(
        report, rtt_ms=event.rtt_ms, loss_ratio=event.loss_ratio
    ).worst
    seen_and_heard = report.video_frames > 0 and report.audio_samples > 0
    return [
        replace(
            row,
            last_report_at=event.at,
            reported_s=row.reported_s + report.interval_s,
            video_frames=row.video_frames + report.video_frames,
            freezes=row.freezes + report.freezes,
            freeze_s=row.freeze_s + report.freeze_s,
            audio_samples=row.audio_samples + report.audio_samples,
            concealed_samples=row.concealed_samples + report.concealed_samples,
            score_s=row.score_s + worst * report.interval_s,
            worst_score=worst
            if row.worst_score is None
            else min(worst, row.worst_score),
            degraded_s=row.degraded_s + (report.interval_s if event.degraded else 0),
            join_ms=row.join_ms if row.join_ms is not None else report.join_ms,
            glass_to_glass_ms=report.glass_to_glass_ms or row.glass_to_glass_ms,
            started_at=row.started_at or (event.at if seen_and_heard else None),
        )
    ]
