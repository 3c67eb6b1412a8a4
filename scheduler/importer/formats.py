"""Spreadsheet numbers as the people who typed them see them. Pure.

A spreadsheet stores days as numbers since 1900 or 1904 and times as parts of a day;
only the number format says so (ECMA-376 part 1 §18.8.30).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_DATES = (*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58)
_TIMES = (*range(18, 23), *range(32, 36), *range(45, 48), 55, 56)
"""Built-in formats; 27 to 36 and 50 to 58 are those of Chinese Excel and WPS."""
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_EPOCH_1900 = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_SECONDS_A_DAY = 86_400
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""

Cell = str | bool | date | time | datetime


@dataclass(frozen=True)
class NumberForm:
    """`zeros`: how many digits a number is shown with at least, such as 007."""

    is_date: bool = False
    is_time: bool = False
    zeros: int = 0


PLAIN = NumberForm()


def number_form(id: int, codes: Mapping[int, str]) -> NumberForm:
    """`codes`: the workbook's own formats, by id."""
    code = codes.get(id)
    if code is None:
        return NumberForm(is_date=id in _DATES, is_time=id in _TIMES)
    plain = _NOT_CODE.sub("", code.partition(";")[0]).lower()
    if plain and set(plain) == {"0"}:
        return NumberForm(zeros=len(plain))
    is_time = "h" in plain or "s" in plain
    is_date = "y" in plain or "d" in plain or ("m" in plain and not is_time)
    return NumberForm(is_date, is_time and "general" not in plain)


def read_serial(text: str, form: NumberForm, *, since_1904: bool = False) -> Cell:
    """Raises ValueError for what is no number or no day."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a number: {text}")
    if form.is_date or form.is_time:
        return _moment(value, form, _EPOCH_1904 if since_1904 else _EPOCH_1900)
    if value.is_integer():
        return str(int(value)).zfill(form.zeros)
    return f"{value:.15g}"


def _moment(value: float, form: NumberForm, epoch: datetime) -> Cell:
    if not 0 <= value < _LAST_SERIAL:
        raise ValueError(f"not a day: {value}")
    if not form.is_date and value == 1:
        return "24:00"
    # Excel believes in a 29 February 1900 (§18.17.4.1).
    early = epoch == _EPOCH_1900 and 1 <= value < 60
    seconds = round((value % 1) * _SECONDS_A_DAY)
    moment = epoch + timedelta(days=int(value) + early, seconds=seconds)
    if not form.is_date or value < 1:
        return moment.time()
    return moment.date() if moment.time() == time(0) else moment
