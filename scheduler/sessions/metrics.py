"""What is counted about sessions and the time they run by. Labels are closed sets."""

from prometheus_client import Counter, Gauge, Histogram

from common.metrics import Registry
from scheduler.leading.steady import SteadyClock
from scheduler.sessions.actions import Action
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.plan import PUNCTUAL_S

_BELL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600)

_STARTS = (
    ("ok", ""),
    ("late", "after_bell"),
    ("late", "rooms_missing"),
    ("failed", Cause.MISSED),
    ("failed", Cause.NOBODY_CAME),
)


class SessionMetrics:
    def __init__(self, registry: Registry) -> None:
        self._sessions = Gauge(
            "classroom_sessions",
            "Sessions not yet over, within the hour ahead",
            ["state"],
            registry=registry,
        )
        self._transitions = Counter(
            "classroom_session_transitions_total",
            "Transitions of the life cycle",
            ["state", "reason"],
            registry=registry,
        )
        self._starts = Counter(
            "classroom_session_starts_total",
            "Sessions that reached their bell, by how it went",
            ["outcome", "reason"],
            registry=registry,
        )
        # Prometheus sees no increase in a series that begins at 1.
        for outcome, reason in _STARTS:
            self._starts.labels(outcome, reason)
        self._measure_work(registry)
        self._measure_time(registry)

    def _measure_work(self, registry: Registry) -> None:
        self.bell_delay = Histogram(
            "classroom_bell_delay_seconds",
            "From the bell to the session being live",
            buckets=_BELL_BUCKETS,
            registry=registry,
        )
        self.unannounced = Gauge(
            "classroom_session_unannounced_transitions",
            "Transitions that wait for the bus",
            registry=registry,
        )
        self.skipped = Counter(
            "classroom_actions_skipped_total",
            "Actions that came too late to be of use",
            ["kind"],
            registry=registry,
        )
        for action in Action:
            self.skipped.labels(action)

    def _measure_time(self, registry: Registry) -> None:
        self.clock_set = Counter(
            "classroom_scheduler_clock_set_total",
            "Times a new wall clock time was believed",
            registry=registry,
        )
        self._clock_disagreement = Gauge(
            "classroom_scheduler_clock_disagreement_seconds",
            "Wall clock minus the time that the timetable runs by",
            registry=registry,
        )

    def clock(self, clock: SteadyClock) -> None:
        self._clock_disagreement.set(clock.disagreement_s)

    def states(self, counts: dict[State, int]) -> None:
        for state in State:
            self._sessions.labels(state).set(counts.get(state, 0))

    def moved(self, to: State, cause: Cause, delay_s: float, *, missing: bool) -> None:
        """`delay_s`: seconds after the bell; read only for starts."""
        self._transitions.labels(to, cause).inc()
        if cause is Cause.BELL and to is State.LIVE:
            self.bell_delay.observe(max(0.0, delay_s))
            late = delay_s > PUNCTUAL_S
            outcome = "late" if late or missing else "ok"
            reason = "after_bell" if late else "rooms_missing" if missing else ""
            self._starts.labels(outcome, reason).inc()
        if to is State.FAILED:
            self._starts.labels("failed", cause).inc()
