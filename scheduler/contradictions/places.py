"""Districts, schools, and the hours of their pupils."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from scheduler.catalogue.availability import SchoolDay
from scheduler.catalogue.bells import clock_text, weekday_zh
from scheduler.catalogue.organisation import District, School
from scheduler.catalogue.sweep import first_clashes
from scheduler.catalogue.world import Contradiction, World, upwards


def contradictions(world: World) -> Iterator[Contradiction]:
    return chain(_parents(world), _centres(world), _school_days(world))


def _parents(world: World) -> Iterator[Contradiction]:
    for district in world.all(District):
        above = [d.id for d in upwards(world, district.id)]
        top = world.get(District, above[-1])
        if top and top.parent == district.id:
            yield Contradiction(
                (district,),
                "parent",
                f"“{district.name}”成了自己的上级，请改正上级区县",
                f"{district.id} is its own parent; correct the parent",
            )


def _centres(world: World) -> Iterator[Contradiction]:
    for school in world.all(School):
        centre = school.centre and world.get(School, school.centre)
        if centre and centre.kind == "teaching_point":
            yield Contradiction(
                (school, centre),
                "centre",
                f"中心校“{centre.name}”自己是教学点，请改为学校或中心校",
                f"{centre.name} is a teaching point itself, not a centre school",
            )


def _school_days(world: World) -> Iterator[Contradiction]:
    by_school: dict[str, list[SchoolDay]] = defaultdict(list)
    for day in world.all(SchoolDay):
        by_school[day.school].append(day)
    for days in by_school.values():
        for a, b in first_clashes(days, _hours, _share_a_weekday):
            times = f"{clock_text(a.start_minute)}-{clock_text(a.end_minute)}"
            weekday = min(a.weekdays & b.weekdays)
            yield Contradiction(
                (b, a),
                "start_minute",
                f"与在校时间 {a.id}（{weekday_zh(weekday)} {times}）重叠，"
                "请改时间，或合成一行",
                f"overlaps school day {a.id} (weekday {weekday} {times});"
                " change the time or make one row of the two",
            )


def _hours(day: SchoolDay) -> tuple[int, int]:
    return day.start_minute, day.end_minute - 1


def _share_a_weekday(a: SchoolDay, b: SchoolDay) -> bool:
    return bool(a.weekdays & b.weekdays)
