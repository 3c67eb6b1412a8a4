"""Hears what rooms and recorders answer on the bus, and writes it down."""

import asyncio

from common import log
from common.bus import Bus
from common.clock import Clock
from common.errors import UnavailableError
from common.ids import SessionId, SiteRoomId
from common.protocol.events import (
    BusEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingState,
    RoomClosed,
    RoomOpened,
    SessionState,
)
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter

_READER = "scheduler"
# Lessons wait for us: what is still unread then is read beside them.
_CATCH_UP_S = 5.0
_log = log.get("answers")


class Answers:
    """`run` for ever, as one named reader: what was said while we were away is read
    on return."""

    def __init__(
        self, bus: Bus, sessions: Sessions, starter: Starter, clock: Clock
    ) -> None:
        self._bus = bus
        self._sessions = sessions
        self._starter = starter
        self._clock = clock

    async def run(self) -> None:
        async for event in self._bus.subscribe(_READER):
            try:
                await self.hear(event)
            except Exception:  # the outermost loop of the listener's task
                _log.exception("x bus_event", type=event.type)

    async def catch_up(self) -> None:
        """Before the first decision: rooms may have begun a lesson without us."""
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                async for event in self._bus.unread(_READER):
                    await self.hear(event)
        except (TimeoutError, UnavailableError) as error:
            _log.warning("x catch_up", reason=repr(error))

    async def hear(self, event: BusEvent) -> None:
        """Idempotent: the bus may say a thing twice."""
        if await self._write_down(event):
            self._starter.wake()

    async def _write_down(self, event: BusEvent) -> bool:
        match event:
            case ParticipantJoined(site_room=str(room)):
                return await self._seat(event.session, room, present=True)
            case ParticipantLeft(site_room=str(room)) if event.reason != "replaced":
                return await self._seat(event.session, room, present=False)
            case RoomOpened() | RoomClosed():
                closed = isinstance(event, RoomClosed)
                return await self._sessions.note(
                    SessionId(event.session), room_closed=closed
                )
            case RecordingState():
                facts: dict[str, str] = {"recording_state": event.state}
                if event.resource:
                    facts["resource"] = event.resource
                return await self._sessions.note(SessionId(event.session), **facts)
            case SessionState():
                # Perhaps another process did it: its rooms are ours to tell.
                moved_bell = event.reason.startswith(Cause.EXTENDED)
                return moved_bell or not self._starter.knows(event.session, event.state)
            case _:
                return False

    async def _seat(self, session: str, room: str, *, present: bool) -> bool:
        return await self._sessions.seat(
            SessionId(session),
            SiteRoomId(room),
            present=present,
            at=self._clock.now(),
        )
