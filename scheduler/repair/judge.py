"""What would be after an agreement, by the rules that judge every timetable. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from common.ids import LessonId
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.world import World
from scheduler.edition.words import violation_words, who_of
from scheduler.repair.dated import monday_of
from scheduler.repair.dated_weeks import DatedWeeks
from scheduler.repair.event import Absence
from scheduler.solver.check import Violation, violations
from scheduler.solver.problem import Problem
from scheduler.words import Words


class Broken(NamedTuple):
    """A rule, and those of the changed lessons that break it."""

    words: Words
    lessons: frozenset[LessonId]


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
    leaving = frozenset(one.id for one in changed).union(given_up)
    judge = Judge(world, term, now, absence)
    found: list[Words] = []
    for monday in sorted({monday_of(one.day) for one in changed}):
        mine = [one for one in changed if monday_of(one.day) == monday]
        there = lessons_of.get(monday, ())
        found.extend(one.words for one in judge.week(monday, there, mine, leaving))
    return found


class Judge:
    """`absence`: in whose hours no lesson may be."""

    def __init__(
        self, world: World, term: Term, now: datetime, absence: Absence | None = None
    ) -> None:
        self._weeks = DatedWeeks(world, term, now)
        self._absence = absence

    def week(
        self,
        monday: date,
        before: Sequence[Lesson],
        changed: Sequence[Lesson],
        leaving: Collection[LessonId],
    ) -> list[Broken]:
        """`before`: the unfinished lessons of the week as they are. `changed`: those
        that are in it, as they will be. `leaving`: whatever is no longer as it is."""
        ids = frozenset(one.id for one in changed)
        others = [one for one in before if one.id not in leaving]
        will_be = self._weeks.week(monday, [*others, *changed], hit=ids)
        absent = will_be.busy_of(self._absence) if self._absence else ()
        problem = replace(will_be.problem, busy=(*will_be.problem.busy, *absent))
        places = {
            (str(place.stream), place.weekday): lesson.id
            for place, lesson in will_be.movable.items()
            if lesson.id in ids
        }
        found: list[tuple[Violation, frozenset[LessonId]]] = []
        for v in violations(problem, will_be.placements, complete=False):
            held = {places.get((stream, v.weekday)) for stream in v.streams} - {None}
            if held:
                found.append((v, frozenset(id for id in held if id is not None)))
        if not found:
            return []
        was = self._weeks.week(monday, before, hit=ids)
        known = {
            _key(v) for v in violations(was.problem, was.placements, complete=False)
        }
        return [
            Broken(_words(problem, v, will_be.day(v.weekday)), held)
            for v, held in found
            if _key(v) not in known
        ]


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
