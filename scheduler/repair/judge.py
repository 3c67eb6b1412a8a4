"""What would be after an agreement, by the rules that judge every timetable. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from common.ids import LessonId
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.world import World
from scheduler.edition.words import violation_words, who_of
from scheduler.repair.dated import DatedWeek, dated_week, monday_of
from scheduler.repair.event import Absence
from scheduler.solver.check import Violation, violations
from scheduler.solver.problem import Placement, Problem
from scheduler.words import Words


def broken_rules(
    world: World,
    term: Term,
    absence: Absence,
    lessons_of: Mapping[date, Sequence[Lesson]],
    changed: Sequence[Lesson],
    given_up: Collection[LessonId],
    now: datetime,
) -> list[Words]:
    """What `changed` lessons, as they will be, break that was not broken before.
    `lessons_of`: the unfinished lessons, as they are, of every week they will be in."""
    found: list[Words] = []
    ids = frozenset(one.id for one in changed)
    for monday in sorted({monday_of(one.day) for one in changed}):
        before = lessons_of.get(monday, ())
        mine = [one for one in changed if monday_of(one.day) == monday]
        others = [n for n in before if n.id not in ids and n.id not in given_up]
        was = dated_week(world, term, monday, before, now, hit=ids)
        will_be = dated_week(world, term, monday, [*others, *mine], now, hit=ids)
        known = {
            _key(v) for v in violations(was.problem, was.placements, complete=False)
        }
        busy = (*will_be.problem.busy, *will_be.busy_of(absence))
        problem = replace(will_be.problem, busy=busy)
        places = {(p.stream, p.weekday) for p in _places_of(will_be, ids)}
        for v in violations(problem, will_be.placements, complete=False):
            if _key(v) not in known and any(
                (s, v.weekday) in places for s in v.streams
            ):
                found.append(_words(problem, v, will_be.day(v.weekday)))
    return found


def _places_of(week: DatedWeek, ids: Collection[LessonId]) -> Iterator[Placement]:
    for place, lesson in week.movable.items():
        if lesson.id in ids:
            yield place


def _key(v: Violation) -> tuple[object, ...]:
    """Streams are named anew in each week."""
    return v.rule, v.who, v.weekday, v.time


def _words(problem: Problem, v: Violation, day: date) -> Words:
    known = problem.stream_by_id
    streams = tuple(known[name] for name in v.streams)
    words = violation_words(problem, v, who_of(problem, v.who, streams))
    return Words(
        f"{day.month}月{day.day}日：{words.zh}", f"{day.day} {day:%b}: {words.en}"
    )
