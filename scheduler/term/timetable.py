"""From weekly slots and the calendar to dated lessons. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from common.errors import NotFoundError, ParseError
from common.ids import (
    CourseId,
    LessonId,
    SchoolId,
    SessionId,
    SiteRoomId,
    new_id,
)
from scheduler.catalogue.bells import (
    BellSchedule,
    BellScheduleId,
    Minutes,
    Period,
    clock_text,
    schedule_on,
)
from scheduler.catalogue.calendar import (
    CalendarDay,
    Term,
    TermDay,
    TermId,
    days_of,
    moment,
)
from scheduler.catalogue.course import Course, CourseRoom, Lesson, Slot, read_lesson
from scheduler.catalogue.organisation import District, School, SiteRoom
from scheduler.catalogue.weeks import runs_in
from scheduler.catalogue.world import World
from scheduler.term.days import special_days


@dataclass(frozen=True)
class Placed:
    """When a lesson takes place: two UTC moments and what they are called."""

    starts_at: datetime
    ends_at: datetime
    day: date
    period: str = ""
    week: int | None = None


@dataclass(frozen=True)
class Skipped:
    """An occurrence that could not be placed, and why."""

    slot: Slot
    day: date
    zh: str
    en: str


@dataclass(frozen=True)
class Occurrence:
    slot: Slot
    day: date
    class_hour: int
    """The how-manieth lesson of its course in the term."""


class Timetable:
    """Answers questions about one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rooms: dict[CourseId, list[SiteRoomId]] = defaultdict(list)
        for room in world.all(CourseRoom):
            self._rooms[room.course].append(room.site_room)
        self._special: dict[TermId, list[CalendarDay]] = {}
        self._running: dict[tuple[TermId, SchoolId], dict[date, TermDay]] = {}
        self._bells: dict[SchoolId, list[BellSchedule]] = defaultdict(list)
        for schedule in world.all(BellSchedule):
            self._bells[schedule.school].append(schedule)
        self._periods: dict[BellScheduleId, list[Period]] = defaultdict(list)
        for period in world.all(Period):
            self._periods[period.bell_schedule].append(period)
        self._slots: dict[CourseId, list[Slot]] = defaultdict(list)
        for slot in world.all(Slot):
            self._slots[slot.course].append(slot)

    # ---- one lesson ---------------------------------------------------------------

    def zone(self, course: Course) -> str:
        district = self._world.get(District, self._school(course).district)
        if district is None:
            raise _lost(course)
        return district.zone

    def at_period(self, course: Course, day: date, number: int) -> Placed:
        """By the master school's bells of that day.

        Raises NotFoundError: `no_bells`, `no_such_period`.
        """
        school, schedule = self._school(course), self._schedule(course, day)
        if schedule is None:
            raise NotFoundError(
                "no_bells",
                zh=f"{school.name} 在 {day} 没有作息表，请先补作息表",
                en=f"{school.id} has no bells on {day}; add a bell schedule",
            )
        period = self._world.get(Period, schedule.id, number)
        if period is None:
            raise NotFoundError(
                "no_such_period",
                zh=f"作息表“{schedule.name}”没有第{number}节，请改节次或补作息表",
                en=f"{schedule.id} has no period {number}",
            )
        time = Minutes(period.start_minute, period.end_minute)
        return self.at_minutes(course, day, time, period.title)

    def period_name(self, course: Course, day: date, time: Minutes) -> str:
        """What the bells of that day call these minutes, empty when nothing."""
        schedule = self._schedule(course, day)
        rings = self._periods.get(schedule.id, ()) if schedule else ()
        for period in rings:
            if time == Minutes(period.start_minute, period.end_minute):
                return period.title
        return ""

    def at_minutes(
        self, course: Course, day: date, time: Minutes, name: str = ""
    ) -> Placed:
        """Raises ParseError(`no_such_time`) where a clock change skips it."""
        zone = self.zone(course)
        return Placed(
            moment(day, time.start, zone),
            moment(day, time.end, zone),
            day,
            name or f"{clock_text(time.start)}-{clock_text(time.end)}",
            self._week(course, day),
        )

    def at_moments(self, course: Course, starts_at: float, ends_at: float) -> Placed:
        """Unix seconds, for a lesson outside the bells.

        Raises ParseError(`bad_time`) for one across midnight, by the course's zone.
        """
        start = datetime.fromtimestamp(starts_at, UTC)
        end = datetime.fromtimestamp(ends_at, UTC)
        zone = ZoneInfo(self.zone(course))
        local = start.astimezone(zone)
        last = (end - timedelta(microseconds=1)).astimezone(zone)
        if start < end and last.date() != local.date():
            raise ParseError(
                "bad_time",
                zh=f"{local:%H:%M}-{end.astimezone(zone):%H:%M} 跨过了午夜，"
                "请改时间或分成两节课",
                en=f"{local:%H:%M}-{end.astimezone(zone):%H:%M} crosses midnight;"
                " change the time or make it two lessons",
            )
        name = f"{local:%H:%M}"
        return Placed(start, end, local.date(), name, self._week(course, local.date()))

    def lesson(
        self,
        course: Course,
        placed: Placed,
        *,
        slot: Slot | None = None,
        class_hour: int | None = None,
        rooms: Sequence[SiteRoomId] | None = None,
    ) -> Lesson:
        """A fresh lesson of a course, with the course's own teacher and, unless others
        are named, its receiving rooms.

        Raises ParseError(`bad_lesson`)."""
        if rooms is None:
            rooms = self._rooms[course.id]
        return read_lesson(
            {
                "id": LessonId(new_id("les")),
                "session": SessionId(new_id("ses")),
                "course": course.id,
                "slot": slot.id if slot else None,
                "title": course.name,
                "teacher": course.teacher,
                "master_room": course.master_room,
                "receiving_rooms": tuple(rooms),
                "starts_at": placed.starts_at,
                "ends_at": placed.ends_at,
                "zone": self.zone(course),
                "day": placed.day,
                "week": placed.week,
                "period": placed.period,
                "class_hour": class_hour,
            }
        )

    # ---- a stretch of days --------------------------------------------------------

    def lessons_between(
        self, term: Term, first: date, last: date, made: set[tuple[str, date]]
    ) -> tuple[list[Lesson], list[Skipped]]:
        """All lessons of a term's slots from `first` to `last`, both included, but
        those of `made` (slot id, day). A room whose school has another day than the
        master school is left out of that day's lesson."""
        lessons: list[Lesson] = []
        skipped: list[Skipped] = []
        for course in self._world.all(Course):
            if course.term != term.id:
                continue
            for one in self._occurrences(term, course):
                if not first <= one.day <= last or (one.slot.id, one.day) in made:
                    continue
                try:
                    placed = self._place(course, one.slot, one.day)
                except (NotFoundError, ParseError) as error:
                    skipped.append(Skipped(one.slot, one.day, error.zh, error.en))
                    continue
                rooms = self._rooms_on(term, course, one.day)
                if self._rooms[course.id] and not rooms and not course.master_class:
                    skipped.append(_nobody_there(course, one))
                    continue
                lesson = self.lesson(
                    course,
                    placed,
                    slot=one.slot,
                    class_hour=one.class_hour,
                    rooms=rooms,
                )
                lessons.append(lesson)
        return lessons, skipped

    def _rooms_on(self, term: Term, course: Course, day: date) -> list[SiteRoomId]:
        """Receiving rooms whose school runs the same day as the master school."""
        runs = self._runs(course, day)
        return [
            room
            for room in self._rooms[course.id]
            if self._days(term, self._school_of(course, room)).get(day) == runs
        ]

    def _place(self, course: Course, slot: Slot, day: date) -> Placed:
        if slot.start_minute is not None and slot.end_minute is not None:
            time = Minutes(slot.start_minute, slot.end_minute)
            return self.at_minutes(course, day, time)
        return self.at_period(course, day, slot.period or 0)

    def _occurrences(self, term: Term, course: Course) -> Iterator[Occurrence]:
        """In order of time, so that they can be counted as 课时."""
        running = self._days(term, self._school(course).id)
        days = [
            (day, slot.start_minute or 0, slot.period or 0, slot)
            for slot in self._slots[course.id]
            for day, runs in running.items()
            if runs.weekday == slot.weekday and runs_in(slot.weeks, runs.week)
        ]
        ordered = sorted(days, key=lambda d: (d[0], d[1], d[2], d[3].id))
        for hour, (day, _, _, slot) in enumerate(ordered, 1):
            yield Occurrence(slot, day, hour)

    def _schedule(self, course: Course, day: date) -> BellSchedule | None:
        """The master school's bells; a make-up day rings those of the day it runs."""
        school, runs = self._school(course), self._runs(course, day)
        weekday = runs.weekday if runs else None
        return schedule_on(self._bells[school.id], school.id, day, weekday)

    # ---- around -------------------------------------------------------------------

    def _days(self, term: Term, school: SchoolId) -> dict[date, TermDay]:
        """The dates on which lessons run at a school, remembered."""
        if term.id not in self._special:
            self._special[term.id] = special_days(self._world, term)
        if (term.id, school) not in self._running:
            days = days_of(term, self._special[term.id], school)
            self._running[term.id, school] = dict(days)
        return self._running[term.id, school]

    def _runs(self, course: Course, day: date) -> TermDay | None:
        term = self._world.get(Term, course.term)
        return self._days(term, self._school(course).id).get(day) if term else None

    def _week(self, course: Course, day: date) -> int | None:
        runs = self._runs(course, day)
        return runs.week if runs else None

    def _school(self, course: Course) -> School:
        school = self._world.get(School, self._school_of(course, course.master_room))
        if not school:
            raise _lost(course)
        return school

    def _school_of(self, course: Course, room: SiteRoomId) -> SchoolId:
        found = self._world.get(SiteRoom, room)
        if found is None:
            raise _lost(course)
        return found.school


def _nobody_there(course: Course, one: Occurrence) -> Skipped:
    return Skipped(
        one.slot,
        one.day,
        f"“{course.name}”的接收学校 {one.day} 都不上这天的课，没有排；请核对校历",
        f"no receiving school of {course.id} runs {one.day} as the master school does;"
        " left out, check the calendar",
    )


def _lost(course: Course) -> NotFoundError:
    return NotFoundError(
        "no_master_school",
        zh=f"课程 {course.id} 的主讲教室不属于任何学校，请检查",
        en=f"the master room of {course.id} belongs to no school",
    )
