"""The scheduler as a service: what stands on what, and in which order it opens."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.db import Database
from common.http import Router
from common.identity import Signer, ensure_secret
from common.metrics import Registry
from common.tasks import end_task
from scheduler.agents.agenda import AgendaDesk
from scheduler.agents.control import Control
from scheduler.agents.director import Director
from scheduler.agents.metrics import AgentMetrics
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.store import Catalogue
from scheduler.edition.service import EditionsService
from scheduler.edition.store import Editions
from scheduler.exchange.service import add_exchange
from scheduler.front.api_lessons import LessonsApi
from scheduler.front.api_people import PeopleApi
from scheduler.front.api_running import RunningApi
from scheduler.front.api_sessions import SessionsApi
from scheduler.front.planner import Planner
from scheduler.front.present import Presenter
from scheduler.importer.api import CatalogueApi
from scheduler.repair.api import RepairApi
from scheduler.repair.desk import RepairDesk
from scheduler.repair.ending_desk import EndingDesk
from scheduler.repair.store import Proposals
from scheduler.sessions.answers import Answers
from scheduler.sessions.clockwork import Clockwork
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.overrun import OverrunLimits
from scheduler.sessions.overrun_store import Overruns
from scheduler.sessions.resume import Resuming
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter
from scheduler.term.api import TermsApi
from scheduler.term.metrics import CalendarMetrics
from scheduler.term.watch import CalendarWatch

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "scheduler_version"
PREFIX = "/api/v1"
CONTROL_PATH = "/control/v1/ws"


class SchedulerService:
    def __init__(
        self, config: Config, bus: Bus, clock: Clock, metrics: Registry
    ) -> None:
        self._bus = bus
        self._database = Database(config.database_url)
        secret = ensure_secret(config.auth.secret, config.server.data_dir)
        signer = Signer(secret)
        self.catalogue = Catalogue(self._database)
        lessons, sessions = Lessons(self._database), Sessions(self._database)
        desk = WorldDesk(self.catalogue, clock)
        facts = FactsDesk(desk, lessons)
        self._calendar = CalendarWatch(desk, clock, CalendarMetrics(metrics))
        self._clockwork = Clockwork.build(
            config, self._database, sessions, facts, bus, clock, metrics
        )
        self._starter = self._clockwork.starter
        self._answers = Answers(bus, sessions, self._starter, clock)
        self._control = Control(
            self.catalogue,
            sessions,
            self._starter,
            _director(config, lessons, sessions, facts, self._starter, signer, clock),
            _agendas(config, lessons, facts, signer, clock),
            signer,
            bus,
            clock,
            AgentMetrics(metrics),
            silent_s=config.scheduler.agent_silent_s,
        )
        self._starter.changed = self._control.changed
        presenter = Presenter(desk, facts, lessons, sessions, self._control.agents)
        self._router = Router(PREFIX, "同课 Tongke: timetable and sessions")
        PeopleApi(config, clock, signer, desk).add_to(self._router)
        SessionsApi(
            config,
            clock,
            signer,
            desk,
            facts,
            lessons,
            sessions,
            self._starter,
            self._control,
            presenter,
        ).add_to(self._router)
        planner = Planner(desk, lessons, Editions(self._database), clock)
        LessonsApi(lessons, planner, self._starter, self._control, presenter).add_to(
            self._router
        )
        overruns = Overruns(self._database, sessions, _overrun_limits(config))
        resuming = Resuming(lessons, sessions, clock)
        RunningApi(
            overruns, resuming, self._clockwork, clock, self._control, presenter
        ).add_to(self._router)
        self._add_planning(desk, lessons, clock)
        self._editions = EditionsService(
            self._database, desk, clock, self._lessons_changed
        )
        self._editions.add_to(self._router)
        self._closing = AsyncExitStack()

    def _add_planning(self, desk: WorldDesk, lessons: Lessons, clock: Clock) -> None:
        CatalogueApi(self.catalogue, desk).add_to(self._router)
        add_exchange(self._router, desk, self.catalogue, self._database, clock, PREFIX)
        TermsApi(desk, clock).add_to(self._router)
        proposals = Proposals(self._database)
        repairs = RepairDesk(desk, lessons, proposals, self._starter, clock)
        sessions = Sessions(self._database)
        endings = EndingDesk(desk, lessons, sessions, proposals, clock)
        RepairApi(repairs, endings, desk, self._starter, self._control).add_to(
            self._router
        )

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        control = web.get(CONTROL_PATH, self._control.handle)
        return [*self._router.routes(), control]

    async def start(self) -> None:
        """Migrates, catches up with what is due, then keeps going by itself."""
        self._closing.push_async_callback(self._database.close)
        await self._database.migrate(MIGRATIONS, VERSION_TABLE)
        self._closing.push_async_callback(self._control.stop)
        self._closing.push_async_callback(self._clockwork.lease.give_back)
        await self._clockwork.lease.beat()
        await self._answers.catch_up()
        await self._starter.step()
        lease = self._clockwork.lease
        for work in (
            lease.run(),
            self._starter.run(),
            self._answers.run(),
            self._calendar.run(),
        ):
            task = asyncio.create_task(work)
            self._closing.push_async_callback(end_task, task)
        self._closing.push_async_callback(self._editions.stop)
        await self._editions.start()

    async def stop(self) -> None:
        """Idempotent; running lessons go on without us: another process carries on at
        once, or we do when we are back."""
        await self._closing.aclose()

    def _lessons_changed(self) -> None:
        self._starter.wake()
        self._control.refresh([agent.room for agent in self._control.agents])

    async def health(self) -> dict[str, bool]:
        return {
            "database": await self._database.ping(),
            "bus": await self._bus.ping(),
        }


def _director(
    config: Config,
    lessons: Lessons,
    sessions: Sessions,
    facts: FactsDesk,
    starter: Starter,
    signer: Signer,
    clock: Clock,
) -> Director:
    return Director(
        lessons,
        sessions,
        facts,
        starter,
        signer,
        clock,
        sfu_url=config.sfu_url,
        lead_s=config.scheduler.lead_s,
    )


def _agendas(
    config: Config, lessons: Lessons, facts: FactsDesk, signer: Signer, clock: Clock
) -> AgendaDesk:
    return AgendaDesk(
        lessons,
        facts,
        signer,
        clock,
        sfu_url=config.sfu_url,
        lead_s=config.scheduler.lead_s,
    )


def _overrun_limits(config: Config) -> OverrunLimits:
    scheduler = config.scheduler
    return OverrunLimits(scheduler.overrun_max_s, scheduler.handover_s)
