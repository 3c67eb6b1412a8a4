from sfu.demand import RELEASE_AFTER_S, LayerDemand
from tests.unit.sfu.people import publication


def camera() -> LayerDemand:
    return LayerDemand(publication("a", "camera"), now_s=0.0)


def test_a_layer_that_nobody_looks_at_is_released_after_a_while() -> None:
    demand = camera()
    assert demand.update(1.0, {0}) == (0, 1)
    assert demand.update(RELEASE_AFTER_S, {0}) == (0,)
    assert demand.update(20.0, set()) == ()


def test_a_layer_is_asked_for_the_moment_somebody_wants_it() -> None:
    demand = camera()
    demand.update(10.0, {0})
    assert demand.update(10.1, {0, 1}) == (0, 1)


def test_sound_is_wanted_even_by_nobody() -> None:
    demand = LayerDemand(publication("a", "microphone"), now_s=0.0)
    assert demand.update(1_000.0, set()) == (0,)


def test_the_publisher_is_told_names_and_ceilings_once() -> None:
    demand = camera()
    message = demand.message([1, 0])
    assert message is not None
    assert message.layers == ["low", "high"]
    assert message.max_bps["low"] < message.max_bps["high"]
    assert demand.message([0, 1]) is None
    assert demand.message([]) is not None
