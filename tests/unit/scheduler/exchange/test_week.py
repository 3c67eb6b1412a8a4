"""The week of one class, teacher, room or school: on class boards and on paper."""

import io
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from cses import CSESParser
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import NotFoundError
from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.bells import BellSchedule, Minutes, Period
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import CourseRoom, Slot
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.organisation import ClassGroup
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.edition.values import Placed
from scheduler.exchange.cses import board_of
from scheduler.exchange.cses_in import left_over, read_board
from scheduler.exchange.cses_yaml import board_text
from scheduler.exchange.week import Item, Weeks
from scheduler.exchange.week_book import lines_of, week_book
from scheduler.importer.fault import Fault, FaultyImportError
from scheduler.importer.read import read_found
from tests.unit.scheduler.district import DISTRICT

DAY = date(2026, 11, 23)
CLASS = ClassGroup.model_validate({"id": "c1", "school": "point", "name": "全校班"})
SEAT = CourseRoom.model_validate(
    {"course": "music-3", "site_room": "huli", "class_group": "c1"}
)


def slot(id: str, weekday: int, weeks: str = "all", **time: int) -> Slot:
    fields = {"id": id, "course": "music-3", "weekday": weekday, "weeks": weeks}
    return Slot.model_validate({**fields, **(time or {"period": 3})})


def local(id: str, title: str, weekday: int, start: int, weeks: str = "all") -> Value:
    return LocalLesson.model_validate(
        {
            "id": id,
            "title": title,
            "weekday": weekday,
            "weeks": weeks,
            "start_minute": start,
            "end_minute": start + 40,
            "class_group": "c1",
        }
    )


def weeks_of(*rows: Value) -> Weeks:
    world = World()
    world.put([*DISTRICT, CLASS, SEAT, *rows])
    term = world.all(Term)[0]
    return Weeks(world, term, DAY)


def board(*rows: Value) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(text_of(weeks_of(*rows)))


def text_of(weeks: Weeks) -> str:
    items = weeks.items(weeks.published(), "class", "c1")
    return board_text(board_of(items), ["全校班"])


def classes(board: Any) -> dict[str, list[str]]:  # noqa: ANN401
    return {
        f"{day['enable_day']} {day['weeks']}": [
            f"{one['subject']} {one['start_time']}" for one in day["classes"]
        ]
        for day in board["schedules"]
    }


# ---- class boards -----------------------------------------------------------------


def test_a_class_board_shows_local_and_synchronous_lessons_together() -> None:
    written = board(
        slot("s1", 1), local("l1", "语文", 1, 500), local("l2", "数学", 5, 500)
    )
    assert written["version"] == 1
    assert classes(written) == {
        "1 all": ["语文 08:20:00", "音乐 10:00:00"],
        "5 all": ["数学 08:20:00"],
    }
    music = next(s for s in written["subjects"] if s["name"] == "音乐")
    assert music == {
        "name": "音乐",
        "simplified_name": "音",
        "teacher": "王老师",
        "room": "湖里教室",
    }


def test_a_local_lesson_gives_way_only_in_the_weeks_of_the_synchronous_one() -> None:
    written = board(slot("s1", 1, "odd"), local("l1", "体育", 1, 620))
    assert classes(written) == {
        "1 odd": ["音乐 10:00:00"],
        "1 even": ["体育 10:20:00"],
    }


def test_weeks_that_a_board_cannot_show_are_told_in_the_file() -> None:
    text = text_of(weeks_of(slot("s1", 1, "1-8,10"), local("l1", "语文", 2, 500)))
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("1-8,10" in line and "没有写入" in line for line in comments)
    assert list(classes(yaml.safe_load(text))) == ["2 all"]


def test_subjects_of_one_name_are_told_apart_by_their_teacher() -> None:
    written = board(slot("s1", 1), local("l1", "音乐", 2, 500))
    names = [subject["name"] for subject in written["subjects"]]
    assert names == ["音乐", "音乐（2）"]


def test_a_boards_own_reader_understands_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c1.yaml"
    weeks = weeks_of(slot("s1", 1, "odd"), local("l1", "语文", 1, 500))
    path.write_text(text_of(weeks), encoding="utf-8")
    assert CSESParser.is_cses_file(str(path))
    parsed = CSESParser(str(path))
    assert {s["name"] for s in parsed.get_subjects()} == {"音乐", "语文"}
    days = parsed.get_schedules()
    assert [(d["enable_day"], d["weeks"]) for d in days] == [(1, "odd"), (1, "even")]
    # Bare, YAML 1.1 would make it the number 36000.
    assert days[0]["classes"][1]["start_time"] == "10:00:00"


# ---- from class boards --------------------------------------------------------------


def taken_in(data: str | bytes, *rows: Value) -> list[Value]:
    weeks = weeks_of(*rows)
    raw = data.encode() if isinstance(data, str) else data
    known = [row for kind in KINDS for row in weeks.world.all(kind.value)]
    found = read_board("班级.yaml", raw, weeks.world, CLASS, weeks)
    return [row.value for row in read_found(found, known)]


def faults(data: str | bytes) -> list[Fault]:
    with pytest.raises(FaultyImportError) as caught:
        taken_in(data)
    return list(caught.value.faults)


def test_a_file_of_ours_comes_back_as_the_local_lessons_that_there_are() -> None:
    by_period = {"id": "l2", "title": "体育", "weekday": 3, "period": 3}
    lessons = (
        local("l1", "语文", 1, 500),
        LocalLesson.model_validate({**by_period, "class_group": "c1", "weeks": "odd"}),
    )
    bells = BellSchedule.model_validate({"id": "b2", "school": "point", "name": "作息"})
    third = {"bell_schedule": "b2", "number": 3, "start_minute": 870, "end_minute": 900}
    rows = (slot("s1", 1), *lessons, bells, Period.model_validate(third))
    back = taken_in(text_of(weeks_of(*rows)), *rows)
    assert back == list(lessons)


def test_another_subject_at_a_known_place_replaces_what_stood_there() -> None:
    there = local("l1", "语文", 1, 500)
    text = text_of(weeks_of(there)).replace("语文", "数学")
    (lesson,) = taken_in(text, there)
    assert lesson == local("l1", "数学", 1, 500)


def test_weekdays_and_times_are_read_as_the_boards_write_them() -> None:
    text = """
version: 1
subjects:
- {name: 数学, teacher: 李老师}
schedules:
- name: 周二
  enable_day: tue
  weeks: all
  classes:
  - {subject: 数学, start_time: 8:20, end_time: "09:00:00"}
  - {subject: 语文, start_time: 10:30:00, end_time: 40200}
"""
    first, second = taken_in(text)
    assert isinstance(first, LocalLesson)
    assert isinstance(second, LocalLesson)
    assert (first.weekday, first.start_minute, first.end_minute) == (2, 500, 540)
    assert (second.start_minute, second.end_minute) == (630, 670)
    assert first.id == "cses-c1-2-0820"
    assert first.class_group == "c1"


def test_a_fault_in_a_boards_file_names_its_line() -> None:
    text = """version: 1
subjects: []
schedules:
- name: 周八
  enable_day: 8
  weeks: all
  classes:
  - subject: 数学
    start_time: "8点"
    end_time: "09:00:00"
"""
    found = [(fault.line, fault.value) for fault in faults(text)]
    assert found == [(5, "8"), (9, "8点")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("version: 2\nschedules: [{name: a}]\n", "第 1 版"),
        ("{}", "CSES"),
        ("", "CSES"),
        ("a: [1\nb: 2", "YAML 格式错误"),
        ("x: &a [1, 2]\nversion: 1\nschedules: [*a]\n", "引用"),
        ("[" * 5_000, "嵌套"),
        (b"\x00\x01", "文本文件"),
        ("a: !!python/object/apply:os.system [ls]", "CSES"),
    ],
    ids=["v2", "empty-map", "empty", "broken", "alias", "deep", "binary", "python"],
)
def test_what_is_no_board_is_refused_in_words(data: str | bytes, words: str) -> None:
    (fault,) = faults(data)
    assert words in fault.zh
    assert fault.file == "班级.yaml"


@settings(deadline=None)
@given(st.text("version: 1\nscheduls[]{}-#&*!'\"classes", max_size=120))
def test_no_text_whatever_breaks_the_board_reader(text: str) -> None:
    with suppress(FaultyImportError):
        taken_in(text)


def test_what_an_earlier_file_held_and_this_one_does_not_is_left_over() -> None:
    other = CLASS.model_copy(update={"id": "c1-1"})
    theirs = local("cses-c1-1-1-0820", "科学", 4, 500)
    weeks = weeks_of(
        other,
        local("cses-c1-1-0820", "语文", 1, 500),
        local("cses-c1-2-0820", "数学", 2, 500),
        local("by-hand", "体育", 3, 500),
        # Of a class whose id begins with this one's.
        theirs.model_copy(update={"class_group": "c1-1"}),
    )
    text = text_of(weeks_of(local("l1", "语文", 1, 500)))
    found = list(read_board("班级.yaml", text.encode(), weeks.world, CLASS, weeks))
    gone = left_over(weeks.world, CLASS, found)
    assert [lesson.id for lesson in gone] == ["cses-c1-2-0820"]


# ---- pages to print -----------------------------------------------------------------


def printed(weeks: Weeks, what: Any, id: str = "") -> openpyxl.Workbook:  # noqa: ANN401
    data = week_book(weeks, weeks.published(), what, id)
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_teachers_page_has_the_bells_and_the_lesson_at_its_place() -> None:
    page = printed(weeks_of(slot("s1", 2, "odd")), "teacher", "wang")["王老师"]
    assert str(page["A1"].value).startswith("王老师 课表")
    heads = [cell.value for cell in page[2]]
    assert heads == ["节次", "周一", "周二", "周三", "周四", "周五"]
    assert page["A3"].value == "第3节\n10:00-10:40"
    assert page["C3"].value == "三年级音乐\n中心学校 主讲教室\n单周"
    assert page.page_setup.orientation == "landscape"


def test_an_item_between_the_bells_gets_a_line_of_its_own() -> None:
    weeks = weeks_of(slot("s1", 6, start_minute=700, end_minute=740))
    items = weeks.items(weeks.published(), "teacher", "wang")
    weekdays, lines = lines_of(weeks, items, "teacher", "wang")
    assert weekdays == [1, 2, 3, 4, 5, 6]
    assert [line.time for line in lines] == [Minutes(600, 640), Minutes(700, 740)]
    page = printed(weeks, "teacher", "wang").active
    assert page is not None
    assert page["A4"].value == "11:40-12:20"
    assert page["G4"].value == "三年级音乐\n中心学校 主讲教室"


def test_everybody_with_a_lesson_gets_a_page() -> None:
    weeks = weeks_of(slot("s1", 1), local("l1", "语文", 1, 500))
    assert printed(weeks, "teacher").sheetnames == ["王老师"]
    assert printed(weeks, "room").sheetnames == ["中心学校 主讲教室"]
    assert printed(weeks, "class").sheetnames == ["年家岗湖里教学点 全校班"]
    assert printed(weeks, "school").sheetnames == ["年家岗湖里教学点", "中心学校"]
    with pytest.raises(NotFoundError):
        week_book(weeks_of(), [], "teacher")


def test_an_edition_is_printed_as_it_stands() -> None:
    weeks = weeks_of()
    timed = weeks.of_edition([Placed(SEAT.course, 4, 605)])
    (item,) = weeks.items(timed, "room", "huli")
    assert item == Item(
        *(4, Minutes(605, 645), "all", "三年级音乐", "音乐", "王老师", "湖里教室")
    )
