"""From an absence to a list of what would move, before anyone agrees. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from common.ids import LessonId
from scheduler.calendar import Term
from scheduler.course import Lesson
from scheduler.organisation import TeacherId
from scheduler.repair.dated import DatedWeek, dated_week, in_minutes, monday_of, parties
from scheduler.repair.event import Absence
from scheduler.solver.heatmap import Board
from scheduler.solver.repair import repair
from scheduler.solver.space import Space
from scheduler.world import World

DATES = 3
WEEKS_AHEAD = 3
WEEK_S = 2.0
"""How long the solver looks for one week."""
_WEEK = timedelta(days=7)

LessonsOf = Mapping[date, Sequence[Lesson]]
"""The unfinished lessons of each week, by its Monday."""


@dataclass(frozen=True, slots=True)
class At:
    """A start in minutes of the master school's day."""

    day: date
    start: int


@dataclass(frozen=True, slots=True)
class LessonMove:
    lesson: Lesson
    to: At


@dataclass(frozen=True, slots=True)
class Stuck:
    """A lesson without a place near its own. `dates`: where it could be instead, near
    ones first; `substitutes`: who could give it at its own time."""

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
    seconds: float = WEEK_S,
) -> Proposal:
    """Week by week, each as near to its plan as it can be; `seconds` for each."""
    search = _Search(world, term, absence, lessons_of, now)
    monday = monday_of(absence.first_day)
    while monday <= absence.last_day:
        search.mend(monday, seconds)
        monday += _WEEK
    return Proposal(
        absence,
        tuple(search.hit),
        tuple(search.moves),
        tuple(search.stuck),
        search.looked_at,
    )


class _Search:
    def __init__(
        self,
        world: World,
        term: Term,
        absence: Absence,
        lessons_of: LessonsOf,
        now: datetime,
    ) -> None:
        self._world, self._term, self._absence = world, term, absence
        self._lessons_of, self._now = lessons_of, now
        self.hit: list[LessonId] = []
        self.moves: list[LessonMove] = []
        self.stuck: list[Stuck] = []
        self.looked_at = 0

    def mend(self, monday: date, seconds: float) -> None:
        lessons = self._lessons_of.get(monday, ())
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
            self.moves.append(LessonMove(week.movable[move.before], to))
        substitutes = {
            week.movable[one.lesson].id: one.substitutes for one in mended.unplaced
        }
        movable = {one.id for one in week.movable.values()}
        lost = [one for one in hit if one.id in substitutes or one.id not in movable]
        dates = self._other_dates(monday, lost)
        for one in lost:
            able = substitutes.get(one.id, ())
            self.stuck.append(Stuck(one, able, tuple(dates[one.id])))

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

    def _other_dates(
        self, monday: date, lost: Sequence[Lesson]
    ) -> dict[LessonId, list[At]]:
        """Free starts of the weeks after, a few for each lesson."""
        found: dict[LessonId, list[At]] = {one.id: [] for one in lost}
        for _ in range(WEEKS_AHEAD):
            monday += _WEEK
            still = [one for one in lost if len(found[one.id]) < DATES]
            if not still or monday > self._term.last_day:
                break
            week = self._week(monday, guests=still)
            busy = (*week.problem.busy, *week.busy_of(self._absence))
            space = Space(replace(week.problem, busy=busy))
            board = Board(space, week.placements)
            # A guest is a stream of its own: that its course meets once a day is not
            # in the board.
            meets = {(n.course, n.day) for n in self._lessons_of.get(monday, ())}
            for one in still:
                free = [
                    cell
                    for cell in board.cells(week.guests[one.id])
                    if cell.free and (one.course, week.day(cell.weekday)) not in meets
                ]
                for cell in free[: DATES - len(found[one.id])]:
                    at = At(week.day(cell.weekday), cell.time.start)
                    found[one.id].append(at)
        return found
