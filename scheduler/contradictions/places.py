"""Districts, schools, and the hours of their pupils."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations

from scheduler.availability import SchoolDay
from scheduler.bells import clock_text, weekday_zh
from scheduler.organisation import District, School
from scheduler.world import Contradiction, World


def contradictions(world: World) -> Iterator[Contradiction]:
    return chain(_parents(world), _centres(world), _school_days(world))


def _parents(world: World) -> Iterator[Contradiction]:
    for district in world.all(District):
        here, steps = district.parent, 0
        while here is not None and steps <= len(world.all(District)):
            if here == district.id:
                yield Contradiction(
                    (district,),
                    "parent",
                    f"“{district.name}”成了自己的上级，请改正上级区县",
                    f"{district.id} is its own parent; correct the parent",
                )
                break
            above = world.get(District, here)
            here, steps = above.parent if above else None, steps + 1


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
        for a, b in combinations(days, 2):
            shared = a.weekdays & b.weekdays
            if shared and a.time.overlap(b.time):
                times = f"{clock_text(a.start_minute)}-{clock_text(a.end_minute)}"
                weekday = min(shared)
                yield Contradiction(
                    (b, a),
                    "start_minute",
                    f"与在校时间 {a.id}（{weekday_zh(weekday)} {times}）重叠，"
                    "请改时间，或合成一行",
                    f"overlaps school day {a.id} (weekday {weekday} {times});"
                    " change the time or make one row of the two",
                )
