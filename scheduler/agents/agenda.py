"""What a room keeps for the time when we are away: its lessons of the next days.

An agenda is looked at when a room connects, when its timetable changes, and now and
then (`scheduler.agents.connected.is_agenda_due`); it is sent only when the room holds
another version.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from common import log
from common.clock import Clock
from common.errors import NotFoundError
from common.identity import JoinGrant, Signer
from common.ids import SiteRoomId
from common.protocol.control import Agenda, RoomLesson
from common.protocol.events import LessonFacts
from scheduler.agents.tokens import TOKEN_SPARE_S, device_grant
from scheduler.catalogue.value import DEFAULT_ZONE
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons

AHEAD = timedelta(days=14)
LESSONS_MAX = 400
"""About 300 kB, the nearest ones; a room has some eight lessons a day."""

_log = log.get("agenda")


class AgendaDesk:
    def __init__(
        self,
        lessons: Lessons,
        facts: FactsDesk,
        signer: Signer,
        clock: Clock,
        *,
        sfu_url: str,
        lead_s: float,
    ) -> None:
        self._lessons = lessons
        self._facts = facts
        self._signer = signer
        self._clock = clock
        self._sfu_url = sfu_url
        self._lead_s = lead_s

    async def of_room(self, room: SiteRoomId) -> Agenda:
        now = self._clock.now()
        until = now + AHEAD
        lessons = await self._lessons.unfinished_of_room(
            room, now, until, LESSONS_MAX + 1
        )
        if len(lessons) > LESSONS_MAX:
            until = lessons.pop().starts_at
        entries = []
        for lesson in lessons:
            try:
                entries.append(self._entry(await self._facts.of_lesson(lesson), room))
            except NotFoundError as error:
                _log.warning("x agenda_lesson", lesson=lesson.id, reason=error.en)
        zone = await self._zone_of(room)
        return Agenda(
            version=self._version(entries, zone),
            at=now.timestamp(),
            until=until.timestamp(),
            lead_s=self._lead_s,
            lessons=[lesson for lesson, _ in entries],
            zone=zone,
        )

    async def _zone_of(self, room: SiteRoomId) -> str:
        """A room that was just removed is still told something."""
        try:
            return await self._facts.zone_of(room)
        except NotFoundError:
            return DEFAULT_ZONE

    def _entry(
        self, facts: LessonFacts, room: SiteRoomId
    ) -> tuple[RoomLesson, JoinGrant]:
        """With tokens that are good only around this lesson."""
        grant, now = device_grant(facts, room), self._clock.wall_us() / 1_000_000
        begins_at = facts.starts_at - self._lead_s
        sign = partial(
            self._signer.join,
            ttl_s=facts.ends_at + TOKEN_SPARE_S - now,
            now_s=now,
            not_before_s=begins_at,
        )
        return room_lesson(facts, grant, self._sfu_url, sign), grant

    def _version(
        self, entries: Iterable[tuple[RoomLesson, JoinGrant]], zone: str
    ) -> str:
        """Of all that the room goes by; tokens differ each time, but what they allow
        and the secret they are signed with count."""
        facts = f"{self._lead_s} {self._signer.key_id} {zone}"
        seen = hashlib.sha256(facts.encode())
        for lesson, grant in entries:
            bare = lesson.model_copy(update={"token": "", "screen_token": None})
            seen.update(bare.to_json().encode())
            seen.update(grant.model_dump_json().encode())
        return seen.hexdigest()[:16]


def room_lesson(
    facts: LessonFacts,
    grant: JoinGrant,
    sfu_url: str,
    sign: Callable[[JoinGrant], str],
) -> RoomLesson:
    """`grant`: of the room's agent. A teaching point's screen looks on beside it; in
    the master classroom people look at the teacher."""
    looks = grant.model_copy(update={"publish": []})
    return RoomLesson(
        session=facts.session,
        title=facts.title,
        role="master" if grant.role == "master" else "room",
        subject=facts.subject,
        teacher=facts.teacher,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        sfu_url=sfu_url,
        token=sign(grant),
        screen_token=sign(looks) if grant.role == "room" else None,
    )
