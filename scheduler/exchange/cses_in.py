"""CSES files as local lessons of a class, through the importer's own checks. Pure.

Boards differ in what they write: weekdays as 1-7 or `mon`, times with or without
seconds or as a number of seconds. All of these are read; version 2, which counts
working days instead of weekdays, is refused by name.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.bells import Minutes, clock_text
from scheduler.catalogue.organisation import ClassGroup, Teacher
from scheduler.catalogue.world import World
from scheduler.exchange.cses_yaml import Node, read_yaml
from scheduler.exchange.shown import cell_of
from scheduler.exchange.week import Weeks
from scheduler.importer.archive import bad
from scheduler.importer.sheets import SHEETS
from scheduler.importer.tables import Found, Table
from scheduler.importer.texts import BadFileError, Row, decode

BY_KIND = {sheet.kind.name: sheet for sheet in SHEETS}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_ID_LENGTH = 64


def id_prefix(group: ClassGroup) -> str:
    """How ids of local lessons begin that came from a board's file."""
    name = f"cses-{group.id}-"
    if len(name) > _ID_LENGTH - 12:
        name = f"cses-{hashlib.sha256(group.id.encode()).hexdigest()[:16]}-"
    return name


def read_board(
    file: str, data: bytes, world: World, group: ClassGroup, weeks: Weeks | None
) -> Iterator[Found]:
    """The table of local lessons. `weeks`: the class's present week, if there is a
    term: synchronous lessons, which a file of ours holds too, are left out, and local
    ones that stand there already keep their ids and what a board does not know."""
    try:
        yield _Reader(file, world, group, weeks).table(
            read_yaml(file, decode(file, data))
        )
    except BadFileError as error:
        yield error.fault


_Place = tuple[str, str, str]
"""Weekday, start and end as cells."""


class _Reader:
    def __init__(
        self, file: str, world: World, group: ClassGroup, weeks: Weeks | None
    ) -> None:
        self._file = file
        self._group = group
        self._sheet = BY_KIND["local_lesson"]
        self._teachers: dict[str, list[str]] = {}
        for teacher in world.all(Teacher):
            if teacher.school == group.school:
                self._teachers.setdefault(teacher.name, []).append(teacher.id)
        self._planned: set[_Place] = set()
        self._there: dict[tuple[_Place, str], LocalLesson] = {}
        if weeks is not None:
            for item in weeks.items(weeks.published(), "class", group.id):
                if not item.is_local:
                    self._planned.add(_place(item.weekday, item.time))
            for lesson, time in weeks.local("class", group.id):
                self._there[_place(lesson.weekday, time), lesson.weeks] = lesson

    def table(self, root: Node) -> Table:
        """Raises BadFileError."""
        version = root.of("version").text
        if version != "1" or not root.of("schedules").items:
            raise bad(
                self._file,
                "不是 CSES 第 1 版课表；请在班级看板软件里导出为 CSES（version: 1）",
                "not a CSES timetable of version 1; export it as that",
                f"version {version or '-'}",
            )
        teachers = {
            subject.of("name").text: subject.of("teacher").text or ""
            for subject in root.of("subjects").items
        }
        days = root.of("schedules").items
        rows = [row for day in days for row in self._rows(day, teachers)]
        headings = [column.key or column.field for column in self._sheet.columns]
        return Table(self._file, self._sheet, headings, rows)

    def _rows(self, day: Node, teachers: dict[str | None, str]) -> Iterator[Row]:
        weekday = _weekday(day.of("enable_day").text)
        weeks = day.of("weeks").text or "all"
        for lesson in day.of("classes").items:
            subject = lesson.of("subject").text
            start = _time(lesson.of("start_time").text)
            end = _time(lesson.of("end_time").text)
            place = (weekday, start, end)
            if place in self._planned:
                continue
            cells = {
                **self._cells(place, weeks),
                "title": subject or "",
                "teacher": self._teacher(teachers.get(subject, "")),
            }
            lines = {
                "weekday": day.of("enable_day").line,
                "weeks": day.of("weeks").line,
                "title": lesson.of("subject").line,
                "start": lesson.of("start_time").line,
                "end": lesson.of("end_time").line,
            }
            known = self._there.get((place, weeks))
            if known is not None and not cells["teacher"]:
                cells["teacher"] = known.teacher or ""
            filled = {key: text for key, text in cells.items() if text}
            yield Row(lesson.line, filled, lines)

    def _cells(self, place: _Place, weeks: str) -> dict[str, str]:
        """Of the lesson that stands there already, else of a new one."""
        known = self._there.get((place, weeks))
        if known is not None:
            return {
                column.key or column.field: str(cell_of(column, known))
                for column in self._sheet.columns
            }
        weekday, start, end = place
        digits = re.sub("[^0-9]", "", start)
        own = f"{weekday}-{digits}" + (f"-{weeks}" if weeks != "all" else "")
        return {
            "id": id_prefix(self._group) + own,
            "weekday": weekday,
            "weeks": weeks,
            "start": start,
            "end": end,
            "class_group": self._group.id,
        }

    def _teacher(self, name: str) -> str:
        """The id of the only teacher of that name at the class's school."""
        ids = self._teachers.get(name, [])
        return ids[0] if len(ids) == 1 else ""


def _place(weekday: int, time: Minutes) -> _Place:
    return (str(weekday), clock_text(time.start), clock_text(time.end))


def _weekday(text: str | None) -> str:
    word = (text or "").strip().lower()
    return str(_DAYS.index(word[:3]) + 1) if word[:3] in _DAYS else word


def _time(text: str | None) -> str:
    """`8:00`, `08:00:00` or seconds from midnight; anything else as it is, for the
    importer to name."""
    word = (text or "").strip()
    clock = _CLOCK.fullmatch(word)
    if clock:
        return f"{int(clock[1]):02d}:{clock[2]}"
    if word.isascii() and word.isdigit() and 1440 < int(word) <= 86_400:
        return clock_text(int(word) // 60)
    return word


def left_over(
    world: World, group: ClassGroup, found: Sequence[Found]
) -> list[LocalLesson]:
    """Local lessons of the class from an earlier file that are not in this one."""
    tables = [one for one in found if isinstance(one, Table)]
    kept = {row.cells.get("id") for table in tables for row in table.rows}
    prefix = id_prefix(group)
    return [
        lesson
        for lesson in world.all(LocalLesson)
        # Another class's id may begin with this one's.
        if lesson.class_group == group.id
        and lesson.id.startswith(prefix)
        and lesson.id not in kept
    ]
