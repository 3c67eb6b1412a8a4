"""The agents' control channel: each room is told where it should be.

What to say follows from the sessions' state alone, so an agent that connects in
mid-lesson, missed a command or comes from a restart is simply told again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from functools import partial

from aiohttp import WSCloseCode, WSMsgType, web

from common import log
from common.bus import Bus
from common.clock import Clock
from common.errors import ParseError, UnavailableError
from common.http import read_bearer
from common.identity import Signer
from common.ids import SessionId, SiteRoomId
from common.protocol.base import Message, parse_message
from common.protocol.control import (
    AgentReport,
    Hello,
    ServerTime,
    agent_message,
)
from common.protocol.events import AgentStateChanged
from scheduler.agents.agenda import AgendaDesk
from scheduler.agents.connected import Agent, Agents, is_agenda_due, is_news
from scheduler.agents.director import Director
from scheduler.agents.metrics import AgentMetrics
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.store import Catalogue
from scheduler.sessions.plan import Running
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter

_MESSAGE_BYTES = 65_536
_SEND_S = 5.0
_SEND_AGENDA_S = 30.0
_AGENDAS_AT_ONCE = 2
_log = log.get("control")


class Control:
    """`handle` serves one agent's WebSocket; `changed` is the starter's news."""

    def __init__(
        self,
        catalogue: Catalogue,
        sessions: Sessions,
        starter: Starter,
        director: Director,
        agendas: AgendaDesk,
        signer: Signer,
        bus: Bus,
        clock: Clock,
        metrics: AgentMetrics,
        *,
        silent_s: float,
    ) -> None:
        self._catalogue = catalogue
        self._sessions = sessions
        self._starter = starter
        self._director = director
        self._agendas = agendas
        self._signer = signer
        self._bus = bus
        self._clock = clock
        self._metrics = metrics
        self._silent_s = silent_s
        self._telling: set[asyncio.Task[None]] = set()
        # A whole district that connects at once must not hold up its bells.
        self._agenda_turn = asyncio.Semaphore(_AGENDAS_AT_ONCE)
        self.agents = Agents()
        metrics.watch(self.agents)

    async def stop(self) -> None:
        """Idempotent. Agents see the channel close and come back by themselves."""
        for task in self._telling:
            task.cancel()
        goodbyes = [
            agent.socket.close(code=WSCloseCode.GOING_AWAY) for agent in self.agents
        ]
        await asyncio.gather(*goodbyes)

    # ---- one agent ----------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Raises DeniedError for a bad device token, NotFoundError for an unknown
        room: both before the upgrade, as HTTP problems."""
        grant = self._signer.read_device(read_bearer(request), self._now())
        room = await self._catalogue.get(SiteRoom, grant.site_room)
        socket = web.WebSocketResponse(max_msg_size=_MESSAGE_BYTES)
        await socket.prepare(request)
        try:
            agent = await self._greet(socket, room)
        except (ParseError, TimeoutError) as error:
            _log.warning("x hello", site_room=room.id, reason=str(error))
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"hello")
            return socket
        try:
            await self._arrive(agent)
            await self._serve(agent)
        finally:
            await self._leave(agent)
        return socket

    async def _greet(self, socket: web.WebSocketResponse, room: SiteRoom) -> Agent:
        hello = await self._receive(socket)
        if not isinstance(hello, Hello) or hello.site_room != room.id:
            raise ParseError(
                "bad_hello",
                zh="第一条消息必须是本教室的 hello",
                en="the first message must be this room's hello",
            )
        state = "standby" if hello.joined_session is None else "in_lesson"
        report = AgentReport(
            state=state, session=hello.joined_session, agenda=hello.agenda
        )
        return Agent(room.id, room.name, socket, hello.software, report)

    async def _arrive(self, agent: Agent) -> None:
        older = self.agents.add(agent)
        if older is not None:
            await older.socket.close(code=WSCloseCode.GOING_AWAY, message=b"replaced")
        self._metrics.online.set(len(self.agents))
        _log.info("- agent_online", site_room=agent.room, software=agent.software)
        await self._tell_others(agent, online=True)
        await self._take_seat(agent, agent.report)
        await self._direct(agent, arrived=True)
        self._later(self._renew_agenda(agent))

    async def _serve(self, agent: Agent) -> None:
        """Until the agent goes, or is silent for too long."""
        while not agent.socket.closed:
            try:
                message = await self._receive(agent.socket)
            except TimeoutError:
                self._metrics.lost.inc()
                _log.warning("x agent_silent", site_room=agent.room)
                return
            except ParseError as error:
                _log.warning("x agent_message", site_room=agent.room, reason=str(error))
                continue
            if message is None:
                return
            if isinstance(message, AgentReport):
                await self._hear(agent, message)

    async def _receive(
        self, socket: web.WebSocketResponse
    ) -> Hello | AgentReport | None:
        """None: the agent closed. Raises ParseError, TimeoutError."""
        async with asyncio.timeout(self._silent_s):
            message = await socket.receive()
        if message.type is WSMsgType.TEXT:
            return parse_message(agent_message, message.data)
        if message.type is WSMsgType.BINARY:
            raise ParseError("not_text", zh="消息必须是文本", en="messages are text")
        return None

    async def _hear(self, agent: Agent, report: AgentReport) -> None:
        await self._tell_time(agent, report)
        before, agent.report = agent.report, report
        await self._take_seat(agent, before)
        if is_news(before, report):
            await self._tell_others(agent, online=True)
        await self._direct(agent)
        if is_agenda_due(agent, self._clock.mono_s()):
            self._later(self._renew_agenda(agent))

    async def _tell_time(self, agent: Agent, report: AgentReport) -> None:
        """At once: the room measures its clock by how soon the answer comes."""
        if report.at is None:
            return
        now = self._now()
        agent.clock_skew_s = report.at - now
        with suppress(ConnectionError):
            answer = ServerTime(at=now, echo=report.at)
            await agent.socket.send_str(answer.to_json())

    async def _take_seat(self, agent: Agent, before: AgentReport) -> None:
        """Writes down that the room is in its session, or left the one it was in."""
        inside = agent.report.state in ("waiting", "in_lesson")
        session = agent.report.session if inside else before.session
        left = agent.report.state in ("standby", "check_failed")
        if session is None or not (inside or left):
            return
        news = await self._sessions.seat(
            SessionId(session), agent.room, present=inside, at=self._clock.now()
        )
        if news:
            self._starter.wake()

    async def _leave(self, agent: Agent) -> None:
        if not agent.socket.closed:
            await agent.socket.close()
        if not self.agents.remove(agent):
            return
        self._metrics.online.set(len(self.agents))
        _log.info("- agent_offline", site_room=agent.room)
        await self._tell_others(agent, online=False)

    async def _tell_others(self, agent: Agent, *, online: bool) -> None:
        event = AgentStateChanged(
            at=self._now(),
            site_room=agent.room,
            name=agent.name,
            online=online,
            state=agent.report.state if online else None,
            session=agent.report.session if online else None,
            checks=agent.report.checks if online else [],
        )
        try:
            await self._bus.publish(event)
        except UnavailableError as error:
            _log.warning("bus_away", error=str(error))

    # ---- where to be --------------------------------------------------------------

    def changed(self, running: Running) -> None:
        """A session moved on: tell its rooms. Returns at once: no slow line of one
        school may hold up the bell of the others."""
        for agent in self._connected(running.expected):
            self._later(self._direct(agent, moved=running))

    def refresh(self, rooms: Iterable[SiteRoomId]) -> None:
        """The timetable of these rooms changed: their idle screens show it, and what
        they keep is renewed."""
        for agent in self._connected(rooms):
            self._later(self._direct(agent))
            self._later(self._renew_agenda(agent))

    def _connected(self, rooms: Iterable[SiteRoomId]) -> list[Agent]:
        each = dict.fromkeys(rooms)
        return [agent for room in each if (agent := self.agents.get(room))]

    def _later(self, telling: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _direct(
        self, agent: Agent, *, moved: Running | None = None, arrived: bool = False
    ) -> None:
        """Says what is missing between where the room is and where it should be."""
        words = partial(self._director.commands, agent, moved=moved, arrived=arrived)
        await self._tell(agent, words, _SEND_S)

    async def _renew_agenda(self, agent: Agent) -> None:
        """Gives the room its agenda, unless it keeps this one."""
        agent.agenda_looked_s = self._clock.mono_s()
        async with self._agenda_turn:
            await self._tell(agent, partial(self._agenda, agent), _SEND_AGENDA_S)

    async def _agenda(self, agent: Agent) -> Sequence[Message]:
        agenda = await self._agendas.of_room(agent.room)
        agent.agenda = agenda.version
        return [] if agent.report.agenda == agenda.version else [agenda]

    async def _tell(
        self,
        agent: Agent,
        words: Callable[[], Awaitable[Sequence[Message]]],
        patience_s: float,
    ) -> None:
        """What `words` says once it is the room's turn. It is asked only then, so
        that the last thing a room hears is the newest."""
        try:
            async with agent.telling, asyncio.timeout(patience_s):
                for message in await words():
                    await agent.socket.send_str(message.to_json())
        except (ConnectionError, TimeoutError) as error:
            # Its own loop ends the dead channel; the room is told on its next one.
            _log.warning("x agent_send", site_room=agent.room, reason=repr(error))
            await agent.socket.close()
        except Exception:  # the outermost frame of a telling task
            _log.exception("agent_not_directed", site_room=agent.room)

    def _now(self) -> float:
        return self._clock.wall_us() / 1_000_000
