"""What the node tells Prometheus: rooms, sessions, packets, refusals."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from common.metrics import Registry

_RTT_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class SfuMetrics:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.joins = Counter(
            "classroom_sfu_joins",
            "Joins tried, by role and outcome (ok, or the code of the refusal)",
            ["role", "outcome"],
            registry=registry,
        )
        self.signalling_errors = Counter(
            "classroom_sfu_signalling_errors",
            "Errors told to participants, by code",
            ["code"],
            registry=registry,
        )
        self.slow_sockets = Counter(
            "classroom_sfu_slow_sockets",
            "Sockets dropped because they did not take what was sent",
            registry=registry,
        )
        self.ice = Counter(
            "classroom_ice",
            "Media connections tried, by how they ended up",
            ["result"],
            registry=registry,
        )
        # Prometheus sees no increase in a series that begins at 1.
        for result in ("udp", "tcp", "failed"):
            self.ice.labels(result)
        self.dtls_failures = Counter(
            "classroom_dtls_failures", "Failed DTLS handshakes", registry=registry
        )
        self.lost = Counter(
            "classroom_rtp_lost",
            "Received packets missed, by kind",
            ["kind"],
            registry=registry,
        )
        self.rtt = Histogram(
            "classroom_rtt_seconds",
            "Round trip to participants, once a second each",
            buckets=_RTT_BUCKETS_S,
            registry=registry,
        )

    def watch(
        self,
        counters: Callable[[], Mapping[str, int]],
        load: Callable[[], float],
        census: Callable[[], Mapping[str, int]],
        rooms: Callable[[], int],
    ) -> None:
        """Families read at each scrape. `census`: role -> participants."""
        self._registry.register(_NodeCollector(counters, load, census, rooms))


class _NodeCollector(Collector):
    def __init__(
        self,
        counters: Callable[[], Mapping[str, int]],
        load: Callable[[], float],
        census: Callable[[], Mapping[str, int]],
        rooms: Callable[[], int],
    ) -> None:
        self._counters = counters
        self._load = load
        self._census = census
        self._rooms = rooms

    def describe(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("classroom_sfu_rooms", "")

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "classroom_sfu_rooms", "Open rooms", value=self._rooms()
        )
        yield GaugeMetricFamily(
            "classroom_sfu_load_ratio",
            "Share of one core that the engine thread used in the last second",
            value=self._load(),
        )
        sessions = GaugeMetricFamily(
            "classroom_sfu_sessions", "Participants now, by role", labels=["role"]
        )
        for role, count in self._census().items():
            sessions.add_metric([role], count)
        yield sessions
        yield from _engine_families(self._counters())


def _engine_families(counters: Mapping[str, int]) -> Iterator[Metric]:
    for name, help_text, wanted in (
        ("rtp_packets", "Datagrams", ("packets_in", "packets_out")),
        ("rtp_bytes", "Bytes in datagrams", ("bytes_in", "bytes_out")),
        ("pli", "Keyframe requests", ("plis_in", "plis_out")),
    ):
        family = CounterMetricFamily(
            f"classroom_{name}", f"{help_text}, by direction", labels=["direction"]
        )
        for counter, direction in zip(wanted, ("in", "out"), strict=True):
            family.add_metric([direction], counters.get(counter, 0))
        yield family
    for name, help_text, counter in (
        ("nack", "NACKs received", "nacks_in"),
        ("rtp_retransmits", "Packets sent again", "retransmits_out"),
        ("sfu_queue_dropped_events", "Engine events thrown away", "events_lost"),
    ):
        yield CounterMetricFamily(
            f"classroom_{name}", help_text, value=counters.get(counter, 0)
        )
    dropped = CounterMetricFamily(
        "classroom_sfu_dropped_packets",
        "Datagrams and packets dropped at the door, by reason",
        labels=["reason"],
    )
    for counter, value in counters.items():
        if counter.startswith("dropped_"):
            dropped.add_metric([counter.removeprefix("dropped_")], value)
    yield dropped
