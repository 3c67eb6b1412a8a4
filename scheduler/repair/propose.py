"""From an absence to a list of what would move, before anyone agrees. Pure."""

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter

from common.ids import CourseId, LessonId
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.catalogue.organisation import TeacherId
from scheduler.catalogue.world import World
from scheduler.repair.dated import DatedWeek, in_minutes, is_party, monday_of
from scheduler.repair.dated_weeks import DatedWeeks
from scheduler.repair.event import Absence
from scheduler.repair.moved import At, moved
from scheduler.repair.offers import OtherDates
from scheduler.solver.check import violations
from scheduler.solver.heatmap import Board
from scheduler.solver.problem import Busy
from scheduler.solver.repair import Move, repair
from scheduler.term.timetable import Timetable

WEEKS_AHEAD = 8
"""Other dates lie in a lesson's week or in so many after the absence, within the
term: later ones are no help to the class."""
SURE_WEEKS = 3
"""Of them are looked at however long it takes; the others as long as there is time."""
DATES_S = 8.0
"""For other dates in all."""
WEEK_S = 2.0
"""How long the solver looks for one week."""
ALL_WEEKS_S = 20.0
"""And for all weeks of a long absence: somebody waits for the answer."""
_WEEK = timedelta(days=7)

LessonsOf = Mapping[date, Sequence[Lesson]]
"""The unfinished lessons of each week, by its Monday."""


@dataclass(frozen=True, slots=True)
class LessonMove:
    lesson: Lesson
    to: At


@dataclass(frozen=True, slots=True)
class Stuck:
    """A lesson without a place near its own. `dates`: where it could be instead, near
    ones first, one of them beside what the others of the proposal can have;
    `substitutes`: who could give it at its own time."""

    lesson: Lesson
    substitutes: tuple[TeacherId, ...]
    dates: tuple[At, ...]


@dataclass(frozen=True)
class Proposal:
    """`looked_at`: lessons that were free to move."""

    absence: Absence
    hit: tuple[LessonId, ...]
    moves: tuple[LessonMove, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    looked_at: int = 0


def hit_by(world: World, absence: Absence, lesson: Lesson) -> bool:
    return absence.takes(lesson.day, in_minutes(lesson).time) and is_party(
        world, absence.resource, lesson
    )


def weeks_of(term: Term, absence: Absence) -> list[date]:
    """The Mondays of the weeks that are hit, and of those that may offer dates."""
    first, last = monday_of(absence.first_day), monday_of(absence.last_day)
    end = max(last, min(last + WEEKS_AHEAD * _WEEK, monday_of(term.last_day)))
    return [first + n * _WEEK for n in range((end - first) // _WEEK + 1)]


def propose(
    world: World,
    term: Term,
    absence: Absence,
    lessons_of: LessonsOf,
    now: datetime,
    *,
    met: Container[tuple[SlotId, date]] = (),
    seconds: float = WEEK_S,
) -> Proposal:
    """Week by week, each as near to its plan as it can be and as the weeks before if
    that can be; `seconds` for each. `met`: days on which a weekly slot has a lesson
    already, also one that is cancelled."""
    search = _Search(world, term, absence, lessons_of, now, met)
    first, last = monday_of(absence.first_day), monday_of(absence.last_day)
    weeks = (last - first) // _WEEK + 1
    for number in range(weeks):
        search.mend(first + number * _WEEK, min(seconds, ALL_WEEKS_S / weeks))
    return Proposal(
        absence,
        tuple(search.hit),
        tuple(search.moves),
        tuple(search.stuck()),
        search.looked_at,
    )


@dataclass(frozen=True, slots=True)
class _Lost:
    """A lesson of the week of `monday` that found no place in it."""

    lesson: Lesson
    monday: date
    substitutes: tuple[TeacherId, ...]


_Weekly = tuple[CourseId, TeacherId, int, int]


def _weekly(lesson: Lesson) -> _Weekly:
    """What lessons of the same weekly time have in common."""
    one = in_minutes(lesson)
    return lesson.course, lesson.teacher, one.weekday, one.time.start


_Ways = dict[_Weekly, tuple[int, int]]
"""Weekday and start."""


def _as_before(
    week: DatedWeek, hit: Sequence[Lesson], busy: Sequence[Busy], ways: _Ways
) -> list[Move] | None:
    """The moves of the weeks before, if they mend this week, too: what changes for long
    should change to the same every week."""
    moves = [
        Move(place, replace(place, weekday=way[0], start=way[1]))
        for place, lesson in sorted(week.movable.items(), key=itemgetter(0))
        if (way := ways.get(_weekly(lesson))) is not None
    ]
    moved = {week.movable[move.before].id for move in moves}
    if not moved.issuperset(one.id for one in hit):
        return None
    after = week.placements.difference(move.before for move in moves)
    after = after.union(move.after for move in moves)
    closed = replace(week.problem, busy=(*week.problem.busy, *busy))
    if len(after) < len(week.placements) or violations(closed, after, complete=False):
        return None
    return moves


class _Search:
    def __init__(
        self,
        world: World,
        term: Term,
        absence: Absence,
        lessons_of: LessonsOf,
        now: datetime,
        met: Container[tuple[SlotId, date]],
    ) -> None:
        self._world, self._term, self._absence = world, term, absence
        self._now, self._met = now, met
        self._timetable = Timetable(world)
        self._weeks = DatedWeeks(world, term, now)
        self._lessons_of = {day: list(week) for day, week in lessons_of.items()}
        """As they will be, as far as has been decided."""
        self._lost: list[_Lost] = []
        self._ways: _Ways = {}
        """Where weekly lessons that were hit moved to in the weeks before."""
        self._aside: _Ways = {}
        """And those that made room for them."""
        self.hit: list[LessonId] = []
        self.moves: list[LessonMove] = []
        self.looked_at = 0

    def mend(self, monday: date, seconds: float) -> None:
        lessons = self._lessons_of.get(monday, [])
        hit = [one for one in lessons if self._is_hit(one)]
        if not hit:
            return
        self.hit.extend(one.id for one in hit)
        week = self._weeks.week(monday, lessons, hit=frozenset(one.id for one in hit))
        busy = week.busy_of(self._absence)
        for ways in (self._ways, self._ways | self._aside):
            moves = _as_before(week, hit, busy, ways)
            if moves is not None:
                self._take(week, hit, moves)
                return
        if self._absence.fills(monday):
            # There is no place to look for, only substitutes.
            seconds = 0.0
        mended = repair(
            week.problem, week.placements, busy, seconds=seconds, space=week.space
        )
        self.looked_at += mended.freed
        self._take(week, hit, mended.moves)
        substitutes = {
            week.movable[one.lesson].id: one.substitutes for one in mended.unplaced
        }
        movable = {one.id for one in week.movable.values()}
        self._lost.extend(
            _Lost(one, monday, substitutes.get(one.id, ()))
            for one in hit
            if one.id in substitutes or one.id not in movable
        )

    def _take(
        self, week: DatedWeek, hit: Sequence[Lesson], moves: Sequence[Move]
    ) -> None:
        for move in moves:
            lesson, after = week.movable[move.before], move.after
            ways = self._ways if lesson in hit else self._aside
            ways[_weekly(lesson)] = (after.weekday, after.start)
            to = At(week.day(after.weekday), after.start)
            self._move(week.monday, LessonMove(lesson, to))

    def _move(self, monday: date, move: LessonMove) -> None:
        self.moves.append(move)
        new = moved(self._world, move.lesson, move.to, self._timetable)
        week = self._lessons_of[monday]
        self._lessons_of[monday] = [new if n.id == new.id else n for n in week]

    def stuck(self) -> Iterator[Stuck]:
        """After all weeks are mended: another date is free of what moved there."""
        dates = OtherDates(self._world, self._met)
        sure = monday_of(self._absence.last_day) + SURE_WEEKS * _WEEK
        end = time.monotonic() + DATES_S
        for monday in weeks_of(self._term, self._absence):
            if monday > sure and time.monotonic() > end:
                break
            earlier = [one.lesson for one in self._lost if one.monday < monday]
            self._look_at(monday, [n for n in earlier if dates.wanted(n)], dates)
        for each in self._lost:
            yield Stuck(each.lesson, each.substitutes, dates.of(each.lesson))

    def _is_hit(self, lesson: Lesson) -> bool:
        later = lesson.starts_at > self._now
        return later and hit_by(self._world, self._absence, lesson)

    def _look_at(self, monday: date, lost: Sequence[Lesson], dates: OtherDates) -> None:
        """Free starts of a week, a few for each lesson that was lost before it."""
        if not lost or self._absence.fills(monday):
            return
        there = self._lessons_of.get(monday, [])
        week = self._weeks.week(monday, there, guests=lost)
        board = Board(week.space, week.placements)
        # A guest is a stream of its own: that its course meets once a day is not in
        # the board.
        meets = {(n.course, n.day) for n in there}
        for one in lost:
            for cell in board.cells(week.guests[one.id]):
                at = At(week.day(cell.weekday), cell.time.start)
                is_away = self._absence.takes(at.day, cell.time)
                if cell.free and not is_away and (one.course, at.day) not in meets:
                    dates.offer(one, at, week.problem)
