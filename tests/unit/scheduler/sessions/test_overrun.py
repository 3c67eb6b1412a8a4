"""拖堂 against a real database: how long, and who stands against it."""

from datetime import timedelta

import pytest

from common.db import Database
from common.errors import ConflictError, NotFoundError
from common.ids import CourseId, SessionId, SiteRoomId
from scheduler.catalogue.course import Course, CourseRoom, Lesson
from scheduler.catalogue.organisation import (
    ClassGroup,
    ClassGroupId,
    SiteRoom,
    TeacherId,
)
from scheduler.catalogue.store import Catalogue
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State, follow
from scheduler.sessions.overrun import OverrunLimits
from scheduler.sessions.overrun_store import Overruns
from scheduler.sessions.plan import Step
from scheduler.sessions.session_store import Sessions
from tests.unit.scheduler.district import BELL, FEIXI, HULI, MUSIC, lesson

LIMITS = OverrunLimits(longest_s=1800, handover_s=60)
ELSEWHERE = SiteRoomId("elsewhere")


@pytest.fixture
async def sessions(database: Database) -> Sessions:
    return Sessions(database)


async def go_live(database: Database, one: Lesson) -> None:
    await Lessons(database).add([one], BELL)
    sessions = Sessions(database)
    for cause in (Cause.LEAD_TIME, Cause.BELL, Cause.BELL):
        running = await sessions.one_running(one.session)
        step = Step(one.session, cause, follow(running.state, cause))
        await sessions.advance([(running, step)], BELL)


async def extend(database: Database, one: Lesson, minutes: int) -> None:
    overruns = Overruns(database, Sessions(database), LIMITS)
    await overruns.extend(one.session, minutes, "王老师", BELL)


async def refusal(database: Database, one: Lesson, minutes: int) -> ConflictError:
    with pytest.raises(ConflictError) as caught:
        await extend(database, one, minutes)
    return caught.value


def coming(name: str, after_min: float, **fields: object) -> Lesson:
    """Another lesson that begins so long after the end of the first."""
    return lesson(name, timedelta(minutes=40 + after_min), **fields)


async def test_the_closing_bell_moves_and_history_says_by_whom(
    database: Database, sessions: Sessions
) -> None:
    one = lesson("one")
    await go_live(database, one)
    before = await sessions.one_running(one.session)
    await extend(database, one, 5)
    await extend(database, one, 10)
    after = await sessions.one_running(one.session)
    assert (after.state, after.ends_at - before.ends_at) == (State.LIVE, 900)
    assert (await sessions.get(one.session)).overrun_s == 900
    told = [(h.cause, h.detail) for h in await sessions.history(one.session)][-2:]
    assert told == [
        (Cause.EXTENDED, "minutes 5; by 王老师"),
        (Cause.EXTENDED, "minutes 10; by 王老师"),
    ]


async def test_a_bell_decided_before_the_extension_does_not_ring(
    database: Database, sessions: Sessions
) -> None:
    one = lesson("one")
    await go_live(database, one)
    seen = await sessions.one_running(one.session)
    await extend(database, one, 5)
    step = Step(one.session, Cause.CLOSING_BELL, State.ENDING)
    assert await sessions.advance([(seen, step)], one.ends_at) == set()


async def test_only_a_live_lesson_is_extended(
    database: Database, sessions: Sessions
) -> None:
    one = lesson("one")
    await Lessons(database).add([one], BELL)
    assert (await refusal(database, one, 5)).code == "wrong_state"
    unknown = lesson("unknown")
    with pytest.raises(NotFoundError):
        await extend(database, unknown, 5)


async def test_a_lesson_runs_over_by_so_much_in_all_and_no_more(
    database: Database,
) -> None:
    one = lesson("one")
    await go_live(database, one)
    await extend(database, one, 20)
    error = await refusal(database, one, 15)
    assert error.code == "overrun_too_long"
    assert "最多拖堂 30 分钟，还可以延长 10 分钟" in error.zh
    await extend(database, one, 10)
    assert "不能再延长" in (await refusal(database, one, 1)).zh


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({"master_room": HULI, "receiving_rooms": (), "teacher": "li"}, "湖里教室"),
        (
            {"master_room": ELSEWHERE, "receiving_rooms": (FEIXI,), "teacher": "li"},
            "费西教室",
        ),
        ({"master_room": ELSEWHERE, "receiving_rooms": ()}, "王老师"),
    ],
)
async def test_the_next_lesson_of_a_room_or_the_teacher_stands_against_it(
    database: Database, fields: dict[str, object], who: str
) -> None:
    school = (await Catalogue(database).all(SiteRoom))[0].school
    await Catalogue(database).put(
        [SiteRoom(id=ELSEWHERE, school=school, name="别处", kind="both")]
    )
    one = lesson("one")
    await go_live(database, one)
    await Lessons(database).add(
        [coming("next", 10, title="三年级美术", **fields)], BELL
    )
    error = await refusal(database, one, 10)
    assert error.code == "overrun_clash"
    assert error.zh == f"10:50 的“三年级美术”需要{who}，最多还能延长 9 分钟"
    assert "at most 9 more minutes" in error.en
    await extend(database, one, 9)


async def test_the_next_lesson_of_a_class_stands_against_it_in_another_room(
    database: Database,
) -> None:
    catalogue = Catalogue(database)
    room = (await catalogue.all(SiteRoom))[0]
    pupils = ClassGroup(
        id=ClassGroupId("grade-3"), school=room.school, name="三年级一班", grade="三"
    )
    art = CourseId("art-3")
    music = (await catalogue.all(Course, id=MUSIC))[0]
    own = {"id": art, "teacher": "li", "master_room": ELSEWHERE}
    await catalogue.put(
        [
            pupils,
            SiteRoom(id=ELSEWHERE, school=room.school, name="别处", kind="both"),
            Course.model_validate(
                {**music.model_dump(), **own, "master_class": pupils.id}
            ),
            CourseRoom(course=MUSIC, site_room=HULI, class_group=pupils.id),
        ]
    )
    one = lesson("one")
    await go_live(database, one)
    fields = {"master_room": ELSEWHERE, "receiving_rooms": (), "teacher": "li"}
    await Lessons(database).add([coming("next", 3, course=art, **fields)], BELL)
    error = await refusal(database, one, 5)
    assert "需要三年级一班，最多还能延长 2 分钟" in error.zh


async def test_a_cancelled_lesson_stands_against_nothing(
    database: Database, sessions: Sessions
) -> None:
    one, after = lesson("one"), coming("next", 1)
    await go_live(database, one)
    await Lessons(database).add([after], BELL)
    assert "不能再延长" in (await refusal(database, one, 5)).zh
    running = await sessions.one_running(after.session)
    step = Step(SessionId(after.session), Cause.CANCELLED, State.CANCELLED)
    await sessions.advance([(running, step)], BELL)
    await extend(database, one, 5)


async def test_nobody_takes_the_time_that_was_just_given(database: Database) -> None:
    one = lesson("one")
    await go_live(database, one)
    await extend(database, one, 5)
    fields = {"master_room": HULI, "receiving_rooms": (), "teacher": TeacherId("li")}
    with pytest.raises(ConflictError, match="both need huli"):
        await Lessons(database).add([coming("late", 3, **fields)], BELL)
