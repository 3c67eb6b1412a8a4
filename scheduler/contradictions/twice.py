"""People and rooms in two places at once, by their local lessons."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from common.ids import SchoolId
from scheduler.availability import LocalLesson
from scheduler.bell_book import ALWAYS, BellBook, Span
from scheduler.bells import Minutes, clock_text, weekday_zh
from scheduler.calendar import Term
from scheduler.solver.problem import Resource, weeks_mask
from scheduler.taken import held_by, school_of
from scheduler.world import Contradiction, World

_WORDS = {
    "teacher": ("教师", "teacher"),
    "class": ("班级", "class"),
    "room": ("教室", "room"),
}
_FIELDS = {"teacher": "teacher", "class": "class_group", "room": "site_room"}
_mask = lru_cache(maxsize=1000)(weeks_mask)


@dataclass(frozen=True)
class Use:
    """A local lesson, where it is and during which dates it may take place."""

    lesson: LocalLesson
    school: SchoolId
    span: Span

    @property
    def fixed(self) -> Minutes | None:
        start, end = self.lesson.start_minute, self.lesson.end_minute
        return None if start is None or end is None else Minutes(start, end)


def contradictions(world: World, book: BellBook) -> Iterator[Contradiction]:
    for use in uses_of(world):
        yield from _unknown_period(book, use)
    for (resource, _), uses in by_holder(world).items():
        for a, b in combinations(uses, 2):
            times = both_at(book, a, b)
            if times and times[0].overlap(times[1]):
                yield _twice(resource, b, a, times[1])


def uses_of(world: World) -> Iterator[Use]:
    for lesson in world.all(LocalLesson):
        term = world.get(Term, lesson.term) if lesson.term else None
        span = Span(term.first_day, term.last_day) if term else ALWAYS
        yield Use(lesson, school_of(world, lesson), span)


def by_holder(world: World) -> dict[tuple[Resource, int], list[Use]]:
    """Local lessons by who or what is in them, and weekday."""
    found: dict[tuple[Resource, int], list[Use]] = defaultdict(list)
    for use in uses_of(world):
        for resource in held_by(use.lesson):
            found[resource, use.lesson.weekday].append(use)
    return found


def both_at(book: BellBook, a: Use, b: Use) -> tuple[Minutes, Minutes] | None:
    """True minutes at which the two take place on one date: a date at which they
    overlap if there is one, else the date at which they lie closest."""
    if not _mask(a.lesson.weeks) & _mask(b.lesson.weeks) or not a.span.meets(b.span):
        return None
    if a.fixed and b.fixed:
        return a.fixed, b.fixed
    pairs = list(_pairs(book, a, b))
    return min(pairs, key=lambda pair: _gap(*pair), default=None)


def _gap(a: Minutes, b: Minutes) -> int:
    """Minutes between the two, negative when they overlap."""
    return max(a.start, b.start) - min(a.end, b.end)


def _pairs(book: BellBook, a: Use, b: Use) -> Iterator[tuple[Minutes, Minutes]]:
    for at, a_span in _times(book, a):
        for bt, b_span in _times(book, b):
            if a_span.meets(b_span):
                yield at, bt


def _times(book: BellBook, use: Use) -> list[tuple[Minutes, Span]]:
    if use.fixed:
        return [(use.fixed, use.span)]
    found = []
    for ringing in book.ringing(use.school, use.lesson.weekday, use.span):
        time = ringing.time(use.lesson.period or 0)
        if time is not None:
            found.append((time, ringing.span))
    return found


def _unknown_period(book: BellBook, use: Use) -> Iterator[Contradiction]:
    number, weekday = use.lesson.period, use.lesson.weekday
    if use.fixed is None and not _times(book, use):
        yield Contradiction(
            (use.lesson,),
            "period",
            f"学校 {use.school} 的作息表里，{weekday_zh(weekday)}没有第{number}节；"
            "请改节次、补作息表，或填开始和结束时间",
            f"the bells of {use.school} have no period {number} on weekday {weekday};"
            " change it, add it to the bells, or give start and end",
        )


def _twice(resource: Resource, use: Use, other: Use, time: Minutes) -> Contradiction:
    zh, en = _WORDS[resource.kind]
    at = f"{clock_text(time.start)}-{clock_text(time.end)}"
    day = use.lesson.weekday
    first = other.lesson
    return Contradiction(
        (use.lesson, first),
        _FIELDS[resource.kind],
        f"{zh} {resource.id} 在{weekday_zh(day)} {at} 已有本地课“{first.title}”"
        f"（{first.id}，学校 {other.school}）；请改其中一节的时间、周次或{zh}",
        f"{en} {resource.id} is in local lesson {first.id} at {other.school} on"
        f" weekday {day} at {at}; change the time, the weeks or the {en} of one",
    )
