"""What every value of the scheduler has in common: frozen, strict about names."""

import re
from datetime import date
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
)
from pydantic import StringConstraints as Text
from pydantic_core import PydanticCustomError

from common.ids import ID_PATTERN

DEFAULT_ZONE = "Asia/Shanghai"
MINUTES_A_DAY = 24 * 60
FIRST_YEAR, LAST_YEAR = 2000, 2099

IdRule = Text(pattern=ID_PATTERN)
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's control characters (Cc) and surrogates (Cs)."""


def one_line(text: str) -> str:
    """Line breaks and tabs become spaces: a cell of a spreadsheet has them. Raises
    `wrong` for other control characters, which a database may refuse."""
    if text.isprintable():
        return text
    plain = re.sub(r"[\t\r\n]+", " ", text)
    if _INVISIBLE.search(plain):
        raise wrong(
            "有看不见的控制字符，请重新输入这一格",
            "has an invisible control character; type it again",
        )
    return plain


Name = Annotated[
    str,
    Text(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(one_line),
]
ShortText = Annotated[
    str, Text(strip_whitespace=True, max_length=80), AfterValidator(one_line)
]


@lru_cache
def known_zone(name: str) -> str:
    """`name` if it is an IANA zone. Raises `wrong` otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise wrong(
            f"没有时区 {name}，请写 Asia/Shanghai 这样的名称",
            f"no such IANA time zone: {name}",
        ) from error
    return name


def written_day(value: object) -> object:
    """A day from its text. Raises `wrong` for all but 2026-09-01: pydantic would take
    digits for seconds since 1970."""
    if not isinstance(value, str):
        return value
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise wrong("日期请写成 2026-09-01 这样", "write a day as 2026-09-01")


def in_this_century(day: date) -> date:
    """Raises `wrong` for years that are slips of the pen."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise wrong(
            f"请填 {FIRST_YEAR} 到 {LAST_YEAR} 年之间的日期",
            f"write a date of the years {FIRST_YEAR} to {LAST_YEAR}",
        )
    return day


Day = Annotated[date, BeforeValidator(written_day), AfterValidator(in_this_century)]
"""A local date."""
Zone = Annotated[str, AfterValidator(known_zone)]
Moment = AwareDatetime
"""A point in time; stored in UTC."""


def wrong(zh: str, en: str, field: str = "") -> PydanticCustomError:
    """What a validator raises: a sentence in both languages, naming the remedy.
    `field`: of a rule between fields, the one to look at first."""
    return PydanticCustomError("wrong", "{en}", {"zh": zh, "en": en, "field": field})


class Value(BaseModel):
    """Frozen; a field that nobody knows is a mistake of the writer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
