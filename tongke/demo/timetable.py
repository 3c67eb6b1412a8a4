"""The demo's timetable: the solver makes the week, the calendar makes the dates, and
one of its lessons is brought forward to now."""

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.catalogue.value import DEFAULT_ZONE
from scheduler.sample import DEMO_COURSE, DEMO_TERM
from tongke.demo.promises import TimetableFigures
from tongke.demo.server import Server

SOLVE_S = 6.0
_DEADLINE_S = 60.0
_TERM_DAYS = 140
_CHAPTER = "第三单元 小小音乐家"
_ZONE = ZoneInfo(DEFAULT_ZONE)
"""Of the sample district."""


def clear_of_midnight(starts_at: float, seconds: float) -> float:
    """`starts_at`, Unix seconds, or the midnight in the sample district that a lesson
    of `seconds` would cross."""
    start = datetime.fromtimestamp(starts_at, _ZONE)
    next_day = start.date() + timedelta(days=1)
    midnight = datetime.combine(next_day, time(), _ZONE).timestamp()
    return midnight if starts_at + seconds > midnight else starts_at


class DemoTimetable:
    def __init__(self, server: Server, now: datetime) -> None:
        self._server = server
        self._today = now.astimezone(_ZONE).date()

    async def make(self) -> TimetableFigures:
        """Solves, checks and publishes the sample district's weekly timetable."""
        await self._have_a_term()
        edition = await self._server.post(f"/api/v1/terms/{DEMO_TERM}/editions", {})
        path = f"/api/v1/editions/{edition['id']}"
        job = await self._server.post(f"{path}/solve", {"seconds": SOLVE_S})
        job = await self._finished(job)
        check = await self._server.get(f"{path}/check")
        published = await self._server.post(
            f"{path}/publish", {"revision": check["revision"]}
        )
        return TimetableFigures(
            wanted=job["progress"]["placed"] + job["progress"]["unplaced"],
            placed=job["progress"]["placed"],
            broken_rules=len(check["problems"]),
            dated=published["added"] + published["moved"] + published["kept"],
        )

    async def bring_forward(self, starts_at: float, seconds: float) -> dict[str, Any]:
        """The next music lesson takes place at `starts_at` (Unix seconds), or at the
        midnight that it would cross, instead of on its own day."""
        starts_at = clear_of_midnight(starts_at, seconds)
        until = self._today + timedelta(days=60)
        days = f"first_day={self._today}&last_day={until}"
        lessons = await self._server.get(f"/api/v1/lessons?{days}")
        lesson = next(
            one
            for one in lessons
            if one["course"] == DEMO_COURSE and one["starts_at"] > starts_at
        )
        change = {
            "version": lesson["version"],
            "starts_at": starts_at,
            "ends_at": starts_at + seconds,
            "chapter": _CHAPTER,
        }
        path = f"/api/v1/lessons/{lesson['lesson']}"
        changed: dict[str, Any] = await self._server.patch(path, change)
        return changed

    async def _finished(self, job: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(_DEADLINE_S):
            while job["state"] in ("queued", "running"):
                await asyncio.sleep(0.2)
                job = await self._server.get(f"/api/v1/jobs/{job['id']}")
        return job

    async def _have_a_term(self) -> None:
        """The sample's term is that of one year; at other times the demo has its own,
        around today."""
        terms = {t["id"]: t for t in await self._server.get("/api/v1/terms")}
        last = date.fromisoformat(terms[DEMO_TERM]["last_day"])
        first = date.fromisoformat(terms[DEMO_TERM]["first_day"])
        if first <= self._today <= last - timedelta(days=14):
            return
        for id in terms.keys() - {DEMO_TERM}:
            await self._server.delete(f"/api/v1/terms/{id}")
        monday = self._today - timedelta(days=self._today.isoweekday() + 6)
        around = {
            "week_1": monday.isoformat(),
            "first_day": monday.isoformat(),
            "last_day": (monday + timedelta(days=_TERM_DAYS)).isoformat(),
        }
        await self._server.put("/api/v1/terms", {**terms[DEMO_TERM], **around})
