from sfu.estimate import (
    CEILING_BPS,
    FLOOR_BPS,
    QUEUE_MS,
    QUIET_BPS,
    REMB_FLOOR_BPS,
    REPORT_LATE_S,
    SETTLE_S,
    DownlinkEstimate,
)

START = 2_500_000


def second(
    line: DownlinkEstimate,
    sent_bps: int,
    lost_ratio: float | None = None,
    rtt_ms: float | None = None,
) -> None:
    if lost_ratio is not None:
        line.on_loss(sent_bps, lost_ratio)
    line.on_second(sent_bps, rtt_ms)


def shrunk() -> DownlinkEstimate:
    """As after a time of heavy loss."""
    line = DownlinkEstimate(False, START)
    for _ in range(100):
        second(line, 100_000, 1.0)
    assert line.bps == FLOOR_BPS
    return line


def test_transport_cc_estimates_are_taken_as_they_are() -> None:
    line = DownlinkEstimate(True, START)
    line.on_estimate(700_000, "twcc")
    second(line, 2_000_000, 0.5, 500.0)
    assert line.bps == 700_000


def test_a_remb_above_what_is_sent_says_nothing() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 15_000)
    line.on_loss(15_000, 0.05)
    line.on_estimate(22_000, "remb")
    assert line.bps == START


def test_a_remb_of_a_busy_receiver_on_an_empty_line_says_nothing() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 2_000_000, 0.0, 20.0)
    before = line.bps
    line.on_estimate(600_000, "remb")
    assert line.bps == before


def test_a_remb_below_what_is_sent_counts_when_packets_are_missing() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 2_000_000)
    line.on_loss(2_000_000, 0.05)
    line.on_estimate(600_000, "remb")
    assert line.bps == 600_000


def test_a_remb_below_what_is_sent_counts_when_a_queue_has_grown() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 2_000_000, rtt_ms=20.0)
    second(line, 2_000_000, rtt_ms=21.0 + QUEUE_MS)
    line.on_estimate(600_000, "remb")
    assert line.bps == 600_000


def test_a_remb_near_nothing_leaves_room_for_sound_and_a_small_picture() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 2_000_000)
    line.on_loss(2_000_000, 0.05)
    line.on_estimate(20_000, "remb")
    assert line.bps == REMB_FLOOR_BPS


def test_heavy_loss_steps_back_from_what_was_really_sent() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 1_000_000, 0.4)
    assert line.bps == 800_000


def test_one_bad_moment_is_not_punished_twice() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 1_000_000, 0.4)
    second(line, 800_000, 0.4)
    assert line.bps == 800_000
    for _ in range(SETTLE_S):
        second(line, 800_000, 0.4)
    assert line.bps < 800_000


def test_loss_of_one_small_slot_does_not_shout_down_the_large_one() -> None:
    line = DownlinkEstimate(False, START)
    line.on_loss(10_000, 0.5)
    line.on_loss(990_000, 0.0)
    line.on_second(1_000_000, None)
    assert line.bps >= START


def test_light_loss_holds_and_no_loss_grows() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 1_000_000, 0.05)
    assert line.bps == START
    second(line, 1_000_000, 0.0)
    assert START < line.bps < START * 1.1


def test_without_any_report_nothing_changes() -> None:
    line = DownlinkEstimate(False, START)
    second(line, 1_000_000)
    assert line.bps == START


def test_a_late_report_is_no_news_but_a_dead_line_does_not_grow() -> None:
    line = shrunk()
    second(line, 100_000, 0.0)
    before = line.bps
    second(line, 100_000)
    after = line.bps
    assert after > before
    for _ in range(REPORT_LATE_S + 10):
        second(line, 100_000)
    assert line.bps == after


def test_a_line_that_nothing_is_sent_on_is_trusted_again() -> None:
    line = shrunk()
    for _ in range(6):
        second(line, QUIET_BPS - 1)
    assert line.bps > 500_000
    for _ in range(600):
        second(line, 0)
    assert line.bps < START * 2, "silence proves no more than was believed at first"


def test_sound_alone_brings_the_room_for_a_picture_back() -> None:
    line = shrunk()
    for _ in range(6):
        second(line, 100_000, 0.0)
    assert line.bps > 500_000


def test_each_doubt_makes_the_growth_timid_again() -> None:
    line = shrunk()
    for _ in range(3):
        second(line, 100_000, 0.0)
    second(line, 100_000, 0.05)
    before = line.bps
    second(line, 100_000, 0.0)
    assert line.bps < before * 1.11


def test_beyond_its_start_an_estimate_grows_slowly() -> None:
    line = DownlinkEstimate(False, START)
    for _ in range(10):
        second(line, START, 0.0)
    assert line.bps < START * 1.7


def test_the_estimate_stays_within_reason() -> None:
    line = DownlinkEstimate(False, START)
    for _ in range(600):
        second(line, 100, 1.0)
    assert line.bps == FLOOR_BPS
    for _ in range(400):
        second(line, 100, 0.0)
    assert line.bps == CEILING_BPS
