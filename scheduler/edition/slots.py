"""Between the rows of an edition and the weekly slots that dated lessons come from.
Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from common.ids import CourseId, SchoolId, new_id
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, Slot, SlotId
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.world import World
from scheduler.edition.values import Place, Placed, Rows, rows_of
from scheduler.solver.problem import PeriodTime
from scheduler.term.taken import WeekBells


class TermSlots:
    """The weekly slots of one term, read by the bells of one week."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self._world = world
        self._bells = WeekBells(world, term, week)
        self._courses = {c.id: c for c in world.all(Course) if c.term == term.id}
        self.slots = [s for s in world.all(Slot) if s.course in self._courses]

    def rows(self) -> Rows:
        """As an edition would have them; a slot by a period that no bell of the week
        rings has no place in it."""
        found = ((slot, self.place(slot)) for slot in self.slots)
        return rows_of(
            Placed(place.course, place.weekday, place.start, "import")
            for _, place in found
            if place is not None
        )

    def place(self, slot: Slot) -> Place | None:
        if slot.start_minute is not None:
            return Place(slot.course, slot.weekday, slot.start_minute)
        time = self._bells.time(
            self._school(slot.course), slot.weekday, slot.period or 0
        )
        return Place(slot.course, slot.weekday, time.start) if time else None

    def slots_for(self, rows: Iterable[Placed]) -> list[Slot]:
        """The slots that say what `rows` say. One that stays keeps its id and its
        weeks; one that moves within its course keeps its id, so that what hangs on it
        is moved and not made anew."""
        wanted: dict[CourseId, list[Placed]] = defaultdict(list)
        for row in sorted(rows):
            if row.course in self._courses:
                wanted[row.course].append(row)
        old: dict[CourseId, list[Slot]] = defaultdict(list)
        for slot in sorted(self.slots, key=lambda s: (s.weekday, s.id)):
            old[slot.course].append(slot)
        made: list[Slot] = []
        for course, placed in sorted(wanted.items()):
            made.extend(self._of_course(self._courses[course], placed, old[course]))
        return made

    def _of_course(
        self, course: Course, placed: list[Placed], old: list[Slot]
    ) -> Iterable[Slot]:
        there: Mapping[Place | None, Slot] = {self.place(s): s for s in old}
        stays = {r.place: there[r.place] for r in placed if r.place in there}
        spare = [s for s in old if s not in stays.values()]
        for row in placed:
            kept = stays.get(row.place)
            if kept is not None and row.origin == "import" and course.weeks == "all":
                yield kept
                continue
            known = kept or (spare.pop(0) if spare else None)
            id = known.id if known else SlotId(new_id("slot"))
            yield self._slot(id, course, row)

    def _slot(self, id: SlotId, course: Course, row: Placed) -> Slot:
        """By period where the master school's bell rings then for as long as the
        lesson takes, so that seasonal bells are followed; else by the minutes."""
        fields: dict[str, Any] = {
            "id": id,
            "course": course.id,
            "weekday": row.weekday,
            "weeks": course.weeks,
        }
        period = self.period(row.place)
        length = period.end - period.start if period else 0
        if period and length == course.lesson_minutes and not course.common_starts:
            return Slot(**fields, period=period.number)
        return Slot(
            **fields,
            start_minute=row.start,
            end_minute=row.start + course.lesson_minutes,
        )

    def period(self, place: Place) -> PeriodTime | None:
        """The period of the master school that begins then."""
        for one in self._bells.of(self._school(place.course)).get(place.weekday, ()):
            if one.start == place.start:
                return one
        return None

    def start_of(self, course: CourseId, weekday: int, number: int) -> int | None:
        """When a period of the master school begins in this week."""
        time = self._bells.time(self._school(course), weekday, number)
        return time.start if time else None

    def _school(self, course: CourseId) -> SchoolId:
        room = self._world.get(SiteRoom, self._courses[course].master_room)
        return room.school if room else SchoolId("")

    def knows(self, course: CourseId) -> bool:
        return course in self._courses


def by_other_bells(rows: Rows, own: TermSlots, other: TermSlots) -> Rows:
    """The rows in a week with other bells: the same periods, whenever they ring."""
    moved: list[Placed] = []
    for row in rows.values():
        period = own.period(row.place) if own.knows(row.course) else None
        start = (
            other.start_of(row.course, row.weekday, period.number) if period else None
        )
        at = row.start if start is None else start
        moved.append(Placed(row.course, row.weekday, at, row.origin, row.locked))
    return rows_of(moved)
