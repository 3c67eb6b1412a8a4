"""A generated district as people would have entered it: rows instead of a problem."""

from collections.abc import Iterator
from datetime import date

from common.ids import CourseId, DistrictId
from scheduler.catalogue.availability import (
    ClosedTime,
    ClosedTimeId,
    LocalLesson,
    LocalLessonId,
    SchoolDay,
    SchoolDayId,
    Travel,
)
from scheduler.catalogue.bells import BellSchedule, BellScheduleId, Period, starts_text
from scheduler.catalogue.calendar import Term, TermId
from scheduler.catalogue.course import Course, CourseRoom
from scheduler.catalogue.organisation import (
    ClassGroup,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.edition.frame import pattern_of
from scheduler.solver.problem import Busy, Problem, Site

DISTRICT = DistrictId("synthetic")
TERM = Term(
    id=TermId("2026-autumn"),
    district=DISTRICT,
    name="2026 秋",
    week_1=date(2026, 8, 31),
    first_day=date(2026, 9, 1),
    last_day=date(2027, 1, 29),
)


def rows_of_problem(problem: Problem, term: Term = TERM) -> Iterator[Value]:
    """Every row that `weekly_problem` needs to make `problem` again."""
    yield District(id=DISTRICT, name="合成区", media_seats=problem.media_seats)
    for site in problem.sites:
        yield from _school(site)
    for room in problem.rooms:
        yield SiteRoom(id=room.id, school=room.site, name=room.name, kind=room.kind)
    for teacher in problem.teachers:
        yield Teacher(id=teacher.id, school=teacher.site, name=teacher.name)
    for group in problem.class_groups:
        yield ClassGroup(id=group.id, school=group.site, name=group.name)
    yield term
    yield from _courses(problem, term)
    for number, busy in enumerate(problem.busy):
        yield _busy(number, busy)
    for (a, b), minutes in problem.travel.items():
        if minutes:
            yield Travel(from_school=a, to_school=b, minutes=minutes)


_FIELDS = {"class": "class_group", "room": "site_room", "site": "school"}


def _busy(number: int, busy: Busy) -> Value:
    field = _FIELDS.get(busy.resource.kind, busy.resource.kind)
    row: dict[str, object] = {
        "title": busy.title,
        "start_minute": busy.time.start,
        "end_minute": busy.time.end,
        "weeks": pattern_of(busy.weeks),
        field: busy.resource.id,
    }
    if busy.kind == "closed" or field == "school":
        days = frozenset({busy.weekday})
        id = ClosedTimeId(f"closed-{number}")
        return ClosedTime.model_validate({**row, "id": id, "weekdays": days})
    local = LocalLessonId(f"local-{number}")
    return LocalLesson.model_validate({**row, "id": local, "weekday": busy.weekday})


def _school(site: Site) -> Iterator[Value]:
    yield School(
        id=site.id,
        district=DISTRICT,
        name=site.name,
        uplink_bps=site.uplink_kbps and site.uplink_kbps * 1000,
    )
    schedule = BellScheduleId(f"{site.id}-bells")
    yield BellSchedule(
        id=schedule, school=site.id, name="作息", weekdays=frozenset(site.bells)
    )
    for p in next(iter(site.bells.values()), ()):
        yield Period(
            bell_schedule=schedule,
            number=p.number,
            start_minute=p.start,
            end_minute=p.end,
        )
    for number, window in enumerate(next(iter(site.windows.values()), ())):
        yield SchoolDay(
            id=SchoolDayId(f"{site.id}-day-{number}"),
            school=site.id,
            weekdays=frozenset(site.windows),
            start_minute=window.start,
            end_minute=window.end,
        )


def _courses(problem: Problem, term: Term) -> Iterator[Value]:
    for stream in problem.streams:
        yield Course(
            id=CourseId(stream.id),
            term=term.id,
            kind=stream.kind,
            title=stream.title,
            stage="小学",
            subject=stream.subject,
            grade="三年级",
            teacher=stream.teacher,
            master_room=stream.master_room,
            master_class=stream.master_class,
            lessons_a_week=stream.lessons,
            lesson_minutes=stream.minutes,
            weeks=pattern_of(stream.weeks),
            common_starts=starts_text(stream.common_starts),
            displaces_local=stream.displaces_local,
        )
        for receiver in stream.receivers:
            yield CourseRoom(
                course=CourseId(stream.id),
                site_room=receiver.room,
                class_group=receiver.class_group,
            )
