"""The clock that the timetable runs by, beside a wall clock that misbehaves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import ManualClock
from scheduler.leading.steady import BELIEVE_S, SteadyClock
from tests.unit.scheduler.district import BELL


class Watched:
    """A steady clock that is read every second, as the starter does."""

    def __init__(self) -> None:
        self.wall = ManualClock(BELL)
        self.steady = SteadyClock(self.wall)
        self.shifts: list[float] = []
        self.steady.moved = self.shifts.append
        self.passed_s()

    def passed_s(self) -> float:
        """Since the beginning, as it is believed."""
        return (self.steady.now() - BELL).total_seconds()

    def trouble(self) -> str:
        return self.steady.trouble

    def tick(self, seconds: int) -> None:
        for _ in range(seconds):
            self.wall.advance(1)
            self.passed_s()

    def stand_still(self, seconds: int) -> None:
        for _ in range(seconds):
            self.wall.stand_still(1)
            self.passed_s()


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.mark.parametrize("jump_s", [8 * 3600.0, -3600.0, 5.0, -5.0])
def test_a_jump_is_doubted_and_believed_when_the_clock_ticks_on(
    watched: Watched, jump_s: float
) -> None:
    watched.wall.jump(jump_s)
    watched.tick(int(BELIEVE_S) - 1)
    assert watched.passed_s() == pytest.approx(BELIEVE_S - 1)
    assert watched.trouble() == "jumped"
    assert watched.steady.disagreement_s == pytest.approx(jump_s)
    watched.tick(2)
    assert watched.passed_s() == pytest.approx(BELIEVE_S + 1 + jump_s)
    assert watched.shifts == [pytest.approx(jump_s)]
    assert watched.trouble() == ""


def test_a_jump_there_and_back_changes_nothing(watched: Watched) -> None:
    watched.wall.jump(3600)
    watched.tick(30)
    watched.wall.jump(-3600)
    watched.tick(300)
    assert watched.passed_s() == pytest.approx(330)
    assert watched.shifts == []
    assert watched.steady.jumps == 1


def test_a_clock_that_stands_still_is_never_believed(watched: Watched) -> None:
    watched.stand_still(3600)
    assert watched.passed_s() == pytest.approx(3600)
    assert watched.trouble() == "stopped"
    assert watched.steady.disagreement_s == pytest.approx(-3600)
    # Somebody sets it right: all is well at once.
    watched.wall.jump(3600)
    assert watched.passed_s() == pytest.approx(3600)
    assert watched.trouble() == ""
    assert watched.shifts == []


def test_what_ntp_slews_is_followed_without_a_word(watched: Watched) -> None:
    for _ in range(3600):
        watched.wall.advance(1)
        watched.wall.jump(0.0005)
        watched.passed_s()
    assert watched.passed_s() == pytest.approx(3601.8)
    assert watched.steady.jumps == 0


def test_a_long_sleep_between_two_looks_is_no_jump(watched: Watched) -> None:
    watched.wall.advance(86_400)
    assert watched.passed_s() == pytest.approx(86_400)
    assert watched.steady.jumps == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(["tick", "still", "jump"]), st.integers(1, 50)),
        max_size=30,
    ),
    st.lists(st.integers(-40_000, 40_000), min_size=30, max_size=30),
)
def test_whatever_the_wall_clock_does_time_goes_on(
    moves: list[tuple[str, int]], jumps: list[int]
) -> None:
    """Between two looks it passes by what really passed, but where a new time was
    believed."""
    watched = Watched()
    for (kind, seconds), jump_s in zip(moves, jumps, strict=False):
        before_s, believed = watched.passed_s(), sum(watched.shifts)
        if kind == "tick":
            watched.tick(seconds)
        elif kind == "still":
            watched.stand_still(seconds)
        else:
            watched.wall.jump(jump_s)
        passed_s = 0 if kind == "jump" else seconds
        shift_s = sum(watched.shifts) - believed
        # Up to a second each is followed silently.
        assert watched.passed_s() - before_s == pytest.approx(
            passed_s + shift_s, abs=2.5
        )


def test_a_clock_that_was_never_read_begins_with_the_wall() -> None:
    wall = ManualClock(BELL + timedelta(days=1))
    assert SteadyClock(wall).now() == BELL + timedelta(days=1)
