"""Calendars of teachers, rooms, classes and schools, as other programs read them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from common.db import Database
from common.errors import NotFoundError
from common.ids import SiteRoomId
from scheduler.catalogue.course import CourseRoom, Lesson
from scheduler.catalogue.organisation import ClassGroup, District
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.exchange.feed import events, fingerprint, wanted
from scheduler.exchange.icalendar_out import CalendarHead, Event, calendar_text
from scheduler.exchange.link_store import CalendarLessons, CalendarLinks
from scheduler.exchange.links import CalendarLink, Stamped, What, new_token, token_hash
from scheduler.sessions.lesson_store import Lessons
from tests.support.cpu import cpu_time
from tests.unit.scheduler.district import BELL, DISTRICT, lesson

NOW = BELL - timedelta(days=1)
CLASS = ClassGroup.model_validate({"id": "c1", "school": "point", "name": "全校班"})


def link(what: What, target: str) -> CalendarLink:
    return CalendarLink(
        id="cal-1", what=what, target=target, made_by="排课员", made_at=NOW
    )


def world(*more: Value) -> World:
    world = World()
    world.put([*DISTRICT, *more])
    return world


def stamped(*, cancelled: bool = False) -> Stamped:
    return Stamped(cancelled=cancelled, changed_at=NOW)


def feed(
    what: What,
    target: str,
    lessons: Sequence[tuple[Lesson, Stamped]],
    known: World | None = None,
) -> Any:  # noqa: ANN401 - the properties of `icalendar` are a union of thirty types
    known = known or world()
    wish = wanted(known, link(what, target), NOW)
    text = calendar_text(wish.head, events(known, wish, lessons))
    calendar = Calendar.from_ical(text)
    return calendar


def only(calendar: Any) -> Any:  # noqa: ANN401
    (event,) = calendar.walk("VEVENT")
    return event


# ---- what a calendar shows --------------------------------------------------------


def test_a_teachers_calendar_says_when_where_and_with_whom() -> None:
    one = lesson("a", week=13, period="第3节", chapter="小小音乐家")
    calendar = feed("teacher", "wang", [(one, stamped())])
    event = only(calendar)
    assert str(calendar["X-WR-CALNAME"]) == "王老师 同步课堂"
    assert str(event["SUMMARY"]) == "三年级音乐 王老师"
    assert str(event["LOCATION"]) == "中心学校 主讲教室"
    description = str(event["DESCRIPTION"])
    assert "接收：年家岗湖里教学点 湖里教室、年家岗湖里教学点 费西教室" in description
    assert "第13周 第3节\n小小音乐家" in description
    assert event["DTSTART"].dt == BELL
    assert event["DTEND"].dt == BELL + timedelta(minutes=40)
    assert event["CATEGORIES"].to_ical().decode() == "专递课堂,音乐"


def test_a_rooms_and_a_schools_calendar_name_their_own_rooms() -> None:
    one = [(lesson("a"), stamped())]
    assert (
        str(only(feed("room", "huli", one))["LOCATION"]) == "年家岗湖里教学点 湖里教室"
    )
    school = str(only(feed("school", "point", one))["LOCATION"])
    assert school == "年家岗湖里教学点 湖里教室、年家岗湖里教学点 费西教室"


def test_a_classes_calendar_shows_its_courses_and_no_others() -> None:
    seat = {"course": "music-3", "site_room": "huli", "class_group": "c1"}
    known = world(CLASS, CourseRoom.model_validate(seat))
    wish = wanted(known, link("class", "c1"), NOW)
    assert wish.rooms == ("huli",)
    other = lesson("b").model_copy(update={"course": "art"})
    shown = events(known, wish, [(lesson("a"), stamped()), (other, stamped())])
    assert [event.location for event in shown] == ["年家岗湖里教学点 湖里教室"]


def test_an_event_keeps_its_name_and_counts_its_changes() -> None:
    before = lesson("a")
    moved = before.model_copy(
        update={"version": 2, "starts_at": BELL + timedelta(hours=1)}
    )
    moved = moved.model_copy(update={"ends_at": BELL + timedelta(hours=2)})
    first, second, third = (
        only(feed("teacher", "wang", [row]))
        for row in (
            (before, stamped()),
            (moved, stamped()),
            (moved, stamped(cancelled=True)),
        )
    )
    assert len({str(e["UID"]) for e in (first, second, third)}) == 1
    assert str(first["UID"]) == "les-a@lessons.tongke"
    assert [e["SEQUENCE"] for e in (first, second, third)] == [0, 1, 2]
    assert str(second["STATUS"]) == "CONFIRMED"
    assert str(third["STATUS"]) == "CANCELLED"
    assert str(third["SUMMARY"]).startswith("【已取消】")
    assert third["LAST-MODIFIED"].dt == NOW


def test_it_reaches_from_four_weeks_back_to_the_end_of_the_term() -> None:
    wish = wanted(world(), link("teacher", "wang"), NOW)
    assert (wish.first, wish.last) == (date(2026, 10, 25), date(2027, 1, 22))
    summer = datetime(2027, 7, 1, tzinfo=UTC)
    wish = wanted(world(), link("teacher", "wang"), summer)
    assert wish.last == date(2027, 12, 28)


def test_a_calendar_of_nobody_is_refused() -> None:
    with pytest.raises(NotFoundError):
        wanted(world(), link("room", "nowhere"), NOW)


def test_other_programs_see_the_same_hours_across_a_clock_change() -> None:
    """10:00 in Berlin on the day before and after 25 October 2026, 3:00 to 2:00."""
    berlin = ZoneInfo("Europe/Berlin")
    district = District.model_validate(
        {"id": "dingyuan", "name": "区", "zone": "Europe/Berlin"}
    )
    rows = []
    for day in (24, 26):
        start = datetime(2026, 10, day, 10, 0, tzinfo=berlin).astimezone(UTC)
        one = lesson(f"d{day}", start - BELL, zone="Europe/Berlin")
        rows.append((one, stamped()))
    calendar = feed("teacher", "wang", rows, world(district))
    assert str(calendar["X-WR-TIMEZONE"]) == "Europe/Berlin"
    for day in (24, 26):
        (event,) = recurring_ical_events.of(calendar).at(date(2026, 10, day))
        local = event["DTSTART"].dt.astimezone(berlin)
        assert (local.day, local.hour) == (day, 10)
    assert not recurring_ical_events.of(calendar).at(date(2026, 10, 25))


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_whatever_is_read_as_it_was_written(text: str) -> None:
    plain = Event(
        *("u@x", 0, NOW, BELL, BELL + timedelta(hours=1)),
        summary=text,
        location="a;b,c\\d",
        description=text,
        categories=["甲,乙", "丙"],
    )
    data = calendar_text(CalendarHead("名", "Asia/Shanghai"), [plain])
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    event = only(Calendar.from_ical(data))
    kept = "".join(
        c for c in text.replace("\r\n", "\n") if c in "\t\n" or not _is_control(c)
    )
    assert str(event["SUMMARY"]) == kept
    assert str(event["LOCATION"]) == "a;b,c\\d"
    assert [str(one) for one in event["CATEGORIES"].cats] == ["甲,乙", "丙"]


def _is_control(character: str) -> bool:
    return ord(character) < 32 or ord(character) == 127


def test_a_school_of_two_thousand_lessons_is_written_in_a_moment() -> None:
    known = world()
    wish = wanted(known, link("school", "point"), NOW)
    rows = [
        (lesson(f"n{i}", timedelta(hours=i), week=13, period="第3节"), stamped())
        for i in range(2_000)
    ]
    with cpu_time() as spent:
        shown = events(known, wish, rows)
        tag = fingerprint(wish.head, shown)
        data = calendar_text(wish.head, shown)
    assert len(Calendar.from_ical(data).walk("VEVENT")) == 2_000
    assert tag == fingerprint(wish.head, events(known, wish, rows))
    # About 0.5 s of processor time.
    assert spent.seconds < 3


# ---- links and lessons in the database ----------------------------------------------


async def test_a_link_is_found_by_its_token_alone_until_it_is_revoked(
    database: Database,
) -> None:
    links, token = CalendarLinks(database), new_token()
    await links.add(link("teacher", "wang"), token)
    assert await links.of_token(token) == link("teacher", "wang")
    assert await links.of_token(token_hash(token)) is None
    assert await links.of_token(token[:-1]) is None
    assert await links.all() == [link("teacher", "wang")]
    await links.remove("cal-1")
    assert await links.of_token(token) is None
    with pytest.raises(NotFoundError):
        await links.remove("cal-1")


async def test_lessons_of_a_teacher_or_of_rooms_come_with_their_changes(
    database: Database,
) -> None:
    lessons, shown = Lessons(database), CalendarLessons(database)
    mine = lesson("a")
    other = lesson(
        *("b", timedelta(hours=2)), teacher="li", receiving_rooms=(SiteRoomId("feixi"),)
    )
    await lessons.add([mine, other], NOW)
    day = mine.day
    ((found, before),) = await shown.between(day, day, teacher="wang")
    assert (found, before.cancelled, before.changed_at) == (mine, False, NOW)
    of_huli = await shown.between(day, day, rooms=["huli"])
    assert [one.id for one, _ in of_huli] == [mine.id]
    both = await shown.between(day, day, rooms=["huli", "feixi"])
    assert [one.id for one, _ in both] == [mine.id, other.id]
    assert await shown.between(day, day, rooms=["nowhere"]) == []
    await lessons.change(mine.model_copy(update={"chapter": "第三单元"}))
    ((found, after),) = await shown.between(day, day, teacher="wang")
    assert found.version == 2
    assert abs((after.changed_at - datetime.now(UTC)).total_seconds()) < 60
