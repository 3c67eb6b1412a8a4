"""Files as schools send them: good ones come in whole, bad ones not at all."""

import codecs
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scheduler
from common.db import Database
from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import CalendarDay, Term
from scheduler.catalogue.course import Course, CourseRoom, Slot
from scheduler.catalogue.kinds import KINDS, ORGANISATION
from scheduler.catalogue.organisation import District, School, SiteRoom
from scheduler.catalogue.store import TABLES, Catalogue
from scheduler.catalogue.value import Value
from scheduler.importer.fault import Fault, FaultyImportError
from scheduler.importer.page import page
from scheduler.importer.read import read_uploads
from scheduler.importer.run import import_files
from scheduler.importer.sheets import SHEETS, find_sheet
from scheduler.importer.tables import Upload
from scheduler.sample import DEMO_COURSE, DEMO_MASTER, DEMO_ROOMS, sample_uploads
from tests.unit.scheduler.district import DISTRICT

SCHOOLS = "编号,区县,名称,类别,中心校\n"


def csv(name: str, text: str) -> Upload:
    return Upload(name, text.encode())


def read(*uploads: Upload, known: tuple[Value, ...] = DISTRICT) -> list[Value]:
    return read_uploads(uploads, KINDS, known)


def faults(*uploads: Upload, known: tuple[Value, ...] = DISTRICT) -> list[Fault]:
    with pytest.raises(FaultyImportError) as caught:
        read(*uploads, known=known)
    return list(caught.value.faults)


def only_fault(*uploads: Upload) -> Fault:
    (fault,) = faults(*uploads)
    assert fault.zh
    assert fault.en
    return fault


# ---- good files -----------------------------------------------------------------


def test_a_csv_with_chinese_headings_and_words_is_understood() -> None:
    text = SCHOOLS + "p2,dingyuan,青洛柏岗教学点,教学点,centre\n"
    (school,) = read(csv("学校.csv", text))
    assert school == School.model_validate(
        {
            "id": "p2",
            "district": "dingyuan",
            "name": "青洛柏岗教学点",
            "kind": "teaching_point",
            "centre": "centre",
        }
    )


def test_a_csv_with_english_headings_in_any_order_is_understood() -> None:
    text = "name,kind,uplink,school,id\nRoom,both,10 Mbit/s,centre,r9\n"
    (room,) = read(csv("site_room.csv", text))
    assert isinstance(room, SiteRoom)
    assert (room.kind, room.uplink_bps, room.downlink_bps) == (
        "both",
        10_000_000,
        5_000_000,
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("gb18030"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode("gbk"),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace(",", ";").encode("gb18030"),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "excel", "tabs", "semicolons"],
)
def test_files_are_read_in_the_encodings_that_schools_use(encode: object) -> None:
    text = SCHOOLS + 'p2,dingyuan,"刘铺青岗回民教学点",教学点,centre\n'
    data = encode(text)  # type: ignore[operator]
    (school,) = read(Upload("学校.csv", data))
    assert isinstance(school, School)
    assert school.name == "刘铺青岗回民教学点"


def test_a_toml_file_holds_several_kinds_of_rows() -> None:
    text = """
[[course_room]]
course = "art"
site_room = "huli"
[[course]]
id = "art"
term = "2026-autumn"
stage = "小学"
subject = "美术"
grade = "四年级"
teacher = "li"
master_room = "master"
[[slot]]
id = "art-1"
course = "art"
weekday = "星期二"
weeks = "单周"
start = 14:00:00
end = "14:40"
"""
    rows = read(Upload("timetable.toml", text.encode()))
    assert [type(row) for row in rows] == [CourseRoom, Course, Slot]
    slot = rows[2]
    assert isinstance(slot, Slot)
    assert (slot.weekday, slot.weeks) == (2, "odd")
    assert (slot.start_minute, slot.end_minute) == (840, 880)


def test_rows_of_one_file_may_refer_to_rows_of_another() -> None:
    districts = csv("区县.csv", "编号,名称\nfengyang,凤阳县\n")
    schools = csv("学校.csv", SCHOOLS + "f1,fengyang,官塘镇山西教学点,教学点,\n")
    assert len(read(schools, districts)) == 2


def test_weekdays_and_dates_are_read_as_people_write_them() -> None:
    text = (
        "编号,学校,名称,开始日期,结束日期,星期\n"
        "b1,centre,考试周,2027/1/11,2027年1月15日,周一至周五\n"
        "b2,point,全年,,,一三五\n"
    )
    first, second = read(csv("作息表.csv", text))
    assert isinstance(first, BellSchedule)
    assert isinstance(second, BellSchedule)
    assert str(first.last_day) == "2027-01-15"
    assert first.weekdays == frozenset({1, 2, 3, 4, 5})
    assert second.weekdays == frozenset({1, 3, 5})


def test_empty_lines_and_line_breaks_in_quotes_do_not_shift_line_numbers() -> None:
    text = 'id,name,zone\n\n"a","two\nlines",\n\nb,名,Mars/Base\n'
    fault = only_fault(csv("district.csv", text))
    assert (fault.line, fault.field, fault.value) == (6, "zone", "Mars/Base")


# ---- faulty files ---------------------------------------------------------------


def test_every_faulty_cell_of_every_file_is_named_at_once() -> None:
    rooms = csv("教室.csv", "编号,学校,名称,类别\nr1,centre,甲,教室\nr 2,centre,乙,\n")
    terms = csv(
        "学期.csv", "编号,区县,名称,第一周,开始日期,结束日期\nt,dingyuan,秋,9月1日,,\n"
    )
    found = faults(rooms, terms)
    places = [(f.file, f.line, f.field, f.value) for f in found]
    assert places == [
        ("教室.csv", 2, "类别", "教室"),
        ("教室.csv", 3, "编号", "r 2"),
        ("学期.csv", 2, "第一周", "9月1日"),
        ("学期.csv", 2, "开始日期", ""),
        ("学期.csv", 2, "结束日期", ""),
    ]
    assert "主讲教室、接收教室、两用" in found[0].zh
    assert "2026-09-01" in found[2].zh


def test_a_misspelt_heading_is_answered_with_the_one_that_was_meant() -> None:
    fault = faults(csv("teacher.csv", "id,school,nmae\nt1,centre,王\n"))[0]
    assert (fault.line, fault.field) == (1, "nmae")
    assert "name" in fault.en


def test_a_missing_required_cell_is_named_by_its_heading() -> None:
    fault = only_fault(csv("教师.csv", "编号,学校,姓名\nt1,centre,\n"))
    assert (fault.line, fault.field) == (2, "姓名")


def test_a_reference_to_nothing_says_what_is_missing() -> None:
    fault = only_fault(csv("教师.csv", "编号,学校,姓名\nt1,nowhere,王\n"))
    assert (fault.line, fault.field, fault.value) == (2, "学校", "nowhere")
    assert "nowhere" in fault.zh


def test_a_name_where_an_id_belongs_is_told_whose_id_it_is() -> None:
    fault = only_fault(csv("教师.csv", "编号,学校,姓名\nt1,定远县中心校,王\n"))
    assert "“学校”表里的编号" in fault.zh


def test_the_same_id_twice_names_both_lines() -> None:
    text = "编号,学校,姓名\nt1,centre,王\nt2,centre,李\nt1,centre,赵\n"
    fault = only_fault(csv("教师.csv", text))
    assert fault.line == 4
    assert "第 2 行" in fault.zh


def test_a_row_with_a_cell_too_many_is_refused() -> None:
    fault = only_fault(csv("教师.csv", "编号,学校,姓名\nt1,centre,王,老师\n"))
    assert (fault.line, fault.value) == (2, "老师")


def test_contradictory_bells_are_named_by_the_line_to_change() -> None:
    text = "作息表,节次,开始时间,结束时间\nbells,4,10:30,11:10\n"
    fault = only_fault(csv("节次.csv", text))
    assert (fault.line, fault.field, fault.value) == (2, "开始时间", "10:30")
    assert "第3节" in fault.zh


def test_a_lesson_across_midnight_is_refused() -> None:
    text = "作息表,节次,开始时间,结束时间\nbells,9,23:40,00:20\n"
    assert "午夜" in only_fault(csv("节次.csv", text)).zh


def test_overlapping_terms_are_refused() -> None:
    text = (
        "编号,区县,名称,第一周周一,开始日期,结束日期\n"
        "t2,dingyuan,春,2027-01-18,2027-01-20,2027-07-02\n"
    )
    fault = only_fault(csv("学期.csv", text))
    assert (fault.line, fault.field) == (2, "开始日期")


def test_a_course_in_a_room_that_cannot_teach_is_refused() -> None:
    text = (
        "编号,学期,学段,学科,年级,教师,主讲教室\n"
        "art,2026-autumn,小学,美术,四年级,li,huli\n"
    )
    fault = only_fault(csv("课程.csv", text))
    assert (fault.field, fault.value) == ("主讲教室", "huli")


def test_a_slot_in_a_period_without_bells_is_refused() -> None:
    text = "编号,课程,星期,节次\ns1,music-3,1,8\n"
    fault = only_fault(csv("课表.csv", text))
    assert (fault.line, fault.field, fault.value) == (2, "节次", "8")


def test_a_make_up_day_without_its_lessons_is_refused() -> None:
    text = "区县,日期,类别\ndingyuan,2026-10-10,调休\n"
    assert "第几周" in only_fault(csv("校历.csv", text)).zh


def test_a_sheet_nobody_knows_is_answered_with_those_that_are() -> None:
    fault = only_fault(csv("食堂.csv", "a,b\n1,2\n"))
    assert "教室(site_room)" in fault.zh


def test_a_timetable_sheet_among_the_organisation_is_refused() -> None:
    upload = csv("课程.csv", "编号\nx\n")
    with pytest.raises(FaultyImportError) as caught:
        read_uploads([upload], ORGANISATION, DISTRICT)
    assert "course" not in caught.value.faults[0].en


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00rest of a spreadsheet", None),
        (codecs.BOM_UTF8 + b"id,name\nx,\xff\xfe\n", 2),
        ("编号,名称\na,好\nb,".encode() + b"\xe5\x87\n", 3),
        (b'id,name\nx,"never closed\n', 2),
        (b"", None),
        (b"\n\n", None),
    ],
    ids=["xlsx", "bom-then-rubbish", "cut-character", "quote", "empty", "blank"],
)
def test_what_is_no_csv_is_refused_in_words(data: bytes, line: int | None) -> None:
    fault = only_fault(Upload("district.csv", data))
    assert fault.line == line
    assert fault.file == "district.csv"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[district]]\nid = "a\n', 2),
        ("district = 3\n", None),
        ('[district]\nid = "a"\n', None),
    ],
)
def test_what_is_no_toml_table_is_refused_in_words(text: str, line: int | None) -> None:
    fault = only_fault(Upload("x.toml", text.encode()))
    assert fault.line == line


def test_a_fault_in_toml_is_named_by_the_line_of_its_key() -> None:
    text = (
        '[[district]]\nid = "a"\nname = "甲"\n\n[[district]]\nname = "乙"\nid = "b c"\n'
    )
    fault = only_fault(Upload("x.toml", text.encode()))
    assert (fault.line, fault.field, fault.value) == (7, "id", "b c")


def test_ten_thousand_faulty_rows_are_answered_line_by_line() -> None:
    rows = "".join(f"t{i},nowhere,王\n" for i in range(10_000))
    found = faults(csv("教师.csv", "编号,学校,姓名\n" + rows))
    assert [f.line for f in found] == list(range(2, 10_002))


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    for name in ("district.csv", "x.toml"):
        with suppress(FaultyImportError):
            read_uploads([Upload(name, data)], KINDS, DISTRICT)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_whatever_breaks_a_cell(text: str) -> None:
    quoted = text.replace('"', '""')
    for sheet in SHEETS:
        heading = ",".join(column.zh[0] for column in sheet.columns)
        row = ",".join(f'"{quoted}"' for _ in sheet.columns)
        upload = csv(f"{sheet.kind.name}.csv", f"{heading}\n{row}\n")
        with suppress(FaultyImportError):
            read(upload)


def test_every_kind_of_row_has_a_sheet_with_all_its_fields_and_its_key() -> None:
    for kind in KINDS:
        sheet = find_sheet(kind.name)
        assert sheet is not None
        assert sheet is find_sheet(kind.zh) is find_sheet(kind.path)
        assert {c.field for c in sheet.columns} == set(kind.value.model_fields)
        assert kind.key == tuple(c.name for c in TABLES[kind.value].primary_key)


def test_the_page_about_importing_shows_the_sheets_as_they_are() -> None:
    root = Path(scheduler.__file__).parents[1]
    written = (root / "docs" / "import.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m scheduler.importer.page"


# ---- into the database ----------------------------------------------------------


async def test_one_fault_keeps_the_database_as_it_was(database: Database) -> None:
    catalogue = Catalogue(database)
    good = csv("区县.csv", "编号,名称\nfengyang,凤阳县\n")
    bad = csv("教师.csv", "编号,学校,姓名\nt1,nowhere,王\n")
    with pytest.raises(FaultyImportError):
        await import_files(catalogue, [good, bad])
    assert [d.id for d in await catalogue.all(District)] == ["dingyuan"]


async def test_the_sample_district_comes_in_through_the_same_door(
    empty_database: Database,
) -> None:
    catalogue = Catalogue(empty_database)
    report = await import_files(catalogue, sample_uploads())
    again = await import_files(catalogue, sample_uploads())
    assert again.rows == report.rows
    assert all(s.added == s.changed == 0 for s in again.sheets.values())
    schools = await catalogue.all(School)
    points = [s for s in schools if s.kind == "teaching_point"]
    assert len(points) == 20
    assert sum(s.district == "dingyuan" for s in points) == 11
    assert all(s.centre == f"{s.district}-centre" for s in points)
    course = await catalogue.get(Course, DEMO_COURSE)
    rooms = await catalogue.all(CourseRoom, course=DEMO_COURSE)
    assert course.master_room == DEMO_MASTER
    assert {room.site_room for room in rooms} == set(DEMO_ROOMS)
    assert {c.subject for c in await catalogue.all(Course)} == {"音乐", "美术", "英语"}
    bells = await catalogue.all(BellSchedule)
    short = [one for one in bells if one.weekdays == {5}]
    assert len(await catalogue.all(Period)) == 7 * len(bells) - len(short)
    assert len(await catalogue.all(Term)) == 2
    assert any(d.kind == "make_up" for d in await catalogue.all(CalendarDay))
