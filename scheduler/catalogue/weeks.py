"""Weeks of a term, and patterns of them such as `odd` or `1-8,10`."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field

from common.errors import ParseError
from scheduler.catalogue.value import wrong

LAST_WEEK = 60
TermWeek = Annotated[int, Field(ge=1, le=LAST_WEEK)]
_LONGEST_WEEKS = 80
_RANGE = re.compile(r"(\d{1,2})(?:[-–~](\d{1,2}))?")
_WORDS = {
    **dict.fromkeys(("", "all", "每周", "全部"), "all"),
    **dict.fromkeys(("odd", "单周", "单"), "odd"),
    **dict.fromkeys(("even", "双周", "双"), "even"),
}


def parse_weeks(text: str) -> str:
    """The normal form of a week pattern: `all`, `odd`, `even` or `1-8,10`.

    Also accepts 每周, 单周, 双周. Raises ParseError(`bad_weeks`).
    """
    plain = text.strip()
    word = _WORDS.get(plain.lower())
    if word is not None:
        return word
    parts = [p.strip() for p in re.split(r"[,，、;；]", plain) if p.strip()]
    matches = [_RANGE.fullmatch(p.removeprefix("第").removesuffix("周")) for p in parts]
    spans = [(int(m[1]), int(m[2] or m[1])) for m in matches if m]
    right = parts and len(spans) == len(parts)
    if not right or any(not 1 <= a <= b <= LAST_WEEK for a, b in spans):
        raise ParseError(
            "bad_weeks",
            zh=f"看不懂周次“{text}”，请写 每周、单周、双周 或 1-8,10",
            en=f"weeks {text!r}: write all, odd, even or 1-8,10",
        )
    normal = weeks_text({w for a, b in spans for w in range(a, b + 1)})
    if len(normal) > _LONGEST_WEEKS:
        raise ParseError(
            "bad_weeks",
            zh=f"周次“{text}”太长，请拆成几条记录",
            en=f"weeks {text!r}: too long, split it into several rows",
        )
    return normal


def weeks_text(weeks: Iterable[int]) -> str:
    """The weeks as a list of spans, in order and without repeats: `1-8,10`."""
    spans: list[list[int]] = []
    for week in sorted(set(weeks)):
        if spans and week == spans[-1][1] + 1:
            spans[-1][1] = week
        else:
            spans.append([week, week])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _normal_weeks(text: str) -> str:
    try:
        return parse_weeks(text)
    except ParseError as error:
        raise wrong(error.zh, error.en) from error


Weeks = Annotated[str, AfterValidator(_normal_weeks)]
"""A week pattern in the normal form of `parse_weeks`."""


def runs_in(weeks: str, week: int) -> bool:
    """Whether a normal-form pattern includes a term week."""
    if weeks in ("all", "odd", "even"):
        return weeks == "all" or (week % 2 == 1) == (weeks == "odd")
    spans = [part.partition("-") for part in weeks.split(",")]
    return any(int(a) <= week <= int(b or a) for a, _, b in spans)


def last_week(weeks: str) -> int | None:
    """The last week that a normal-form pattern lists; None: it lists none."""
    if weeks in ("all", "odd", "even"):
        return None
    return int(weeks.rpartition(",")[2].rpartition("-")[2])
