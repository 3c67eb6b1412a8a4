"""What is wrong with a file, where, and what to do about it."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from common.errors import ParseError


class Fault(BaseModel):
    """`line` counts from 1; None: the file as a whole. `field` is the heading as the
    file writes it. `sheet` and `column` (its letter) are those of a workbook."""

    model_config = ConfigDict(frozen=True)

    file: str
    sheet: str = ""
    line: int | None = None
    column: str = ""
    field: str = ""
    value: str = ""
    zh: str
    en: str

    def __str__(self) -> str:
        where = self.file
        if self.sheet:
            where += f" {self.sheet}!{self.column}{self.line or ''}"
        elif self.line:
            where += f":{self.line}"
        field = f" [{self.field}]" if self.field else ""
        value = f" “{self.value}”" if self.value else ""
        return f"{where}{field}{value} {self.zh} / {self.en}"


class Place(NamedTuple):
    """Where a row stands. `sheet`: of a workbook."""

    file: str
    sheet: str
    line: int


class FaultyImportError(ParseError):
    """Nothing was imported. `faults` are in the order of files and lines."""

    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "faulty_import",
            zh=f"有 {len(faults)} 处错误，什么都没有导入；改正后请重新导入",
            en=f"{len(faults)} faults, nothing was imported; correct and try again",
        )


class BadField(ValueError):
    """One value that cannot be read."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)
