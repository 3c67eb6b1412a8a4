"""What an edition is laid on: a week of the world, as the solver knows it. Pure.

A frame is made once for as long as nobody enters anything new; editions of the same
term share it.
"""

from dataclasses import replace
from functools import cached_property

from scheduler.catalogue.bells import BellSchedule, Period, schedule_on
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course
from scheduler.catalogue.weeks import weeks_text
from scheduler.catalogue.world import World
from scheduler.edition.slots import TermSlots
from scheduler.edition.views import (
    BellView,
    BoardCourse,
    BoardRoom,
    BusyView,
    LeftOutView,
    NamedView,
    ReceiverView,
    ResourceName,
    SchoolDaysView,
    Span,
)
from scheduler.solver.problem import EVERY_WEEK, LAST_WEEK, Busy, Problem, Site
from scheduler.solver.space import Space
from scheduler.term.weekly import weekly_problem

RESOURCE_NAMES: dict[str, ResourceName] = {
    "teacher": "teacher",
    "class": "class",
    "room": "room",
    "site": "school",
}


class Frame:
    """`problem` holds no locks: those are the edition's own."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self.world, self.term, self.week = world, term, week
        self.slots = TermSlots(world, term, week)
        published = frozenset(r.placement for r in self.slots.rows().values())
        weekly = weekly_problem(world, term, week, published=published)
        self.problem: Problem = weekly.problem
        self.warnings = [LeftOutView(zh=w.zh, en=w.en) for w in weekly.warnings]
        self.space = Space(self.problem)

    @cached_property
    def of_day(self) -> dict[int, Problem]:
        """The problem of each weekday alone: days are judged one by one."""
        busy: dict[int, list[Busy]] = {day: [] for day in range(1, 8)}
        for one in self.problem.busy:
            busy[one.weekday].append(one)
        return {
            day: replace(
                self.problem,
                busy=tuple(rows),
                published=frozenset(
                    p for p in self.problem.published if p.weekday == day
                ),
            )
            for day, rows in busy.items()
        }

    # ---- what the week view shows of it -------------------------------------------

    @cached_property
    def courses(self) -> list[BoardCourse]:
        found: list[BoardCourse] = []
        for stream in self.problem.streams:
            course = self.world.get(Course, stream.id)
            assert course is not None
            receivers = [
                ReceiverView(room=r.room, class_group=r.class_group)
                for r in stream.receivers
            ]
            found.append(
                BoardCourse(
                    id=stream.id,
                    name=stream.title,
                    subject=stream.subject,
                    grade=course.grade,
                    kind=stream.kind,
                    teacher=stream.teacher,
                    master_room=stream.master_room,
                    master_class=stream.master_class,
                    receivers=receivers,
                    minutes=stream.minutes,
                    lessons_a_week=stream.lessons,
                    weeks=course.weeks,
                )
            )
        return found

    @cached_property
    def schools(self) -> list[SchoolDaysView]:
        titles = _Titles(self.world, self.term, self.week)
        return [titles.school(site) for site in self.problem.sites]

    @cached_property
    def rooms(self) -> list[BoardRoom]:
        return [
            BoardRoom(id=r.id, name=r.name, school=r.site, kind=r.kind)
            for r in self.problem.rooms
        ]

    @cached_property
    def teachers(self) -> list[NamedView]:
        return [
            NamedView(id=t.id, name=t.name, school=t.site)
            for t in self.problem.teachers
        ]

    @cached_property
    def class_groups(self) -> list[NamedView]:
        return [
            NamedView(id=g.id, name=g.name, school=g.site)
            for g in self.problem.class_groups
        ]

    @cached_property
    def busy(self) -> list[BusyView]:
        return [
            BusyView(
                resource_kind=RESOURCE_NAMES[b.resource.kind],
                resource=b.resource.id,
                weekday=b.weekday,
                start=b.time.start,
                end=b.time.end,
                title=b.title,
                kind=b.kind,
                weeks=pattern_of(b.weeks),
            )
            for b in self.problem.busy
        ]


_ODD = sum(1 << week for week in range(0, LAST_WEEK, 2))
_EVEN = EVERY_WEEK & ~_ODD


def pattern_of(mask: int) -> str:
    """The normal form of the weeks in a mask (`problem.weeks_mask`)."""
    words = {EVERY_WEEK: "all", _ODD: "odd", _EVEN: "even"}
    if mask in words:
        return words[mask]
    return weeks_text(
        week for week in range(1, LAST_WEEK + 1) if mask >> (week - 1) & 1
    )


class _Titles:
    """What the periods of each school are called in one week."""

    def __init__(self, world: World, term: Term, week: int) -> None:
        self._world, self._term, self._week = world, term, week
        self._schedules: dict[str, list[BellSchedule]] = {}
        for one in world.all(BellSchedule):
            self._schedules.setdefault(one.school, []).append(one)

    def school(self, site: Site) -> SchoolDaysView:
        return SchoolDaysView(
            id=site.id,
            name=site.name,
            bells={day: self._bells(site, day) for day in site.bells},
            windows={
                day: [Span(start=w.start, end=w.end) for w in windows]
                for day, windows in site.windows.items()
            },
        )

    def _bells(self, site: Site, weekday: int) -> list[BellView]:
        day = self._term.date_of(self._week, weekday)
        here = self._schedules.get(site.id, [])
        schedule = schedule_on(here, site.id, day)
        found: list[BellView] = []
        for p in site.bells[weekday]:
            period = schedule and self._world.get(Period, schedule.id, p.number)
            title = period.title if period else f"第{p.number}节"
            found.append(
                BellView(number=p.number, title=title, start=p.start, end=p.end)
            )
        return found
