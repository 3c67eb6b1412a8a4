"""Loss between two receiver reports."""

from classroom_agent.losses import Losses


def test_loss_is_what_was_lost_since_the_last_report() -> None:
    losses = Losses()
    assert losses.ratio(5, 1000) == 0.0
    assert losses.ratio(15, 1100) == 0.1
    assert losses.ratio(15, 1200) == 0.0


def test_a_resent_packet_is_no_loss() -> None:
    losses = Losses()
    losses.ratio(20, 1000)
    assert losses.ratio(12, 1100) == 0.0
    assert losses.ratio(22, 1200) == 0.1


def test_sequence_numbers_may_wrap() -> None:
    losses = Losses()
    losses.ratio(0, 2**32 - 50)
    assert losses.ratio(10, 50) == 0.1


def test_a_report_that_says_nothing_new_is_no_loss() -> None:
    losses = Losses()
    losses.ratio(3, 1000)
    assert losses.ratio(3, 1000) == 0.0
    assert losses.ratio(9, 990) == 0.0
