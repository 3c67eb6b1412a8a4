"""Publishing an edition: slots, dated lessons and notices follow, people's own changes
stay."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from common.bus import Bus
from common.db import Database
from common.ids import CourseId
from scheduler.catalogue.course import Lesson, clashes
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.store import ChangedMeanwhileError
from scheduler.edition.publish_store import Publications
from scheduler.edition.slots import TermSlots
from scheduler.edition.store import Editions
from scheduler.edition.values import EditionId
from scheduler.exchange.link_store import CalendarLessons
from scheduler.sessions.lesson_store import Lessons
from scheduler.solver.check import violations
from tests.flow.edition_house import (
    Json,
    Office,
    office,
    one_office,
    placements_of,
    placing,
)
from tests.flow.scheduler_house import close_house, open_house
from tests.support.guard import GUARD_S
from tests.support.synthetic_world import TERM

__all__ = ["office", "one_office"]

NEXT_TERM = TERM.model_copy(
    update={
        "week_1": date(2028, 2, 14),
        "first_day": date(2028, 2, 14),
        "last_day": date(2028, 3, 19),
    }
)
WEEKS = 5


def lessons_path(first: date, last: date) -> str:
    return f"/lessons?first_day={first}&last_day={last}"


async def lessons(office: Office, **equal: object) -> list[Json]:
    path = lessons_path(NEXT_TERM.first_day, NEXT_TERM.last_day)
    found: list[Json] = await office.call("GET", path)
    return [one for one in found if all(one[k] == v for k, v in equal.items())]


async def published(office: Office) -> Json:
    """The district's hidden timetable, running in a term of five weeks to come."""
    await office.call("PUT", "/terms", NEXT_TERM.model_dump(mode="json"))
    edition = await office.filled(week=2)
    answer = await office.publish(edition)
    edition["revision"] = answer["revision"]
    return {**edition, "published": answer}


async def test_an_edition_says_who_published_it(one_office: Office) -> None:
    made = await published(one_office)
    draft = await one_office.edition(copy_of="published")
    path = f"/terms/{NEXT_TERM.id}/editions"
    listed = {one["id"]: one for one in await one_office.call("GET", path)}
    assert listed[made["id"]]["published_by"] == "运维"
    assert listed[draft["id"]]["published_by"] == ""


async def one_moved(office: Office, copy: Json) -> tuple[Json, Json]:
    """Moves some lesson of a draft to a free place: from where, to where."""
    board = await office.board(copy["id"])
    for lesson in board["placements"]:
        here = {k: lesson[k] for k in ("course", "weekday", "start")}
        query = "&".join(f"{k}={v}" for k, v in here.items())
        path = f"/editions/{copy['id']}/why-not?{query}"
        cells = (await office.call("GET", path))["cells"]
        free = [c for c in cells if not c["blockers"] and not c["mine"]]
        if free:
            to = {"to_weekday": free[0]["weekday"], "to_start": free[0]["start"]}
            await office.change(copy, {"kind": "move", **here, **to})
            after = {
                "course": lesson["course"],
                "weekday": free[0]["weekday"],
                "start": free[0]["start"],
            }
            return here, after
    raise AssertionError("no lesson can move")


async def test_dated_lessons_follow_the_week_and_its_bells(office: Office) -> None:
    edition = await published(office)
    answer = edition["published"]
    placed = len(office.made.hidden)
    assert (answer["added"], answer["left_alone"]) == (WEEKS * placed, [])
    assert answer["from_day"] == str(NEXT_TERM.first_day)
    found = await lessons(office)
    assert len(found) == WEEKS * placed
    running = placements_of(await office.board(edition["id"]))
    week_3 = [one for one in found if one["week"] == 3]
    assert violations(office.problem, running) == []
    at = {
        (
            one["course"],
            date.fromisoformat(one["day"]).isoweekday(),
            round(one["starts_at"] + 8 * 3600) // 60 % 1440,
        )
        for one in week_3
    }
    assert at == {(p.stream, p.weekday, p.start) for p in office.made.hidden}
    assert all(one["period"].startswith("第") for one in found)
    some = [one for one in found if one["course"] == found[0]["course"]]
    assert [one["class_hour"] for one in some] == list(range(1, len(some) + 1))
    again = {"first_day": "2028-02-14", "last_day": "2028-03-19"}
    expanded = await office.call("POST", f"/terms/{TERM.id}/lessons", again)
    assert expanded == {"added": 0, "skipped": []}


async def test_a_moved_lesson_keeps_its_dated_ids(office: Office) -> None:
    first = await published(office)
    before = {one["lesson"]: one for one in await lessons(office)}
    copy = await office.edition(copy_of="published")
    assert copy["placed"] == len(office.made.hidden)
    was, now = await one_moved(office, copy)
    from_day = NEXT_TERM.date_of(3, 1)
    answer = await office.publish(copy, from_day=str(from_day))
    assert (answer["added"], answer["removed"], answer["moved"]) == (0, 0, 3)
    after = {one["lesson"]: one for one in await lessons(office)}
    assert after.keys() == before.keys()
    moved = [id for id in after if after[id]["starts_at"] != before[id]["starts_at"]]
    assert {after[id]["week"] for id in moved} == {3, 4, 5}
    for id in moved:
        day = date.fromisoformat(after[id]["day"])
        assert (after[id]["course"], day.isoweekday()) == (
            was["course"],
            now["weekday"],
        )
        assert after[id]["session"] == before[id]["session"]
        assert after[id]["version"] == before[id]["version"] + 1
    (told,) = answer["differences"]["moved"]
    assert (told["before"], told["after"]) == (was, now)
    teacher = office.problem.stream_by_id[was["course"]].teacher
    notice, *_ = await office.call("GET", f"/notices?teacher={teacher}")
    assert notice["edition"] == copy["id"]
    assert notice["lessons"] == [told]
    assert str(from_day) in notice["zh"]
    states = {
        e["id"]: e["state"]
        for e in await office.call("GET", f"/terms/{TERM.id}/editions")
    }
    assert states == {first["id"]: "past", copy["id"]: "published"}


async def test_calendars_are_told_when_a_lesson_moved(office: Office) -> None:
    await published(office)
    database = Database(office.house.config.database_url)
    calendar = CalendarLessons(database)
    days = (NEXT_TERM.first_day, NEXT_TERM.last_day)
    rooms = [room.id for room in office.world.all(SiteRoom)]
    before = {one.id: (one, s) for one, s in await calendar.between(*days, rooms=rooms)}
    copy = await office.edition(copy_of="published")
    await one_moved(office, copy)
    at = datetime.now(UTC)
    await office.publish(copy, from_day=str(NEXT_TERM.date_of(3, 1)))
    after = {one.id: (one, s) for one, s in await calendar.between(*days, rooms=rooms)}
    moved = {id for id in after if after[id][0].version > before[id][0].version}
    assert len(moved) == 3
    assert {id for id in after if after[id][1].changed_at >= at} == moved
    await database.close()


async def test_an_old_edition_comes_back_as_a_copy(one_office: Office) -> None:
    first = await published(one_office)
    before = await lessons(one_office)
    copy = await one_office.edition(copy_of="published")
    await one_moved(one_office, copy)
    await one_office.publish(copy)
    refused = await one_office.publish(first, status=409)
    assert refused["code"] == "edition_not_draft"
    back = await one_office.edition(copy_of=first["id"])
    answer = await one_office.publish(back)
    assert (answer["moved"], answer["added"]) == (WEEKS, 0)
    times = {(o["lesson"], o["starts_at"]) for o in before}
    assert {(o["lesson"], o["starts_at"]) for o in await lessons(one_office)} == times


async def test_what_a_deleted_edition_told_can_still_be_read(
    one_office: Office,
) -> None:
    first = await published(one_office)
    copy = await one_office.edition(copy_of="published")
    was, _ = await one_moved(one_office, copy)
    await one_office.publish(copy)
    await one_office.publish(await one_office.edition(copy_of=first["id"]))
    path = f"/notices?teacher={one_office.problem.stream_by_id[was['course']].teacher}"
    before = await one_office.call("GET", path)
    [told] = [one for one in before if one["edition"] == copy["id"]]
    await one_office.call("DELETE", f"/editions/{copy['id']}", status=204)
    after = await one_office.call("GET", path)
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert {**told, "edition": None} in after


async def test_what_people_changed_for_one_date_stays(one_office: Office) -> None:
    await published(one_office)
    copy = await one_office.edition(copy_of="published")
    was, _ = await one_moved(one_office, copy)
    mine = [
        one
        for one in await lessons(one_office, course=was["course"])
        if date.fromisoformat(one["day"]).isoweekday() == was["weekday"]
    ]
    # By hand: another teacher in week 2, a Saturday in week 4; cancelled in week 5.
    other = next(
        t.id
        for t in one_office.problem.teachers
        if t.id != one_office.problem.stream_by_id[was["course"]].teacher
    )
    free = {"version": 1, "day": "2028-02-26", "start": "19:00", "end": "19:40"}
    await one_office.call("PATCH", f"/lessons/{mine[1]['lesson']}", free)
    saturday = {"version": 1, "day": "2028-03-11", "start": "20:00", "end": "20:40"}
    teacher = {**saturday, "teacher": other}
    await one_office.call("PATCH", f"/lessons/{mine[3]['lesson']}", teacher)
    await one_office.call("POST", f"/lessons/{mine[4]['lesson']}/cancel")
    words = {"version": 1, "chapter": "第六课"}
    await one_office.call("PATCH", f"/lessons/{mine[0]['lesson']}", words)
    answer = await one_office.publish(copy)
    assert (answer["moved"], answer["added"], answer["removed"]) == (2, 0, 0)
    left = {one["lesson"]: one["reason"] for one in answer["left_alone"]}
    assert left == {
        mine[1]["lesson"]: "by_hand",
        mine[3]["lesson"]: "by_hand",
        mine[4]["lesson"]: "cancelled",
    }
    assert all(one["zh"] and one["en"] for one in answer["left_alone"])
    now = {one["lesson"]: one for one in await lessons(one_office)}
    assert now[mine[1]["lesson"]]["day"] == "2028-02-26"
    assert now[mine[3]["lesson"]]["day"] == "2028-03-11"
    # A lesson with a chapter is moved like any other, and keeps it.
    first = now[mine[0]["lesson"]]
    assert (first["chapter"], first["day"]) != ("", mine[0]["day"])
    assert first["chapter"] == "第六课"


async def test_somebody_elses_lesson_is_never_met(one_office: Office) -> None:
    await published(one_office)
    copy = await one_office.edition(copy_of="published")
    was, now = await one_moved(one_office, copy)
    day = NEXT_TERM.date_of(2, now["weekday"])
    clock = f"{now['start'] // 60:02d}:{now['start'] % 60:02d}"
    end = now["start"] + 30
    body = {
        "course": was["course"],
        "title": "公开课",
        "day": str(day),
        "start": clock,
        "end": f"{end // 60:02d}:{end % 60:02d}",
    }
    open_lesson = await one_office.call("POST", "/lessons", body, status=201)
    answer = await one_office.publish(copy)
    assert (answer["moved"], answer["removed"]) == (WEEKS - 1, 1)
    (left,) = answer["left_alone"]
    assert (left["reason"], left["lesson"], left["day"]) == ("clash", None, str(day))
    assert "公开课" in left["zh"]
    assert open_lesson["lesson"] in {o["lesson"] for o in await lessons(one_office)}
    await no_clashes(one_office)


async def no_clashes(office: Office) -> None:
    """As the judge of dated lessons sees them."""
    database = Database(office.house.config.database_url)
    found = await Lessons(database).between(NEXT_TERM.first_day, NEXT_TERM.last_day)
    await database.close()
    by_day: dict[date, list[Lesson]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)
    for together in by_day.values():
        for one in together:
            assert clashes(one, together) == []


async def test_lessons_without_a_place_need_a_word(one_office: Office) -> None:
    await one_office.call("PUT", "/terms", NEXT_TERM.model_dump(mode="json"))
    edition = await one_office.edition(week=2)
    some = sorted(one_office.made.hidden)[:3]
    await one_office.change(edition, *(placing(p) for p in some))
    refused = await one_office.publish(edition, status=409)
    assert refused["code"] == "lessons_unplaced"
    assert sum(u["missing"] for u in refused["unplaced"]) == 24 - 3
    answer = await one_office.publish(edition, accept_unplaced=True)
    assert (answer["added"], answer["slots"]) == (3 * WEEKS, 3)
    broken = await one_office.publish(edition, status=409)
    assert broken["code"] == "edition_not_draft"


async def test_an_edition_whose_course_was_removed_just_now_is_not_half_published(
    office: Office,
) -> None:
    """As it is when somebody removes it while the notices are being written."""
    await office.call("PUT", "/terms", NEXT_TERM.model_dump(mode="json"))
    made = await office.filled(week=2)
    office.world.put([NEXT_TERM])
    database = Database(office.house.config.database_url)
    draft = await Editions(database).draft(EditionId(made["id"]))
    slots = TermSlots(office.world, NEXT_TERM, 2).slots_for(draft.rows.values())
    lost = slots[0].model_copy(update={"course": CourseId("removed")})
    with pytest.raises(ChangedMeanwhileError):
        await Publications(database).begin(
            draft.edition.id,
            draft.edition.revision,
            slots=[*slots[1:], lost],
            from_day=NEXT_TERM.first_day,
            notices=(),
            at=datetime.now(UTC),
            by="排课员",
        )
    await database.close()
    shown = await office.call("GET", f"/editions/{made['id']}")
    assert (shown["state"], shown["revision"]) == ("draft", made["revision"])
    assert await office.call("GET", "/slots") == []
    await office.publish(made)


async def test_publishing_goes_on_after_a_kill(one_office: Office, bus: Bus) -> None:
    """As a kill leaves it: the edition is published, its dated lessons are not made."""
    await one_office.call("PUT", "/terms", NEXT_TERM.model_dump(mode="json"))
    made = await one_office.filled(week=2)
    house = one_office.house
    await close_house(house)
    one_office.world.put([NEXT_TERM])
    slots = TermSlots(one_office.world, NEXT_TERM, 2)
    database = Database(house.config.database_url)
    draft = await Editions(database).draft(EditionId(made["id"]))
    await Publications(database).begin(
        draft.edition.id,
        draft.edition.revision,
        slots=slots.slots_for(draft.rows.values()),
        from_day=NEXT_TERM.first_day,
        notices=(),
        at=datetime.now(UTC),
        by="周老师",
    )
    await database.close()
    one_office.house = await open_house(house.config, bus)
    async with asyncio.timeout(GUARD_S):
        while len(await lessons(one_office)) < WEEKS * len(one_office.made.hidden):
            await asyncio.sleep(0.05)
    shown = await one_office.call("GET", f"/editions/{made['id']}")
    assert shown["state"] == "published"
    await no_clashes(one_office)
