"""One revision of an edition, judged: what is broken, what it costs, who blocks whom.
Pure.

Days do not touch each other but for the count of a course's lessons and the spread of
its days; so after a change only the days that changed are judged again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from common.ids import CourseId
from scheduler.catalogue.bells import Minutes
from scheduler.edition.frame import Frame
from scheduler.edition.values import Draft, Place, Placed
from scheduler.solver.check import Violation, violations
from scheduler.solver.cost import Cost, cost, neighbour_days
from scheduler.solver.heatmap import Board
from scheduler.solver.problem import Placement, Stream

_COUNTED_APART = ("lessons_a_week",)
_FEW = 200
"""Placements that a board moves faster than it is built."""


@dataclass(frozen=True)
class _Day:
    placements: frozenset[Placement]
    violations: tuple[Violation, ...]
    cost: Cost


class Picture:
    """`before`: a picture on the same frame, whose unchanged days are taken over."""

    def __init__(
        self, frame: Frame, draft: Draft, before: "Picture | None" = None
    ) -> None:
        self.frame, self.draft = frame, draft
        known = frame.problem.stream_by_id
        self.strangers = sorted(
            row for row in draft.rows.values() if row.course not in known
        )
        """Rows of courses that the term does not have any more."""
        self.placements = frozenset(
            row.placement for row in draft.rows.values() if row.course in known
        )
        old = before._days if before is not None and before.frame is frame else {}
        self._days: dict[int, _Day] = dict(self._judge(old))
        if before is None or not before.is_near(frame, draft):
            self.board  # noqa: B018 - built here, in the thread of the judge

    @cached_property
    def board(self) -> Board:
        return Board(self.frame.space, self.placements)

    def take_over_board(self, before: "Picture") -> None:
        """From a picture that nobody looks at any more, if only a little differs. Not
        while that board is asked."""
        if before.is_near(self.frame, self.draft) and "board" in vars(before):
            board = before.board
            del before.board
            for placement in before.placements - self.placements:
                board.remove(placement)
            for placement in self.placements - before.placements:
                board.add(placement)
            vars(self)["board"] = board

    def is_near(self, frame: Frame, draft: Draft) -> bool:
        """Whether a picture of that draft would differ by few lessons only."""
        differ = self.draft.rows.keys() ^ draft.rows.keys()
        return self.frame is frame and len(differ) <= _FEW

    def _judge(self, old: dict[int, _Day]) -> Iterable[tuple[int, _Day]]:
        here: dict[int, set[Placement]] = {day: set() for day in range(1, 8)}
        for placement in self.placements:
            here[placement.weekday].add(placement)
        for day, found in here.items():
            placed = frozenset(found)
            known = old.get(day)
            if known is not None and known.placements == placed:
                yield day, known
            else:
                yield day, _judged(self.frame, day, placed)

    @cached_property
    def violations(self) -> list[Violation]:
        """Every broken hard rule; lessons without a place are none."""
        found = [Violation("unknown_stream", row.course) for row in self.strangers]
        for stream in self.frame.problem.streams:
            if len(self.draft.by_course.get(CourseId(stream.id), ())) > stream.lessons:
                found.append(
                    Violation("lessons_a_week", stream.id, streams=(stream.id,))
                )
        for day in sorted(self._days):
            found.extend(self._days[day].violations)
        return found

    @cached_property
    def missing(self) -> dict[CourseId, int]:
        """How many lessons a week of each course have no place."""
        found: dict[CourseId, int] = {}
        for stream in self.frame.problem.streams:
            course = CourseId(stream.id)
            short = stream.lessons - len(self.draft.by_course.get(course, ()))
            if short > 0:
                found[course] = short
        return found

    @cached_property
    def cost(self) -> Cost:
        days = [day.cost for day in self._days.values()]
        spread = self.frame.problem.weights.spread * neighbour_days(self.placements)
        return replace(
            days[0],
            misfit=sum(d.misfit for d in days),
            edge=sum(d.edge for d in days),
            subject=sum(d.subject for d in days),
            gap=sum(d.gap for d in days),
            load=sum(d.load for d in days),
            move=sum(d.move for d in days),
            spread=spread,
            unplaced=sum(self.missing.values()),
        )

    def lone_cost(self, stream: Stream, row: Placed) -> int:
        """Of a lesson where it is, spread and gaps not counted."""
        time = Minutes(row.start, row.start + stream.minutes)
        return self.frame.space.costs.at(stream, row.weekday, time)

    def lock_on(self, course: str, weekday: int) -> bool:
        """Whether a lesson of the course on that day is locked."""
        rows = self.draft.by_course.get(CourseId(course), ())
        return any(r.locked for r in rows if r.weekday == weekday)

    def places_of(self, violation: Violation) -> list[Place]:
        """The lessons that a broken rule is about."""
        found: list[Place] = []
        for course in dict.fromkeys(violation.streams or (violation.who,)):
            for row in self.draft.by_course.get(CourseId(course), ()):
                if violation.weekday in (0, row.weekday) and _meets(
                    self.frame, row, violation
                ):
                    found.append(row.place)
        return found


def _meets(frame: Frame, row: Placed, violation: Violation) -> bool:
    """Travel names the later lesson's time: the earlier one counts too."""
    if violation.time is None or violation.rule == "travel":
        return True
    stream = frame.problem.stream_by_id.get(row.course)
    end = row.start + (stream.minutes if stream else 1)
    return row.start < violation.time.end and violation.time.start < end


def _judged(frame: Frame, day: int, placed: frozenset[Placement]) -> _Day:
    problem = frame.of_day[day]
    wrong = tuple(
        v
        for v in violations(problem, placed, complete=False)
        if v.rule not in _COUNTED_APART
    )
    return _Day(placed, wrong, cost(problem, placed))
