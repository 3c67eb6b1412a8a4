from datetime import UTC, datetime

import pytest

from common.ids import SessionId
from scheduler.sessions.announce import announcements
from scheduler.sessions.lifecycle import TRANSITIONS, Cause, State
from scheduler.sessions.reasons import reason_words
from scheduler.sessions.session import Transition
from tests.unit.scheduler.district import FACTS

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def events(
    state: State,
    cause: Cause,
    *,
    now: float = FACTS.starts_at - 1,
    again: bool = False,
) -> list[str]:
    made = Transition(
        session=SessionId("ses-1"),
        version=1,
        from_state=state,
        to_state=TRANSITIONS[state, cause],
        cause=cause,
        at=AT,
    )
    return [
        f"{e.type}:{getattr(e, 'reason', '')}" if e.type == "session.end" else e.type  # type: ignore[attr-defined]
        for e in announcements(made, FACTS, now, again=again)
    ]


@pytest.mark.parametrize(
    ("state", "cause", "command"),
    [
        (State.PLANNED, Cause.LEAD_TIME, "session.prepare"),
        (State.READY, Cause.BELL, "session.start"),
        (State.LIVE, Cause.CLOSING_BELL, "session.end:bell"),
        (State.LIVE, Cause.TEACHER, "session.end:teacher"),
        (State.LIVE, Cause.CANCELLED, "session.end:cancelled"),
        (State.LIVE, Cause.NOBODY_CAME, "session.end:bell"),
        (State.PREPARING, Cause.CANCELLED, "session.end:cancelled"),
        (State.READY, Cause.MISSED, "session.end:bell"),
    ],
)
def test_what_services_must_do_is_said_before_the_state(
    state: State, cause: Cause, command: str
) -> None:
    assert events(state, cause) == [command, "session.state"]


@pytest.mark.parametrize("cause", [Cause.MISSED, Cause.CANCELLED])
def test_a_lesson_that_never_opened_needs_no_end(cause: Cause) -> None:
    assert events(State.PLANNED, cause) == ["session.state"]


def test_a_start_that_comes_after_the_lesson_is_left_out_an_end_never() -> None:
    late = FACTS.ends_at + 1
    assert events(State.READY, Cause.BELL, now=late) == ["session.state"]
    assert events(State.LIVE, Cause.CLOSING_BELL, now=late)[0] == "session.end:bell"


def test_said_again_it_is_only_the_command() -> None:
    assert events(State.READY, Cause.BELL, again=True) == ["session.start"]


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("", "", ""),
        ("bell", "上课铃响", "the bell rang"),
        ("bell missing huli moon", "上课铃响，缺 湖里教室、moon", "missing: 湖里教室"),
        (
            "bell late 320; missing huli",
            "上课铃响，迟了 5 分 20 秒，缺 湖里教室",
            "the bell rang, 5 min 20 s late; missing: 湖里教室",
        ),
        ("bell late 9", "迟了 9 秒", "9 s late"),
        ("bell handover huli", "从上一节课转来：湖里教室", "the lesson before"),
        (
            "extended minutes 5; by 王; 李老师",
            "推迟下课 5 分钟（王; 李老师）",
            "the closing bell by 5 min (王; 李老师)",
        ),
        ("wait_over no_answer recording", "没有回音：录像", "from the recorder"),
        ("teacher by 王老师", "教师提前下课（王老师）", "(王老师)"),
    ],
)
def test_a_reason_is_told_in_a_sentence(reason: str, zh: str, en: str) -> None:
    words = reason_words(reason, FACTS.site_rooms)
    assert words.zh.endswith(zh)
    assert en in words.en


def test_every_cause_has_words_in_both_languages() -> None:
    for cause in Cause:
        words = reason_words(cause, {})
        assert words.zh
        assert words.en
