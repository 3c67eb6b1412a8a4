"""All bells of a world, looked up by school. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappop, heappush

from common.ids import SchoolId
from scheduler.catalogue.availability import SchoolDay
from scheduler.catalogue.bells import BellSchedule, Minutes, Period, schedule_on
from scheduler.catalogue.value import FIRST_YEAR, LAST_YEAR
from scheduler.catalogue.world import World

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Dates, both included."""

    first: date
    last: date

    def meets(self, other: "Span") -> bool:
        return self.first <= other.last and other.first <= self.last


ALWAYS = Span(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


@dataclass(frozen=True, slots=True)
class Ringing:
    """What one weekday rings during a span."""

    span: Span
    periods: tuple[Period, ...]

    def time(self, number: int) -> Minutes | None:
        for period in self.periods:
            if period.number == number:
                return Minutes(period.start_minute, period.end_minute)
        return None


class BellBook:
    def __init__(self, world: World) -> None:
        self._schedules: dict[SchoolId, list[BellSchedule]] = defaultdict(list)
        for schedule in world.all(BellSchedule):
            self._schedules[schedule.school].append(schedule)
        self._periods: dict[str, list[Period]] = defaultdict(list)
        for period in world.all(Period):
            self._periods[period.bell_schedule].append(period)
        self._days: dict[SchoolId, list[SchoolDay]] = defaultdict(list)
        for day in world.all(SchoolDay):
            self._days[day.school].append(day)
        self._in_order: dict[str, tuple[Period, ...]] = {}
        self._known: dict[tuple[SchoolId, int, Span], tuple[Ringing, ...]] = {}

    def has_bells(self, school: SchoolId) -> bool:
        return any(self._periods[s.id] for s in self._schedules.get(school, []))

    def numbers(self, school: SchoolId) -> set[int]:
        """Every period number that any bells of the school have."""
        here = self._schedules.get(school, [])
        return {p.number for s in here for p in self._periods[s.id]}

    def on(
        self, school: SchoolId, day: date, weekday: int | None = None
    ) -> tuple[Period, ...]:
        """In order of time; empty when nothing rings. `weekday`: whose lessons run,
        if not the day's own."""
        schedule = self.schedule_on(school, day, weekday)
        return self.periods(schedule) if schedule else ()

    def schedule_on(
        self, school: SchoolId, day: date, weekday: int | None = None
    ) -> BellSchedule | None:
        return schedule_on(self._schedules.get(school, []), school, day, weekday)

    def school_days(self, school: SchoolId) -> list[SchoolDay]:
        return self._days.get(school, [])

    def windows(self, school: SchoolId, weekday: int) -> tuple[Minutes, ...]:
        """When pupils are there as a person entered it; empty: only bells tell."""
        rows = [d.time for d in self.school_days(school) if weekday in d.weekdays]
        return tuple(sorted(rows, key=lambda time: (time.start, time.end)))

    def ringing(
        self, school: SchoolId, weekday: int, span: Span = ALWAYS
    ) -> tuple[Ringing, ...]:
        """What really rings on a weekday, one after the other through `span`."""
        key = (school, weekday, span)
        if key not in self._known:
            self._known[key] = self._ringing(school, weekday, span)
        return self._known[key]

    def _ringing(
        self, school: SchoolId, weekday: int, span: Span
    ) -> tuple[Ringing, ...]:
        here = [s for s in self._schedules.get(school, []) if weekday in s.weekdays]
        begins = sorted(here, key=lambda s: s.first_day or date.min, reverse=True)
        edges = {span.first}
        for schedule in here:
            edges.add(schedule.first_day or span.first)
            edges.add((schedule.last_day or span.last) + _DAY)
        starts = sorted(e for e in edges if span.first <= e <= span.last)
        # The narrowest of those that have begun is on top; what is over is thrown
        # away when it gets there.
        valid: list[tuple[tuple[int, int], str, BellSchedule]] = []
        found: list[Ringing] = []
        for start, after in zip(starts, [*starts[1:], span.last + _DAY], strict=True):
            while begins and (begins[-1].first_day or date.min) <= start:
                schedule = begins.pop()
                heappush(valid, (schedule.width, schedule.id, schedule))
            while valid and (valid[0][2].last_day or date.max) < start:
                heappop(valid)
            day = start + timedelta(days=(weekday - start.isoweekday()) % 7)
            periods = self.periods(valid[0][2]) if valid and day < after else ()
            if periods:
                found.append(Ringing(Span(start, after - _DAY), periods))
        return tuple(found)

    def periods(self, schedule: BellSchedule) -> tuple[Period, ...]:
        """In order of time."""
        found = self._in_order.get(schedule.id)
        if found is None:
            rows = self._periods[schedule.id]
            found = tuple(sorted(rows, key=lambda p: (p.start_minute, p.number)))
            self._in_order[schedule.id] = found
        return found
