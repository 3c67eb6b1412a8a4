"""What teachers, classrooms and schools are told of a repair. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from scheduler.repair.ending import Returning
from scheduler.repair.kept import ProposalId
from scheduler.repair.words import (
    again_words,
    cancelled_words,
    moved_words,
    recording_words,
    restored_words,
    substituted_words,
    when_of,
)
from scheduler.words import Words

_LINES = 8


@dataclass(frozen=True)
class _Change:
    """`after` None: the lesson is cancelled; `before` None: it takes place after all.
    `days`: all dates on which it is the same; the lessons are of the first."""

    before: Lesson | None
    after: Lesson | None
    words: Words
    days: Sequence[date]

    @property
    def lessons(self) -> list[Lesson]:
        return [one for one in (self.before, self.after) if one]

    @property
    def first_day(self) -> date:
        return min(one.day for one in self.lessons)


_Pair = tuple[Lesson | None, Lesson | None, str]
"""A lesson as it was and as it is, and what was said of it."""
_Say = Callable[[World, _Pair, Sequence[date]], Words]


def notices_of(
    world: World,
    proposal: ProposalId,
    before: Mapping[LessonId, Lesson],
    made: Outcome,
    at: datetime,
) -> list[Notice]:
    """One for everybody whose days become different; the reason of an absence, which
    may be an illness, is told to nobody. `before`: the lessons as they were."""
    changed: list[_Pair] = [(before[after.id], after, "") for after in made.changed]
    given_up: list[_Pair] = [(old, None, detail) for old, detail in made.cancelled]
    changes = list(_changes(world, [*changed, *given_up], _words))
    return _told(world, proposal, changes, at, _head)


def notices_of_return(
    world: World, proposal: ProposalId, back: Iterable[Returning], at: datetime
) -> list[Notice]:
    """One for everybody to whom lessons come back, because an absence ends sooner."""
    pairs: list[_Pair] = [
        (one.now if one.done.after else None, one.then, "") for one in back
    ]
    changes = list(_changes(world, pairs, _words_of_return))
    return _told(world, proposal, changes, at, _head_of_return)


def _told(
    world: World,
    proposal: ProposalId,
    changes: Iterable[_Change],
    at: datetime,
    head: Callable[[int, bool], Words],
) -> list[Notice]:
    concerned: dict[tuple[str, str], list[_Change]] = defaultdict(list)
    for change in changes:
        for who in _concerns(world, change):
            concerned[who].append(change)
    return [
        _notice(proposal, kind, id, sorted(changes, key=_order), at, head)
        for (kind, id), changes in sorted(concerned.items())
    ]


def _changes(world: World, pairs: Iterable[_Pair], say: _Say) -> Iterator[_Change]:
    alike: dict[object, list[_Pair]] = defaultdict(list)
    for one in sorted(pairs, key=lambda one: _first(one).starts_at):
        alike[_alike(*one)].append(one)
    for group in alike.values():
        old, new, _ = group[0]
        days = [_first(one).day for one in group]
        yield _Change(old, new, say(world, group[0], days), days)


def _first(pair: _Pair) -> Lesson:
    old, new, _ = pair
    lesson = old or new
    assert lesson is not None  # one of the two is there
    return lesson


def _alike(old: Lesson | None, new: Lesson | None, detail: str) -> object:
    """The same for lessons of which one sentence can tell: at one weekly time, with
    the same people, and what becomes of them is the same within their weeks."""
    if old and new and monday_of(new.day) != monday_of(old.day):
        return old.id
    return (old and _weekly(old), new and _weekly(new), detail)


def _weekly(lesson: Lesson) -> object:
    when = when_of(lesson)
    time = (when.day.isoweekday(), when.start, when.end, when.period)
    return (lesson.course, lesson.title, lesson.teacher, lesson.site_rooms, time)


def _words(world: World, pair: _Pair, days: Sequence[date]) -> Words:
    old, (_, new, detail) = _first(pair), pair
    title, teacher, when = old.title, _teacher(world, old), when_of(old)
    if new is None:
        words = recording_words if detail else cancelled_words
        return words(title, teacher, when, days)
    if old.teacher != new.teacher:
        by = _teacher(world, new)
        return substituted_words(title, teacher, by, when_of(new), days)
    return moved_words(title, teacher, when, when_of(new), days)


def _words_of_return(world: World, pair: _Pair, days: Sequence[date]) -> Words:
    old, new, _ = pair
    assert new is not None  # nothing is cancelled by coming back
    return return_words(world, old, new, days)


def return_words(
    world: World, old: Lesson | None, new: Lesson, days: Sequence[date] = ()
) -> Words:
    """`old` None: the lesson was cancelled."""
    title, teacher, when = new.title, _teacher(world, new), when_of(new)
    if old is None:
        return restored_words(title, teacher, when, days)
    if old.teacher != new.teacher:
        return again_words(title, teacher, _teacher(world, old), when, days)
    return moved_words(title, teacher, when_of(old), when, days)


def _teacher(world: World, lesson: Lesson) -> str:
    return find(world, Teacher, lesson.teacher).name


def _concerns(world: World, change: _Change) -> set[tuple[str, str]]:
    lessons = change.lessons
    rooms = {room for one in lessons for room in one.site_rooms}
    teachers = {("teacher", one.teacher) for one in lessons}
    schools = {("school", find(world, SiteRoom, room).school) for room in rooms}
    return {*teachers, *schools, *(("site_room", room) for room in rooms)}


def _order(change: _Change) -> tuple[datetime, str]:
    first = change.lessons[0]
    return first.starts_at, first.id


def _notice(
    proposal: ProposalId,
    kind: str,
    id: str,
    changes: list[_Change],
    at: datetime,
    head: Callable[[int, bool], Words],
) -> Notice:
    count = sum(len(change.days) for change in changes)
    first = min(change.first_day for change in changes)
    shown = [change.words for change in changes[:_LINES]]
    more = len(changes) > _LINES
    zh = "；".join(words.zh for words in shown) + ("……" if more else "")
    en = "; ".join(words.en for words in shown) + (" …" if more else "")
    begin = head(count, count == len(changes))
    return Notice(
        id=new_id("ntc"),
        kind=kind,
        concerns=id,
        repair=proposal,
        at=at,
        from_day=first,
        zh=f"{begin.zh}：{zh}",
        en=f"{begin.en}: {en}",
        lessons=[_view(change).model_dump(mode="json") for change in changes],
    )


def _head(count: int, is_once: bool) -> Words:
    lessons = "1 lesson changes" if count == 1 else f"{count} lessons change"
    once = "for once" if is_once else "for some weeks"
    return Words(f"有 {count} 节课临时变动", f"{lessons} {once}")


def _head_of_return(count: int, _is_once: bool) -> Words:
    lessons = "1 lesson is" if count == 1 else f"{count} lessons are"
    return Words(
        f"有 {count} 节课不再调课，照原来的安排上", f"{lessons} as planned again"
    )


def _view(change: _Change) -> DatedDifferenceView:
    before, after = change.before, change.after
    return DatedDifferenceView(
        course=change.lessons[0].course,
        name=change.lessons[0].title,
        before=_place(before) if before else None,
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
