"""Estimate and allocation together, on a line that is only arithmetic."""

from sfu.allocation import UP_HOLD_MAX_S, Allocator, Candidate
from sfu.estimate import DownlinkEstimate
from sfu.policy import Priority

START_BPS = 2_500_000
SOUND_BPS = 100_000
TEACHER = Candidate("v0", "teacher", Priority.TEACHER, (300_000, 1_200_000), 1)
BACK_S = 10


class Classroom:
    """One receiver; a report each second tells of the second before."""

    def __init__(self, sound_bps: int = SOUND_BPS) -> None:
        self.estimate = DownlinkEstimate(False, START_BPS)
        self.allocator = Allocator()
        self.sound_bps = sound_bps
        self.now_s = 0
        self.layer: int | None = None
        self.lossy_s = 0
        self.raises = 0
        self._last: tuple[int, float] | None = None

    def run(self, seconds: int, line_bps: int) -> None:
        for _ in range(seconds):
            self._second(line_bps)

    def _second(self, line_bps: int) -> None:
        self.now_s += 1
        picture_bps = 0 if self.layer is None else TEACHER.costs_bps[self.layer]
        sent_bps = self.sound_bps + picture_bps
        lost_ratio = max(0.0, 1 - line_bps / sent_bps) if sent_bps else 0.0
        self.lossy_s += lost_ratio > 0
        if self._last is not None and self._last[0] > 0 and line_bps > 0:
            self.estimate.on_loss(*self._last)
        self._last = (sent_bps, lost_ratio)
        self.estimate.on_second(sent_bps, None)
        allocation = self.allocator.decide(
            self.now_s, self.estimate.bps, self.sound_bps, [TEACHER]
        )
        before, self.layer = self.layer, allocation.layers["v0"]
        self.raises += _number(self.layer) > _number(before)

    def until_shown(self, line_bps: int) -> int:
        began_s = self.now_s
        while self.layer is None:
            self._second(line_bps)
            assert self.now_s - began_s < 120
        return self.now_s - began_s


def _number(layer: int | None) -> int:
    return -1 if layer is None else layer


def test_a_paused_picture_is_back_within_ten_seconds_of_a_good_line() -> None:
    room = Classroom()
    room.run(20, 5_000_000)
    room.run(60, 80_000)
    assert room.layer is None
    assert room.until_shown(5_000_000) <= BACK_S


def test_so_it_is_after_the_line_was_dead() -> None:
    room = Classroom()
    room.run(20, 5_000_000)
    room.run(3, 80_000)
    room.run(60, 0)
    assert room.until_shown(5_000_000) <= BACK_S


def test_so_it_is_where_not_even_sound_is_sent() -> None:
    room = Classroom(sound_bps=0)
    room.run(20, 5_000_000)
    room.run(8, 50_000)
    assert room.layer is None
    assert room.until_shown(5_000_000) <= BACK_S


def test_a_line_that_stays_thin_is_tried_ever_more_seldom() -> None:
    """Half an hour with room for the small picture only, then for sound only."""
    for line_bps in (500_000, 250_000):
        room = Classroom()
        room.run(300, line_bps)
        room.raises = room.lossy_s = 0
        room.run(1800, line_bps)
        assert room.raises <= 1800 / UP_HOLD_MAX_S
        assert room.lossy_s <= 1800 * 0.08


def test_the_best_picture_returns_even_after_many_failed_tries() -> None:
    room = Classroom()
    room.run(600, 500_000)
    room.run(int(UP_HOLD_MAX_S) + 15, 5_000_000)
    assert room.layer == 1
