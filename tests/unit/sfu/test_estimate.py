from sfu.estimate import CEILING_BPS, FLOOR_BPS, QUEUE_MS, DownlinkEstimate

START = 2_500_000


def test_transport_cc_estimates_are_taken_as_they_are() -> None:
    line = DownlinkEstimate(True, START)
    line.on_estimate(700_000, "twcc")
    line.on_second(2_000_000, 0.5, 500.0)
    assert line.bps == 700_000


def test_a_remb_above_what_is_sent_says_nothing() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(15_000, 0.05, None)
    line.on_estimate(22_000, "remb")
    assert line.bps == START


def test_a_remb_of_a_busy_receiver_on_an_empty_line_says_nothing() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(2_000_000, 0.0, 20.0)
    before = line.bps
    line.on_estimate(600_000, "remb")
    assert line.bps == before


def test_a_remb_below_what_is_sent_counts_when_packets_are_missing() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(2_000_000, 0.05, None)
    line.on_estimate(600_000, "remb")
    assert line.bps == 600_000


def test_a_remb_below_what_is_sent_counts_when_a_queue_has_grown() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(2_000_000, 0.0, 20.0)
    line.on_second(2_000_000, 0.0, 20.0 + QUEUE_MS + 1)
    line.on_estimate(600_000, "remb")
    assert line.bps == 600_000


def test_heavy_loss_steps_back_from_what_was_really_sent() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(1_000_000, 0.4, None)
    assert line.bps == 800_000


def test_light_loss_holds_and_no_loss_grows() -> None:
    line = DownlinkEstimate(False, START)
    line.on_second(1_000_000, 0.05, None)
    assert line.bps == START
    line.on_second(1_000_000, 0.0, None)
    assert START < line.bps < START * 1.1


def test_the_estimate_stays_within_reason() -> None:
    line = DownlinkEstimate(False, START)
    for _ in range(200):
        line.on_second(0, 1.0, None)
    assert line.bps == FLOOR_BPS
    for _ in range(400):
        line.on_second(0, 0.0, None)
    assert line.bps == CEILING_BPS
