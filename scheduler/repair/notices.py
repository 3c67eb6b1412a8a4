"""What teachers, classrooms and schools are told of a repair. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from common.ids import LessonId, new_id
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.edition.notice_store import Notice
from scheduler.edition.publish_views import DatedDifferenceView, DatedPlaceView
from scheduler.edition.words import Words
from scheduler.repair.agree import Outcome
from scheduler.repair.store import ProposalId
from scheduler.repair.words import (
    cancelled_words,
    moved_words,
    recording_words,
    substituted_words,
    when_of,
)

_LINES = 8


@dataclass(frozen=True)
class _Change:
    """`after` None: the lesson is cancelled."""

    before: Lesson
    after: Lesson | None
    words: Words

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
    for after in made.changed:
        old = before[after.id]
        yield _Change(old, after, _changed_words(world, old, after))
    for old, detail in made.cancelled:
        words = recording_words if detail else cancelled_words
        yield _Change(old, None, words(old.title, _teacher(world, old), when_of(old)))


def _changed_words(world: World, old: Lesson, after: Lesson) -> Words:
    teacher = _teacher(world, old)
    if old.teacher != after.teacher:
        by = _teacher(world, after)
        return substituted_words(old.title, teacher, by, when_of(after))
    return moved_words(old.title, teacher, when_of(old), when_of(after))


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
    count = len(changes)
    first = min(change.first_day for change in changes)
    shown = [change.words for change in changes[:_LINES]]
    more = count > _LINES
    zh = "；".join(words.zh for words in shown) + ("……" if more else "")
    en = "; ".join(words.en for words in shown) + (" …" if more else "")
    lessons = "1 lesson changes" if count == 1 else f"{count} lessons change"
    return Notice(
        id=new_id("ntc"),
        kind=kind,
        concerns=id,
        repair=proposal,
        at=at,
        from_day=first,
        zh=f"有 {count} 节课临时变动：{zh}",
        en=f"{lessons} for once: {en}",
        lessons=[_view(change).model_dump(mode="json") for change in changes],
    )


def _view(change: _Change) -> DatedDifferenceView:
    after = change.after
    return DatedDifferenceView(
        course=change.before.course,
        name=change.before.title,
        before=_place(change.before),
        after=_place(after) if after else None,
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
