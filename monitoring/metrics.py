"""What lessons tell Prometheus. Gauges are read from the wall at each scrape.

Families with the label `site` (one real classroom) are the only ones that grow with
the district; sessions, participants and people never become labels: their truth is
in `lesson_quality`.
"""

from collections import Counter as StateCounts
from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.clock import Clock
from common.metrics import Registry
from common.protocol.events import (
    BusEvent,
    ParticipantLeft,
    QualityReported,
    SessionPrepare,
    SessionStart,
)
from monitoring import quality
from monitoring.cards import ROOM_WORDS
from monitoring.collect import RUNNING, Wall
from monitoring.overview import overview
from monitoring.tally import Change, SeatTally

_JOIN_BUCKETS_S = (0.25, 0.5, 1, 2, 3, 5, 8, 13, 30)
_SCORE_BUCKETS = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)
# What the SFU may give as a reason; anything else is counted as `other`.
_LEFT_REASONS = frozenset(
    {"left", "lesson_ended", "removed", "replaced", "shutdown", "media_lost"}
)
_OUTCOMES = (
    ("ok", ""),
    ("late", ""),
    ("failed", "no_media"),
    ("failed", "not_joined"),
    ("failed", "offline"),
)
_SITE = ("site",)


class MonitoringMetrics:
    def __init__(self, registry: Registry, wall: Wall, clock: Clock) -> None:
        self._events = Counter(
            "classroom_monitoring_events",
            "Bus events read, by type",
            ["type"],
            registry=registry,
        )
        self._starts = Counter(
            "classroom_lesson_starts",
            "Booked classrooms of finished lessons: ok = saw and heard the teacher "
            "within 60 s of the bell, late = after that, failed = never",
            ["site", "outcome", "reason"],
            registry=registry,
        )
        self._join = Histogram(
            "classroom_join_duration_seconds",
            "From join to the first decoded frame",
            ["role"],
            buckets=_JOIN_BUCKETS_S,
            registry=registry,
        )
        self._play = _counter(registry, "video_play_seconds", "Picture time reported")
        self._freeze = _counter(registry, "video_freeze_seconds", "Picture time frozen")
        self._samples = _counter(registry, "audio_samples", "Sound samples played")
        self._concealed = _counter(
            registry, "audio_concealed_samples", "Sound samples made up for lost ones"
        )
        self._disconnects = Counter(
            "classroom_session_disconnects",
            "Classrooms that left a running lesson, by reason",
            ["site", "reason"],
            registry=registry,
        )
        self._score = Histogram(
            "classroom_quality_score_ratio",
            "Quality of one report, 1 is perfect (monitoring/quality.py)",
            ["kind"],
            buckets=_SCORE_BUCKETS,
            registry=registry,
        )
        registry.register(_WallCollector(wall, clock))

    def heard(self, event: BusEvent) -> None:
        """Every event, known or not: shows that the bus is alive."""
        self._events.labels(event.type).inc()
        if isinstance(event, SessionPrepare | SessionStart):
            for site in event.facts.site_rooms:
                self._expect(site)

    def _expect(self, site: str) -> None:
        """Prometheus sees no increase in a series that begins at 1: so a room's first
        failure would be in no alert, were its series not there before at 0."""
        for outcome, reason in _OUTCOMES:
            self._starts.labels(site, outcome, reason)
        for reason in _LEFT_REASONS:
            self._disconnects.labels(site, reason)

    def counted(self, event: BusEvent, change: Change) -> None:
        """An event that changed a seat's row, so it comes here once."""
        before, after = change
        joined_before = before is not None and before.join_ms is not None
        if after.join_ms is not None and not joined_before:
            self._join.labels(after.role).observe(after.join_ms / 1000)
        match event:
            case QualityReported():
                self._report(event)
            case ParticipantLeft(site_room=str(site), reason=reason):
                known = reason if reason in _LEFT_REASONS else "other"
                self._disconnects.labels(site, known).inc()
            case _:
                return

    def finished(self, rows: list[SeatTally], starts_at: float, wall: Wall) -> None:
        """All rows of a session that has just stopped."""
        for row in rows:
            if row.site_room is None or row.role not in ("master", "room"):
                continue
            outcome = row.outcome(starts_at)
            reason = _failure(row, wall) if outcome == "failed" else ""
            self._starts.labels(row.site_room, outcome, reason).inc()

    def _report(self, event: QualityReported) -> None:
        report = event.report
        site = event.site_room or "none"
        if report.video_frames:
            self._play.labels(site).inc(report.interval_s)
        self._freeze.labels(site).inc(report.freeze_s)
        self._samples.labels(site).inc(report.audio_samples)
        self._concealed.labels(site).inc(report.concealed_samples)
        scores = quality.score(report, rtt_ms=event.rtt_ms, loss_ratio=event.loss_ratio)
        self._score.labels("line").observe(scores.line / 100)
        self._score.labels("video").observe(scores.picture / 100)
        self._score.labels("audio").observe(scores.sound / 100)


def _counter(registry: Registry, name: str, text: str) -> Counter:
    return Counter(f"classroom_{name}", text, _SITE, registry=registry)


def _failure(row: SeatTally, wall: Wall) -> str:
    if row.joins:
        return "no_media"
    agent = wall.agents.get(row.site_room or "")
    return "not_joined" if agent is not None and agent.online else "offline"


class _WallCollector(Collector):
    """The present, computed when asked: nothing to keep in step."""

    def __init__(self, wall: Wall, clock: Clock) -> None:
        self._wall = wall
        self._clock = clock

    def describe(self) -> Iterator[Metric]:
        return self.collect()

    def collect(self) -> Iterator[Metric]:
        yield self._agent_up()
        yield self._scheduled()
        yield self._devices()
        yield _states("classroom_lessons", "Lessons on the wall", self._lessons())
        yield _states("classroom_rooms", "Classrooms on the wall", self._rooms())
        yield _states("classroom_recordings", "Recordings", self._recordings())

    def _agent_up(self) -> Metric:
        family = GaugeMetricFamily(
            "classroom_agent_up", "1 while the room's agent is connected", labels=_SITE
        )
        for site, agent in self._wall.agents.items():
            family.add_metric([site], float(agent.online))
        return family

    def _scheduled(self) -> Metric:
        family = GaugeMetricFamily(
            "classroom_site_lesson_scheduled",
            "1 while the room is due in a running session",
            labels=_SITE,
        )
        due = {
            site
            for watched in self._wall.sessions.values()
            if watched.state in RUNNING and watched.facts is not None
            for site in watched.facts.site_rooms
        }
        for site in sorted(due | set(self._wall.agents)):
            family.add_metric([site], float(site in due))
        return family

    def _devices(self) -> Metric:
        family = GaugeMetricFamily(
            "classroom_device_ok",
            "Result of the room's last self-check, 1 is good",
            labels=("site", "device"),
        )
        for site, agent in self._wall.agents.items():
            for check in agent.checks:
                family.add_metric([site, check.name], float(check.ok))
        return family

    def _lessons(self) -> "StateCounts[str]":
        return StateCounts(watched.state for watched in self._wall.sessions.values())

    def _rooms(self) -> "StateCounts[str]":
        now = self._clock.wall_us() / 1_000_000
        counts: StateCounts[str] = StateCounts(dict.fromkeys(ROOM_WORDS, 0))
        counts.update(card.state for card in overview(self._wall, now).rooms)
        return counts

    def _recordings(self) -> "StateCounts[str]":
        return StateCounts(
            watched.recording.state
            for watched in self._wall.sessions.values()
            if watched.recording is not None
        )


def _states(name: str, text: str, counts: "StateCounts[str]") -> Metric:
    family = GaugeMetricFamily(name, f"{text}, by state", labels=("state",))
    for state in sorted(counts):
        family.add_metric([state], float(counts[state]))
    return family
