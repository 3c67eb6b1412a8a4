"""Workbooks as people make them, and as nobody should."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.value import Value
from scheduler.importer.fault import Fault, FaultyImportError
from scheduler.importer.read import read_uploads
from scheduler.importer.tables import Upload
from tests.unit.scheduler.district import DISTRICT

Rows = Sequence[Sequence[object]]

CONTENT_TYPES = """<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
_RELATIONSHIP = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
)


def book(sheets: Mapping[str, Rows], name: str = "表.xlsx") -> Upload:
    """Plain cells, written by XlsxWriter."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return Upload(name, data.getvalue())


def edited(
    rows: Rows, edit: Callable[[Worksheet], None], title: str = "教师"
) -> Upload:
    """A sheet written by openpyxl, after `edit` has had its way with it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    edit(sheet)
    data = io.BytesIO()
    workbook.save(data)
    return Upload("表.xlsx", data.getvalue())


def raw(
    sheet: str, extra: Mapping[str, bytes | str] | None = None, title: str = "教师"
) -> bytes:
    """A workbook of one sheet, part by part as given."""
    relations = _relations(("rId1", "officeDocument", "xl/workbook.xml"))
    inner = _relations(("rId1", "worksheet", "worksheets/sheet1.xml"))
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relations,
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": inner,
        "xl/worksheets/sheet1.xml": sheet,
        **(extra or {}),
    }
    return packed(parts)


def packed(parts: Mapping[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def _relations(*links: tuple[str, str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="{id}" Type="{_RELATIONSHIP.format(kind=kind)}"'
        f' Target="{target}"/>'
        for id, kind, target in links
    )
    return f"<Relationships>{inside}</Relationships>"


def read(*uploads: Upload) -> list[Value]:
    return read_uploads(uploads, KINDS, DISTRICT)


def faults(*uploads: Upload) -> list[Fault]:
    with pytest.raises(FaultyImportError) as caught:
        read(*uploads)
    assert all(fault.zh and fault.en for fault in caught.value.faults)
    return list(caught.value.faults)


def only_fault(*uploads: Upload) -> Fault:
    (fault,) = faults(*uploads)
    return fault
