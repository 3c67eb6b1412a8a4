"""What time a room thinks it is at the scheduler."""

import pytest

from classroom_agent.server_clock import TRIP_MAX_S, RoomClock, ServerClock
from common.clock import ManualClock
from tests.unit.agent.timetable import MORNING, ZERO


class Here:
    """A room whose own clock is ahead of the scheduler's by `ahead_s`."""

    def __init__(self, ahead_s: float = 0.0, known_s: float | None = None) -> None:
        self.clock = ManualClock(MORNING)
        self.clock.jump(ahead_s)
        self.ahead_s = ahead_s
        self.server = ServerClock(self.clock, known_s)

    def compares(self, *, there_s: float = 0.0, back_s: float = 0.0) -> None:
        echo = self.server.ask()
        self.clock.advance(there_s)
        at = self.clock.wall_us() / 1_000_000 - self.ahead_s
        self.clock.advance(back_s)
        self.server.hear(at, echo)


def test_a_room_that_never_compared_takes_its_own_clock_for_true() -> None:
    here = Here()
    assert here.server.now_s() == ZERO
    assert here.server.skew_s() is None


def test_after_an_answer_it_knows_the_schedulers_time_and_its_own_error() -> None:
    here = Here(ahead_s=300)
    here.compares(there_s=0.1, back_s=0.1)
    assert here.server.now_s() == pytest.approx(ZERO + 0.2)
    assert here.server.skew_s() == pytest.approx(300)
    here.clock.advance(60)
    assert here.server.now_s() == pytest.approx(ZERO + 60.2)


def test_the_line_is_blamed_for_half_its_trip() -> None:
    here = Here()
    here.compares(there_s=0.0, back_s=0.8)
    assert here.server.skew_s() == pytest.approx(0.4)


def test_an_answer_that_took_too_long_or_is_not_ours_says_nothing() -> None:
    here = Here(ahead_s=300)
    here.compares(back_s=TRIP_MAX_S + 0.1)
    here.server.hear(ZERO, echo=12.0)
    here.server.hear(ZERO, echo=here.server.ask() - 1)
    assert here.server.skew_s() is None


def test_somebody_who_sets_the_clock_moves_no_lesson() -> None:
    here = Here()
    here.compares()
    here.clock.jump(-3600)
    here.clock.advance(5)
    assert here.server.now_s() == pytest.approx(ZERO + 5)
    assert here.server.skew_s() == pytest.approx(-3600)


def test_after_a_boot_the_error_found_on_an_earlier_day_is_put_right() -> None:
    here = Here(ahead_s=90, known_s=90)
    assert here.server.now_s() == pytest.approx(ZERO)
    assert here.server.skew_s() == pytest.approx(90)


def test_a_clock_that_is_set_after_a_boot_was_set_right() -> None:
    here = Here(ahead_s=90, known_s=90)
    here.clock.jump(-90)
    assert here.server.now_s() == pytest.approx(ZERO)
    assert here.server.skew_s() is None


def test_the_rooms_own_time_never_goes_back() -> None:
    clock = RoomClock()
    before = clock.mono_s()
    assert clock.mono_s() >= before > 0
