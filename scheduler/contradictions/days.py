"""Bells, terms and special days."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain

from common.ids import DistrictId
from scheduler.catalogue.bells import (
    BellSchedule,
    Period,
    clashing_periods,
    clashing_schedules,
)
from scheduler.catalogue.calendar import CalendarDay, Term
from scheduler.catalogue.organisation import District, School
from scheduler.catalogue.sweep import first_clashes
from scheduler.catalogue.world import Contradiction, World, upwards


def contradictions(world: World) -> Iterator[Contradiction]:
    return chain(_bells(world), _terms(world), _calendar_days(world))


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
                f"overlaps period {first.number} or is out of order; change its"
                " time or number",
            )


def _terms(world: World) -> Iterator[Contradiction]:
    by_district: dict[DistrictId, list[Term]] = defaultdict(list)
    for term in world.all(Term):
        by_district[term.district].append(term)
    for terms in by_district.values():
        for a, b in first_clashes(terms, _dates, lambda a, b: True):
            yield Contradiction(
                (b, a),
                "first_day",
                f"与学期“{a.name}”（{a.first_day} 至 {a.last_day}）重叠，请改日期",
                f"overlaps term {a.id} ({a.first_day} to {a.last_day});"
                " change its dates",
            )


def _dates(term: Term) -> tuple[date, date]:
    return term.first_day, term.last_day


def _calendar_days(world: World) -> Iterator[Contradiction]:
    trees = {d.id: {u.id for u in upwards(world, d.id)} for d in world.all(District)}
    terms = world.all(Term)
    for row in world.all(CalendarDay):
        school = world.get(School, row.school) if row.school else None
        if school and row.district not in trees[school.district]:
            yield Contradiction(
                (row, school),
                "school",
                f"“{school.name}”不属于区县 {row.district}，请改学校或区县",
                f"{school.id} is not in district {row.district}; change one of them",
            )
        for term in terms:
            # A county's row may stand in its city's term, and the other way round.
            related = row.district in trees[term.district] or (
                term.district in trees[row.district]
            )
            inside = term.first_day <= row.day <= term.last_day
            if related and inside and (row.runs_week or 0) > term.weeks:
                yield Contradiction(
                    (row, term),
                    "runs_week",
                    f"学期“{term.name}”只有 {term.weeks} 周，没有第{row.runs_week}周，"
                    "请改执行周次",
                    f"term {term.id} has {term.weeks} weeks, not {row.runs_week};"
                    " change the week it runs",
                )
