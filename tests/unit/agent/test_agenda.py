"""Which lesson a room goes to by itself, minute by minute."""

import pytest

from classroom_agent.agenda import OVERRUN_S, Kept, duty, next_lesson
from common.protocol.control import RoomLesson
from tests.unit.agent.timetable import LEAD_S, agenda, at, lesson

FIRST = lesson("ses-1", 0, 40)
SECOND = lesson("ses-2", 40, 80)
AFTER_A_BREAK = lesson("ses-3", 90, 130)
MORNING = [FIRST, SECOND, AFTER_A_BREAK]


def where(minute: float, lessons: list[RoomLesson] | None = None) -> str | None:
    found = duty(MORNING if lessons is None else lessons, at(minute), LEAD_S)
    return found.lesson.session if found.lesson else None


def test_a_room_wakes_at_lead_time_and_not_a_moment_before() -> None:
    assert where(-3.02) is None
    assert where(-3) == "ses-1"
    assert not duty(MORNING, at(-3), LEAD_S).began


def test_the_bell_is_rung_by_the_rooms_own_clock() -> None:
    assert not duty(MORNING, at(-0.01), LEAD_S).began
    assert duty(MORNING, at(0), LEAD_S).began


def test_a_room_switched_on_in_mid_lesson_goes_in_for_the_rest() -> None:
    assert where(39.9) == "ses-1"


def test_the_closing_bell_ends_it() -> None:
    assert where(130) is None


def test_of_lessons_back_to_back_both_happen() -> None:
    assert [where(m) for m in (37, 39.99, 40, 79.99)] == [
        "ses-1",
        "ses-1",
        "ses-2",
        "ses-2",
    ]


def test_the_next_lessons_lead_time_does_not_pull_a_class_out_of_this_one() -> None:
    overlapping_lead = [FIRST, lesson("ses-2", 41, 80)]
    assert where(39, overlapping_lead) == "ses-1"
    assert where(40, overlapping_lead) == "ses-2"


def test_of_two_lessons_at_once_the_later_start_wins() -> None:
    clash = [FIRST, lesson("ses-9", 20, 60)]
    assert where(19, clash) == "ses-1"
    assert where(20, clash) == "ses-9"
    assert where(59, clash) == "ses-9"


@pytest.mark.parametrize("minute", [80, 84.9])
def test_a_lesson_that_overruns_may_go_on_for_five_minutes(minute: float) -> None:
    found = duty(MORNING, at(minute), LEAD_S, staying=SECOND)
    assert found.lesson == SECOND
    assert found.look_at == at(80) + OVERRUN_S


def test_nobody_overruns_longer_than_that_or_into_the_next_lesson() -> None:
    assert duty(MORNING, at(85), LEAD_S, staying=SECOND).lesson is None
    assert duty(MORNING, at(40), LEAD_S, staying=FIRST).lesson == SECOND


def test_an_overrun_that_the_scheduler_let_go_on_counts_from_its_last_word() -> None:
    def there(minute: float) -> bool:
        vouched_at = at(95)
        return duty([SECOND], at(minute), LEAD_S, SECOND, vouched_at).lesson == SECOND

    assert there(99)
    assert not there(100)


def test_it_looks_again_when_something_changes_and_not_before() -> None:
    looks = []
    now: float | None = at(-60)
    while now is not None:
        looks.append(round((now - at(0)) / 60, 2))
        now = duty(MORNING, now, LEAD_S).look_at
    assert looks == [-60, -3, 0, 37, 40, 80, 87, 90, 130]


def test_the_next_lesson_is_the_nearest_that_has_not_begun() -> None:
    found = next_lesson(MORNING, at(0))
    assert found is not None
    assert found.session == "ses-2"
    assert next_lesson(MORNING, at(90)) is None


# ---- what is kept --------------------------------------------------------------------


def test_a_new_agenda_replaces_all_that_was_kept() -> None:
    kept = Kept(site_room="huli").renewed(agenda(FIRST, SECOND))
    kept = kept.renewed(agenda(AFTER_A_BREAK, version="v2", told=-10))
    assert kept.lessons == (AFTER_A_BREAK,)
    assert (kept.version, kept.told_at) == ("v2", at(-10))


def test_a_lesson_told_by_hand_is_kept_too_in_its_place() -> None:
    kept = Kept(site_room="huli").renewed(agenda(FIRST, AFTER_A_BREAK))
    kept = kept.with_lesson(SECOND).with_lesson(lesson("ses-1", 0, 40, token="new"))
    assert [one.session for one in kept.lessons] == ["ses-1", "ses-2", "ses-3"]
    assert kept.lessons[0].token == "new"


def test_an_ended_lesson_is_forgotten_and_the_scheduler_can_see_it() -> None:
    kept = Kept(site_room="huli").renewed(agenda(FIRST, SECOND))
    assert kept.without("ses-1").lessons == (SECOND,)
    assert kept.without("ses-1").version is None
    assert kept.without("elsewhere") is kept
