"""Which of the next days nobody can be sure of. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.organisation import District
from scheduler.catalogue.world import World
from scheduler.term.days import is_official, special_days
from scheduler.term.holidays import official_days, unknown_days

AHEAD = timedelta(days=30)
"""Time enough to enter a calendar by hand and to tell everybody."""

Doubt = Literal["unknown", "not_entered"]


def doubtful_days(world: World, now: datetime) -> dict[Doubt, int]:
    """How many days of terms within `AHEAD` are in doubt, each counted once.

    unknown: of a year whose holidays are not known here and of which nobody has entered
    any. not_entered: official holidays on which lessons would take place.
    """
    found: dict[Doubt, set[date]] = {"unknown": set(), "not_entered": set()}
    for term in world.all(Term):
        district = world.get(District, term.district)
        if district is None or not is_official(world, term):
            continue
        today = local_day(now, district.zone)
        first, last = max(term.first_day, today), min(term.last_day, today + AHEAD)
        entered = {r.day for r in special_days(world, term) if r.school is None}
        found["unknown"].update(_unknown(first, last, entered))
        found["not_entered"].update(_not_entered(first, last, entered))
    return {doubt: len(days) for doubt, days in found.items()}


def _unknown(first: date, last: date, entered: set[date]) -> Iterator[date]:
    years = {day.year for day in entered}
    for gap in unknown_days(first, last):
        if gap.first.year not in years:
            length = (gap.last - gap.first).days + 1
            yield from (gap.first + timedelta(days=n) for n in range(length))


def _not_entered(first: date, last: date, entered: set[date]) -> Iterator[date]:
    for official in official_days(first, last):
        school_day = official.day.isoweekday() <= 5
        if official.kind == "holiday" and school_day and official.day not in entered:
            yield official.day
