"""What cannot all be true is refused in a sentence that names the row and the remedy;
what is only odd is said and allowed."""

from collections.abc import Mapping

import pytest

from scheduler.catalogue.availability import LocalLesson, SchoolDay
from scheduler.catalogue.bells import BellSchedule
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.world import Caution, Contradiction, World
from scheduler.contradictions import cautions, contradictions
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.read import read_uploads
from scheduler.importer.tables import Upload
from scheduler.sample import sample_uploads
from tests.support.cpu import cpu_time
from tests.unit.scheduler.big_world import big_world
from tests.unit.scheduler.district import DISTRICT
from tests.unit.scheduler.rows import (
    Row,
    at,
    bells,
    course,
    district,
    hours,
    local,
    period,
    value,
    world,
)


def only(*rows: Row) -> Contradiction:
    """The one contradiction that these rows bring into the small district."""
    assert contradictions(world()) == []
    (found,) = contradictions(world(*rows))
    return found


def only_caution(*rows: Row) -> Caution:
    here = world(*rows)
    assert contradictions(here) == []
    before = {caution.en for caution in cautions(world())}
    (found,) = [c for c in cautions(here) if c.en not in before]
    return found


# ---- places and days ---------------------------------------------------------------


def test_a_district_that_is_its_own_parent_is_named() -> None:
    here = world(district("a", parent="b"), district("b", parent="a"))
    found = contradictions(here)
    assert [one.values[0].model_dump()["id"] for one in found] == ["a", "b"]
    assert all("上级" in one.zh for one in found)


def test_school_hours_that_overlap_name_the_other_row() -> None:
    found = only(hours("am", "point", 480, 720), hours("noon", "point", 700, 900))
    assert isinstance(found.values[0], SchoolDay)
    assert "am（星期一 08:00-12:00）" in found.zh
    assert "合成一行" in found.zh
    assert "overlaps school day am" in found.en


def test_school_hours_of_morning_and_afternoon_stand_side_by_side() -> None:
    rows = (hours("am", "point", 480, 720), hours("pm", "point", 720, 900))
    assert contradictions(world(*rows)) == []


def test_a_term_that_overlaps_another_names_its_dates() -> None:
    again = {
        "id": "again",
        "district": "dingyuan",
        "name": "又一学期",
        "week_1": "2027-01-18",
        "first_day": "2027-01-20",
        "last_day": "2027-06-30",
    }
    found = only(("term", again))
    assert "2026 秋" in found.zh
    assert "2027-01-22" in found.zh


def test_terms_of_two_districts_may_run_side_by_side() -> None:
    other = {
        "id": "city",
        "district": "city",
        "name": "市里的学期",
        "week_1": "2026-08-31",
        "first_day": "2026-09-01",
        "last_day": "2027-01-22",
    }
    assert contradictions(world(district("city"), ("term", other))) == []


def test_a_make_up_day_cannot_run_a_week_after_the_last() -> None:
    found = only(
        (
            "calendar_day",
            {
                "district": "dingyuan",
                "day": "2026-10-10",
                "kind": "make_up",
                "runs_week": 22,
                "runs_weekday": 3,
            },
        )
    )
    assert found.field == "runs_week"
    assert "只有 21 周" in found.zh


def test_a_special_day_of_a_school_stands_in_that_schools_district() -> None:
    elsewhere: Row = (
        "calendar_day",
        {"district": "x", "day": "2026-10-10", "kind": "holiday", "school": "point"},
    )
    found = only(district("x"), elsewhere)
    assert found.field == "school"
    assert "不属于区县 x" in found.zh


# ---- courses -----------------------------------------------------------------------


def test_a_course_whose_weeks_lie_after_the_term_is_named() -> None:
    assert contradictions(world(course(weeks="1-21"))) == []
    found = only(course(weeks="1-8,22"))
    assert found.field == "weeks"
    assert "没有第22周" in found.zh


def test_a_slot_whose_weeks_lie_after_the_term_is_named() -> None:
    slot = {"id": "s", "course": "music-3", "weekday": 1, "period": 3, "weeks": "30"}
    assert only(("slot", slot)).field == "weeks"


def test_more_lessons_a_week_than_the_school_has_days_cannot_be_planned() -> None:
    found = only(course(lessons_a_week=8))
    assert found.field == "lessons_a_week"
    assert "7 天" in found.zh
    common = {"lessons_a_week": 3, "common_starts": "1@10:00,1@14:00,3@10:00"}
    assert "2 天" in only(course(**common)).zh


def test_a_lesson_longer_than_the_school_is_open_fits_nowhere() -> None:
    found = only(course(lesson_minutes=45))
    assert found.field == "lesson_minutes"
    assert "10:00-10:40" in found.zh
    assert "请改课长" in found.zh


def test_a_receiving_school_that_is_never_open_then_is_named_with_its_hours() -> None:
    found = contradictions(world(hours("pm", "point", 780, 1000)))
    assert [one.values[0].model_dump()["site_room"] for one in found] == [
        "huli",
        "feixi",
    ]
    assert "13:00-16:40" in found[0].zh
    assert "13:00-16:40" in found[0].en


def test_receiving_schools_without_a_time_in_common_are_told_so() -> None:
    second: Row = ("school", {"id": "far", "district": "dingyuan", "name": "远校"})
    room: Row = ("site_room", {"id": "far-room", "school": "far", "name": "教室"})
    receives: Row = ("course_room", {"course": "music-3", "site_room": "far-room"})
    found = only(
        period("bells", 5, 840),
        hours("am", "point", 480, 720),
        hours("pm", "far", 780, 1000),
        second,
        room,
        receives,
    )
    assert found.field == "master_room"
    assert "共同的时间" in found.zh


def test_a_class_cannot_sit_in_two_rooms_of_one_lesson() -> None:
    group: Row = ("class_group", {"id": "all", "school": "point", "name": "全校班"})
    huli = {"course": "music-3", "site_room": "huli", "class_group": "all"}
    feixi = {**huli, "site_room": "feixi"}
    found = only(group, ("course_room", huli), ("course_room", feixi))
    assert found.field == "class_group"
    assert "huli" in found.zh
    master = only(group, ("course_room", huli), course(master_class="all"))
    assert "主讲教室" in master.zh


def test_schools_whose_clocks_differ_share_no_lesson() -> None:
    city = district("berlin", zone="Europe/Berlin")
    school: Row = ("school", {"id": "b", "district": "berlin", "name": "柏林"})
    room: Row = ("site_room", {"id": "b-room", "school": "b", "name": "教室"})
    receives: Row = ("course_room", {"course": "music-3", "site_room": "b-room"})
    found = only(city, school, room, receives)
    assert "Europe/Berlin" in found.zh
    same = district("berlin", zone="Asia/Chongqing")
    assert contradictions(world(same, school, room, receives)) == []


# ---- two places at once ------------------------------------------------------------


def test_a_teacher_in_two_local_lessons_at_one_minute_is_named() -> None:
    here = local("here", teacher="wang", **at(600, 640))
    there = local("there", teacher="wang", site_room="huli", **at(639, 680))
    found = only(here, there)
    assert found.field == "teacher"
    assert "10:00-10:40" in found.zh
    assert "请改其中一节" in found.zh


@pytest.mark.parametrize(
    ("field", "id", "word"),
    [("class_group", "all", "班级"), ("site_room", "huli", "教室")],
)
def test_a_class_or_room_in_two_local_lessons_is_named(
    field: str, id: str, word: str
) -> None:
    group: Row = ("class_group", {"id": "all", "school": "point", "name": "全校班"})
    first = local("a", **{field: id}, weeks="1-8", **at(600, 640))
    second = local("b", **{field: id}, weeks="8,10", **at(620, 660))
    found = only(group, first, second)
    assert (found.field, found.zh[:2]) == (field, word)
    apart = local("b", **{field: id}, weeks="9-10", **at(620, 660))
    assert contradictions(world(group, first, apart)) == []


def test_lessons_that_only_touch_or_never_share_a_week_do_not_meet() -> None:
    first = local("a", teacher="wang", **at(600, 640))
    touching = local("b", teacher="wang", **at(640, 680))
    even = local("c", teacher="wang", weeks="even", **at(640, 680))
    odd = local("d", teacher="wang", weeks="odd", **at(640, 680))
    tuesday = local("e", teacher="wang", weekday=2, **at(600, 640))
    assert contradictions(world(first, touching, tuesday)) == []
    assert contradictions(world(first, even, odd)) == []


def test_true_minutes_are_compared_and_not_period_numbers() -> None:
    second: Row = ("school", {"id": "far", "district": "dingyuan", "name": "远校"})
    room: Row = ("site_room", {"id": "far-room", "school": "far", "name": "教室"})
    late = (second, room, bells("late", "far"))
    here = local("here", teacher="wang", period=3)
    there = local("there", site_room="far-room", teacher="wang", period=3)
    after = period("late", 3, 640)
    assert contradictions(world(*late, after, here, there)) == []
    before = period("late", 3, 639)
    assert only(*late, before, here, there).field == "teacher"


def test_a_clash_in_summer_only_is_found() -> None:
    summer: Row = (
        "bell_schedule",
        {
            "id": "summer",
            "school": "centre",
            "name": "夏季",
            "first_day": "2026-09-01",
            "last_day": "2026-09-30",
        },
    )
    by_bell = local("by-bell", teacher="wang", period=3)
    by_clock = local("by-clock", teacher="wang", **at(700, 740))
    assert contradictions(world(by_bell, by_clock)) == []
    found = only(summer, period("summer", 3, 690), by_bell, by_clock)
    assert found.field == "teacher"


def test_local_lessons_of_two_terms_do_not_meet() -> None:
    spring: Row = (
        "term",
        {
            "id": "2027-spring",
            "district": "dingyuan",
            "name": "2027 春",
            "week_1": "2027-02-22",
            "first_day": "2027-02-22",
            "last_day": "2027-07-02",
        },
    )
    now = local("now", teacher="wang", term="2026-autumn", **at(600, 640))
    then = local("then", teacher="wang", term="2027-spring", **at(600, 640))
    always = local("always", teacher="wang", **at(600, 640))
    assert contradictions(world(spring, now, then)) == []
    assert len(contradictions(world(spring, now, always))) == 1


def test_a_local_lesson_in_a_period_that_no_bell_has_is_named() -> None:
    found = only(local("x", teacher="wang", period=9))
    assert found.field == "period"
    assert "没有第9节" in found.zh


# ---- odd, but allowed --------------------------------------------------------------


def test_travel_that_differs_by_direction_counts_the_longer_and_says_so() -> None:
    there = {"from_school": "centre", "to_school": "point", "minutes": 20}
    back = {"from_school": "point", "to_school": "centre", "minutes": 35}
    found = only_caution(("travel", there), ("travel", back))
    assert "按 35 分钟算" in found.zh


def test_a_teacher_with_too_little_time_for_the_way_is_pointed_out() -> None:
    way = {"from_school": "point", "to_school": "centre", "minutes": 30}
    here = local("here", teacher="wang", **at(600, 640))
    there = local("there", teacher="wang", site_room="huli", **at(660, 700))
    found = only_caution(("travel", way), here, there)
    assert "20 分钟后" in found.zh
    assert "30 分钟" in found.zh


def test_a_local_lesson_outside_the_bells_is_pointed_out() -> None:
    found = only_caution(local("choir", teacher="wang", **at(1200, 1260)))
    assert "20:00-21:00" in found.zh


def test_schools_that_have_no_bells_are_pointed_out_with_their_course() -> None:
    found = [caution for caution in cautions(world()) if "作息表" in caution.zh]
    assert len(found) == 1
    assert "年家岗湖里教学点" in found[0].zh


def test_weeks_of_the_term_without_bells_are_pointed_out() -> None:
    until = {"id": "bells", "school": "centre", "name": "秋季", "weekdays": {1, 2, 3}}
    autumn: Row = ("bell_schedule", {**until, "last_day": "2026-11-30"})
    found = only_caution(autumn)
    assert "从 2026-12-01 到 2027-01-22 没有作息表" in found.zh
    until["id"] = "winter"
    winter: Row = ("bell_schedule", {**until, "first_day": "2026-12-08"})
    plugged = world(autumn, winter, period("winter", 3, 600))
    assert len(cautions(plugged)) == len(cautions(world()))


def test_a_class_in_another_schools_room_is_pointed_out() -> None:
    group: Row = ("class_group", {"id": "all", "school": "centre", "name": "一班"})
    sits = {"course": "music-3", "site_room": "huli", "class_group": "all"}
    assert "请核对" in only_caution(group, ("course_room", sits)).zh


def test_the_sample_district_contradicts_itself_nowhere() -> None:
    here = World()
    here.put(read_uploads(sample_uploads(), KINDS, ()))
    assert contradictions(here) == []
    assert cautions(here) == []


# ---- values and files --------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "remedy"),
    [
        ("local_lesson", {"teacher": "wang"}, "请填节次"),
        ("local_lesson", {"period": 3}, "至少一个"),
        ("local_lesson", {"teacher": "wang", **at(1420, 10)}, "不能跨过午夜"),
        ("local_lesson", {"teacher": "wang", "start_minute": 600}, "一起填"),
        ("local_lesson", {"teacher": "w", "period": 1, "weeks": "x"}, "看不懂周次"),
        ("closed_time", {}, "只填其中一个"),
        ("closed_time", {"teacher": "wang", "school": "centre"}, "只填其中一个"),
        ("closed_time", {"teacher": "wang", **at(600, 600)}, "不能跨过午夜"),
        ("slot", {"course": "music-3", **at(1420, 20)}, "不能跨过午夜"),
        ("travel", {"from_school": "a", "to_school": "a", "minutes": 5}, "同一所学校"),
        ("course", {"common_starts": "8@10:00"}, "1@10:00,3@14:00"),
        ("course", {"common_starts": "1@24:00"}, "1@10:00,3@14:00"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_in_words(
    kind: str, fields: dict[str, object], remedy: str
) -> None:
    plain: dict[str, Mapping[str, object]] = {
        "local_lesson": {"id": "x", "title": "语文", "weekday": 1},
        "closed_time": {"id": "x", "title": "检修"},
        "slot": {"id": "x", "weekday": 1},
        "course": course()[1],
        "travel": {},
    }
    with pytest.raises(ValueError, match="wrong") as caught:
        value(kind, {**plain[kind], **fields})
    errors = caught.value.errors()  # type: ignore[attr-defined]
    assert remedy in errors[0]["ctx"]["zh"]


def test_a_file_with_a_contradiction_is_answered_by_line_and_remedy() -> None:
    text = (
        "编号,名称,星期,开始时间,结束时间,教师\n"
        "a,语文,1,10:00,10:40,wang\n"
        "b,数学,一,10:30,11:10,wang\n"
    )
    with pytest.raises(FaultyImportError) as caught:
        read_uploads([Upload("本地课.csv", text.encode())], KINDS, DISTRICT)
    (fault,) = caught.value.faults
    assert (fault.line, fault.field, fault.value) == (3, "教师", "wang")
    assert "请改其中一节" in fault.zh


# ---- speed -------------------------------------------------------------------------


def test_ten_thousand_rows_are_checked_within_a_second() -> None:
    here = big_world(400)
    assert sum(len(here.all(kind.value)) for kind in KINDS) > 10_000
    with cpu_time() as spent:
        assert contradictions(here) == []
        cautions(here)
    assert spent.seconds < 1.0


def test_ten_thousand_equal_rows_are_ten_thousand_answers() -> None:
    here = world()
    here.put(
        LocalLesson.model_validate(
            {"id": f"l{n}", "title": "课", "weekday": 1, "teacher": "wang", "period": 3}
        )
        for n in range(10_000)
    )
    with cpu_time() as spent:
        assert len(contradictions(here)) == 9_999
    assert spent.seconds < 3.0


def test_ten_thousand_bells_of_one_school_are_checked_in_time() -> None:
    here = world(local("x", teacher="wang", period=3))
    here.put(
        BellSchedule.model_validate(
            {"id": f"b{n}", "school": "centre", "name": "天", **_one_day(n)}
        )
        for n in range(10_000)
    )
    with cpu_time() as spent:
        assert contradictions(here) == []
    assert spent.seconds < 3.0


def _one_day(number: int) -> dict[str, str]:
    year, rest = divmod(number, 12 * 28)
    month, day = divmod(rest, 28)
    text = f"{2030 + year}-{month + 1:02d}-{day + 1:02d}"
    return {"first_day": text, "last_day": text}
