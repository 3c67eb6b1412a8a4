"""拖堂: how much later a lesson may end than it was planned to. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.errors import ConflictError
from scheduler.catalogue.course import Lesson, clashes


@dataclass(frozen=True, slots=True)
class OverrunLimits:
    """`longest_s`: all extensions of one lesson together. `handover_s`: kept free
    before the next lesson of a room, teacher or class."""

    longest_s: float
    handover_s: float


@dataclass(frozen=True, slots=True)
class Need:
    """Another lesson that wants what this one has: room, teacher or class."""

    lesson: Lesson
    what: str
    """Id."""


def first_need(
    lesson: Lesson,
    until: datetime,
    others: Sequence[Lesson],
    classes: Mapping[str, frozenset[str]],
    limits: OverrunLimits,
) -> Need | None:
    """The first to be kept waiting if `lesson` ended at `until`.

    `others`: lessons not yet over. `classes`: course -> the classes that sit in it.
    """
    handover = timedelta(seconds=limits.handover_s)
    longer = lesson.model_copy(update={"ends_at": until + handover})
    needs = [Need(other, what) for other, what in clashes(longer, others)]
    mine = classes.get(lesson.course, frozenset())
    for other in others:
        shared = mine & classes.get(other.course, frozenset())
        if shared and other.id != lesson.id and other.starts_at < longer.ends_at:
            needs.append(Need(other, min(shared)))
    coming = [need for need in needs if need.lesson.ends_at > lesson.ends_at]
    return min(
        coming, key=lambda need: (need.lesson.starts_at, need.what), default=None
    )


def refuse_too_long(overrun_s: float, more_s: float, limits: OverrunLimits) -> None:
    """Raises ConflictError(`overrun_too_long`)."""
    if overrun_s + more_s <= limits.longest_s:
        return
    left = max(0, int(limits.longest_s - overrun_s) // 60)
    zh = f"还可以延长 {left} 分钟" if left else "不能再延长"
    en = f"{left} more minutes are possible" if left else "no more is possible"
    raise ConflictError(
        "overrun_too_long",
        zh=f"一节课最多拖堂 {int(limits.longest_s) // 60} 分钟，{zh}",
        en=f"a lesson may run over by {int(limits.longest_s) // 60} minutes; {en}",
    )


def refuse_need(
    lesson: Lesson, need: Need, name: str, limits: OverrunLimits
) -> ConflictError:
    """`name`: what both need, for people."""
    starts, _ = need.lesson.local_times()
    handover = timedelta(seconds=limits.handover_s)
    free_s = (need.lesson.starts_at - handover - lesson.ends_at).total_seconds()
    left = max(0, math.floor(free_s / 60))
    zh = f"最多还能延长 {left} 分钟" if left else "不能再延长"
    en = f"at most {left} more minutes" if left else "it cannot run over"
    return ConflictError(
        "overrun_clash",
        zh=f"{starts:%H:%M} 的“{need.lesson.title}”需要{name}，{zh}",
        en=f"{need.lesson.title} at {starts:%H:%M} needs {name}; {en}",
    )
