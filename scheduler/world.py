"""Everything people entered, in memory, and what is wrong with it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar, cast

from scheduler.bells import BellSchedule, Period, clashing_periods, clashing_schedules
from scheduler.calendar import Term
from scheduler.course import Course, CourseRoom, Slot
from scheduler.kinds import BY_VALUE
from scheduler.organisation import School, SiteRoom
from scheduler.value import Value

V = TypeVar("V", bound=Value)
Rows = dict[tuple[object, ...], Value]


@dataclass
class World:
    """Rows by kind and key. Putting a row with a known key replaces it."""

    _rows: dict[type[Value], Rows] = field(default_factory=lambda: defaultdict(dict))

    def put(self, values: Iterable[Value]) -> None:
        for value in values:
            kind = BY_VALUE[type(value)]
            self._rows[type(value)][kind.key_of(value)] = value

    def all(self, kind: type[V]) -> list[V]:
        return cast(list[V], list(self._rows[kind].values()))

    def get(self, kind: type[V], *key: object) -> V | None:
        return cast(V | None, self._rows[kind].get(key))


@dataclass(frozen=True)
class Contradiction:
    """`values`: the rows that do not fit together, the one to change first."""

    values: tuple[Value, ...]
    field: str
    zh: str
    en: str


@dataclass(frozen=True)
class Caution:
    """What a person should know although nothing is refused. `values`: the rows
    concerned, the one to look at first."""

    values: tuple[Value, ...]
    zh: str
    en: str


def contradictions(world: World) -> list[Contradiction]:
    """All of them, in order of the kinds. A row that refers to nothing is only said
    to do so: what follows from it would be noise."""
    lost = list(_lost_references(world))
    if lost:
        return lost
    checks = (_centres, _bells, _terms, _courses, _course_rooms, _slots)
    return [found for check in checks for found in check(world)]


def _lost_references(world: World) -> Iterator[Contradiction]:
    for kind in BY_VALUE.values():
        for value in world.all(kind.value):
            for name, target in (kind.refers or {}).items():
                id = getattr(value, name)
                if id is None or world.get(target, id) is not None:
                    continue
                wanted = BY_VALUE[target]
                yield Contradiction(
                    (value,),
                    name,
                    f"没有编号为“{id}”的{wanted.zh}，请先添加它或改正编号",
                    f"there is no {wanted.name} {id!r}; add it or correct the id",
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


def _bells(world: World) -> Iterator[Contradiction]:
    for a, b in clashing_schedules(world.all(BellSchedule)):
        yield Contradiction(
            (b, a),
            "first_day",
            f"与作息表“{a.name}”（{a.id}）在同一天同样有效，请改日期范围或星期",
            f"rings on the same days as {a.id}; change its dates or weekdays",
        )
    by_schedule: dict[str, list[Period]] = defaultdict(list)
    for period in world.all(Period):
        by_schedule[period.bell_schedule].append(period)
    for periods in by_schedule.values():
        for first, second in clashing_periods(periods):
            yield Contradiction(
                (second, first),
                "start_minute",
                f"与{first.title}时间重叠或次序颠倒，请改时间或节次",
                f"overlaps period {first.number} or is out of order",
            )


def _terms(world: World) -> Iterator[Contradiction]:
    for a, b in combinations(world.all(Term), 2):
        apart = a.last_day < b.first_day or b.last_day < a.first_day
        if a.district == b.district and not apart:
            yield Contradiction(
                (b, a),
                "first_day",
                f"与学期“{a.name}”的日期重叠，请改日期",
                f"overlaps term {a.id}; change its dates",
            )


def _courses(world: World) -> Iterator[Contradiction]:
    for course in world.all(Course):
        room = world.get(SiteRoom, course.master_room)
        if room and room.kind == "receiving":
            yield Contradiction(
                (course, room),
                "master_room",
                f"“{room.name}”是接收教室，不能主讲；请换教室或改它的类别",
                f"{room.id} is a receiving room; choose a master room",
            )


def _course_rooms(world: World) -> Iterator[Contradiction]:
    for one in world.all(CourseRoom):
        room = world.get(SiteRoom, one.site_room)
        course = world.get(Course, one.course)
        if course and course.master_room == one.site_room:
            yield Contradiction(
                (one, course),
                "site_room",
                "主讲教室不能同时是接收教室",
                "the master room cannot receive its own lesson",
            )
        elif room and room.kind == "master":
            yield Contradiction(
                (one, room),
                "site_room",
                f"“{room.name}”只能主讲；请换教室或把它的类别改为两用",
                f"{room.id} is a master room only; choose another or make it both",
            )


def _slots(world: World) -> Iterator[Contradiction]:
    numbers: dict[str, set[int]] = defaultdict(set)
    for period in world.all(Period):
        schedule = world.get(BellSchedule, period.bell_schedule)
        if schedule:
            numbers[schedule.school].add(period.number)
    for slot in world.all(Slot):
        course = world.get(Course, slot.course)
        room = course and world.get(SiteRoom, course.master_room)
        unknown = room and slot.period and slot.period not in numbers[room.school]
        if slot.start_minute is None and unknown:
            yield Contradiction(
                (slot,),
                "period",
                f"主讲学校的作息表里没有第{slot.period}节，请改节次或补作息表",
                f"the master school's bells have no period {slot.period}",
            )
