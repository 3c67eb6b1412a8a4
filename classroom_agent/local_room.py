"""The server's room page, served by this program for the browser on the room's screen.

While the scheduler is away its page cannot be loaded and gives no token. The page is in
this program's package too; it asks the same questions here, on 127.0.0.1, and is
answered from the room's agenda, with a token that only looks and listens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from classroom_agent.agenda import Kept, next_lesson
from classroom_agent.attendance import Wish
from classroom_agent.config import RoomConfig
from common.errors import ConflictError, DeniedError, UnavailableError
from common.protocol.control import RoomLesson

PAGE = "/room"
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class LocalRoom:
    """`lesson`: the one the room is in or about to be, if a screen may look on.
    `is_joined`: there is something to see. `alone`: the scheduler is away;
    `entered_alone`: it was when the room went in, so that no page of the server's can
    be showing the lesson."""

    config: RoomConfig
    kept: Kept
    lesson: RoomLesson | None = None
    ahead: RoomLesson | None = None
    began: bool = False
    alone: bool = False
    entered_alone: bool = False
    is_joined: bool = False

    @classmethod
    def of(
        cls,
        config: RoomConfig,
        kept: Kept,
        wish: Wish,
        now: float,
        *,
        entered_alone: bool,
        is_joined: bool,
    ) -> "LocalRoom":
        lesson = wish.lesson
        if lesson is not None and lesson.screen_token is None:
            lesson = None
        return cls(
            config,
            kept,
            lesson,
            next_lesson(kept.lessons, now),
            wish.began,
            wish.alone,
            entered_alone,
            is_joined,
        )

    @property
    def is_page_stale(self) -> bool:
        """What the server's page shows cannot be what the room does."""
        return self.alone and self.entered_alone and self.lesson is not None

    @property
    def has_to_show(self) -> bool:
        """Nobody else can show the lesson."""
        return self.alone and self.is_joined and self.lesson is not None

    def today(self, now: float) -> dict[str, Any]:
        """As the scheduler's `GET /today`, for this room alone."""
        state = "live" if self.began else "preparing"
        lessons = [self._view(self.lesson, state)] if self.lesson else []
        if self.ahead is not None and self.ahead != self.lesson:
            lessons.append(self._view(self.ahead, "planned"))
        day = f"{datetime.fromtimestamp(now, self.kept.clock):%Y-%m-%d}"
        return {"day": day, "zone": self.kept.zone, "now": now, "lessons": lessons}

    def ticket(self, session: str) -> dict[str, Any]:
        """As the scheduler's `POST /sessions/{id}/join`.

        Raises ConflictError(`lesson_over`).
        """
        lesson = self.lesson
        if lesson is None or lesson.session != session:
            raise ConflictError(
                "lesson_over",
                zh="这节课不在进行，请稍候",
                en="this lesson is not on now",
            )
        return {
            "token": lesson.screen_token,
            "sfu_url": lesson.sfu_url,
            "role": lesson.role,
            "title": lesson.title,
            "ends_at": lesson.ends_at,
        }

    def _view(self, lesson: RoomLesson, state: str) -> dict[str, Any]:
        ours = {
            "id": self.config.site_room,
            "name": self.config.name or self.config.site_room,
            "role": lesson.role,
            "present": True,
            "online": True,
        }
        unknown = dict.fromkeys(
            ("reason_zh", "reason_en", "grade", "school", "period", "recording_state"),
            "",
        )
        return {
            **unknown,
            "session": lesson.session,
            "lesson": lesson.session,
            "state": state,
            "title": lesson.title,
            "subject": lesson.subject,
            "teacher": lesson.teacher,
            "starts_at": lesson.starts_at,
            "ends_at": lesson.ends_at,
            "resource": None,
            "rooms": [ours],
        }


def page_routes() -> Sequence[web.AbstractRouteDef]:
    """The room page and what it loads; none where this package has no pages."""
    from web.pages import page_routes as every_page

    try:
        routes = every_page()
    except UnavailableError:
        return ()
    return [r for r in routes if r.path == PAGE or r.path.startswith("/assets/")]


def refuse_strangers(request: web.Request) -> None:
    """A page from elsewhere that was led here by a false name of this address.

    Raises DeniedError.
    """
    if request.url.host not in ("127.0.0.1", "localhost"):
        raise DeniedError(
            "denied",
            zh="只有本机可以使用这个页面",
            en="only this computer may use this page",
        )
