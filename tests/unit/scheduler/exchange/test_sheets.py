"""What goes out comes in again: workbooks, CSV and templates."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scheduler.catalogue.kinds import (
    BY_NAME,
    BY_VALUE,
    KINDS,
    ORGANISATION,
    TIMETABLE,
    Kind,
)
from scheduler.catalogue.organisation import District, Teacher
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.contradictions import contradictions
from scheduler.exchange.api import examples
from scheduler.exchange.csv_out import (
    csv_archive,
    csv_text,
    rows_of,
    sheets_of,
    template_archive,
)
from scheduler.exchange.sheet_books import filled_book, template_book
from scheduler.exchange.shown import way_of
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.fields import (
    Choice,
    Reader,
    read_bandwidth,
    read_day,
    read_number,
    read_starts_cell,
    read_text,
    read_time,
    read_weekday,
    read_weekdays,
    read_weeks,
    read_yes_or_no,
)
from scheduler.importer.read import read_uploads
from scheduler.importer.sheets import SHEETS, find_sheet
from scheduler.importer.tables import Upload
from scheduler.sample import sample_uploads

SAMPLE = read_uploads(sample_uploads(), KINDS, [])
EXAMPLES = examples()


def world_of(values: Sequence[Value]) -> World:
    world = World()
    world.put(values)
    return world


def same(world: World, values: Sequence[Value], kinds: Sequence[Kind]) -> bool:
    back = world_of(values)
    return all(
        sorted(world.all(kind.value), key=repr)
        == sorted(back.all(kind.value), key=repr)
        for kind in kinds
    )


@pytest.mark.parametrize("kinds", [ORGANISATION, TIMETABLE], ids=["org", "timetable"])
def test_the_sample_district_comes_back_from_its_own_files(
    kinds: Sequence[Kind],
) -> None:
    world = world_of(SAMPLE)
    for name, data in (
        ("全部.xlsx", filled_book(world, kinds)),
        ("全部.zip", csv_archive(world, kinds)),
    ):
        values = read_uploads([Upload(name, data)], kinds, SAMPLE)
        assert same(world, values, kinds), name


_LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text and text != "")
_NAMES = st.one_of(
    _LINE,
    st.sampled_from(["=1+1", "+86 550", "-", "@SUM(A1)", "'=x", "''@", "_x0041_"]),
    st.sampled_from(["三（１）班", "007", "1-5", "a,b", 'x"y', "两\n行", "#示例"]),
)


@settings(max_examples=30, deadline=None)
@given(names=st.lists(_NAMES, min_size=1, max_size=4))
def test_any_name_whatever_comes_back_as_it_was(names: list[str]) -> None:
    district = District.model_validate({"id": "d", "name": "区"})
    school = {"id": "s", "district": "d", "name": "校"}
    values: list[Value] = [
        district,
        BY_NAME["school"].value.model_validate(school),
        *(
            Teacher.model_validate({"id": f"t{i}", "school": "s", "name": name})
            for i, name in enumerate(names)
        ),
    ]
    world = world_of(values)
    for name, data in (
        ("全部.xlsx", filled_book(world, ORGANISATION)),
        ("全部.zip", csv_archive(world, ORGANISATION)),
    ):
        back = read_uploads([Upload(name, data)], ORGANISATION, [])
        assert same(world, back, ORGANISATION), name


_ANY: dict[Reader, st.SearchStrategy[Any]] = {
    read_text: _NAMES,
    read_number: st.integers(0, 999),
    read_day: st.dates(),
    read_time: st.integers(0, 1440),
    read_weekday: st.integers(1, 7),
    read_weekdays: st.frozensets(st.integers(1, 7), min_size=1),
    read_weeks: st.sampled_from(["all", "odd", "even", "1-8,10"]),
    read_starts_cell: st.sampled_from(["1@10:00", "1@10:00,3@14:00"]),
    read_yes_or_no: st.booleans(),
    read_bandwidth: st.integers(1, 10**10),
}


@settings(deadline=None)
@given(st.data())
def test_every_field_of_every_sheet_is_read_as_it_was_written(
    data: st.DataObject,
) -> None:
    for sheet in SHEETS:
        for column in sheet.columns:
            if isinstance(column.read, Choice):
                wanted = data.draw(st.sampled_from([*column.read.words.values()]))
            else:
                wanted = data.draw(_ANY[column.read])
            written = way_of(column).write(wanted)
            assert column.read(str(written)) == wanted, (sheet.kind.zh, column.zh)


@st.composite
def changed_rows(draw: st.DrawFn) -> list[Value]:
    """The sample district with some of its fields changed to anything valid."""
    rows = list(SAMPLE)
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(rows) - 1))
        kind = BY_VALUE[type(rows[at])]
        sheet = sheets_of([kind])[0]
        fixed = {*kind.key, *(kind.refers or {}), "zone"}
        free = [c for c in sheet.columns if c.field not in fixed]
        if not free:
            continue
        column = draw(st.sampled_from(free))
        if isinstance(column.read, Choice):
            wanted = draw(st.sampled_from([*column.read.words.values()]))
        else:
            wanted = draw(_ANY[column.read])
        with suppress(ValidationError):
            changed = {**rows[at].model_dump(), column.field: wanted}
            rows[at] = kind.value.model_validate(changed)
    return rows


@settings(max_examples=10, deadline=None)
@given(rows=changed_rows())
def test_any_world_that_fits_together_comes_back_as_it_was(rows: list[Value]) -> None:
    world = world_of(rows)
    assume(not contradictions(world))
    for name, data in (
        ("全部.xlsx", filled_book(world, KINDS)),
        ("全部.zip", csv_archive(world, KINDS)),
    ):
        assert same(world, read_uploads([Upload(name, data)], KINDS, []), KINDS), name


def test_cells_that_look_like_formulas_are_text() -> None:
    attack = "=cmd|' /C'!A0"
    teacher = Teacher.model_validate({"id": "t", "school": "s", "name": attack})
    sheet = find_sheet("teacher")
    assert sheet is not None
    assert "'=cmd" in csv_text(sheet, rows_of(sheet, [teacher]))
    data = filled_book(world_of([teacher]), ORGANISATION)
    cell = openpyxl.load_workbook(io.BytesIO(data))["教师"]["C2"]
    assert (cell.data_type, cell.value) == ("s", attack)


def test_excel_is_told_that_the_csv_files_are_utf_8() -> None:
    data = csv_archive(world_of(SAMPLE), ORGANISATION)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist()[:2] == ["01-区县.csv", "02-学校.csv"]
        assert archive.read("01-区县.csv").startswith(b"\xef\xbb\xbf")


def test_equal_worlds_make_equal_archives() -> None:
    archives = {csv_archive(world_of(SAMPLE), KINDS) for _ in range(2)}
    assert len(archives) == 1


# ---- templates --------------------------------------------------------------------


def template(kinds: Sequence[Kind]) -> bytes:
    return template_book(kinds, world_of(SAMPLE), EXAMPLES)


@pytest.mark.parametrize("kinds", [ORGANISATION, TIMETABLE], ids=["org", "timetable"])
def test_a_template_holds_no_rows_until_somebody_fills_it(
    kinds: Sequence[Kind],
) -> None:
    for upload in (
        Upload("模板.xlsx", template(kinds)),
        Upload("模板.zip", template_archive(kinds, EXAMPLES)),
    ):
        with pytest.raises(FaultyImportError) as caught:
            read_uploads([upload], kinds, SAMPLE)
        (fault,) = caught.value.faults
        assert "文件里没有任何记录" in fault.zh


def test_a_filled_template_is_imported() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ORGANISATION)))
    book["教师"].append(["t9", "dingyuan-centre", "赵老师"])
    data = io.BytesIO()
    book.save(data)
    (teacher,) = read_uploads([Upload("模板.xlsx", data.getvalue())], KINDS, SAMPLE)
    assert getattr(teacher, "name", "") == "赵老师"


def test_a_template_explains_each_column_and_offers_what_can_be_chosen() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(TIMETABLE)))
    assert book.sheetnames[0] == "说明"
    for sheet in sheets_of(TIMETABLE):
        page = book[sheet.kind.zh]
        assert page.freeze_panes == "A2"
        heads = [cell for cell in page[1] if cell.value]
        assert [cell.value for cell in heads] == [c.zh[0] for c in sheet.columns]
        assert all(cell.comment and cell.comment.text for cell in heads)
        assert str(page["A2"].value).startswith("#说明")
    lists = book["课程"].data_validations.dataValidation
    offered = {min(v.sqref.ranges).min_col: v.formula1 for v in lists}
    assert "专递课堂" in offered[3]
    assert offered[2] == "'学期'!$A$2:$A$5000"
    teachers = next(c for c in book["选项"][1] if c.value == "教师编号")
    assert f"${teachers.column_letter}$2" in offered[10]


def test_every_sheet_of_a_template_shows_an_example_of_the_sample_district() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(KINDS)))
    assert len(EXAMPLES) >= 12
    for kind in EXAMPLES:
        page = book[BY_VALUE[kind].zh]
        assert str(page["A3"].value).startswith("#示例")
