"""The sample district, moved to today and to where it is noon.

Tests give lessons now, in the next hours and weeks. A lesson may not cross midnight and
has its week in a term; somebody runs the tests at that hour, or after that term.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from scheduler.catalogue.calendar import Term
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.organisation import District
from scheduler.catalogue.store import TABLES
from scheduler.catalogue.value import Value
from scheduler.importer.read import read_rows
from scheduler.sample import sample_uploads, send_sample

_ORDER = {kind: place for place, kind in enumerate(TABLES)}
"""Rows may refer to earlier ones."""
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


@cache
def sample_of_today() -> Sequence[Value]:
    """The same rows, to be put straight into a catalogue."""
    rows = [row.value for row in read_rows(sample_uploads(), KINDS, ())]
    return [*map(_moved, sorted(rows, key=lambda row: _ORDER[type(row)]))]


def _moved(row: Value) -> Value:
    if isinstance(row, District):
        return row.model_copy(update={"zone": ZONE})
    if isinstance(row, Term):
        return row.model_copy(update=_days(row.model_dump()))
    return row


def _days(term: Mapping[str, Any]) -> dict[str, date]:
    by = day_of_week_12(0) - _SAMPLE_MONDAY
    return {name: term[name] + by for name in ("week_1", "first_day", "last_day")}


async def send_sample_of_today(http: aiohttp.ClientSession) -> None:
    """As `send_sample`, to a program of its own, as a person would: a second slower.
    Raises aiohttp.ClientResponseError."""
    await send_sample(http)
    for district in await _rows(http, "districts"):
        await _put(http, "districts", {**district, "zone": ZONE})
    # The last term first: terms may not overlap on the way.
    terms = sorted(await _rows(http, "terms"), key=itemgetter("first_day"))
    for term in reversed(terms):
        read = Term.model_validate(term)
        days = {name: str(day) for name, day in _days(read.model_dump()).items()}
        await _put(http, "terms", {**term, **days})


async def _rows(http: aiohttp.ClientSession, kind: str) -> list[dict[str, Any]]:
    async with http.get(f"/api/v1/{kind}") as answer:
        rows: list[dict[str, Any]] = await answer.json()
        return rows


async def _put(http: aiohttp.ClientSession, kind: str, row: dict[str, Any]) -> None:
    async with http.put(f"/api/v1/{kind}", json=row) as answer:
        answer.raise_for_status()
