"""What is counted about the channels to the rooms."""

from prometheus_client import Counter, Gauge

from common.metrics import Registry


class AgentMetrics:
    def __init__(self, registry: Registry) -> None:
        self.online = Gauge(
            "classroom_agents_online",
            "Classroom agents with a live control channel",
            registry=registry,
        )
        self.lost = Counter(
            "classroom_agents_lost_total",
            "Control channels given up for silence",
            registry=registry,
        )
