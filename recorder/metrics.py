"""What the recorder and the library tell Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

from common.metrics import Registry


class RecorderMetrics:
    def __init__(self, registry: Registry) -> None:
        self.running = Gauge(
            "classroom_recordings_running",
            "Recordings being made by this process",
            registry=registry,
        )
        self.in_trouble = Gauge(
            "classroom_recordings_in_trouble",
            "Running recordings that cannot write or get no media",
            registry=registry,
        )
        self.finished = Counter(
            "classroom_recordings_finished_total",
            "Recordings finished into the library",
            registry=registry,
        )
        self.gap_seconds = Counter(
            "classroom_recording_gap_seconds_total",
            "Media expected and not recorded, when its recording finished",
            ["reason"],
            registry=registry,
        )
        self.bytes = Counter(
            "classroom_recording_bytes_total",
            "Media handed to the object store",
            registry=registry,
        )
        self.frames = Counter(
            "classroom_recording_frames_total",
            "Frames received from the room",
            ["kind"],
            registry=registry,
        )
        self.finish_seconds = Histogram(
            "classroom_recording_finish_duration_seconds",
            "From the closing bell to a finished library entry",
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
            registry=registry,
        )
        self.spool_bytes = Gauge(
            "classroom_recording_spool_bytes",
            "Media on the recorder's disk that the object store has not got",
            registry=registry,
        )
