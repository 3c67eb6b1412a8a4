"""Until when each action is of use, and what is said when it is not."""

from datetime import UTC, datetime

import pytest

from common.ids import SessionId
from scheduler.sessions.actions import (
    USEFUL_UNTIL,
    WORDS,
    Action,
    asked_by,
    is_useful,
    skipped_by,
    skipped_words,
)
from scheduler.sessions.lifecycle import TRANSITIONS, Cause, State
from scheduler.sessions.session import Transition
from tests.unit.scheduler.district import FACTS

BELL, CLOSING = FACTS.starts_at, FACTS.ends_at


def made(state: State, cause: Cause) -> Transition:
    return Transition(
        session=SessionId("ses-1"),
        version=1,
        from_state=state,
        to_state=TRANSITIONS[state, cause],
        cause=cause,
        at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("action", "last_useful", "first_useless"),
    [
        (Action.WAKE, BELL - 0.001, BELL),
        (Action.JOIN, CLOSING - 0.001, CLOSING),
        (Action.RECORD, CLOSING - 0.001, CLOSING),
    ],
)
def test_each_action_has_a_moment_from_which_it_is_useless(
    action: Action, last_useful: float, first_useless: float
) -> None:
    assert is_useful(action, FACTS, last_useful)
    assert not is_useful(action, FACTS, first_useless)


def test_closing_is_always_of_use() -> None:
    assert is_useful(Action.CLOSE, FACTS, CLOSING + 1e9)


def test_every_action_has_a_deadline_and_words() -> None:
    for action in Action:
        assert action in USEFUL_UNTIL
        assert WORDS[action].zh
        assert WORDS[action].en


def test_a_missed_lesson_says_all_that_was_not_done() -> None:
    never = skipped_by(made(State.PLANNED, Cause.MISSED), FACTS, CLOSING)
    assert never == [Action.WAKE, Action.JOIN, Action.RECORD]
    woken = skipped_by(made(State.PREPARING, Cause.MISSED), FACTS, CLOSING)
    assert woken == [Action.JOIN, Action.RECORD]


def test_a_late_start_skips_only_the_waking() -> None:
    now = BELL + 320
    assert skipped_by(made(State.PLANNED, Cause.LEAD_TIME), FACTS, now) == [Action.WAKE]
    assert skipped_by(made(State.READY, Cause.BELL), FACTS, now) == []


def test_nothing_that_is_asked_for_is_skipped_without_being_named() -> None:
    for state, cause in TRANSITIONS:
        transition = made(state, cause)
        for now in (BELL - 1, BELL, CLOSING):
            useful = [a for a in asked_by(transition) if is_useful(a, FACTS, now)]
            skipped = skipped_by(transition, FACTS, now)
            assert set(useful) | set(skipped) >= set(asked_by(transition))
            assert not set(useful) & set(skipped)


def test_what_was_skipped_is_told_in_a_sentence() -> None:
    words = skipped_words("wake join")
    assert words.zh == "已跳过（过时无用）：提前唤醒教室、进入课堂"
    assert words.en == "skipped, too late to be of use: waking the rooms, joining"
    assert skipped_words("").zh == ""
