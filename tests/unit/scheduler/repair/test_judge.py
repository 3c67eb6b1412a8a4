"""What was chosen is judged with everything else of its weeks, ways included."""

from datetime import timedelta

from scheduler.catalogue.availability import LocalLesson, Travel
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.value import Value
from scheduler.repair.event import Absence
from scheduler.repair.judge import broken_rules
from scheduler.repair.propose import propose
from tests.unit.scheduler.repair.mending import (
    MONDAY,
    NOW,
    STARTS,
    lesson,
    term,
    weeks,
    world,
)

TUESDAY = MONDAY + timedelta(days=1)
AWAY = Absence(what="teacher", id="wang", first_day=TUESDAY, last_day=TUESDAY)
HULI_MASTER = SiteRoom(id="huli-master", school="huli", name="湖里主讲", kind="master")


def way(minutes: int) -> tuple[Value, ...]:
    travel = Travel(from_school="huli", to_school="centre", minutes=minutes)
    return HULI_MASTER, travel


def broken(
    before: list[Lesson],
    changed: Lesson,
    *rows: Value,
    given_up: tuple[Lesson, ...] = (),
) -> list[str]:
    of = world(*rows)
    gone = frozenset(one.id for one in given_up)
    found = broken_rules(of, term(of), AWAY, weeks(*before), [changed], gone, NOW)
    return [words.zh for words in found]


def by_li(one: Lesson) -> Lesson:
    return one.model_copy(update={"teacher": "li"})


def at_huli(period: int) -> Lesson:
    rooms = {"master_room": "huli-master", "receiving_rooms": ("feixi-room",)}
    return lesson("song", TUESDAY, STARTS[period], **rooms)


def test_a_substitute_must_have_the_time_to_come_from_another_school() -> None:
    """From 9:50, when the lesson ends, to 10:10 there are twenty minutes."""
    mine = lesson("music", TUESDAY, STARTS[2], receiving_rooms=())
    before = [mine, at_huli(3)]
    assert broken(before, by_li(mine), *way(20)) == []
    [says] = broken(before, by_li(mine), *way(21))
    assert says.startswith("11月24日：教师“李老师”")
    assert "路上时间不够" in says


def test_what_is_given_up_is_in_nobodys_way() -> None:
    mine = lesson("music", TUESDAY, STARTS[2], receiving_rooms=())
    other = at_huli(3)
    assert broken([mine, other], by_li(mine), *way(60), given_up=(other,)) == []


def test_a_substitute_who_has_a_local_lesson_then_is_refused() -> None:
    local = LocalLesson(
        id="local", title="语文", weekday=2, period=2, class_group=None, teacher="li"
    )
    mine = lesson("music", TUESDAY, STARTS[2])
    [says] = broken([mine], by_li(mine), local)
    assert "李老师" in says


def test_a_lesson_may_not_be_moved_to_where_its_teacher_is_away() -> None:
    mine = lesson("music", MONDAY, STARTS[2])
    moved = lesson("music", TUESDAY, STARTS[2], id=mine.id, session=mine.session)
    assert len(broken([mine], moved)) == 1
    later = lesson("music", TUESDAY + timedelta(days=1), STARTS[2], id=mine.id)
    assert broken([mine], later) == []


def test_dates_that_go_together_leave_time_for_the_way() -> None:
    """A day is shorter than the way: the two lessons have no day in common."""
    drum = Course.model_validate(
        {
            "id": "drum",
            "term": "autumn",
            "stage": "小学",
            "subject": "音乐",
            "grade": "四年级",
            "teacher": "wang",
            "master_room": "huli-master",
        }
    )
    one = lesson("music", TUESDAY, STARTS[2])
    two = lesson(
        "drum",
        TUESDAY,
        STARTS[5],
        teacher="wang",
        master_room="huli-master",
        receiving_rooms=("feixi-room",),
    )
    week = AWAY.model_copy(
        update={"first_day": MONDAY, "last_day": MONDAY + timedelta(days=6)}
    )

    def days(*rows: Value) -> list[list[object]]:
        of = world(*rows, drum)
        found = propose(of, term(of), week, weeks(one, two), NOW, seconds=1.0).stuck
        return [[at.day for at in each.dates] for each in found]

    near = [each[0] for each in days(*way(1))]
    assert near[0] == near[1], "both on the first day that is free"
    first, second = days(*way(600))
    assert set(second) - {first[0]}, "one date is beside what the other has"
