"""What an agent should be told, from the state of the sessions alone."""

from functools import partial

from common.clock import Clock
from common.identity import LEEWAY_S, Signer
from common.ids import SessionId, SiteRoomId
from common.protocol.base import Message
from common.protocol.control import End, NextLesson, Prepare, Start
from common.protocol.events import LessonFacts
from scheduler.agents.agenda import room_lesson
from scheduler.agents.connected import Agent
from scheduler.agents.tokens import TOKEN_SPARE_S, device_grant
from scheduler.sessions.announce import end_reason
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import Running, where_to_be
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter

_CLOSING = (State.ENDING, State.CANCELLED, State.FAILED)


class Director:
    def __init__(
        self,
        lessons: Lessons,
        sessions: Sessions,
        facts: FactsDesk,
        starter: Starter,
        signer: Signer,
        clock: Clock,
        *,
        sfu_url: str,
        lead_s: float,
    ) -> None:
        self._lessons = lessons
        self._sessions = sessions
        self._facts = facts
        self._starter = starter
        self._signer = signer
        self._clock = clock
        self._sfu_url = sfu_url
        self._lead_s = lead_s

    async def commands(
        self, agent: Agent, *, moved: Running | None, arrived: bool
    ) -> list[Message]:
        """`moved`: the session whose change is the occasion. `arrived`: the channel
        is new, so say everything again."""
        target = where_to_be(agent.room, self._starter.running)
        commands: list[Message] = []
        for left in _sessions_left(agent, target, moved):
            if self._opens_now(left, agent.room):
                continue
            commands.append(await self._end(left))
        if target is None:
            return [*commands, *await self._idle(agent)]
        agent.told_next = None
        knows = agent.report.session == target.session and not arrived
        began = moved is not None and moved.session == target.session
        facts = await self._facts.of_session(target.session)
        if not knows or agent.told_until != facts.ends_at:
            agent.told_until = facts.ends_at
            commands.append(self._prepare(agent, facts))
        waits = agent.report.state == "waiting"
        if target.state is State.LIVE and (began or waits or not knows):
            commands.append(Start(session=target.session))
        return commands

    def _opens_now(self, session: str, room: SiteRoomId) -> bool:
        """A room that goes by its agenda may be a moment ahead of us: it stays."""
        return any(
            one.session == session
            and one.state is State.PLANNED
            and room in one.expected
            and self._now() >= one.starts_at - self._lead_s - LEEWAY_S
            for one in self._starter.running
        )

    def _prepare(self, agent: Agent, facts: LessonFacts) -> Prepare:
        grant = device_grant(facts, agent.room)
        now = self._now()
        ttl_s = max(0.0, facts.ends_at - now) + TOKEN_SPARE_S
        sign = partial(self._signer.join, ttl_s=ttl_s, now_s=now)
        lesson = room_lesson(facts, grant, self._sfu_url, sign)
        return Prepare(**lesson.model_dump())

    async def _end(self, session: str) -> End:
        history = await self._sessions.history(SessionId(session))
        closing = [t.cause for t in history if t.to_state in _CLOSING]
        cause = closing[0] if closing else Cause.CLOSING_BELL
        return End(session=session, reason=end_reason(cause))

    async def _idle(self, agent: Agent) -> list[Message]:
        lesson = await self._lessons.next_of_room(agent.room, self._clock.now())
        message = NextLesson()
        if lesson is not None:
            starts_at = lesson.starts_at.timestamp()
            message = NextLesson(title=lesson.title, starts_at=starts_at)
        if message == agent.told_next:
            return []
        agent.told_next = message
        return [message]

    def _now(self) -> float:
        return self._clock.wall_us() / 1_000_000


def _sessions_left(
    agent: Agent, target: Running | None, moved: Running | None
) -> list[str]:
    """Sessions that the room is in, or was told of, and should be in no longer."""
    kept = target.session if target else None
    left: list[str] = []
    if agent.report.session is not None and agent.report.session != kept:
        left.append(agent.report.session)
    if moved is not None and moved.state in _CLOSING and moved.session not in left:
        left.append(moved.session)
    return left
