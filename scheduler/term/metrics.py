"""What is counted about the calendar."""

from typing import get_args

from prometheus_client import Gauge

from common.metrics import Registry
from scheduler.term.ahead import Doubt


class CalendarMetrics:
    def __init__(self, registry: Registry) -> None:
        self._doubtful = Gauge(
            "classroom_calendar_doubts",
            "Days of terms within the next 30: unknown = of a year whose holidays are"
            " neither known here nor entered, not_entered = official holidays on which"
            " lessons would take place",
            ["kind"],
            registry=registry,
        )
        for doubt in get_args(Doubt):
            self._doubtful.labels(doubt)

    def looked(self, days: dict[Doubt, int]) -> None:
        for doubt, count in days.items():
            self._doubtful.labels(doubt).set(count)
