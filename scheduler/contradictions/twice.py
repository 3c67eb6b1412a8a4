"""People and rooms in two places at once, by their local lessons."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from common.ids import SchoolId
from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.bell_book import ALWAYS, BellBook, Span
from scheduler.catalogue.bells import Minutes, clock_text, weekday_zh
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.sweep import first_clashes
from scheduler.catalogue.world import Contradiction, World
from scheduler.held import held_by, school_of
from scheduler.solver.problem import Resource, weeks_mask

_WORDS = {
    "teacher": ("教师", "teacher"),
    "class": ("班级", "class"),
    "room": ("教室", "room"),
}
_FIELDS = {"teacher": "teacher", "class": "class_group", "room": "site_room"}
_mask = lru_cache(maxsize=1000)(weeks_mask)


@dataclass(frozen=True)
class Use:
    """A local lesson: where it is, and its true minutes with the dates on which they
    hold, because bells change with the season. Empty: no bell has its period."""

    lesson: LocalLesson
    school: SchoolId
    times: tuple[tuple[Minutes, Span], ...]

    @property
    def is_by_period(self) -> bool:
        return self.lesson.start_minute is None

    @property
    def reach(self) -> tuple[int, int]:
        """First and last minute at any date."""
        return (
            min((t.start for t, _ in self.times), default=0),
            max((t.end for t, _ in self.times), default=1) - 1,
        )


def contradictions(world: World, book: BellBook) -> Iterator[Contradiction]:
    for use in uses_of(world, book):
        if not use.times:
            yield _unknown_period(use)
    for (resource, _), uses in by_holder(world, book).items():
        for first, second in first_clashes(uses, lambda use: use.reach, _meet):
            yield _twice(resource, second, first)


def uses_of(world: World, book: BellBook) -> Iterator[Use]:
    for lesson in world.all(LocalLesson):
        term = world.get(Term, lesson.term) if lesson.term else None
        span = Span(term.first_day, term.last_day) if term else ALWAYS
        school = school_of(world, lesson)
        yield Use(lesson, school, tuple(_times(book, lesson, school, span)))


def by_holder(world: World, book: BellBook) -> dict[tuple[Resource, int], list[Use]]:
    """Local lessons by who or what is in them, and weekday."""
    found: dict[tuple[Resource, int], list[Use]] = defaultdict(list)
    for use in uses_of(world, book):
        for resource in held_by(use.lesson):
            found[resource, use.lesson.weekday].append(use)
    return found


def on_one_date(a: Use, b: Use) -> Iterator[tuple[Minutes, Minutes]]:
    """True minutes of the two on dates on which both take place."""
    if _mask(a.lesson.weeks) & _mask(b.lesson.weeks):
        for a_time, a_span in a.times:
            for b_time, b_span in b.times:
                if a_span.meets(b_span):
                    yield a_time, b_time


def _meet(a: Use, b: Use) -> bool:
    return any(one.overlap(other) for one, other in on_one_date(a, b))


def _times(
    book: BellBook, lesson: LocalLesson, school: SchoolId, span: Span
) -> Iterator[tuple[Minutes, Span]]:
    if lesson.start_minute is not None and lesson.end_minute is not None:
        yield Minutes(lesson.start_minute, lesson.end_minute), span
        return
    for ringing in book.ringing(school, lesson.weekday, span):
        time = ringing.time(lesson.period or 0)
        if time is not None:
            yield time, ringing.span


def _unknown_period(use: Use) -> Contradiction:
    number, weekday = use.lesson.period, use.lesson.weekday
    return Contradiction(
        (use.lesson,),
        "period",
        f"学校 {use.school} 的作息表里，{weekday_zh(weekday)}没有第{number}节；"
        "请改节次、补作息表，或填开始和结束时间",
        f"the bells of {use.school} have no period {number} on weekday {weekday};"
        " change it, add it to the bells, or give start and end",
    )


def _twice(resource: Resource, use: Use, other: Use) -> Contradiction:
    pairs = on_one_date(use, other)
    time = next(there for here, there in pairs if here.overlap(there))
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
