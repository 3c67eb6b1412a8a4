"""Other dates for lessons without a place: a few for each, and one for each that all
of them can have together. Pure."""

from collections.abc import Container
from dataclasses import replace
from datetime import date

from common.ids import LessonId
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.catalogue.world import World
from scheduler.repair.dated import parties, stream_of
from scheduler.repair.moved import At
from scheduler.solver.check import violations
from scheduler.solver.problem import Placement, Problem, Resource

DATES = 3


def needs(world: World, lesson: Lesson) -> frozenset[Resource]:
    """Who cannot be in another lesson meanwhile; schools can."""
    return frozenset(who for who in parties(world, lesson) if who.kind != "site")


class OtherDates:
    """Takes free starts in order, near ones first. `met`: days on which a weekly slot
    has a lesson already."""

    def __init__(self, world: World, met: Container[tuple[SlotId, date]]) -> None:
        self._world, self._met = world, met
        self._found: dict[LessonId, list[At]] = {}
        self._kept: dict[LessonId, tuple[Lesson, At]] = {}
        """The date that is kept for each lesson."""

    def of(self, lesson: Lesson) -> tuple[At, ...]:
        """Of different days where there are, near ones first; the kept one always."""
        found = self._found.get(lesson.id, [])
        first_of_day = {at.day: at for at in reversed(found)}
        ordered = sorted(found, key=lambda at: (first_of_day[at.day] is not at, at))
        chosen = set(ordered[:DATES])
        if lesson.id in self._kept:
            chosen.add(self._kept[lesson.id][1])
        return tuple(sorted(chosen))

    def wanted(self, lesson: Lesson) -> bool:
        return len(self.of(lesson)) < DATES or lesson.id not in self._kept

    def offer(self, lesson: Lesson, at: At, problem: Problem) -> None:
        """Passed over when enough are known and it is no better than those.
        `problem`: of the week of `at`, as the solver is asked about it."""
        if lesson.slot is not None and (lesson.slot, at.day) in self._met:
            return
        keeps = lesson.id not in self._kept and self._is_beside_others(
            lesson, at, problem
        )
        found = self._found.setdefault(lesson.id, [])
        if not keeps and len({one.day for one in found}) >= DATES:
            return
        found.append(at)
        if keeps:
            self._kept[lesson.id] = (lesson, at)

    def _is_beside_others(self, lesson: Lesson, at: At, problem: Problem) -> bool:
        return not any(
            self._clash((lesson, at), kept, problem) for kept in self._kept.values()
        )

    def _clash(
        self, one: tuple[Lesson, At], other: tuple[Lesson, At], problem: Problem
    ) -> bool:
        """By the judge of every timetable, as if these two were the only lessons."""
        (lesson, at), (kept, then) = one, other
        if at.day != then.day:
            return False
        if lesson.course == kept.course:
            return True
        streams = [
            stream_of(self._world, name, [each])
            for name, each in (("one", lesson), ("other", kept))
        ]
        alone = replace(problem, streams=tuple(streams), busy=(), locks=frozenset())
        weekday = at.day.isoweekday()
        places = [
            Placement(stream.id, weekday, start)
            for stream, start in zip(streams, (at.start, then.start), strict=True)
        ]
        return bool(violations(alone, places, complete=False))
