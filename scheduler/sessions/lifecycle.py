"""The life of a session as one table. Nothing else may change a state.

`python -m scheduler.sessions.lifecycle` writes the picture into docs/lifecycle.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from common.errors import ConflictError
from scheduler.words import Words


class State(StrEnum):
    PLANNED = "planned"
    PREPARING = "preparing"
    READY = "ready"
    LIVE = "live"
    ENDING = "ending"
    ENDED = "ended"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Why a session moves on."""

    LEAD_TIME = "lead_time"
    ROOMS_READY = "rooms_ready"
    BELL = "bell"
    CLOSING_BELL = "closing_bell"
    TEACHER = "teacher"
    EXTENDED = "extended"
    CONFIRMED = "confirmed"
    WAIT_OVER = "wait_over"
    MISSED = "missed"
    NOBODY_CAME = "nobody_came"
    CANCELLED = "cancelled"


CAUSES: Mapping[Cause, Words] = {
    Cause.LEAD_TIME: Words("到了课前准备时间", "it is time to prepare"),
    Cause.ROOMS_READY: Words("所有教室已就绪", "every room reported in"),
    Cause.BELL: Words("上课铃响", "the bell rang"),
    Cause.CLOSING_BELL: Words("下课铃响", "the closing bell rang"),
    Cause.TEACHER: Words("教师提前下课", "the teacher ended it"),
    Cause.EXTENDED: Words("教师拖堂，推迟下课", "the teacher moved the closing bell"),
    Cause.CONFIRMED: Words(
        "教室已关闭、录像已完成", "room closed and recording finished"
    ),
    Cause.WAIT_OVER: Words("等待收尾超时", "the wait for an answer was over"),
    Cause.MISSED: Words(
        "系统当时不在线，错过了开课时间",
        "the server was away when it should have started",
    ),
    Cause.NOBODY_CAME: Words("没有任何教室到课", "no room ever came"),
    Cause.CANCELLED: Words("课程已取消", "a person cancelled it"),
}

_S, _C = State, Cause
TRANSITIONS: Mapping[tuple[State, Cause], State] = {
    (_S.PLANNED, _C.LEAD_TIME): _S.PREPARING,
    (_S.PLANNED, _C.MISSED): _S.FAILED,
    (_S.PLANNED, _C.CANCELLED): _S.CANCELLED,
    (_S.PREPARING, _C.ROOMS_READY): _S.READY,
    (_S.PREPARING, _C.BELL): _S.READY,
    (_S.PREPARING, _C.MISSED): _S.FAILED,
    (_S.PREPARING, _C.CANCELLED): _S.CANCELLED,
    (_S.READY, _C.BELL): _S.LIVE,
    (_S.READY, _C.MISSED): _S.FAILED,
    (_S.READY, _C.CANCELLED): _S.CANCELLED,
    (_S.LIVE, _C.EXTENDED): _S.LIVE,
    (_S.LIVE, _C.CLOSING_BELL): _S.ENDING,
    (_S.LIVE, _C.TEACHER): _S.ENDING,
    (_S.LIVE, _C.CANCELLED): _S.ENDING,
    (_S.LIVE, _C.NOBODY_CAME): _S.FAILED,
    (_S.ENDING, _C.CONFIRMED): _S.ENDED,
    (_S.ENDING, _C.WAIT_OVER): _S.ENDED,
}

FINAL = frozenset({State.ENDED, State.FAILED, State.CANCELLED})
OPEN = frozenset({State.PREPARING, State.READY, State.LIVE})
"""States in which rooms are asked to be in the lesson."""


def follow(state: State, cause: Cause) -> State:
    """The next state. Raises ConflictError(`wrong_state`) where the table has none."""
    following = TRANSITIONS.get((state, cause))
    if following is None:
        raise ConflictError(
            "wrong_state",
            zh=f"这节课现在的状态是“{state}”，不能执行此操作（{CAUSES[cause].zh}）",
            en=f"the session is {state}, it cannot follow {cause}",
        )
    return following


def mermaid() -> str:
    """The table as a Mermaid state diagram."""
    arrows = [
        f"    {state} --> {following}: {CAUSES[cause].zh} ({cause})"
        for (state, cause), following in TRANSITIONS.items()
    ]
    ends = [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> planned", *arrows, *ends])


def page() -> str:
    """The text of docs/lifecycle.md."""
    rows = [
        f"| `{state}` | `{cause}` | `{following}` | {CAUSES[cause].zh} |"
        f" {CAUSES[cause].en} |"
        for (state, cause), following in TRANSITIONS.items()
    ]
    return "\n".join(
        [
            "# 一节课的生命周期 · The life of a session",
            "",
            "由 `python -m scheduler.sessions.lifecycle` 生成，请勿手改。",
            "Drawn from `scheduler/sessions/lifecycle.py`; do not edit by hand.",
            "",
            "```mermaid",
            mermaid(),
            "```",
            "",
            "| 从 from | 原因 cause | 到 to | 中文 | English |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "lifecycle.md"
    target.write_text(page(), encoding="utf-8")
