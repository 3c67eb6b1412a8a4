from sfu.probing import FIRST_WAIT_S, MAX_WAIT_S, Prober


def seconds_to_a_probe(prober: Prober) -> int:
    for second in range(1, 200):
        if prober.short(clear=True):
            return second
    raise AssertionError("never probes")


def test_a_line_clear_for_a_while_is_probed() -> None:
    assert seconds_to_a_probe(Prober()) == FIRST_WAIT_S


def test_loss_or_a_queue_begins_the_wait_anew() -> None:
    prober = Prober()
    for _ in range(FIRST_WAIT_S - 1):
        assert not prober.short(clear=True)
    assert not prober.short(clear=False)
    assert seconds_to_a_probe(prober) == FIRST_WAIT_S


def test_each_probe_that_found_nothing_doubles_the_wait() -> None:
    prober = Prober()
    waits = [seconds_to_a_probe(prober) for _ in range(4)]
    assert waits == [FIRST_WAIT_S, FIRST_WAIT_S * 2, MAX_WAIT_S, MAX_WAIT_S]


def test_after_a_good_time_the_first_wait_is_short_again() -> None:
    prober = Prober()
    for _ in range(3):
        seconds_to_a_probe(prober)
    prober.content()
    assert seconds_to_a_probe(prober) == FIRST_WAIT_S
