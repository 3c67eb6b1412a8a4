"""What people enter, the same on SQLite and on PostgreSQL."""

from datetime import date

import pytest

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import DistrictId, SchoolId
from scheduler.catalogue.bells import BellSchedule, BellScheduleId
from scheduler.catalogue.calendar import CalendarDay
from scheduler.catalogue.course import CourseRoom
from scheduler.catalogue.kinds import BY_NAME
from scheduler.catalogue.organisation import (
    District,
    School,
    SiteRoom,
    Teacher,
    TeacherId,
)
from scheduler.catalogue.store import Catalogue, ChangedMeanwhileError
from tests.unit.scheduler.district import DISTRICT, HULI


async def test_values_come_back_as_they_went_in(database: Database) -> None:
    catalogue = Catalogue(database)
    for value in DISTRICT:
        assert value in await catalogue.all(type(value))
    exam = BellSchedule(
        id=BellScheduleId("exam"),
        school=SchoolId("centre"),
        name="考试周",
        first_day=date(2027, 1, 11),
        weekdays=frozenset({1, 3, 5}),
    )
    off = CalendarDay(
        district=DistrictId("dingyuan"), day=date(2026, 10, 1), kind="holiday"
    )
    await catalogue.put([exam, off])
    assert await catalogue.get(BellSchedule, "exam") == exam
    assert await catalogue.all(CalendarDay) == [off]


async def test_a_second_row_with_the_same_id_replaces_the_first(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    renamed = Teacher(id=TeacherId("wang"), school=SchoolId("centre"), name="王一")
    await catalogue.put([renamed])
    assert await catalogue.get(Teacher, "wang") == renamed
    assert len(await catalogue.all(Teacher)) == 2


async def test_one_row_with_an_unknown_reference_brings_nothing_in(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    good = District(id=DistrictId("fengyang"), name="凤阳县")
    bad = School(id=SchoolId("x"), district=DistrictId("nowhere"), name="无")
    with pytest.raises(ConflictError, match="unknown_reference"):
        await catalogue.put([good, bad])
    assert [d.id for d in await catalogue.all(District)] == ["dingyuan"]


async def test_a_row_whose_key_has_an_empty_part_is_found_and_removed(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    whole = CalendarDay(
        district=DistrictId("dingyuan"), day=date(2026, 10, 1), kind="holiday"
    )
    own = whole.model_copy(update={"school": SchoolId("point")})
    await catalogue.put([whole, own])
    key = {"district": whole.district, "day": whole.day}
    assert await catalogue.all(CalendarDay, **key, school=None) == [whole]
    await catalogue.remove(CalendarDay, **key, school=None)
    assert await catalogue.all(CalendarDay) == [own]


async def test_rows_judged_beside_others_that_changed_are_not_written(
    database: Database,
) -> None:
    catalogue, other = Catalogue(database), Catalogue(database)
    fengyang = District(id=DistrictId("fengyang"), name="凤阳县")
    number = await catalogue.number()
    await other.put([fengyang])
    renamed = fengyang.model_copy(update={"name": "凤阳"})
    with pytest.raises(ChangedMeanwhileError):
        await catalogue.put([renamed], judged_at=number)
    assert await catalogue.get(District, "fengyang") == fengyang
    now = await catalogue.number()
    await catalogue.put([renamed], gone=[fengyang], judged_at=now)
    assert [d.id for d in await catalogue.all(District)] == ["dingyuan"]


async def test_new_kinds_of_rows_come_back_as_they_went_in(database: Database) -> None:
    catalogue = Catalogue(database)
    rows: dict[str, dict[str, object]] = {
        "local_lesson": {
            "id": "l",
            "title": "语文",
            "weekday": 1,
            "weeks": "1-8,10",
            "period": 3,
            "teacher": "wang",
        },
        "closed_time": {"id": "c", "title": "检修", "site_room": "huli"},
        "travel": {"from_school": "centre", "to_school": "point", "minutes": 30},
        "school_day": {
            "id": "d",
            "school": "point",
            "weekdays": {1, 2, 3},
            "start_minute": 480,
            "end_minute": 720,
        },
        "subject_time": {
            "id": "s",
            "district": "dingyuan",
            "subject": "英语",
            "start_minute": 780,
            "end_minute": 1000,
        },
        "weighting": {"district": "dingyuan", "gap": 0},
    }
    values = [BY_NAME[kind].value.model_validate(row) for kind, row in rows.items()]
    await catalogue.put(values)
    for one in values:
        assert await catalogue.all(type(one)) == [one]


async def test_what_others_use_is_not_removed(database: Database) -> None:
    catalogue = Catalogue(database)
    with pytest.raises(ConflictError, match="in_use"):
        await catalogue.remove(SiteRoom, id=HULI)
    await catalogue.remove(CourseRoom, course="music-3", site_room=HULI)
    await catalogue.remove(SiteRoom, id=HULI)
    with pytest.raises(NotFoundError, match="no_such_site_room"):
        await catalogue.get(SiteRoom, HULI)
