"""The HTTP interface of today's sessions and rooms. See docs/contracts.md."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from common.clock import Clock
from common.config import Config
from common.errors import ConflictError
from common.http import Call, Nothing, Router
from common.identity import DeviceGrant, Signer
from common.ids import SessionId, SiteRoomId
from common.protocol.events import LessonFacts
from scheduler.agents.control import Control
from scheduler.agents.tokens import TOKEN_SPARE_S, person_grant, refuse_unless_open
from scheduler.catalogue.calendar import local_day
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import SiteRoom
from scheduler.front.present import Presenter
from scheduler.front.views import (
    DeviceToken,
    JoinAnswer,
    JoinBody,
    SessionView,
    SiteRoomView,
    Today,
    TodayQuery,
)
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter
from scheduler.views import Sentence

_DEVICE_TOKEN_S = 400 * 86_400.0


class SessionsApi:
    """Handlers by subject; `add_to` gives them their addresses and roles."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        signer: Signer,
        desk: WorldDesk,
        facts: FactsDesk,
        lessons: Lessons,
        sessions: Sessions,
        starter: Starter,
        control: Control,
        presenter: Presenter,
    ) -> None:
        self._config = config
        self._clock = clock
        self._signer = signer
        self._desk = desk
        self._facts = facts
        self._lessons = lessons
        self._sessions = sessions
        self._starter = starter
        self._control = control
        self._presenter = presenter

    def add_to(self, router: Router) -> None:
        self._add_sessions(router)
        self._add_rooms(router)

    # ---- sessions ------------------------------------------------------------------

    def _add_sessions(self, router: Router) -> None:
        teaching = ("teacher",)
        router.get("/today", roles=(), query=TodayQuery, returns=Today)(self.today)
        router.get("/sessions/{id}", roles=(), returns=SessionView)(self.session)
        router.post("/sessions/{id}/join", roles=(), body=JoinBody, returns=JoinAnswer)(
            self.join
        )
        router.post("/sessions/{id}/end", roles=teaching, returns=SessionView)(self.end)

    async def today(self, call: Call[Nothing, TodayQuery]) -> Today:
        """The lessons of a day, with their state."""
        zone = self._config.server.time_zone
        day = call.query.date or local_day(self._clock.now(), zone)
        lessons = await self._lessons.between(day, day)
        views = await self._presenter.lessons(lessons)
        warnings = [Sentence(zh=w.zh, en=w.en) for w in self._starter.warnings()]
        return Today(
            day=day, zone=zone, now=self._now(), lessons=views, warnings=warnings
        )

    async def session(self, call: Call[Nothing, Nothing]) -> SessionView:
        """One session with its history."""
        return await self._presenter.session(SessionId(call.path["id"]))

    async def join(self, call: Call[JoinBody, Nothing]) -> JoinAnswer:
        """A token to enter the media room in a role."""
        id = SessionId(call.path["id"])
        session = await self._sessions.get(id)
        facts = await self._facts.of_session(id)
        room = SiteRoomId(call.body.site_room) if call.body.site_room else None
        grant = person_grant(
            facts,
            call.person,
            call.body.role,
            name=call.body.name,
            room=room,
            listen_only=call.body.listen_only,
        )
        refuse_unless_open(session.state, await self._opens_at(id))
        if grant.publish:
            self._refuse_occupied(facts, SiteRoomId(grant.site_room or ""))
        now = self._now()
        ttl_s = max(0.0, facts.ends_at - now) + TOKEN_SPARE_S
        return JoinAnswer(
            token=self._signer.join(grant, ttl_s, now),
            sfu_url=self._config.sfu_url,
            role=grant.role,
            title=facts.title,
            ends_at=facts.ends_at,
        )

    def _refuse_occupied(self, facts: LessonFacts, room: SiteRoomId) -> None:
        """A browser must not throw the room's own equipment out of the lesson."""
        agent = self._control.agents.get(room)
        if agent is not None and agent.report.session == facts.session:
            raise ConflictError(
                "room_occupied",
                zh="这间教室的设备已在课堂中，请以“助教/控制台”身份进入",
                en="the room's own equipment is in the lesson; enter as assistant",
            )

    async def _opens_at(self, id: SessionId) -> str:
        lesson = await self._lessons.of_session(id)
        lead = timedelta(seconds=self._config.scheduler.lead_s)
        opens = (lesson.starts_at - lead).astimezone(ZoneInfo(lesson.zone))
        return f"{opens:%H:%M}"

    async def end(self, call: Call[Nothing, Nothing]) -> SessionView:
        """The teacher ends the lesson before the bell."""
        id = SessionId(call.path["id"])
        await self._starter.act(id, Cause.TEACHER, f"by {call.person.name}")
        return await self._presenter.session(id)

    # ---- rooms ---------------------------------------------------------------------

    def _add_rooms(self, router: Router) -> None:
        router.get("/site-rooms", roles=(), returns=list[SiteRoomView])(self.site_rooms)
        router.post(
            "/site-rooms/{id}/device-token", roles=("operator",), returns=DeviceToken
        )(self.device_token)

    async def site_rooms(self, _call: Call[Nothing, Nothing]) -> list[SiteRoomView]:
        """Every classroom, with the state of its agent."""
        return await self._presenter.site_rooms()

    async def device_token(self, call: Call[Nothing, Nothing]) -> DeviceToken:
        """A fresh token for the agent of one classroom."""
        room = find(await self._desk.world(), SiteRoom, call.path["id"])
        grant = DeviceGrant(site_room=room.id)
        token = self._signer.device(grant, _DEVICE_TOKEN_S, self._now())
        return DeviceToken(token=token)

    def _now(self) -> float:
        return self._clock.wall_us() / 1_000_000
