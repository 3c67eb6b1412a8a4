"""The dated lessons that a published edition wants, week by week. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from common.ids import CourseId
from common.turns import batched
from scheduler.catalogue.bells import BellSchedule
from scheduler.catalogue.calendar import Term, days_of
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.world import World
from scheduler.edition.follow_store import Stretch
from scheduler.edition.reconcile import LeftAlone, apart
from scheduler.term.days import special_days
from scheduler.term.timetable import Skipped, Timetable

_COURSES = 250
"""Of one transaction: some tens of milliseconds."""
_LOOK_BACK = timedelta(days=21)
"""A make-up day is never further from the day it runs."""


@dataclass(frozen=True)
class Weeks:
    stretches: Sequence[Stretch]
    left_alone: Sequence[LeftAlone]
    skipped: Sequence[Skipped]


def wanted_weeks(
    world: World,
    term: Term,
    from_day: date,
    hours: Mapping[CourseId, int],
    now: datetime,
) -> Weeks:
    """`hours`: the class hours that each course has had before `from_day`."""
    first = max(term.first_day, from_day - _LOOK_BACK)
    lessons, skipped = Timetable(world).lessons_between(
        term, first, term.last_day, set()
    )
    ahead = [w for w in lessons if w.day >= from_day and w.ends_at > now]
    behind = {(w.slot, w.week) for w in lessons if w.day < from_day}
    left: list[LeftAlone] = []
    by_week: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in _counted(ahead, hours):
        by_week[lesson.week or 0].append(lesson)
    lasting: dict[int, set[str]] = defaultdict(set)
    for slot, week in behind - {(w.slot, w.week) for w in ahead}:
        lasting[week or 0].add(slot or "")
    courses = sorted(c.id for c in world.all(Course) if c.term == term.id)
    days = _days_by_week(world, term)
    stretches: list[Stretch] = []
    for week in range(max(1, term.week_of(first)), term.week_of(term.last_day) + 1):
        kept, met = apart(by_week[week])
        left.extend(met)
        stretches.extend(
            _stretches(
                Stretch(
                    term=term.id,
                    week=week,
                    from_day=from_day,
                    courses=courses,
                    wanted=kept,
                    days=frozenset(days[week]),
                    lasting=frozenset(lasting[week]),
                )
            )
        )
    late = [s for s in skipped if s.day >= from_day]
    return Weeks(stretches, left, late)


def _counted(
    lessons: Iterable[Lesson], hours: Mapping[CourseId, int]
) -> Iterator[Lesson]:
    """Class hours go on from those that the course has had."""
    had = dict(hours)
    for lesson in sorted(lessons, key=lambda one: (one.starts_at, one.id)):
        if lesson.course not in had:
            yield lesson
            continue
        had[lesson.course] += 1
        yield lesson.model_copy(update={"class_hour": had[lesson.course]})


def _days_by_week(world: World, term: Term) -> dict[int, set[date]]:
    """The dates on which each term week runs, at some master school."""
    special = special_days(world, term)
    masters = {c.master_room for c in world.all(Course) if c.term == term.id}
    rooms = (world.get(SiteRoom, room) for room in masters)
    found: dict[int, set[date]] = defaultdict(set)
    for school in {room.school for room in rooms if room is not None}:
        for day, runs in days_of(term, special, school):
            found[runs.week].add(day)
    return found


def _stretches(whole: Stretch) -> Iterator[Stretch]:
    """A week, some courses at a time."""
    by_course: dict[CourseId, list[Lesson]] = defaultdict(list)
    for lesson in whole.wanted:
        by_course[lesson.course].append(lesson)
    for some in batched(whole.courses, _COURSES):
        mine = [lesson for course in some for lesson in by_course[course]]
        yield replace(whole, courses=some, wanted=mine)


def weeks_by_bells(world: World, term: Term) -> list[list[int]]:
    """The term's weeks, those together in which the same bells ring."""
    dated = [s for s in world.all(BellSchedule) if s.first_day or s.last_day]
    found: dict[frozenset[tuple[str, int]], list[int]] = defaultdict(list)
    for week in range(max(1, term.week_of(term.first_day)), _last_week(term) + 1):
        days = {day: term.date_of(week, day) for day in range(1, 8)}
        rings = frozenset(
            (s.id, weekday)
            for s in dated
            for weekday, day in days.items()
            if s.covers(day, weekday)
        )
        found[rings].append(week)
    return list(found.values())


def _last_week(term: Term) -> int:
    return term.week_of(term.last_day)
