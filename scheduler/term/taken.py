"""Times that are taken in a term week: local lessons, closed times, and the lessons
of other terms. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain

from common.ids import SchoolId
from scheduler.catalogue.availability import ClosedTime, LocalLesson
from scheduler.catalogue.bell_book import BellBook
from scheduler.catalogue.bells import BellScheduleId, Minutes, weekday_zh
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom, Slot
from scheduler.catalogue.weeks import LAST_WEEK, runs_in
from scheduler.catalogue.world import Caution, World
from scheduler.held import held_by, school_of, school_with
from scheduler.solver.problem import (
    Busy,
    PeriodTime,
    Resource,
    weeks_mask,
)

WEEKDAYS = range(1, 8)


class WeekBells:
    """The bells of all schools on the seven dates of one term week. `book`: of that
    world, if it is at hand."""

    def __init__(
        self, world: World, term: Term, week: int, book: BellBook | None = None
    ) -> None:
        self.book = book or BellBook(world)
        self._days = {day: term.date_of(week, day) for day in WEEKDAYS}
        self._known: dict[SchoolId, dict[int, tuple[PeriodTime, ...]]] = {}
        self._times: dict[BellScheduleId, tuple[PeriodTime, ...]] = {}

    def of(self, school: SchoolId) -> dict[int, tuple[PeriodTime, ...]]:
        """Periods of each weekday on which any ring, in order of time."""
        if school not in self._known:
            rings = {day: self.on(school, self._days[day], day) for day in WEEKDAYS}
            self._known[school] = {day: all for day, all in rings.items() if all}
        return self._known[school]

    def time(self, school: SchoolId, weekday: int, number: int) -> Minutes | None:
        """When a period is, None when no bell of that weekday has it."""
        for period in self.of(school).get(weekday, ()):
            if period.number == number:
                return Minutes(period.start, period.end)
        return None

    def on(self, school: SchoolId, day: date, weekday: int) -> tuple[PeriodTime, ...]:
        """What rings on a date that runs the lessons of `weekday`."""
        schedule = self.book.schedule_on(school, day, weekday)
        if schedule is None:
            return ()
        if schedule.id not in self._times:
            self._times[schedule.id] = tuple(
                PeriodTime(p.number, p.start_minute, p.end_minute)
                for p in self.book.periods(schedule)
            )
        return self._times[schedule.id]


class Taken:
    """Every taken time of the week; `warnings` names what could not be counted."""

    def __init__(self, world: World, term: Term, week: int, bells: WeekBells) -> None:
        self._world = world
        self._term = term
        self._week = week
        self._bells = bells
        self.warnings: list[Caution] = []

    def all(self) -> Iterator[Busy]:
        """Local lessons, closed times and the lessons of other terms."""
        return chain(self.own(), self._other_terms())

    def own(self) -> Iterator[Busy]:
        """Local lessons and closed times."""
        return chain(self._local_lessons(), self._closed_times())

    def _local_lessons(self) -> Iterator[Busy]:
        for lesson in self._world.all(LocalLesson):
            if lesson.term not in (None, self._term.id):
                continue
            school = school_of(self._world, lesson)
            time = self._time(lesson, school)
            if time is None:
                self._warn_no_period(lesson, f"本地课“{lesson.title}”", "local lesson")
                continue
            for resource in held_by(lesson):
                yield Busy(
                    resource,
                    lesson.weekday,
                    time,
                    "local",
                    lesson.title,
                    weeks_mask(lesson.weeks),
                    school,
                )

    def _time(self, row: LocalLesson | Slot, school: SchoolId) -> Minutes | None:
        if row.start_minute is not None and row.end_minute is not None:
            return Minutes(row.start_minute, row.end_minute)
        return self._bells.time(school, row.weekday, row.period or 0)

    def _warn_no_period(self, row: LocalLesson | Slot, zh: str, en: str) -> None:
        weekday, number = row.weekday, row.period
        self.warnings.append(
            Caution(
                (row,),
                f"{zh}（{row.id}）没有算进去：第{self._week}周{weekday_zh(weekday)}"
                f"没有第{number}节，请补作息表",
                f"{en} {row.id} is not counted: weekday {weekday} of week"
                f" {self._week} has no period {number}; add it to the bells",
            )
        )

    def _closed_times(self) -> Iterator[Busy]:
        for closed in self._world.all(ClosedTime):
            if closed.term not in (None, self._term.id):
                continue
            for weekday in sorted(closed.weekdays):
                if weeks := self._weeks_closed(closed, weekday):
                    yield Busy(
                        _closed_resource(closed),
                        weekday,
                        closed.time,
                        "closed",
                        closed.title,
                        weeks,
                    )

    def _weeks_closed(self, closed: ClosedTime, weekday: int) -> int:
        weeks = weeks_mask(closed.weeks)
        if closed.first_day or closed.last_day:
            for week in range(1, LAST_WEEK + 1):
                if not closed.holds_on(self._term.date_of(week, weekday)):
                    weeks &= ~(1 << (week - 1))
        return weeks

    def _other_terms(self) -> Iterator[Busy]:
        """What courses of another term (a county's beside its city's) have taken."""
        terms = {t.id: t for t in self._world.all(Term) if t.id != self._term.id}
        rooms: dict[str, list[CourseRoom]] = defaultdict(list)
        for one in self._world.all(CourseRoom):
            rooms[one.course].append(one)
        for slot in self._world.all(Slot):
            course = self._world.get(Course, slot.course)
            term = course and terms.get(course.term)
            weeks = self._weeks_of(slot, term) if term else 0
            if course and weeks:
                yield from self._taken(course, slot, weeks, rooms[course.id])

    def _weeks_of(self, slot: Slot, other: Term) -> int:
        """The weeks of our term in which a slot of another one takes place."""
        found = 0
        for week in range(1, LAST_WEEK + 1):
            day = self._term.date_of(week, slot.weekday)
            if not max(self._term.first_day, other.first_day) <= day:
                continue
            if day > min(self._term.last_day, other.last_day):
                break
            if runs_in(slot.weeks, other.week_of(day)):
                found |= 1 << (week - 1)
        return found

    def _taken(
        self, course: Course, slot: Slot, weeks: int, rooms: Iterable[CourseRoom]
    ) -> Iterator[Busy]:
        school = school_with(self._world, Resource("room", course.master_room))
        time = self._time(slot, school)
        if time is None:
            self._warn_no_period(slot, f"其他学期的“{course.name}”", "slot")
            return
        held = {
            Resource("teacher", course.teacher),
            Resource("room", course.master_room),
            *(Resource("room", one.site_room) for one in rooms),
            *(Resource("class", o.class_group) for o in rooms if o.class_group),
        }
        if course.master_class:
            held.add(Resource("class", course.master_class))
        for resource in sorted(held):
            yield Busy(
                resource, slot.weekday, time, "closed", course.name, weeks, school
            )


def _closed_resource(closed: ClosedTime) -> Resource:
    if closed.school:
        return Resource("site", closed.school)
    if closed.site_room:
        return Resource("room", closed.site_room)
    if closed.teacher:
        return Resource("teacher", closed.teacher)
    return Resource("class", closed.class_group or "")
