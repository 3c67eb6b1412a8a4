"""What Prometheus reads, through the real text format."""

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from common.clock import ManualClock
from common.metrics import Registry
from common.protocol.events import BusEvent
from monitoring.collect import Wall
from monitoring.metrics import MonitoringMetrics
from monitoring.tally import Change, SeatTally, fold
from tests.unit.monitoring.lesson import (
    BELL,
    agent,
    joined,
    left,
    prepared,
    recording,
    report,
    reported,
    started,
)


class Watched:
    """The metrics beside a wall, fed as the service feeds them."""

    def __init__(self) -> None:
        self.wall = Wall()
        self.registry = Registry()
        clock = ManualClock(datetime.fromtimestamp(BELL + 60, UTC))
        self.metrics = MonitoringMetrics(self.registry, self.wall, clock)
        self.rows: dict[str, SeatTally] = {}

    def tell(self, *events: BusEvent) -> None:
        for event in events:
            self.metrics.heard(event)
            self.wall.apply(event)
            for row in fold(self.rows, event):
                self.metrics.counted(event, Change(self.rows.get(row.seat), row))
                self.rows[row.seat] = row

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_a_room_is_up_while_its_agent_is_connected() -> None:
    watched = Watched()
    watched.tell(agent("lihe"), agent("sanguan", None, online=False))
    assert watched.value("classroom_agent_up", site="lihe") == 1
    assert watched.value("classroom_agent_up", site="sanguan") == 0


def test_a_lesson_is_scheduled_for_its_rooms_while_the_session_runs() -> None:
    watched = Watched()
    watched.tell(agent("elsewhere"), prepared())
    scheduled = "classroom_site_lesson_scheduled"
    assert watched.value(scheduled, site="lihe") == 1
    assert watched.value(scheduled, site="elsewhere") == 0


def test_each_device_of_a_self_check_is_named() -> None:
    watched = Watched()
    watched.tell(agent("lihe", "check_failed", failed="camera"))
    assert watched.value("classroom_device_ok", site="lihe", device="camera") == 0


def test_rooms_lessons_and_recordings_are_counted_by_state() -> None:
    watched = Watched()
    watched.tell(started(), joined("lihe"), recording("trouble", BELL + 5))
    assert watched.value("classroom_rooms", state="in_lesson") == 1
    assert watched.value("classroom_rooms", state="offline") == 2
    assert watched.value("classroom_lessons", state="live") == 1
    assert watched.value("classroom_recordings", state="trouble") == 1


def test_a_report_told_twice_is_counted_once() -> None:
    watched = Watched()
    event = reported("lihe", BELL + 5, report(freezes=1, freeze_s=0.5, concealed=480))
    watched.tell(event, event)
    assert watched.value("classroom_video_play_seconds_total", site="lihe") == 5
    assert watched.value("classroom_video_freeze_seconds_total", site="lihe") == 0.5
    assert watched.value("classroom_audio_samples_total", site="lihe") == 240_000
    concealed = "classroom_audio_concealed_samples_total"
    assert watched.value(concealed, site="lihe") == 480
    assert watched.value("classroom_quality_score_ratio_count", kind="video") == 1


def test_a_join_time_repeated_in_every_report_is_observed_once() -> None:
    watched = Watched()
    watched.tell(
        reported("lihe", BELL + 5, report(join_ms=700)),
        reported("lihe", BELL + 10, report(join_ms=700)),
    )
    assert watched.value("classroom_join_duration_seconds_count", role="room") == 1
    assert watched.value("classroom_join_duration_seconds_sum", role="room") == 0.7


def test_reasons_of_disconnects_are_a_closed_set() -> None:
    watched = Watched()
    watched.tell(
        joined("lihe", BELL),
        left("lihe", BELL + 9, reason="media_lost"),
        joined("sanguan", BELL),
        left("sanguan", BELL + 9, reason="aliens at 10.1.2.3"),
    )
    name = "classroom_session_disconnects_total"
    assert watched.value(name, site="lihe", reason="media_lost") == 1
    assert watched.value(name, site="sanguan", reason="other") == 1


def test_a_finished_lesson_counts_each_room_as_ok_late_or_failed() -> None:
    watched = Watched()
    watched.tell(
        agent("lihe"),
        joined("master", BELL - 5),
        joined("sanguan", BELL),
        reported("sanguan", BELL + 200),
    )
    lihe = SeatTally("ses-1", "room:lihe", "room", site_room="lihe")
    rows = [*watched.rows.values(), lihe]
    watched.metrics.finished(rows, BELL, watched.wall)
    name = "classroom_lesson_starts_total"
    assert watched.value(name, site="master", outcome="ok", reason="") == 1
    assert watched.value(name, site="sanguan", outcome="late", reason="") == 1
    assert watched.value(name, site="lihe", outcome="failed", reason="not_joined") == 1


def test_every_way_a_room_can_fail_stands_at_zero_before_it_does() -> None:
    """Prometheus sees no increase in a series that begins at 1."""
    watched = Watched()
    watched.tell(prepared())
    starts, drops = (
        "classroom_lesson_starts_total",
        "classroom_session_disconnects_total",
    )
    before = series(watched, starts) | series(watched, drops)
    assert watched.value(starts, site="lihe", outcome="failed", reason="offline") == 0
    watched.tell(
        agent("lihe"),
        joined("master", BELL - 5),
        joined("sanguan", BELL),
        reported("sanguan", BELL + 200),
        left("sanguan", BELL + 300, reason="media_lost"),
    )
    silent = SeatTally("ses-1", "a", "room", site_room="sanguan", joins=1)
    online = SeatTally("ses-1", "b", "room", site_room="lihe")
    offline = SeatTally("ses-1", "c", "room", site_room="master")
    rows = [*watched.rows.values(), silent, online, offline]
    watched.metrics.finished(rows, BELL, watched.wall)
    reasons = {("no_media", "sanguan"), ("not_joined", "lihe"), ("offline", "master")}
    for reason, site in reasons:
        counted = {"site": site, "outcome": "failed", "reason": reason}
        assert watched.value(starts, **counted) == 1
    assert series(watched, starts) | series(watched, drops) == before


def series(watched: Watched, name: str) -> set[tuple[str, ...]]:
    """Label values of one family."""
    return {
        tuple(sample.labels.values())
        for family in watched.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_the_page_of_metrics_parses() -> None:
    from prometheus_client import generate_latest

    watched = Watched()
    watched.tell(started(), joined("lihe"), reported("lihe", BELL + 5))
    text = generate_latest(watched.registry).decode()
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {"classroom_agent_up", "classroom_video_play_seconds"} <= names
