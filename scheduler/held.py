"""Whom and what a local lesson holds, and where it is. Pure."""

from common.ids import SchoolId
from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.organisation import ClassGroup, SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.solver.problem import Resource, ResourceKind


def held_by(lesson: LocalLesson) -> list[Resource]:
    """Who and what a local lesson needs."""
    named: tuple[tuple[ResourceKind, str | None], ...] = (
        ("teacher", lesson.teacher),
        ("class", lesson.class_group),
        ("room", lesson.site_room),
    )
    return [Resource(kind, id) for kind, id in named if id is not None]


def school_of(world: World, lesson: LocalLesson) -> SchoolId:
    """Where a local lesson is: by its room, else its class, else its teacher."""
    if lesson.site_room:
        return school_with(world, Resource("room", lesson.site_room))
    if lesson.class_group:
        return school_with(world, Resource("class", lesson.class_group))
    return school_with(world, Resource("teacher", lesson.teacher or ""))


def school_with(world: World, held: Resource) -> SchoolId:
    """The school that a room, class or teacher belongs to. Of a world without lost
    references: LookupError otherwise."""
    row: SiteRoom | ClassGroup | Teacher | None
    if held.kind == "room":
        row = world.get(SiteRoom, held.id)
    elif held.kind == "class":
        row = world.get(ClassGroup, held.id)
    else:
        row = world.get(Teacher, held.id)
    if row is None:
        raise LookupError(f"no {held.kind} {held.id}")
    return row.school
