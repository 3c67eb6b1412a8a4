"""Workbooks as schools send them: read cell by cell, or refused by name."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.catalogue.bells import Period
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Slot
from scheduler.catalogue.organisation import School, Teacher
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.formats import NumberForm, number_form, read_serial
from scheduler.importer.tables import Upload
from tests.unit.scheduler.importer.books import (
    Rows,
    book,
    edited,
    faults,
    only_fault,
    packed,
    raw,
    read,
)

TEACHERS = ["编号", "学校", "姓名"]
WANG = ["t1", "centre", "王"]


# ---- good workbooks -------------------------------------------------------------


def test_the_sheets_of_one_workbook_refer_to_each_other() -> None:
    rows = read(
        book(
            {
                "教师": [TEACHERS, ["t9", "f1", "赵"]],
                "学校": [["编号", "区县", "名称"], ["f1", "dingyuan", "山西小学"]],
            }
        )
    )
    assert [type(row) for row in rows] == [Teacher, School]


def test_numbers_dates_and_times_are_read_as_they_are_shown() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet["A2"].number_format = "000"

    terms = edited(
        [
            ["编号", "区县", "名称", "第一周周一", "开始日期", "结束日期"],
            [
                7,
                "dingyuan",
                2027.0,
                date(2027, 2, 22),
                datetime(2027, 2, 22),
                "2027年7月2日",
            ],
        ],
        edit,
        "学期",
    )
    (term,) = read(terms)
    assert isinstance(term, Term)
    assert (term.id, term.name, term.last_day) == ("007", "2027", date(2027, 7, 2))


def test_every_empty_cell_that_must_be_filled_is_named() -> None:
    heads = ["作息表", "节次", "开始时间", "结束时间"]
    found = faults(book({"节次": [heads, ["bells", 5.0]]}))
    assert [(f.line, f.column) for f in found] == [(2, "C"), (2, "D")]


def test_a_missing_column_is_named_once() -> None:
    rows = [["编号", "姓名"], ["t1", "王"], ["t2", "李"]]
    fault = only_fault(book({"教师": rows}))
    assert (fault.line, fault.field) == (1, "学校")


def test_a_cell_without_a_style_has_that_of_its_row_or_column() -> None:
    """Gnumeric writes so."""
    styles = (
        "<styleSheet><numFmts><numFmt numFmtId='100' formatCode='yyyy-mm-dd'/>"
        "</numFmts><cellXfs><xf numFmtId='0'/><xf numFmtId='100'/></cellXfs>"
        "</styleSheet>"
    )
    relations = (
        "<Relationships><Relationship Id='rId1' Type='x/worksheet'"
        " Target='worksheets/sheet1.xml'/><Relationship Id='rId2' Type='x/styles'"
        " Target='styles.xml'/></Relationships>"
    )
    words = ["编号", "区县", "名称", "第一周", "开始日期", "结束日期"]
    heads = "".join(f"<c t='str'><v>{word}</v></c>" for word in words)
    texts = "".join(f"<c t='str'><v>{word}</v></c>" for word in ("t", "dingyuan", "春"))
    days = "".join(f"<c><v>{day}</v></c>" for day in (46440, 46440, 46570))
    for columns, row in (
        ("<cols><col min='4' max='16384' style='1'/></cols>", "<row>"),
        ("", "<row s='1' customFormat='1'>"),
    ):
        sheet = (
            f"<worksheet>{columns}<sheetData><row>{heads}</row>{row}{texts}{days}</row>"
            "</sheetData></worksheet>"
        )
        parts = {"xl/styles.xml": styles, "xl/_rels/workbook.xml.rels": relations}
        (term,) = read(Upload("学期.xlsx", raw(sheet, parts, "学期")))
        assert isinstance(term, Term)
        assert (term.week_1, term.last_day) == (date(2027, 2, 22), date(2027, 7, 2))


def test_a_time_cell_is_a_time_of_day_also_at_midnight() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet["C2"], sheet["D2"] = time(14, 0), 1
        sheet["D2"].number_format = "[h]:mm"

    rows: Rows = [["作息表", "节次", "开始时间", "结束时间"], ["bells", 9]]
    (period,) = read(edited(rows, edit, "节次"))
    assert isinstance(period, Period)
    assert (period.start_minute, period.end_minute) == (840, 1440)


def test_full_width_digits_and_spaces_around_are_read() -> None:
    rows = [["编号", "课程", "星期", "开始时间", "结束时间"]]
    rows.append([" ｓ１ ", "music-3　", "３", "１４：００", " 14:40 "])
    (slot,) = read(book({"课表": rows}))
    assert isinstance(slot, Slot)
    assert (slot.id, slot.weekday, slot.start_minute) == ("s1", 3, 840)


def test_full_width_brackets_of_a_name_are_kept() -> None:
    rows = [["编号", "学校", "名称"], ["c1", "centre", "三（１）班"]]
    (group,) = read(book({"班级": rows}))
    assert getattr(group, "name", "") == "三（１）班"


def test_titles_above_and_empty_rows_and_columns_around_are_passed_over() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet.insert_rows(1, 2)
        sheet["A1"] = "中心学校 2026 年教师名单"
        sheet.merge_cells("A1:E1")
        sheet["H400"].number_format = "0.00"
        sheet["A900"] = "   "

    (teacher,) = read(edited([["*编号", "学校\n（必填）", "姓名*"], WANG], edit))
    assert teacher == Teacher.model_validate(
        {"id": "t1", "school": "centre", "name": "王"}
    )


def test_rows_that_explain_or_show_an_example_are_passed_over() -> None:
    rows = [TEACHERS, ["#说明 字母和数字", "学校的编号"], ["#示例 t0", "nowhere"], WANG]
    assert len(read(book({"教师": rows, "说明": [["先填学校"]]}))) == 1


def test_the_only_sheet_may_be_named_by_the_file() -> None:
    assert len(read(book({"Sheet1": [TEACHERS, WANG]}, "教师.xlsx"))) == 1
    fault = only_fault(book({"Sheet1": [TEACHERS, WANG]}, "名单.xlsx"))
    assert (fault.sheet, fault.value) == ("Sheet1", "名单")


def test_a_formula_counts_with_the_result_that_was_saved() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as workbook:
        sheet = workbook.add_worksheet("教师")
        sheet.write_row(0, 0, TEACHERS)
        sheet.write_formula(1, 0, '="t"&1', value="t1")
        sheet.write_row(1, 1, WANG[1:])
    assert len(read(Upload("表.xlsx", data.getvalue()))) == 1


def test_rich_text_and_readings_above_characters_are_one_text() -> None:
    strings = (
        "<sst><si><t>编号</t></si><si><t>学校</t></si><si><t>姓名</t></si>"
        "<si><r><t>王</t></r><r><t>老师</t></r>"
        "<rPh sb='0' eb='1'><t>wang</t></rPh></si></sst>"
    )
    relations = (
        "<Relationships><Relationship Id='rId1' Type='x/worksheet'"
        " Target='/xl/worksheets/sheet1.xml'/><Relationship Id='rId2'"
        " Type='x/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
    )
    sheet = (
        "<x:worksheet xmlns:x='m'><x:sheetData><x:row><x:c t='s'><x:v>0</x:v></x:c>"
        "<x:c t='s'><x:v>1</x:v></x:c><x:c t='s'><x:v>2</x:v></x:c></x:row><x:row>"
        "<x:c t='inlineStr'><x:is><x:t>t1</x:t></x:is></x:c><x:c t='str'><x:v>centre"
        "</x:v></x:c><x:c t='s'><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    data = raw(
        sheet,
        {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": relations},
    )
    (teacher,) = read(Upload("表.xlsx", data))
    assert getattr(teacher, "name", "") == "王老师"


@pytest.mark.parametrize(
    ("id", "code", "form"),
    [
        (14, None, NumberForm(is_date=True)),
        (31, None, NumberForm(is_date=True)),
        (57, None, NumberForm(is_date=True)),
        (20, None, NumberForm(is_time=True)),
        (22, None, NumberForm(is_date=True, is_time=True)),
        (32, None, NumberForm(is_time=True)),
        (1, None, NumberForm()),
        (164, 'yyyy"年"m"月"d"日";@', NumberForm(is_date=True)),
        (164, "[$-804]m月d日", NumberForm(is_date=True)),
        (164, "[h]:mm", NumberForm(is_time=True)),
        (164, "上午/下午h:mm", NumberForm(is_time=True)),
        (164, "[Red]0.00", NumberForm()),
        (164, "General", NumberForm()),
        (164, "0000", NumberForm(zeros=4)),
    ],
)
def test_a_number_format_says_day_time_or_number(
    id: int, code: str | None, form: NumberForm
) -> None:
    assert number_form(id, {} if code is None else {id: code}) == form


def test_days_are_counted_as_excel_counts_them() -> None:
    day, both = NumberForm(is_date=True), NumberForm(is_date=True, is_time=True)
    assert read_serial("45000", day) == date(2023, 3, 15)
    assert read_serial("43538", day, since_1904=True) == date(2023, 3, 15)
    assert read_serial("59", day) == date(1900, 2, 28)
    assert read_serial("61", day) == date(1900, 3, 1)
    assert read_serial("45351", day) == date(2024, 2, 29)
    assert read_serial("45000.3472222222", both) == datetime(2023, 3, 15, 8, 20)
    assert read_serial("0.347222222222222", both) == time(8, 20)


# ---- faulty cells ---------------------------------------------------------------


def test_a_fault_names_sheet_row_column_heading_value_and_remedy() -> None:
    rows = [["姓名", "编号", "学校"], ["王", "t1", "centre"], ["李", "t2", "nowhere"]]
    fault = only_fault(book({"教师": rows}))
    assert (fault.file, fault.sheet, fault.line) == ("表.xlsx", "教师", 3)
    assert (fault.column, fault.field, fault.value) == ("C", "学校", "nowhere")
    assert "请先添加它" in fault.zh
    assert str(fault).startswith("表.xlsx 教师!C3 [学校] “nowhere”")


def test_faults_of_all_sheets_are_named_at_once() -> None:
    rooms = [["编号", "学校", "名称", "类别"], ["r1", "centre", "甲", "教室"]]
    found = faults(book({"教室": rooms, "教师": [TEACHERS, ["t 1", "centre", "王"]]}))
    assert [(f.sheet, f.column, f.line) for f in found] == [
        ("教室", "D", 2),
        ("教师", "A", 2),
    ]


def test_merged_cells_are_named_to_be_unmerged() -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("B2:B3")

    rows = [TEACHERS, WANG, ["t2", "", "李"]]
    merged, missing = faults(edited(rows, merge))
    assert (merged.line, merged.column, merged.value) == (2, "B", "B2:B3")
    assert "取消合并" in merged.zh
    assert (missing.line, missing.column) == (3, "B")


def test_a_formula_without_a_saved_result_is_named() -> None:
    rows = [TEACHERS, ['="t"&1', "centre", "王"]]
    fault = only_fault(edited(rows, lambda _: None))
    assert (fault.line, fault.column, fault.field) == (2, "A", "编号")
    assert "公式" in fault.zh


def test_a_formula_that_failed_is_named_with_its_error() -> None:
    rows = [TEACHERS, ["t1", "centre", "#REF!"]]
    fault = only_fault(edited(rows, lambda _: None))
    assert (fault.column, fault.value) == ("C", "#REF!")


def test_a_cell_without_a_heading_is_named() -> None:
    fault = only_fault(book({"教师": [TEACHERS, [*WANG, "", "备注"]]}))
    assert (fault.line, fault.column, fault.value) == (2, "E", "备注")


def test_a_number_in_a_date_cell_is_a_named_fault() -> None:
    rows: Rows = [
        ["编号", "区县", "名称", "第一周周一", "开始日期", "结束日期"],
        ["t", "dingyuan", "春", -5, "2027-02-22", "2027-07-02"],
    ]

    def edit(sheet: Worksheet) -> None:
        sheet["D2"].number_format = "yyyy-mm-dd"

    fault = only_fault(edited(rows, edit, "学期"))
    assert (fault.column, fault.value) == ("D", "-5")


def test_a_word_that_became_a_date_is_named_with_the_way_out() -> None:
    heads = ["编号", "学校", "名称", "年级"]
    rows: Rows = [heads, ["c1", "centre", datetime(2026, 3, 1), "三年级"]]
    fault = only_fault(edited(rows, lambda _: None, "班级"))
    assert (fault.column, fault.value) == ("C", "2026-03-01")
    assert "文本" in fault.zh


def test_rows_of_a_hidden_sheet_are_not_taken_in_unseen() -> None:
    def hide(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.create_sheet("学校")["A1"] = "编号"
        sheet.sheet_state = "hidden"

    fault = faults(edited([TEACHERS, WANG], hide))[0]
    assert fault.sheet == "教师"
    assert "取消隐藏" in fault.zh


def test_a_sheet_nobody_knows_is_answered_with_those_that_are() -> None:
    fault = only_fault(book({"教师": [TEACHERS, WANG], "食堂": [["甲"], ["乙"]]}))
    assert (fault.sheet, fault.value) == ("食堂", "食堂")
    assert "教室(site_room)" in fault.zh


def test_the_same_id_in_two_rows_names_the_first_of_them() -> None:
    fault = only_fault(book({"教师": [TEACHERS, WANG, ["t2", "centre", "李"], WANG]}))
    assert (fault.line, fault.column) == (4, "A")
    assert "教师 第 2 行" in fault.zh


def test_ten_thousand_faulty_rows_are_named_one_by_one() -> None:
    rows: list[list[object]] = [list(TEACHERS)]
    rows += [[f"t{i}", "nowhere", "王"] for i in range(10_000)]
    found = faults(book({"教师": rows}))
    assert [f.line for f in found] == list(range(2, 10_002))
    assert {f.column for f in found} == {"B"}


# ---- files that are none, or worse ------------------------------------------------


def test_a_zip_of_csv_files_is_read_whatever_windows_did_to_its_names() -> None:
    rows = "编号,学校,姓名\nt1,centre,王\n".encode("gbk")
    unmarked = packed({"abcd.csv": rows}).replace(b"abcd", "教师".encode("gb18030"))
    for data in (packed({"名单/教师.csv": rows}), unmarked):
        assert len(read(Upload("全部.zip", data))) == 1


def test_other_files_in_a_zip_of_csv_files_are_named() -> None:
    parts = {"教师.csv": "编号,学校,姓名\nt1,centre,王\n", "照片.jpg": "x"}
    fault = only_fault(Upload("全部.zip", packed(parts)))
    assert fault.value == "照片.jpg"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "EncryptedPackage".encode("utf-16-le"),
            "密码",
        ),
        (b"<html><table><tr><td>1</td></tr></table>", "网页"),
        (b"%PDF-1.7 a scan", "PDF"),
        (b"PK\x03\x04rest of nothing", "损坏"),
        (packed({"content.xml": "<x/>", "mimetype": "ods"}), "OpenDocument"),
        (packed({"photo.jpg": b"\xff\xd8"}), "不是 Excel 工作簿"),
        (raw("<worksheet><sheetData>"), "损坏"),
        (raw("x", {"xl/worksheets/sheet1.xml": b"\xff\xfe"}), "损坏"),
    ],
    ids=["xls", "password", "html", "pdf", "cut", "ods", "zip", "cut-xml", "no-xml"],
)
def test_what_is_no_workbook_is_refused_in_words(data: bytes, words: str) -> None:
    fault = only_fault(Upload("教师.xlsx", data))
    assert words in fault.zh
    assert fault.file == "教师.xlsx"


def test_entities_are_refused_before_any_is_expanded() -> None:
    laughs = "".join(
        f'<!ENTITY l{i} "{"&l" + str(i - 1) + ";" if i else "ha"}">' for i in range(40)
    )
    bomb = f"<!DOCTYPE x [{laughs}]><worksheet>&l39;</worksheet>"
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    for part in (bomb, outside):
        assert "实体" in only_fault(Upload("教师.xlsx", raw(part))).zh


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = raw("<worksheet/>", {"xl/media/image1.png": bytes(60_000_000)})
    assert len(data) < 100_000
    fault = only_fault(Upload("教师.xlsx", data))
    assert "压缩炸弹" in fault.zh


def test_a_directory_that_lies_about_sizes_gets_no_further() -> None:
    data = bytearray(raw("<worksheet>" + " " * 5_000_000 + "</worksheet>"))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[at + 24 : at + 28] = (1_000).to_bytes(4, "little")
    assert "损坏" in only_fault(Upload("教师.xlsx", bytes(data))).zh


def test_too_many_entries_and_ways_out_of_the_archive_are_refused() -> None:
    many = packed({f"{i}.csv": b"" for i in range(2_001)})
    assert "2001" in only_fault(Upload("a.zip", many)).zh
    for name in ("../教师.csv", "/etc/教师.csv", "C:/教师.csv", "a\\..\\教师.csv"):
        fault = only_fault(Upload("a.zip", packed({name: b"x"})))
        assert "指向别处" in fault.zh, name


def test_a_far_away_cell_costs_no_memory_and_is_named() -> None:
    sheet = (
        "<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>编号</v></c></row>"
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"
    )
    fault = faults(Upload("教师.xlsx", raw(sheet)))[0]
    assert (fault.line, fault.column) == (1_048_576, "XFD")


def test_more_than_a_person_can_correct_is_answered_shortly() -> None:
    merged = "<mergeCell ref='A2:A3'/>" * 5_000
    head = "<row><c t='str'><v>编号</v></c></row><row><c><v>1</v></c></row>"
    sheet = f"<worksheet><sheetData>{head}</sheetData>{merged}</worksheet>"
    assert len(faults(Upload("教师.xlsx", raw(sheet)))) < 1_100
    wide = "<c><v>1</v></c>" * 30_000
    sheet = f"<worksheet><sheetData><row>{wide}</row></sheetData></worksheet>"
    assert "30000 列" in only_fault(Upload("教师.xlsx", raw(sheet))).zh
    rows = "<row><c><v>1</v></c></row>" * 100_001
    sheet = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    assert "100000 行" in only_fault(Upload("教师.xlsx", raw(sheet))).zh


def test_macros_and_links_of_a_workbook_are_left_alone() -> None:
    plain = book({"教师": [TEACHERS, WANG]}).data
    parts = {}
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    link = (
        b'<Relationship Id="rId9" Type="x/externalLink" TargetMode="External"'
        b' Target="http://example.com/other.xlsx"/></Relationships>'
    )
    inner = "xl/_rels/workbook.xml.rels"
    parts[inner] = parts[inner].replace(b"</Relationships>", link)
    parts["xl/vbaProject.bin"] = b"macro"
    assert len(read(Upload("教师.xlsm", packed(parts)))) == 1


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100_000), st.binary(max_size=6))
def test_no_damage_whatever_breaks_the_reader(at: int, noise: bytes) -> None:
    data = bytearray(_GOOD)
    at %= len(data)
    data[at : at + len(noise)] = noise
    for blob in (bytes(data), _GOOD[:at]):
        with suppress(FaultyImportError):
            read(Upload("教师.xlsx", blob))


@settings(max_examples=100, deadline=None)
@given(st.text("<>/ cvrts='0123A&;worksheet", max_size=80))
def test_no_sheet_whatever_breaks_the_reader(inside: str) -> None:
    sheet = f"<worksheet><sheetData><row><c>{inside}</c></row></sheetData></worksheet>"
    with suppress(FaultyImportError):
        read(Upload("教师.xlsx", raw(sheet)))


_GOOD = book({"教师": [TEACHERS, WANG]}).data


def test_another_reader_sees_the_same_cells(tmp_path: Path) -> None:
    """The reader against openpyxl's, on one workbook of every kind of cell."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(_GOOD)
    cells = openpyxl.load_workbook(path)["教师"].iter_rows(values_only=True)
    (teacher,) = read(Upload("a.xlsx", _GOOD))
    theirs = dict(zip(("id", "school", "name"), list(cells)[1], strict=True))
    assert teacher.model_dump() == theirs
