"""How each field is written by people, and read. Pure.

Every reader takes a text from CSV or a TOML value and raises BadField.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from common.errors import ParseError
from scheduler.catalogue.bells import (
    DAYS_ZH,
    EVERY_DAY,
    read_clock,
    read_starts,
    starts_text,
)
from scheduler.catalogue.weeks import parse_weeks
from scheduler.importer.fault import BadField

Reader = Callable[[Any], Any]

_WEEKDAYS = {c: i for i, c in enumerate(DAYS_ZH, 1)} | {"天": 7}
_YES_OR_NO = {
    **dict.fromkeys(("是", "yes", "true", "y", "1", "√", "✓"), True),
    **dict.fromkeys(("否", "no", "false", "n", "0", "×"), False),
}
_BANDWIDTH = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMgG]?)(?:bit/s|bps|b)?", re.ASCII)
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def read_text(value: Any) -> str:  # noqa: ANN401 - CSV text or TOML value
    if isinstance(value, (dict, list)):
        raise BadField("这里要填一段文字", "write a text here")
    return str(value).strip()


def read_number(value: Any) -> int:  # noqa: ANN401
    text = read_text(value).removesuffix("节").removeprefix("第")
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}", text):
        raise BadField("这里要填整数", "write a whole number here")
    return int(text)


def read_day(value: Any) -> date:  # noqa: ANN401
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = re.sub(r"[/.年月]", "-", read_text(value)).removesuffix("日")
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    try:
        return date(*map(int, match.groups())) if match else date.fromisoformat(text)
    except ValueError as error:
        raise BadField(
            "不是有效的日期，请写 2026-09-01", "not a date, write 2026-09-01"
        ) from error


def read_time(value: Any) -> int:  # noqa: ANN401
    """Minutes from midnight."""
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    text = re.sub(r"^(\d{1,2}:\d{2}):00$", r"\1", read_text(value).replace("：", ":"))
    try:
        return read_clock(text)
    except ValueError as error:
        raise BadField(
            "不是有效的时间，请写 08:20", "not a time of day, write 08:20"
        ) from error


def read_weekday(value: Any) -> int:  # noqa: ANN401
    text = re.sub(r"^(星期|周|礼拜)", "", read_text(value))
    number = _WEEKDAYS.get(text) or (int(text) if text in "1234567" and text else 0)
    if not number:
        raise BadField(
            "不是星期几，请写 1-7 或 一…日", "not a weekday, write 1 (Monday) to 7"
        )
    return number


def read_weekdays(value: Any) -> frozenset[int]:  # noqa: ANN401
    """`1-5`, `135`, `1,3,5`, `一三五`, a TOML list; nothing means every day."""
    if isinstance(value, list):
        return frozenset(read_weekday(one) for one in value)
    text = re.sub(r"[星期周礼拜,，、;；\s]", "", read_text(value))
    if not text:
        return EVERY_DAY
    span = re.fullmatch(r"(\w)[-–~至到](\w)", text)
    if span:
        first, last = read_weekday(span[1]), read_weekday(span[2])
        return frozenset(range(first, last + 1))
    return frozenset(read_weekday(one) for one in text)


def read_weeks(value: Any) -> str:  # noqa: ANN401
    try:
        return parse_weeks(read_text(value))
    except ParseError as error:
        raise BadField(error.zh, error.en) from error


def read_starts_cell(value: Any) -> str:  # noqa: ANN401
    """`1@10:00,3@14:00`, or `周一@10:00、周三@14:00`, in the normal form."""
    days = "".join(_WEEKDAYS)
    text = re.sub(
        rf"(?:星期|周|礼拜)([{days}])",
        lambda found: str(_WEEKDAYS[found[1]]),
        read_text(value),
    )
    try:
        return starts_text(read_starts(text))
    except ValueError as error:
        raise BadField(
            "不是约定时间，请写 1@10:00,3@14:00（星期@时间）",
            "not agreed starts, write 1@10:00,3@14:00 (weekday@time)",
        ) from error


def read_yes_or_no(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    found = _YES_OR_NO.get(read_text(value).lower())
    if found is None:
        raise BadField("请填 是 或 否", "write yes or no")
    return found


def read_bandwidth(value: Any) -> int:  # noqa: ANN401
    """Bits a second: `5M`, `10 Mbit/s`, `5000000`."""
    match = _BANDWIDTH.fullmatch(read_text(value))
    if match is None:
        raise BadField(
            "不是带宽，请写 10M 或 10000000", "not a bandwidth, write 10M or 10000000"
        )
    return round(float(match[1]) * _SCALE[match[2].lower()])


@dataclass(frozen=True)
class Choice:
    """One of `words` (Chinese -> code); the code itself is understood too."""

    words: Mapping[str, str]

    def __call__(self, value: Any) -> str:  # noqa: ANN401
        text = read_text(value)
        code = self.words.get(text, text.lower())
        if code not in self.words.values():
            known = "、".join(self.words)
            codes = ", ".join(self.words.values())
            raise BadField(f"只能填 {known}", f"must be one of {codes}")
        return code
