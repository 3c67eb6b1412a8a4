"""What teachers, classrooms and schools are told of a repair. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from common.ids import LessonId, new_id
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.edition.notice_store import Notice
from scheduler.edition.publish_views import DatedDifferenceView, DatedPlaceView
from scheduler.repair.agree import Outcome
from scheduler.repair.dated import monday_of
from scheduler.repair.store import ProposalId
from scheduler.repair.words import (
    cancelled_words,
    moved_words,
    recording_words,
    substituted_words,
    when_of,
)
from scheduler.words import Words

_LINES = 8


@dataclass(frozen=True)
class _Change:
    """`after` None: the lesson is cancelled. `days`: all dates on which it is the
    same; the lessons are of the first."""

    before: Lesson
    after: Lesson | None
    words: Words
    days: Sequence[date]

    @property
    def first_day(self) -> date:
        return min(one.day for one in (self.before, self.after) if one)


def notices_of(
    world: World,
    proposal: ProposalId,
    before: Mapping[LessonId, Lesson],
    made: Outcome,
    at: datetime,
) -> list[Notice]:
    """One for everybody whose days become different; the reason of an absence, which
    may be an illness, is told to nobody. `before`: the lessons as they were."""
    concerned: dict[tuple[str, str], list[_Change]] = defaultdict(list)
    for change in _changes(world, before, made):
        for who in _concerns(world, change):
            concerned[who].append(change)
    return [
        _notice(proposal, kind, id, sorted(changes, key=_order), at)
        for (kind, id), changes in sorted(concerned.items())
    ]


def _changes(
    world: World, before: Mapping[LessonId, Lesson], made: Outcome
) -> Iterator[_Change]:
    changed = [(before[after.id], after, "") for after in made.changed]
    given_up = [(old, None, detail) for old, detail in made.cancelled]
    alike: dict[object, list[tuple[Lesson, Lesson | None, str]]] = defaultdict(list)
    for one in sorted([*changed, *given_up], key=lambda one: one[0].starts_at):
        alike[_alike(*one)].append(one)
    for group in alike.values():
        old, new, detail = group[0]
        days = [one.day for one, _, _ in group]
        yield _Change(old, new, _words(world, old, new, detail, days), days)


def _alike(old: Lesson, new: Lesson | None, detail: str) -> object:
    """The same for lessons of which one sentence can tell: at one weekly time, with
    the same people, and what becomes of them is the same within their weeks."""
    if new is not None and monday_of(new.day) != monday_of(old.day):
        return old.id
    return (_weekly(old), _weekly(new) if new else None, detail)


def _weekly(lesson: Lesson) -> object:
    when = when_of(lesson)
    time = (when.day.isoweekday(), when.start, when.end, when.period)
    return (lesson.course, lesson.title, lesson.teacher, lesson.site_rooms, time)


def _words(
    world: World, old: Lesson, new: Lesson | None, detail: str, days: Sequence[date]
) -> Words:
    title, teacher, when = old.title, _teacher(world, old), when_of(old)
    if new is None:
        words = recording_words if detail else cancelled_words
        return words(title, teacher, when, days)
    if old.teacher != new.teacher:
        by = _teacher(world, new)
        return substituted_words(title, teacher, by, when_of(new), days)
    return moved_words(title, teacher, when, when_of(new), days)


def _teacher(world: World, lesson: Lesson) -> str:
    return find(world, Teacher, lesson.teacher).name


def _concerns(world: World, change: _Change) -> set[tuple[str, str]]:
    lessons = [one for one in (change.before, change.after) if one]
    rooms = {room for one in lessons for room in one.site_rooms}
    teachers = {("teacher", one.teacher) for one in lessons}
    schools = {("school", find(world, SiteRoom, room).school) for room in rooms}
    return {*teachers, *schools, *(("site_room", room) for room in rooms)}


def _order(change: _Change) -> tuple[datetime, str]:
    return change.before.starts_at, change.before.id


def _notice(
    proposal: ProposalId, kind: str, id: str, changes: list[_Change], at: datetime
) -> Notice:
    count = sum(len(change.days) for change in changes)
    first = min(change.first_day for change in changes)
    shown = [change.words for change in changes[:_LINES]]
    more = len(changes) > _LINES
    zh = "；".join(words.zh for words in shown) + ("……" if more else "")
    en = "; ".join(words.en for words in shown) + (" …" if more else "")
    lessons = "1 lesson changes" if count == 1 else f"{count} lessons change"
    once = "for once" if count == len(changes) else "for some weeks"
    return Notice(
        id=new_id("ntc"),
        kind=kind,
        concerns=id,
        repair=proposal,
        at=at,
        from_day=first,
        zh=f"有 {count} 节课临时变动：{zh}",
        en=f"{lessons} {once}: {en}",
        lessons=[_view(change).model_dump(mode="json") for change in changes],
    )


def _view(change: _Change) -> DatedDifferenceView:
    after = change.after
    return DatedDifferenceView(
        course=change.before.course,
        name=change.before.title,
        before=_place(change.before),
        after=_place(after) if after else None,
        last_day=change.days[-1],
        times=len(change.days),
        zh=change.words.zh,
        en=change.words.en,
    )


def _place(lesson: Lesson) -> DatedPlaceView:
    when = when_of(lesson)
    return DatedPlaceView(
        course=lesson.course,
        weekday=when.day.isoweekday(),
        start=when.start,
        day=when.day,
        period=when.period,
    )
