"""Calendars as text (RFC 5545), by the `icalendar` package. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar

_CONTROL = {code: None for code in (*range(9), *range(11, 32), 127)}
REFRESH = timedelta(minutes=15)
"""How often to ask again (RFC 7986 §5.7)."""


@dataclass(frozen=True)
class Event:
    """One dated lesson. `uid` stays for good, `sequence` grows with every change."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    categories: Sequence[str]
    cancelled: bool = False


@dataclass(frozen=True)
class CalendarHead:
    name: str
    zone: str


def calendar_text(head: CalendarHead, events: Iterable[Event]) -> bytes:
    """Equal calendars give equal bytes. Takes 0.2 ms an event: not for the loop that
    carries live lessons, and not when the reader has it already."""
    calendar = icalendar.Calendar()
    name = _text(head.name)
    for key, value in (
        ("PRODID", "-//Tongke//Timetable//ZH"),
        ("VERSION", "2.0"),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("X-WR-TIMEZONE", head.zone),
    ):
        calendar.add(key, value)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.vDuration(REFRESH))
    for event in events:
        calendar.add_component(_component(event))
    data: bytes = calendar.to_ical(sorted=False)
    return data


def _component(event: Event) -> icalendar.Event:
    made = icalendar.Event()
    made.add("UID", event.uid)
    made.add("DTSTAMP", event.stamp.astimezone(UTC))
    made.add("LAST-MODIFIED", event.stamp.astimezone(UTC))
    # In UTC: a summer time in between needs no rules, and no two programs differ.
    made.add("DTSTART", event.starts_at.astimezone(UTC))
    made.add("DTEND", event.ends_at.astimezone(UTC))
    made.add("SEQUENCE", event.sequence)
    made.add("STATUS", "CANCELLED" if event.cancelled else "CONFIRMED")
    made.add("SUMMARY", _text(event.summary))
    made.add("LOCATION", _text(event.location))
    made.add("DESCRIPTION", _text(event.description))
    made.add("CATEGORIES", [_text(one) for one in event.categories])
    return made


def _text(text: str) -> str:
    """Control characters have no place in a calendar (§3.1)."""
    return text.replace("\r\n", "\n").translate(_CONTROL)
