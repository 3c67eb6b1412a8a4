"""What a transition asks others to do, and until when that is of any use. Pure.

An action that comes too late is skipped, and said to be: on the bus, in the history
of the session, in the log and in a counter.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from common.protocol.events import LessonFacts
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.session import Transition
from scheduler.words import Words


class Action(StrEnum):
    WAKE = "wake"
    """Rooms, node and recorder get ready: `session.prepare`."""
    JOIN = "join"
    """Rooms take part: `session.start`."""
    RECORD = "record"
    """The recorder writes, from now on if it comes late: `session.start`."""
    CLOSE = "close"
    """Everybody leaves, the recording is finished: `session.end`."""


USEFUL_UNTIL: Mapping[Action, Literal["bell", "closing_bell", "for_ever"]] = {
    Action.WAKE: "bell",
    Action.JOIN: "closing_bell",
    Action.RECORD: "closing_bell",
    Action.CLOSE: "for_ever",
}

WORDS: Mapping[Action, Words] = {
    Action.WAKE: Words("提前唤醒教室", "waking the rooms"),
    Action.JOIN: Words("进入课堂", "joining"),
    Action.RECORD: Words("录制", "recording"),
    Action.CLOSE: Words("下课收尾", "closing"),
}


def is_useful(action: Action, facts: LessonFacts, now: float) -> bool:
    match USEFUL_UNTIL[action]:
        case "bell":
            return now < facts.starts_at
        case "closing_bell":
            return now < facts.ends_at
        case "for_ever":
            return True


def asked_by(transition: Transition) -> tuple[Action, ...]:
    """What the transition asks of others, if it is in time."""
    match transition.to_state:
        case State.PREPARING:
            return (Action.WAKE,)
        case State.LIVE:
            return (Action.JOIN, Action.RECORD)
        # From `preparing` on, rooms may be inside.
        case State.ENDING | State.FAILED | State.CANCELLED if (
            transition.from_state is not State.PLANNED
        ):
            return (Action.CLOSE,)
        case _:
            return ()


def skipped_by(transition: Transition, facts: LessonFacts, now: float) -> list[Action]:
    """What is not done any more, in order of time."""
    if transition.cause is Cause.MISSED:
        asleep = transition.from_state is State.PLANNED
        return [*([Action.WAKE] if asleep else []), Action.JOIN, Action.RECORD]
    asked = asked_by(transition)
    return [action for action in asked if not is_useful(action, facts, now)]


def skipped_words(skipped: str) -> Words:
    """`skipped` as a transition keeps it: `wake join`."""
    words = [WORDS[Action(name)] for name in skipped.split() if name in list(Action)]
    if not words:
        return Words("", "")
    zh = "、".join(one.zh for one in words)
    en = ", ".join(one.en for one in words)
    return Words(f"已跳过（过时无用）：{zh}", f"skipped, too late to be of use: {en}")
