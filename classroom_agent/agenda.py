"""The room's own agenda: which lesson to be in while the scheduler is away. Pure.

| what | from | no use after |
|---|---|---|
| wake, check oneself | `lead_s` before the bell | the bell |
| join | `lead_s` before the bell | the closing bell: late, for the rest |
| in lesson | the bell | the closing bell |
| leave | the closing bell | never; put off for `OVERRUN_S` while others are there |

Times are Unix seconds of the scheduler's clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.protocol.base import Message
from common.protocol.control import Agenda, RoomLesson

OVERRUN_S = 300.0
"""拖堂: a lesson whose end nobody can announce goes on for so long at most."""
BEIJING = timezone(timedelta(hours=8))


class Kept(Message):
    """All that a room must know to act alone; this is what lies on its disk."""

    site_room: str
    version: str | None = None
    """Of the agenda, while it is kept as it was told."""
    told_at: float | None = None
    """When the scheduler told that version."""
    seen_at: float = 0.0
    """The latest time that the scheduler said: it cannot be earlier now."""
    clock_skew_s: float | None = None
    """Our wall clock minus the scheduler's, when last compared."""
    lead_s: float = 180.0
    zone: str = "Asia/Shanghai"
    """Of the district, by its IANA name."""
    lessons: tuple[RoomLesson, ...] = ()

    @property
    def clock(self) -> tzinfo:
        """Of Beijing where this computer does not know the zone."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return BEIJING

    def renewed(self, agenda: Agenda) -> "Kept":
        """The scheduler's whole word: what it does not list is over or cancelled."""
        return self.model_copy(
            update={
                "version": agenda.version,
                "told_at": agenda.at,
                "seen_at": max(self.seen_at, agenda.at),
                "lead_s": agenda.lead_s,
                "zone": agenda.zone,
                "lessons": tuple(agenda.lessons),
            }
        )

    def with_lesson(self, lesson: RoomLesson) -> "Kept":
        """Told by `prepare`, so it will be in the next agenda."""
        others = (one for one in self.lessons if one.session != lesson.session)
        lessons = sorted((*others, lesson), key=lambda one: one.starts_at)
        return self.model_copy(update={"lessons": tuple(lessons)})

    def without(self, session: str) -> "Kept":
        """Ended: never again, unless the scheduler names it anew. The version is
        forgotten with it, so that the scheduler sees the difference."""
        left = tuple(one for one in self.lessons if one.session != session)
        if len(left) == len(self.lessons):
            return self
        return self.model_copy(update={"lessons": left, "version": None})


@dataclass(frozen=True, slots=True)
class Duty:
    lesson: RoomLesson | None = None
    began: bool = False
    """Its bell has rung."""
    look_at: float | None = None
    """Before this the answer stays the same, if nothing happens. None: for ever."""


def duty(
    lessons: Sequence[RoomLesson],
    now: float,
    lead_s: float,
    staying: RoomLesson | None = None,
    vouched_at: float = 0.0,
) -> Duty:
    """`staying`: a lesson past its end in which the room still is, and others are too.
    It may go on for `OVERRUN_S` after its end, or after the scheduler last let it go on
    (`vouched_at`), but not into the next one.

    A running lesson comes before all: a class is not pulled out of it for the next
    one's preparation. Of two running ones the later start wins, as at the scheduler.
    """
    looks = [t for t in _times(lessons, lead_s) if t > now]
    running = [one for one in lessons if one.starts_at <= now < one.ends_at]
    if running:
        lesson = max(running, key=lambda one: (one.starts_at, one.session))
        return Duty(lesson, True, min(looks, default=None))
    if staying is not None:
        until = max(staying.ends_at, vouched_at) + OVERRUN_S
        if now < until:
            return Duty(staying, True, min([*looks, until]))
    waking = [one for one in lessons if one.starts_at - lead_s <= now < one.starts_at]
    lesson_ahead = min(
        waking, key=lambda one: (one.starts_at, one.session), default=None
    )
    return Duty(lesson_ahead, False, min(looks, default=None))


def next_lesson(lessons: Iterable[RoomLesson], now: float) -> RoomLesson | None:
    """The nearest one that has not begun."""
    ahead = [one for one in lessons if one.starts_at > now]
    return min(ahead, key=lambda one: (one.starts_at, one.session), default=None)


def _times(lessons: Iterable[RoomLesson], lead_s: float) -> Iterable[float]:
    for one in lessons:
        yield from (one.starts_at - lead_s, one.starts_at, one.ends_at)
