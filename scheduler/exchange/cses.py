"""A class's week as CSES version 1, the format that class boards read. Pure.

CSES knows every week, odd and even weeks, times to the second, and one class. What it
cannot say is told in a comment of the file and left out, rather than shown on wrong
days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scheduler.catalogue.bells import clock_text
from scheduler.exchange.shown import WEEKDAYS, WEEKS
from scheduler.exchange.week import Item

PARITIES = ("odd", "even")
_LAST_MINUTE = 1439


@dataclass(frozen=True)
class Subject:
    """`name` is what lessons refer to: unique in a file."""

    name: str
    simplified_name: str
    teacher: str
    room: str


@dataclass(frozen=True)
class BoardLesson:
    subject: str
    start: str
    """HH:MM:SS."""
    end: str


@dataclass(frozen=True)
class BoardDay:
    name: str
    enable_day: int
    weeks: str
    lessons: tuple[BoardLesson, ...]


@dataclass(frozen=True)
class Board:
    subjects: tuple[Subject, ...]
    days: tuple[BoardDay, ...]
    warnings: tuple[str, ...]
    """Sentences about what could not be said."""


def board_of(items: Iterable[Item]) -> Board:
    """Odd and even weeks are made apart and written as one where they are equal, so
    that a local lesson that gives way in odd weeks only is there in even ones."""
    everything = list(items)
    subjects = _Subjects()
    warnings = list(_unsayable(everything))
    days: list[BoardDay] = []
    for weekday in range(1, 8):
        odd, even = (
            tuple(_lessons(everything, weekday, parity, subjects))
            for parity in PARITIES
        )
        zh = WEEKDAYS[weekday - 1]
        if odd == even:
            days += [BoardDay(zh, weekday, "all", odd)] if odd else []
            continue
        for parity, lessons in zip(PARITIES, (odd, even), strict=True):
            if lessons:
                name = f"{zh}（{WEEKS[parity]}）"
                days.append(BoardDay(name, weekday, parity, lessons))
    return Board(tuple(subjects.all()), tuple(days), tuple(warnings))


def _lessons(
    items: list[Item], weekday: int, parity: str, subjects: "_Subjects"
) -> Iterator[BoardLesson]:
    today = [i for i in items if i.weekday == weekday and i.weeks in ("all", parity)]
    lessons = [i for i in today if not i.is_local]
    for item in today:
        if item.is_local and any(item.time.overlap(one.time) for one in lessons):
            continue
        yield BoardLesson(
            subjects.name_of(item), _clock(item.time.start), _clock(item.time.end)
        )


def _unsayable(items: list[Item]) -> Iterator[str]:
    for item in items:
        if item.weeks not in WEEKS:
            yield (
                f"{WEEKDAYS[item.weekday - 1]} {clock_text(item.time.start)} "
                f"{item.title} 只在第 {item.weeks} 周上课，CSES 写不出，没有写入"
            )


def _clock(minute: int) -> str:
    """Midnight at the end of a day is the last minute: CSES has no 24:00."""
    return f"{clock_text(min(minute, _LAST_MINUTE))}:00"


class _Subjects:
    """Equal subjects are one; of different ones with one name the later are told
    apart by teacher or room."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str, str], str] = {}

    def name_of(self, item: Item) -> str:
        key = (item.subject, item.teacher, item.place)
        if key not in self._names:
            taken = set(self._names.values())
            ways = [item.subject]
            ways += [f"{item.subject}（{x}）" for x in (item.teacher, item.place) if x]
            ways += [f"{item.subject}（{n}）" for n in range(2, len(taken) + 3)]
            self._names[key] = next(name for name in ways if name not in taken)
        return self._names[key]

    def all(self) -> Iterator[Subject]:
        for (subject, teacher, place), name in self._names.items():
            yield Subject(name, subject[:1], teacher, place)
