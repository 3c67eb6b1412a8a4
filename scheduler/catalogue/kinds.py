"""The kinds of rows that people enter: their key and what they refer to."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.catalogue.availability import ClosedTime, LocalLesson, SchoolDay, Travel
from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import CalendarDay, Term
from scheduler.catalogue.course import Course, CourseRoom, Slot
from scheduler.catalogue.organisation import (
    ClassGroup,
    Device,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.catalogue.wishes import SubjectTime, Weighting


@dataclass(frozen=True)
class Kind:
    """`name` is the table and the sheet, `path` the collection in the HTTP API.
    `key` are the fields that tell one row from another, `refers` field -> whose id."""

    value: type[Value]
    name: str
    path: str
    zh: str
    key: tuple[str, ...] = ("id",)
    refers: Mapping[str, type[Value]] | None = None

    def key_of(self, value: Value) -> tuple[object, ...]:
        return tuple(getattr(value, field) for field in self.key)


ORGANISATION: tuple[Kind, ...] = (
    Kind(District, "district", "districts", "区县", refers={"parent": District}),
    Kind(
        School,
        "school",
        "schools",
        "学校",
        refers={"district": District, "centre": School},
    ),
    Kind(SiteRoom, "site_room", "site-rooms", "教室", refers={"school": School}),
    Kind(Device, "device", "devices", "设备", refers={"site_room": SiteRoom}),
    Kind(Teacher, "teacher", "teachers", "教师", refers={"school": School}),
    Kind(ClassGroup, "class_group", "class-groups", "班级", refers={"school": School}),
    Kind(
        BellSchedule,
        "bell_schedule",
        "bell-schedules",
        "作息表",
        refers={"school": School},
    ),
    Kind(
        Period,
        "period",
        "periods",
        "节次",
        key=("bell_schedule", "number"),
        refers={"bell_schedule": BellSchedule},
    ),
    Kind(
        SchoolDay,
        "school_day",
        "school-days",
        "在校时间",
        refers={"school": School},
    ),
    Kind(
        Travel,
        "travel",
        "travels",
        "路程",
        key=("from_school", "to_school"),
        refers={"from_school": School, "to_school": School},
    ),
)
TIMETABLE: tuple[Kind, ...] = (
    Kind(Term, "term", "terms", "学期", refers={"district": District}),
    Kind(
        CalendarDay,
        "calendar_day",
        "calendar-days",
        "校历",
        key=("district", "day", "school"),
        refers={"district": District, "school": School},
    ),
    Kind(
        Course,
        "course",
        "courses",
        "课程",
        refers={
            "term": Term,
            "teacher": Teacher,
            "master_room": SiteRoom,
            "master_class": ClassGroup,
        },
    ),
    Kind(
        CourseRoom,
        "course_room",
        "course-rooms",
        "接收教室",
        key=("course", "site_room"),
        refers={"course": Course, "site_room": SiteRoom, "class_group": ClassGroup},
    ),
    Kind(Slot, "slot", "slots", "课表", refers={"course": Course}),
    Kind(
        LocalLesson,
        "local_lesson",
        "local-lessons",
        "本地课",
        refers={
            "teacher": Teacher,
            "class_group": ClassGroup,
            "site_room": SiteRoom,
            "term": Term,
        },
    ),
    Kind(
        ClosedTime,
        "closed_time",
        "closed-times",
        "不可排时间",
        refers={
            "school": School,
            "site_room": SiteRoom,
            "teacher": Teacher,
            "class_group": ClassGroup,
            "term": Term,
        },
    ),
    Kind(
        SubjectTime,
        "subject_time",
        "subject-times",
        "学科时段",
        refers={"district": District},
    ),
    Kind(
        Weighting,
        "weighting",
        "weightings",
        "排课权重",
        key=("district",),
        refers={"district": District},
    ),
)
KINDS = (*ORGANISATION, *TIMETABLE)
BY_VALUE = {kind.value: kind for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}
