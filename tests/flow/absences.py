"""A furnished district over HTTP, with lessons of next week, and somebody away."""

from datetime import timedelta
from typing import Any

from scheduler.catalogue.calendar import Term
from scheduler.catalogue.kinds import KINDS
from scheduler.repair.dated import monday_of
from tests.flow.scheduler_house import House
from tests.support.today import today
from tests.unit.scheduler.repair.mending import world

Json = dict[str, Any]
NEXT_MONDAY = monday_of(today()) + timedelta(days=7)
TERM = "/terms/autumn/repairs"


def day(weekday: int) -> str:
    return (NEXT_MONDAY + timedelta(days=weekday - 1)).isoformat()


async def furnish(house: House) -> None:
    """The district of `mending`, with a term around next week."""
    rows = world()
    around = {
        "week_1": NEXT_MONDAY - timedelta(days=7),
        "first_day": NEXT_MONDAY - timedelta(days=7),
        "last_day": NEXT_MONDAY + timedelta(days=60),
    }
    rows.put([rows.all(Term)[0].model_copy(update=around)])
    values = [value for kind in KINDS for value in rows.all(kind.value)]
    await house.service.catalogue.put(values)


async def lesson(house: House, course: str, weekday: int, period: int) -> Json:
    body = {"course": course, "day": day(weekday), "period": period}
    made: Json = await house.call("POST", "/lessons", body, status=201)
    return made


def away(what: str, id: str, first: int, last: int) -> dict[str, str]:
    return {
        "what": what,
        "id": id,
        "first_day": day(first),
        "last_day": day(last),
        "reason": "病假",
    }


async def told(house: House, who: str) -> list[Json]:
    found: list[Json] = await house.call("GET", f"/notices?{who}")
    return found
