"""`/status/v1`: the overview once or as a stream, and the truth of one lesson."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from common.errors import NotFoundError
from common.http import Call, Nothing, Router
from common.protocol.base import Message
from common.protocol.events import LessonFacts, SessionPrepare, SessionStart
from common.protocol.signalling import Role
from monitoring import quality
from monitoring.cards import Overview
from monitoring.live import Live
from monitoring.quality import Grade, Words
from monitoring.store import MonitoringStore
from monitoring.tally import Outcome, SeatTally

# A picture is sent on every change, not oftener than this, and when nothing changes
# often enough that "since 3 min" stays true and a dead line is noticed.
_STREAM_GAP_S = 1.0
_STREAM_IDLE_S = 10.0


class SeatQuality(Message):
    """One seat of one lesson; ratios 0..1, scores 0..100."""

    seat: str
    role: Role
    name: str
    site_room: str | None = None
    outcome: Outcome | None = None
    """Did it see and hear the teacher in time? Classrooms only."""
    joins: int
    reconnects: int
    attended_minutes: float
    video_frames: int
    freezes: int
    freeze_s: float
    freeze_ratio: float
    concealed_ratio: float
    degraded_s: float
    mean_score: float | None = None
    worst_score: float | None = None
    grade: Grade | None = None
    word: Words | None = None
    join_ms: float | None = None
    glass_to_glass_ms: float | None = None


class SessionQuality(Message):
    session: str
    title: str
    starts_at: float | None = None
    ends_at: float | None = None
    seats: list[SeatQuality]


class StatusApi:
    def __init__(self, live: Live, store: MonitoringStore) -> None:
        self._live = live
        self._store = store
        self._router = Router("/status/v1", "Tongke monitoring")
        watchers = ("observer",)  # and operators, who may do everything
        add = self._router.get
        add("/overview", returns=Overview, roles=watchers)(self._overview)
        add(
            "/overview/stream",
            returns=Overview,
            roles=watchers,
            media_type="text/event-stream",
        )(self._stream)
        add("/sessions/{id}/quality", returns=SessionQuality, roles=watchers)(
            self._quality
        )

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return self._router.routes()

    async def _overview(self, _call: Call[Nothing, Nothing]) -> Overview:
        """Every classroom and lesson, those in trouble first."""
        return self._live.overview()

    async def _stream(self, call: Call[Nothing, Nothing]) -> web.StreamResponse:
        """The overview as server-sent events (`event: overview`), on every change."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(call.request)
        await response.write(b"retry: 2000\n\n")
        while not self._live.closed:
            picture = self._live.overview().to_json()
            try:
                await response.write(f"event: overview\ndata: {picture}\n\n".encode())
            except ConnectionError:
                break
            await self._live.wait_for_change(_STREAM_IDLE_S)
            if not self._live.closed:
                await asyncio.sleep(_STREAM_GAP_S)
        return response

    async def _quality(self, call: Call[Nothing, Nothing]) -> SessionQuality:
        """Joins, minutes, freezes, concealed sound and reconnects of every seat."""
        session = call.path["id"]
        rows = await self._store.seats(session)
        events = await self._store.known(session)
        if not rows and not events:
            raise NotFoundError(
                "no_such_session", zh="没有这节课的记录", en="no record of this session"
            )
        facts: LessonFacts | None = None
        for event in events:
            if isinstance(event, SessionPrepare | SessionStart):
                facts = event.facts
        now = self._live.now()
        return SessionQuality(
            session=session,
            title=facts.title if facts else session,
            starts_at=facts.starts_at if facts else None,
            ends_at=facts.ends_at if facts else None,
            seats=[_seat(row, facts, now) for row in rows],
        )


def _seat(row: SeatTally, facts: LessonFacts | None, now: float) -> SeatQuality:
    score = row.mean_score
    grade = quality.grade(score) if score is not None else None
    judged = facts is not None and row.role in ("master", "room")
    return SeatQuality(
        seat=row.seat,
        role=row.role,
        name=row.name
        or (facts.site_rooms.get(row.site_room or "", "") if facts else ""),
        site_room=row.site_room,
        outcome=row.outcome(facts.starts_at) if judged and facts else None,
        joins=row.joins,
        reconnects=row.reconnects,
        attended_minutes=round(row.attended_until(now) / 60, 2),
        video_frames=row.video_frames,
        freezes=row.freezes,
        freeze_s=round(row.freeze_s, 3),
        freeze_ratio=row.freeze_s / row.reported_s if row.reported_s else 0.0,
        concealed_ratio=row.concealed_ratio,
        degraded_s=row.degraded_s,
        mean_score=round(score, 1) if score is not None else None,
        worst_score=row.worst_score,
        grade=grade,
        word=quality.GRADE_WORDS[grade] if grade else None,
        join_ms=row.join_ms,
        glass_to_glass_ms=row.glass_to_glass_ms,
    )
