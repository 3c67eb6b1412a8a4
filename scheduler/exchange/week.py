"""The weekly timetable of one teacher, room, class or school, in minutes. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from common.ids import SchoolId, SiteRoomId
from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.bell_book import BellBook
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom, Slot
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import (
    ClassGroup,
    ClassGroupId,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.world import World
from scheduler.edition.values import Placed
from scheduler.exchange.links import TARGETS, What
from scheduler.held import school_of


@dataclass(frozen=True)
class Timed:
    """A course at one place of the week, in minutes of the master school's day."""

    course: Course
    weekday: int
    time: Minutes
    weeks: str


@dataclass(frozen=True)
class Item:
    """What one page or board shows at one place of the week. `weeks` in normal form;
    `place` is where those sit whose page it is."""

    weekday: int
    time: Minutes
    weeks: str
    title: str
    subject: str
    teacher: str
    place: str
    is_local: bool = False


class Weeks:
    """The weekly plan of a term, with the bells of the week around `day`."""

    def __init__(self, world: World, term: Term, day: date) -> None:
        self.world = world
        self.term = term
        self.bells = BellBook(world)
        inside = min(max(day, term.first_day), term.last_day)
        self._week = max(1, term.week_of(inside))
        self._rooms: dict[str, list[CourseRoom]] = defaultdict(list)
        for row in world.all(CourseRoom):
            self._rooms[row.course].append(row)

    # ---- what is planned ----------------------------------------------------------

    def published(self) -> list[Timed]:
        """By the slots that dated lessons are made of; a period that does not ring
        in this week is left out."""
        found = []
        for slot in self.world.all(Slot):
            course = self.world.get(Course, slot.course)
            if course and course.term == self.term.id:
                time = self._time(slot, self._school(course.master_room))
                if time:
                    found.append(Timed(course, slot.weekday, time, slot.weeks))
        return found

    def of_edition(self, rows: Iterable[Placed]) -> list[Timed]:
        found = []
        for row in rows:
            course = self.world.get(Course, row.course)
            if course:
                time = Minutes(row.start, row.start + course.lesson_minutes)
                found.append(Timed(course, row.weekday, time, course.weeks))
        return found

    def _time(self, row: Slot | LocalLesson, school: SchoolId) -> Minutes | None:
        if row.start_minute is not None and row.end_minute is not None:
            return Minutes(row.start_minute, row.end_minute)
        periods = self.bells.on(school, self.term.date_of(self._week, row.weekday))
        for period in periods:
            if period.number == row.period:
                return Minutes(period.start_minute, period.end_minute)
        return None

    def ringing(self, school: SchoolId, weekday: int) -> list[tuple[str, Minutes]]:
        """(title, time) of each period, in order."""
        day = self.term.date_of(self._week, weekday)
        return [
            (period.title, Minutes(period.start_minute, period.end_minute))
            for period in self.bells.on(school, day)
        ]

    # ---- whose it is --------------------------------------------------------------

    def items(self, timed: Iterable[Timed], what: What, id: str) -> list[Item]:
        """In order of the week. Raises NotFoundError for an unknown id."""
        find(self.world, TARGETS[what], id)
        found = [item for one in timed for item in self._lesson(one, what, id)]
        found += [self._local_item(*one, what) for one in self.local(what, id)]
        return sorted(found, key=lambda i: (i.weekday, i.time.start, i.title, i.weeks))

    def school(self, what: What, id: str) -> SchoolId:
        """Whose bells the page shows."""
        match what:
            case "school":
                return find(self.world, School, id).id
            case "room":
                return self._school(id)
            case "class":
                return find(self.world, ClassGroup, id).school
            case "teacher":
                return find(self.world, Teacher, id).school

    def _lesson(self, timed: Timed, what: What, id: str) -> Iterator[Item]:
        course = timed.course
        seats: list[tuple[SiteRoomId, ClassGroupId | None]] = [
            (course.master_room, course.master_class)
        ]
        seats += [(r.site_room, r.class_group) for r in self._rooms[course.id]]
        here: list[SiteRoomId]
        match what:
            case "teacher":
                here = [course.master_room] if course.teacher == id else []
            case "room":
                here = [room for room, _ in seats if room == id]
            case "class":
                here = [room for room, group in seats if group == id]
            case "school":
                here = [room for room, _ in seats if self._school(room) == id]
        if not here:
            return
        places = "、".join(self._room_name(room, what) for room in here)
        yield Item(
            *(timed.weekday, timed.time, timed.weeks),
            title=course.name,
            subject=course.subject,
            teacher=self._teacher_name(course.teacher),
            place=places,
        )

    def local(self, what: What, id: str) -> Iterator[tuple[LocalLesson, Minutes]]:
        """Local lessons of the term; none of a school, whose page would be too full."""
        for lesson in self.world.all(LocalLesson):
            held = {
                "teacher": lesson.teacher,
                "room": lesson.site_room,
                "class": lesson.class_group,
                "school": None,
            }[what]
            if held != id or lesson.term not in (None, self.term.id):
                continue
            time = self._time(lesson, school_of(self.world, lesson))
            if time:
                yield lesson, time

    def _local_item(self, lesson: LocalLesson, time: Minutes, what: What) -> Item:
        return Item(
            *(lesson.weekday, time, lesson.weeks, lesson.title, lesson.title),
            teacher=self._teacher_name(lesson.teacher),
            place=self._room_name(lesson.site_room, what),
            is_local=True,
        )

    # ---- names --------------------------------------------------------------------

    def _school(self, room: str) -> SchoolId:
        return find(self.world, SiteRoom, room).school

    def _teacher_name(self, id: str | None) -> str:
        teacher = id and self.world.get(Teacher, id)
        return teacher.name if teacher else ""

    def _room_name(self, id: str | None, what: What) -> str:
        """A teacher goes to several schools, so there the school is said too."""
        room = id and self.world.get(SiteRoom, id)
        if not room:
            return ""
        school = self.world.get(School, room.school)
        if what == "teacher" and school:
            return f"{school.name} {room.name}"
        return room.name
