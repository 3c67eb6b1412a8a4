from sfu.upstream import LayerReport, Upstream
from tests.unit.sfu.people import publication


def report(layer: str, packets: int, lost: int, bps: int = 500_000) -> LayerReport:
    return LayerReport(f"a-camera-{layer}", None, packets, lost, bps)


def test_totals_become_what_came_in_the_last_second() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=False)
    assert camera.on_second(1.0, report("low", 100, 2)) == (100, 2)
    assert camera.on_second(2.0, report("low", 250, 5)) == (150, 3)
    assert camera.on_second(2.0, report("high", 90, 0)) == (90, 0)


def test_a_layer_of_another_publication_is_not_counted() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=False)
    assert camera.on_second(1.0, LayerReport("elsewhere", None, 9, 9, 9)) is None


def test_a_publisher_on_a_lossy_line_is_asked_for_less() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=False)
    before = dict(camera.ceilings())
    camera.on_second(1.0, report("high", 50, 50))
    after = dict(camera.ceilings())
    assert after["a-camera-high"] < before["a-camera-high"]
    assert "a-camera-low" not in after


def test_a_browser_is_left_to_its_own_estimate() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=True)
    camera.on_second(1.0, report("high", 50, 50))
    assert dict(camera.ceilings()) == {}


def test_what_is_asked_is_remembered_and_told_once() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=True)
    assert camera.ask(0.0, {0, 1}) is not None
    assert camera.ask(1.0, {0}) is None
    demand = camera.ask(10.0, {0})
    assert demand is not None
    assert demand.layers == ["low"]
    assert camera.asked == (0,)


def test_nothing_is_asked_of_what_is_paused_and_at_once_again_when_it_resumes() -> None:
    camera = Upstream(publication("a", "camera"), 0.0, estimates_uplink=True)
    camera.ask(0.0, {0, 1})
    paused = camera.ask(0.1, set(), paused=True)
    assert paused is not None
    assert paused.layers == []
    assert not camera.flow.gone(60.0)
    resumed = camera.ask(60.0, {1})
    assert resumed is not None
    assert resumed.layers == ["high"]
