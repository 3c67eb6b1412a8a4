"""What is counted about the channels to the rooms."""

from prometheus_client import Counter, Gauge

from common.metrics import Registry
from scheduler.agents.connected import Agents, has_old_agenda, has_wrong_clock


class AgentMetrics:
    def __init__(self, registry: Registry) -> None:
        self.online = Gauge(
            "classroom_agents_online",
            "Classroom agents with a live control channel",
            registry=registry,
        )
        self._clock_wrong = Gauge(
            "classroom_agents_clock_wrong",
            "Connected agents whose clock is more than 2 s off",
            registry=registry,
        )
        self._agenda_old = Gauge(
            "classroom_agents_agenda_old",
            "Connected agents that do not keep the agenda they were given",
            registry=registry,
        )
        self.lost = Counter(
            "classroom_agents_lost_total",
            "Control channels given up for silence",
            registry=registry,
        )

    def watch(self, agents: Agents) -> None:
        """Counted at each scrape: nothing to keep in step."""
        self._clock_wrong.set_function(lambda: sum(map(has_wrong_clock, agents)))
        self._agenda_old.set_function(lambda: sum(map(has_old_agenda, agents)))
