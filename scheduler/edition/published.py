"""What publishing did, gathered and told. Pure."""

from collections.abc import Iterable
from datetime import date

from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.world import World
from scheduler.edition.publish_views import CompareView, LeftAloneView, PublishView
from scheduler.edition.reconcile import LeftAlone, Reconciled
from scheduler.edition.values import Edition
from scheduler.term.timetable import Skipped
from scheduler.words import Words

_NAMED = 500


class Followed:
    """Counts of dated lessons, and those that were left alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.added = self.moved = self.removed = self.kept = 0
        self.left_alone: list[LeftAloneView] = []

    def add(self, result: Reconciled) -> None:
        moved = len(result.moved)
        self.added += len(result.added)
        self.moved += moved
        self.removed += len(result.removed)
        self.kept += len(result.same) + len(result.changed) - moved
        self.leave(result.left_alone)

    def leave(self, left: Iterable[LeftAlone]) -> None:
        self.left_alone.extend(_view(one) for one in left)

    def skip(self, skipped: Iterable[Skipped]) -> None:
        for one in skipped:
            course = self._world.get(Course, one.slot.course)
            self.left_alone.append(
                LeftAloneView(
                    lesson=None,
                    course=one.slot.course,
                    title=course.name if course else one.slot.course,
                    day=one.day,
                    reason="no_time",
                    zh=one.zh,
                    en=one.en,
                )
            )


def publish_view(
    edition: Edition,
    last_day: date,
    slots: int,
    followed: Followed,
    differences: CompareView,
    notices: int,
) -> PublishView:
    assert edition.from_day is not None
    left = sorted(followed.left_alone, key=lambda v: (v.day, v.course))
    return PublishView(
        edition=edition.id,
        revision=edition.revision,
        from_day=edition.from_day,
        last_day=last_day,
        slots=slots,
        added=followed.added,
        moved=followed.moved,
        removed=followed.removed,
        kept=followed.kept,
        left_alone=left[:_NAMED],
        left_alone_count=len(left),
        differences=differences,
        notices=notices,
    )


def _view(one: LeftAlone) -> LeftAloneView:
    lesson = one.lesson
    words = _words(one)
    made = one.reason in ("begun", "by_hand", "cancelled")
    return LeftAloneView(
        lesson=lesson.id if made else None,
        course=lesson.course,
        title=lesson.title,
        day=lesson.day,
        reason=one.reason,
        zh=words.zh,
        en=words.en,
    )


def _words(one: LeftAlone) -> Words:
    zh, en = f"“{one.lesson.title}”{_at(one.lesson)}", _named(one.lesson)
    if one.reason == "begun":
        return Words(f"{zh} 已开始或已结束，没有改动", f"{en} has begun or is over")
    if one.reason == "by_hand":
        return Words(
            f"{zh} 被单独调整过，没有改动；如需改动请在日程中修改",
            f"{en} was changed by a person for that date and stays; change it there",
        )
    if one.reason == "cancelled":
        return Words(f"{zh} 已取消，不再重排", f"{en} was cancelled and stays so")
    other = f"“{one.other.title}”{_at(one.other)}" if one.other else ""
    other_en = _named(one.other) if one.other else ""
    return Words(
        f"{zh} 与{other} 冲突，这一天没有排上；请单独安排",
        f"{en} meets {other_en} and was left out on that day; arrange it by hand",
    )


def _named(lesson: Lesson) -> str:
    return f"{lesson.title}, {_at(lesson)},"


def _at(lesson: Lesson) -> str:
    start, _ = lesson.local_times()
    return f"{start:%Y-%m-%d %H:%M}"
