"""The quality score: what costs how much."""

import pytest

from monitoring import quality
from tests.unit.monitoring.lesson import report


def test_a_report_without_loss_or_freeze_is_perfect() -> None:
    scores = quality.score(report(), rtt_ms=0, loss_ratio=0)
    assert scores == (100, 100, 100)
    assert scores.worst == 100


def test_what_was_not_measured_costs_nothing() -> None:
    assert quality.score(report(), rtt_ms=None, loss_ratio=None).line == 100


@pytest.mark.parametrize(
    ("rtt_ms", "loss_ratio", "line"),
    [
        (40, 0.0, 99.5),  # 20 ms one way / 40
        (320, 0.0, 96.0),  # 160 ms: the end of the gentle slope
        (400, 0.0, 92.0),  # (200 - 120) / 10
        (0, 0.02, 80.0),  # 2 % of video lost falls to `good`
        (0, 0.06, 40.0),  # 6 % falls to `poor`
        (0, 0.5, 20.0),  # as bad as it gets while something arrives
    ],
)
def test_the_line_is_scored_as_livekit_does(
    rtt_ms: float, loss_ratio: float, line: float
) -> None:
    scores = quality.score(report(), rtt_ms=rtt_ms, loss_ratio=loss_ratio)
    assert scores.line == pytest.approx(line)


def test_five_percent_of_frozen_picture_halves_the_score() -> None:
    frozen = report(freezes=1, freeze_s=0.25, interval_s=5)
    scores = quality.score(frozen, rtt_ms=None, loss_ratio=None)
    assert scores.picture == pytest.approx(50)
    assert scores.worst == scores.picture


def test_concealed_sound_costs_what_lost_opus_with_fec_costs() -> None:
    broken = report(samples=48_000, concealed=4_800)
    scores = quality.score(broken, rtt_ms=None, loss_ratio=None)
    assert scores.sound == pytest.approx(100 - 10 * 8 / 1.5)


def test_no_picture_and_no_sound_is_lost() -> None:
    nothing = quality.score(report(frames=0, samples=0), rtt_ms=1, loss_ratio=0)
    assert nothing.worst == 0
    assert quality.grade(nothing.worst) == "lost"


def test_a_bad_picture_is_poor_but_not_called_lost() -> None:
    frozen = report(freezes=3, freeze_s=2.5, interval_s=5)
    scores = quality.score(frozen, rtt_ms=None, loss_ratio=None)
    assert quality.grade(scores.worst) == "poor"


def test_sound_alone_without_picture_is_not_lost() -> None:
    assert quality.score(report(frames=0), rtt_ms=1, loss_ratio=0).worst > 90


def test_the_shown_score_falls_fast_and_rises_slowly() -> None:
    assert quality.smooth(None, 70) == 70
    assert quality.smooth(100, 0) == pytest.approx(20)
    assert quality.smooth(0, 100) == pytest.approx(40)


def test_grades_have_words_in_both_languages() -> None:
    grades = [quality.grade(value) for value in (81, 80, 41, 40, 20, 19)]
    assert grades == ["excellent", "good", "good", "poor", "poor", "lost"]
    for grade in grades:
        words = quality.GRADE_WORDS[grade]
        assert words.zh
        assert words.en
