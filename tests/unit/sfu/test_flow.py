from sfu.flow import GONE_AFTER_S, SILENT_AFTER_S, PublicationFlow
from tests.unit.sfu.people import publication

LOW, HIGH = 0, 1


def camera(now: float = 0.0) -> PublicationFlow:
    return PublicationFlow(publication("a", "camera"), now)


def test_before_anything_is_measured_a_layer_costs_what_is_usual() -> None:
    low, high = camera().costs_bps(0.0)
    assert 0 < low < high


def test_a_flowing_layer_costs_its_latest_peak() -> None:
    flow = camera()
    flow.on_bitrate(1.0, HIGH, 900_000)
    flow.on_bitrate(2.0, HIGH, 100_000)
    assert 800_000 < flow.costs_bps(2.0)[HIGH] < 900_000


def test_a_layer_that_nobody_asked_for_lately_costs_what_is_usual() -> None:
    flow = camera()
    usual = flow.costs_bps(0.0)[HIGH]
    flow.on_bitrate(1.0, HIGH, 9_000)
    flow.on_demand(2.0, [LOW])
    assert flow.costs_bps(2.0 + SILENT_AFTER_S)[HIGH] == usual


def test_a_screen_that_is_not_shared_is_gone_and_costs_nothing() -> None:
    flow = PublicationFlow(publication("a", "screen", layers=("high",)), 100.0)
    assert not flow.gone(100.0 + GONE_AFTER_S)
    assert flow.gone(100.1 + GONE_AFTER_S)
    assert flow.costs_bps(100.1 + GONE_AFTER_S) == (0,)
    flow.on_bitrate(110.0, 0, 500_000)
    assert not flow.gone(110.0)


def test_a_camera_that_was_told_to_stop_is_not_gone() -> None:
    flow = camera()
    flow.on_bitrate(1.0, LOW, 200_000)
    flow.on_demand(2.0, [])
    assert not flow.gone(60.0)


def test_a_slot_that_shows_the_low_layer_is_pointed_at_a_high_one_yet_to_begin() -> (
    None
):
    flow = camera()
    flow.on_demand(0.0, [LOW])
    flow.on_bitrate(20.0, LOW, 200_000)
    flow.on_demand(20.0, [LOW, HIGH])
    assert flow.reachable(20.1, HIGH, current=LOW) == HIGH


def test_a_slot_that_shows_nothing_yet_begins_with_what_flows() -> None:
    flow = camera()
    flow.on_bitrate(1.0, LOW, 200_000)
    assert flow.reachable(1.0, HIGH, current=None) == LOW
    flow.on_bitrate(2.0, HIGH, 800_000)
    assert flow.reachable(2.0, HIGH, current=None) == HIGH


def test_before_anything_flows_a_slot_waits_for_what_it_wishes() -> None:
    assert camera().reachable(0.0, HIGH, current=None) == HIGH


def test_a_layer_that_does_not_come_is_replaced_by_one_that_flows() -> None:
    flow = camera()
    flow.on_bitrate(10.0, LOW, 200_000)
    assert flow.reachable(10.0, HIGH, current=LOW) == LOW


def test_when_only_the_high_layer_flows_a_tile_gets_that() -> None:
    flow = camera()
    flow.on_bitrate(10.0, HIGH, 800_000)
    assert flow.reachable(10.0, LOW, current=None) == HIGH
