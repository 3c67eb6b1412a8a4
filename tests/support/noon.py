"""The sample district, moved to where it is noon now.

Tests give lessons now and in the next hours; a lesson may not cross midnight, and
somebody runs the tests at that hour.
"""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import aiohttp

from scheduler.sample import send_sample


def noon_zone(now_s: float) -> str:
    """The name of a zone of whole hours where `now_s`, Unix seconds, is between 12 and
    13 o'clock. POSIX counts its `Etc` zones from the west: `Etc/GMT-8` is UTC+8."""
    return f"Etc/GMT{datetime.fromtimestamp(now_s, UTC).hour - 12:+d}"


ZONE = noon_zone(time.time())
"""One for the whole run, however long it takes."""


def today() -> date:
    return datetime.now(ZoneInfo(ZONE)).date()


async def send_noon_sample(http: aiohttp.ClientSession) -> None:
    """As `send_sample`. Raises aiohttp.ClientResponseError."""
    await send_sample(http)
    async with http.get("/api/v1/districts") as answer:
        districts = await answer.json()
    for district in districts:
        async with http.put(
            "/api/v1/districts", json={**district, "zone": ZONE}
        ) as put:
            put.raise_for_status()
