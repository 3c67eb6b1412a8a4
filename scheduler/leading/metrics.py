"""What is counted about who leads."""

from prometheus_client import Counter, Gauge

from common.metrics import Registry


class LeadMetrics:
    def __init__(self, registry: Registry) -> None:
        self.leading = Gauge(
            "classroom_scheduler_leading",
            "1 where this process carries out the timetable",
            registry=registry,
        )
        self.fence = Gauge(
            "classroom_scheduler_fence",
            "Fencing number of the leader, as this process knows it",
            registry=registry,
        )
        self.lease_taken = Counter(
            "classroom_scheduler_lease_taken_total",
            "Times this process became the leader",
            registry=registry,
        )
        self.fenced = Counter(
            "classroom_scheduler_writes_fenced_total",
            "Writes refused because a newer leader had taken over",
            registry=registry,
        )
        self.database_clock = Gauge(
            "classroom_scheduler_database_clock_offset_seconds",
            "Clock of the database server minus the wall clock here",
            registry=registry,
        )
