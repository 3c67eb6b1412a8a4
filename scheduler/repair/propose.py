"""From an absence to a list of what would move, before anyone agrees. Pure."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from common.ids import LessonId
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.catalogue.organisation import TeacherId
from scheduler.catalogue.world import World
from scheduler.repair.dated import DatedWeek, dated_week, in_minutes, monday_of, parties
from scheduler.repair.event import Absence
from scheduler.repair.moved import At, moved
from scheduler.repair.offers import OtherDates
from scheduler.solver.heatmap import Board
from scheduler.solver.repair import repair
from scheduler.solver.space import Space
from scheduler.term.timetable import Timetable

WEEKS_AHEAD = 3
WEEK_S = 2.0
"""How long the solver looks for one week."""
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
    return (
        absence.covers(lesson.day)
        and in_minutes(lesson).time.overlap(absence.time) > 0
        and absence.resource in parties(world, lesson)
    )


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
    """Week by week, each as near to its plan as it can be; `seconds` for each. `met`:
    days on which a weekly slot has a lesson already, also one that is cancelled."""
    search = _Search(world, term, absence, lessons_of, now, met)
    monday = monday_of(absence.first_day)
    while monday <= absence.last_day:
        search.mend(monday, seconds)
        monday += _WEEK
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
        self._lessons_of = {day: list(week) for day, week in lessons_of.items()}
        """As they will be, as far as has been decided."""
        self._lost: list[_Lost] = []
        self.hit: list[LessonId] = []
        self.moves: list[LessonMove] = []
        self.looked_at = 0

    def mend(self, monday: date, seconds: float) -> None:
        lessons = self._lessons_of.get(monday, [])
        hit = [one for one in lessons if self._is_hit(one)]
        if not hit:
            return
        self.hit.extend(one.id for one in hit)
        week = self._week(monday, hit=frozenset(one.id for one in hit))
        mended = repair(
            week.problem,
            week.placements,
            week.busy_of(self._absence),
            seconds=seconds,
        )
        self.looked_at += mended.freed
        for move in mended.moves:
            to = At(week.day(move.after.weekday), move.after.start)
            self._move(monday, LessonMove(week.movable[move.before], to))
        substitutes = {
            week.movable[one.lesson].id: one.substitutes for one in mended.unplaced
        }
        movable = {one.id for one in week.movable.values()}
        self._lost.extend(
            _Lost(one, monday, substitutes.get(one.id, ()))
            for one in hit
            if one.id in substitutes or one.id not in movable
        )

    def _move(self, monday: date, move: LessonMove) -> None:
        self.moves.append(move)
        new = moved(self._world, move.lesson, move.to, self._timetable)
        week = self._lessons_of[monday]
        self._lessons_of[monday] = [new if n.id == new.id else n for n in week]

    def stuck(self) -> Iterator[Stuck]:
        """After all weeks are mended: another date is free of what moved there."""
        dates = OtherDates(self._world, self._met)
        weeks = groupby(self._lost, key=lambda lost: lost.monday)
        for monday, lost in [(monday, list(group)) for monday, group in weeks]:
            self._look_ahead(monday, [each.lesson for each in lost], dates)
        for each in self._lost:
            yield Stuck(each.lesson, each.substitutes, dates.of(each.lesson))

    def _is_hit(self, lesson: Lesson) -> bool:
        later = lesson.starts_at > self._now
        return later and hit_by(self._world, self._absence, lesson)

    def _week(
        self,
        monday: date,
        *,
        hit: frozenset[LessonId] = frozenset(),
        guests: Sequence[Lesson] = (),
    ) -> DatedWeek:
        lessons = self._lessons_of.get(monday, ())
        return dated_week(
            self._world, self._term, monday, lessons, self._now, hit=hit, guests=guests
        )

    def _look_ahead(
        self, monday: date, lost: Sequence[Lesson], dates: OtherDates
    ) -> None:
        """Free starts of the weeks after, a few for each lesson."""
        for _ in range(WEEKS_AHEAD):
            monday += _WEEK
            still = [one for one in lost if dates.wanted(one)]
            if not still or monday > self._term.last_day:
                break
            week = self._week(monday, guests=still)
            busy = (*week.problem.busy, *week.busy_of(self._absence))
            board = Board(Space(replace(week.problem, busy=busy)), week.placements)
            # A guest is a stream of its own: that its course meets once a day is not
            # in the board.
            meets = {(n.course, n.day) for n in self._lessons_of.get(monday, ())}
            for one in still:
                for cell in board.cells(week.guests[one.id]):
                    day = week.day(cell.weekday)
                    if cell.free and (one.course, day) not in meets:
                        dates.offer(one, At(day, cell.time.start))
