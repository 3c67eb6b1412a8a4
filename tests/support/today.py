"""The sample district, moved to today and to where it is noon.

Tests give lessons now, in the next hours and weeks. A lesson may not cross midnight and
has its week in a term; somebody runs the tests at that hour, or after that term.
"""

import time
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from scheduler.sample import send_sample

_SAMPLE_MONDAY = date(2026, 11, 16)
"""Of the sample's week 12, which is moved to the week of today."""


def noon_zone(now_s: float) -> str:
    """The name of a zone of whole hours where `now_s`, Unix seconds, is between 12 and
    13 o'clock. POSIX counts its `Etc` zones from the west: `Etc/GMT-8` is UTC+8."""
    return f"Etc/GMT{datetime.fromtimestamp(now_s, UTC).hour - 12:+d}"


ZONE = noon_zone(time.time())
"""One for the whole run, however long it takes."""


def today() -> date:
    return datetime.now(ZoneInfo(ZONE)).date()


def day_of_week_12(days: int) -> date:
    """`days` after the Monday of the sample's week 12, which is the week of today."""
    return today() + timedelta(days=days - today().weekday())


async def send_sample_of_today(http: aiohttp.ClientSession) -> None:
    """As `send_sample`. Raises aiohttp.ClientResponseError."""
    await send_sample(http)
    for district in await _rows(http, "districts"):
        await _put(http, "districts", {**district, "zone": ZONE})
    by = day_of_week_12(0) - _SAMPLE_MONDAY
    # The last term first: terms may not overlap on the way.
    terms = sorted(await _rows(http, "terms"), key=itemgetter("first_day"))
    for term in reversed(terms):
        days = {
            name: str(date.fromisoformat(term[name]) + by)
            for name in ("week_1", "first_day", "last_day")
        }
        await _put(http, "terms", {**term, **days})


async def _rows(http: aiohttp.ClientSession, kind: str) -> list[dict[str, Any]]:
    async with http.get(f"/api/v1/{kind}") as answer:
        rows: list[dict[str, Any]] = await answer.json()
        return rows


async def _put(http: aiohttp.ClientSession, kind: str, row: dict[str, Any]) -> None:
    async with http.put(f"/api/v1/{kind}", json=row) as answer:
        answer.raise_for_status()
