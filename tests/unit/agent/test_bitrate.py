"""How many bits a layer may use."""

from classroom_agent.bitrate import BitrateController
from classroom_agent.config import MIN_LAYER_BPS
from classroom_agent.retry import MAX_DELAY_S, delay_s

MAX_BPS = 1_500_000


def test_it_starts_below_the_maximum_and_grows_while_nothing_is_lost() -> None:
    controller = BitrateController(MAX_BPS)
    assert controller.target_bps < MAX_BPS
    for _ in range(30):
        controller.on_loss(0.0)
    assert controller.target_bps == MAX_BPS


def test_heavy_loss_takes_bits_away_and_light_loss_holds() -> None:
    controller = BitrateController(MAX_BPS)
    before = controller.target_bps
    controller.on_loss(0.05)
    assert controller.target_bps == before
    controller.on_loss(0.40)
    assert controller.target_bps == int(before * 0.8)


def test_loss_never_goes_below_the_floor() -> None:
    controller = BitrateController(MAX_BPS)
    for _ in range(100):
        controller.on_loss(1.0)
    assert controller.target_bps == MIN_LAYER_BPS


def test_remb_and_demand_are_ceilings() -> None:
    controller = BitrateController(MAX_BPS)
    controller.on_remb(300_000)
    assert controller.target_bps == 300_000
    controller.on_demand(200_000)
    assert controller.target_bps == 200_000
    controller.on_demand(None)
    controller.on_remb(10_000_000)
    assert controller.target_bps > 300_000


def test_a_new_connection_forgets_the_old_ceiling() -> None:
    controller = BitrateController(MAX_BPS)
    controller.on_remb(100_000)
    controller.restart()
    assert controller.target_bps > 100_000


def test_the_first_try_is_at_once_and_the_pauses_grow_to_seven_seconds() -> None:
    pauses = [round(delay_s(attempt, jitter=0.0), 2) for attempt in range(8)]
    assert pauses == [0, 0.3, 1.2, 2.7, 4.8, 7.0, 7.0, 7.0]


def test_rooms_do_not_come_back_in_the_same_instant() -> None:
    assert delay_s(3, jitter=1.0) > delay_s(3, jitter=0.0)
    assert delay_s(100, jitter=1.0) <= MAX_DELAY_S * 1.2
