"""A dated lesson at another time. Pure."""

from dataclasses import dataclass
from datetime import date

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.world import World
from scheduler.repair.dated import in_minutes
from scheduler.term.timetable import Timetable


@dataclass(frozen=True, slots=True, order=True)
class At:
    """A start in minutes of the master school's day."""

    day: date
    start: int


def moved(world: World, lesson: Lesson, to: At, timetable: Timetable) -> Lesson:
    """The lesson at another time; its period is named by the bells of that day.
    `timetable`: of that world."""
    course = find(world, Course, lesson.course)
    time = in_minutes(lesson).time
    then = Minutes(to.start, to.start + time.end - time.start)
    name = timetable.period_name(course, to.day, then)
    placed = timetable.at_minutes(course, to.day, then, name)
    return lesson.model_copy(update=vars(placed))
