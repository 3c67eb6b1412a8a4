"""One scheduler process without its port: its clock is moved by hand."""

from dataclasses import dataclass, field
from datetime import datetime

from common.bus import Bus
from common.clock import ManualClock
from common.db import Database
from common.ids import SiteRoomId
from common.metrics import Registry
from common.protocol.events import ParticipantJoined
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.store import Catalogue
from scheduler.leading.lease import Lease
from scheduler.leading.lease_store import Leases
from scheduler.leading.metrics import LeadMetrics
from scheduler.leading.steady import SteadyClock
from scheduler.sessions.announcer import Announcer
from scheduler.sessions.answers import Answers
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import State
from scheduler.sessions.metrics import SessionMetrics
from scheduler.sessions.plan import Running, Timing
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter
from tests.unit.scheduler.district import DISTRICT, SCHEDULER_MIGRATIONS

LEASE_S = 6.0


async def open_bench(database_url: str, bus: Bus, at: datetime) -> "Bench":
    """The small district, and one process. The caller closes its database."""
    database = Database(database_url)
    await database.migrate(SCHEDULER_MIGRATIONS, "scheduler_version")
    await Catalogue(database).put(DISTRICT)
    return Bench(database, bus, ManualClock(at))


@dataclass
class Bench:
    """One starter as a process would have it."""

    database: Database
    bus: Bus
    clock: ManualClock
    name: str = "first"
    told: list[Running] = field(default_factory=list)
    """What rooms would have been told of."""

    def __post_init__(self) -> None:
        self.registry = Registry()
        metrics = SessionMetrics(self.registry)
        self.sessions = Sessions(self.database)
        self.lessons = Lessons(self.database)
        self.steady = SteadyClock(self.clock)
        desk = WorldDesk(Catalogue(self.database), self.clock)
        facts = FactsDesk(desk, self.lessons)
        self.lease = Lease(
            Leases(self.database),
            self.name,
            self.clock,
            LeadMetrics(self.registry),
            ttl_s=LEASE_S,
        )
        announcer = Announcer(
            self.sessions, facts, self.bus, self.steady, Timing(), metrics
        )
        self.starter = Starter(
            self.sessions, announcer, self.lease, self.steady, Timing(), metrics
        )
        self.starter.changed = self.told.append
        self.answers = Answers(self.bus, self.sessions, self.starter, self.clock)

    def process(self, name: str, clock: ManualClock | None = None) -> "Bench":
        """Another process: same database and bus, nothing remembered; the same clock,
        or one of its own."""
        return Bench(self.database, self.bus, clock or self.clock, name)

    def restarted(self) -> "Bench":
        return self.process(self.name)

    def go_to(self, moment: datetime) -> None:
        self.clock.advance((moment - self.clock.now()).total_seconds())

    async def step(self) -> float:
        """One look, the lease kept as its own task would."""
        await self.lease.beat()
        return await self.starter.step()

    async def join(self, one: Lesson, room: SiteRoomId) -> None:
        await self.answers.hear(
            ParticipantJoined(
                at=0,
                session=one.session,
                participant=f"par-{room}",
                role="room",
                name=room,
                site_room=room,
            )
        )

    async def state(self, one: Lesson) -> State:
        return (await self.sessions.get(one.session)).state

    async def states(self, one: Lesson) -> list[State]:
        """All that it went through, in order."""
        return [h.to_state for h in await self.sessions.history(one.session)]

    async def why(self, one: Lesson) -> list[str]:
        """Cause and detail of all that it went through, in order."""
        history = await self.sessions.history(one.session)
        return [f"{h.cause} {h.detail}".strip() for h in history]

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0
