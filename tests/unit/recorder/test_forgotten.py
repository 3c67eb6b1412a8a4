"""When the recorder ends what nobody ended."""

import pytest

from recorder.session import is_forgotten
from tests.unit.recorder.facts import lesson_facts

FACTS = lesson_facts()


@pytest.mark.parametrize(
    ("silent_s", "after_end_s", "forgotten"),
    [
        (3601, 1, True),
        (3599, 1, False),
        (3601, -1, False),
        # A clock set forward by eight hours, while the timetable says: it goes on.
        (10, 8 * 3600, False),
    ],
)
def test_a_lesson_is_over_only_when_the_timetable_has_long_been_silent(
    silent_s: float, after_end_s: float, forgotten: bool
) -> None:
    now_s = FACTS.ends_at + after_end_s
    assert is_forgotten(FACTS, silent_s, now_s) is forgotten
