"""Whether a lesson fits into the hours of a school, at any time of a term."""

from collections.abc import Mapping, Sequence

from common.ids import SchoolId
from scheduler.catalogue.bell_book import BellBook, Span
from scheduler.catalogue.bells import Minutes, clock_text, read_starts
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course
from scheduler.catalogue.world import World

Start = tuple[int, int]
"""Weekday and minute."""


def hours_text(hours: Mapping[int, Sequence[Minutes]]) -> str:
    """The different hours of a week, such as `08:20-11:40 14:00-16:20`."""
    times = {time for of_day in hours.values() for time in of_day}
    ordered = sorted(times, key=lambda t: (t.start, t.end))
    return " ".join(f"{clock_text(t.start)}-{clock_text(t.end)}" for t in ordered)


class Fit:
    def __init__(self, world: World, book: BellBook) -> None:
        self._book = book
        self._hours: dict[tuple[SchoolId, Span], dict[int, list[Minutes]]] = {}
        self._starts: dict[tuple[SchoolId, Span], frozenset[Start]] = {}

    def starts(self, course: Course, term: Term, master: SchoolId) -> frozenset[Start]:
        """When a lesson of the course may begin: agreed starts, else the bells."""
        if course.common_starts:
            return frozenset(read_starts(course.common_starts))
        key = (master, Span(term.first_day, term.last_day))
        if key not in self._starts:
            self._starts[key] = frozenset(
                (weekday, period.start_minute)
                for weekday in range(1, 8)
                for ringing in self._book.ringing(master, weekday, key[1])
                for period in ringing.periods
            )
        return self._starts[key]

    def hours(self, school: SchoolId, term: Term) -> Mapping[int, Sequence[Minutes]]:
        """When pupils are there on each weekday; empty when nothing is known."""
        key = (school, Span(term.first_day, term.last_day))
        if key not in self._hours:
            found = {day: self._hours_on(school, day, key[1]) for day in range(1, 8)}
            self._hours[key] = {day: times for day, times in found.items() if times}
        return self._hours[key]

    def _hours_on(self, school: SchoolId, weekday: int, span: Span) -> list[Minutes]:
        entered = self._book.windows(school, weekday)
        if entered:
            return list(entered)
        return [
            Minutes(r.periods[0].start_minute, max(p.end_minute for p in r.periods))
            for r in self._book.ringing(school, weekday, span)
        ]

    def fitting(
        self, course: Course, term: Term, school: SchoolId, starts: frozenset[Start]
    ) -> frozenset[Start]:
        """Those starts at which the whole lesson lies within the school's hours."""
        hours = self.hours(school, term)
        return frozenset(
            (weekday, minute)
            for weekday, minute in starts
            if any(
                time.start <= minute and minute + course.lesson_minutes <= time.end
                for time in hours.get(weekday, ())
            )
        )
