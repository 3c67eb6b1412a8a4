"""What lets time act: a clock that is watched, a lease, and the starter on both."""

from dataclasses import dataclass
from typing import Self

from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.db import Database
from common.metrics import Registry
from scheduler.leading.lease import Lease, holder_name
from scheduler.leading.lease_store import Leases
from scheduler.leading.metrics import LeadMetrics
from scheduler.leading.steady import SteadyClock
from scheduler.sessions.announcer import Announcer
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.metrics import SessionMetrics
from scheduler.sessions.plan import Timing
from scheduler.sessions.session_store import Sessions
from scheduler.sessions.starter import Starter


@dataclass(frozen=True)
class Clockwork:
    lease: Lease
    steady: SteadyClock
    starter: Starter

    @classmethod
    def build(
        cls,
        config: Config,
        database: Database,
        sessions: Sessions,
        facts: FactsDesk,
        bus: Bus,
        clock: Clock,
        registry: Registry,
    ) -> Self:
        steady, timing = SteadyClock(clock), _timing(config)
        lease = Lease(
            Leases(database),
            holder_name(config.server.data_dir),
            clock,
            LeadMetrics(registry),
            ttl_s=config.scheduler.lease_s,
        )
        metrics = SessionMetrics(registry)
        announcer = Announcer(sessions, facts, bus, steady, timing, metrics)
        starter = Starter(sessions, announcer, lease, steady, timing, metrics)
        return cls(lease, steady, starter)


def _timing(config: Config) -> Timing:
    scheduler = config.scheduler
    return Timing(
        lead_s=scheduler.lead_s,
        late_s=scheduler.late_start_s,
        ending_s=scheduler.ending_grace_s,
    )
