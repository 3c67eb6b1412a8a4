"""Dated lessons that are there, and those that a new edition wants: what to move, to
make and to take off, and what to leave alone. Pure.

Within one term week of a course a lesson that is there goes on as one that is wanted
whenever it can: it keeps its id, and with it everything that hangs on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from common.ids import CourseId
from scheduler.catalogue.course import Lesson
from scheduler.sessions.lifecycle import State

Reason = Literal["begun", "by_hand", "cancelled", "clash", "no_time"]
_FROM_COURSE = (
    "slot",
    "title",
    "teacher",
    "master_room",
    "receiving_rooms",
    "starts_at",
    "ends_at",
    "zone",
    "day",
    "week",
    "period",
    "class_hour",
)
"""What a lesson takes from its course and slot; the rest is its own."""


class There(NamedTuple):
    """A dated lesson of a slot, with how far its session is."""

    lesson: Lesson
    state: State


@dataclass(frozen=True)
class LeftAlone:
    """`lesson`: one that is there, or the one that was wanted in vain. `other`: what
    stands in the way."""

    lesson: Lesson
    reason: Reason
    other: Lesson | None = None
    zh: str = ""
    en: str = ""


@dataclass
class Reconciled:
    """`changed`: (as it was, as it is to be), the same id; `same` need nothing."""

    added: list[Lesson] = field(default_factory=list)
    changed: list[tuple[Lesson, Lesson]] = field(default_factory=list)
    removed: list[Lesson] = field(default_factory=list)
    same: list[Lesson] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)

    @property
    def moved(self) -> list[tuple[Lesson, Lesson]]:
        return [(a, b) for a, b in self.changed if a.starts_at != b.starts_at]


def reconcile(
    wanted: Iterable[Lesson], there: Iterable[There], others: Iterable[Lesson]
) -> Reconciled:
    """`wanted` and `there`: lessons of slots, of the same courses and one term week;
    `others`: everything else that takes rooms and teachers at that time."""
    asked: dict[CourseId, list[Lesson]] = defaultdict(list)
    had: dict[CourseId, list[There]] = defaultdict(list)
    for lesson in wanted:
        asked[lesson.course].append(lesson)
    for one in there:
        had[one.lesson.course].append(one)
    result = Reconciled()
    for course in sorted(asked.keys() | had.keys()):
        _of_course(asked[course], had[course], result)
    fixed = [left.lesson for left in result.left_alone if left.reason != "cancelled"]
    _drop_clashes(result, [*others, *fixed])
    return result


def _of_course(
    wanted: list[Lesson], there: Sequence[There], result: Reconciled
) -> None:
    left = sorted(wanted, key=lambda w: w.starts_at)
    free: list[Lesson] = []
    for one in there:
        reason = _why_fixed(one)
        if reason is None:
            free.append(one.lesson)
            continue
        result.left_alone.append(LeftAlone(one.lesson, reason))
        stands_for = next((w for w in left if _same_slot(w, one.lesson)), None)
        if stands_for is not None:
            left.remove(stands_for)
    for test in (_same_time, _same_slot, _any):
        for old in list(free):
            match = next((w for w in left if test(w, old)), None)
            if match is not None:
                left.remove(match)
                free.remove(old)
                _goes_on(old, match, result)
    result.added.extend(left)
    result.removed.extend(free)


def _why_fixed(one: There) -> Reason | None:
    if one.state is State.CANCELLED:
        return "cancelled"
    if one.state is not State.PLANNED:
        return "begun"
    return "by_hand" if one.lesson.by_hand else None


def _same_time(wanted: Lesson, old: Lesson) -> bool:
    return wanted.starts_at == old.starts_at


def _same_slot(wanted: Lesson, old: Lesson) -> bool:
    return wanted.slot == old.slot


def _any(_wanted: Lesson, _old: Lesson) -> bool:
    return True


def _goes_on(old: Lesson, wanted: Lesson, result: Reconciled) -> None:
    new = old.model_copy(update={name: getattr(wanted, name) for name in _FROM_COURSE})
    if new == old:
        result.same.append(old)
    else:
        result.changed.append((old, new))


# ---- clashes -----------------------------------------------------------------------


def _drop_clashes(result: Reconciled, others: Iterable[Lesson]) -> None:
    """A lesson whose time somebody else has taken on that date is not made; one that
    would have to move there is taken off."""
    taken = _Taken(others)
    added: list[Lesson] = []
    for lesson in result.added:
        other = taken.in_the_way(lesson)
        if other is None:
            added.append(lesson)
        else:
            result.left_alone.append(LeftAlone(lesson, "clash", other))
    changed: list[tuple[Lesson, Lesson]] = []
    for old, new in result.changed:
        other = taken.in_the_way(new)
        if other is None:
            changed.append((old, new))
        else:
            result.removed.append(old)
            result.left_alone.append(LeftAlone(new, "clash", other))
    result.added, result.changed = added, changed


def apart(wanted: Iterable[Lesson]) -> tuple[list[Lesson], list[LeftAlone]]:
    """Wanted lessons without those that meet an earlier one: bells of another season
    may bring together what its own bells keep apart."""
    taken = _Taken(())
    kept: list[Lesson] = []
    left: list[LeftAlone] = []
    for lesson in sorted(wanted, key=lambda w: (w.starts_at, w.id)):
        other = taken.in_the_way(lesson)
        if other is None:
            kept.append(lesson)
            taken.add(lesson)
        else:
            left.append(LeftAlone(lesson, "clash", other))
    return kept, left


class _Taken:
    """Lessons by what they hold on each day."""

    def __init__(self, lessons: Iterable[Lesson]) -> None:
        self._by: dict[tuple[object, str], list[Lesson]] = defaultdict(list)
        for lesson in lessons:
            self.add(lesson)

    def add(self, lesson: Lesson) -> None:
        for key in self._keys(lesson):
            self._by[key].append(lesson)

    def in_the_way(self, lesson: Lesson) -> Lesson | None:
        for key in self._keys(lesson):
            for other in self._by.get(key, ()):
                if (
                    other.id != lesson.id
                    and other.starts_at < lesson.ends_at
                    and lesson.starts_at < other.ends_at
                ):
                    return other
        return None

    @staticmethod
    def _keys(lesson: Lesson) -> list[tuple[object, str]]:
        """A lesson lies within one day of UTC or two; by local day suffices, because
        nothing crosses midnight."""
        held = [f"teacher {lesson.teacher}", *lesson.site_rooms]
        return [(lesson.day, name) for name in held]
