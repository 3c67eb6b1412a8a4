"""The HTTP interface of weekly plans as files: pages to print, class boards."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from common.clock import Clock
from common.errors import NotFoundError
from common.http import Call, Nothing, Router
from scheduler.catalogue.availability import LocalLesson
from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.kinds import KINDS
from scheduler.catalogue.organisation import ClassGroup, District, School
from scheduler.catalogue.store import Catalogue, ChangedMeanwhileError
from scheduler.catalogue.value import DEFAULT_ZONE, Day, ShortText, Value
from scheduler.catalogue.world import World, upwards
from scheduler.edition.store import Editions
from scheduler.edition.values import EditionId
from scheduler.exchange.api import XLSX, attachment, written
from scheduler.exchange.cses import board_of
from scheduler.exchange.cses_in import left_over, read_board
from scheduler.exchange.cses_yaml import MAX_BYTES, board_text
from scheduler.exchange.links import What
from scheduler.exchange.week import Timed, Weeks
from scheduler.exchange.week_book import week_book
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.read import PlacedRow, read_found
from scheduler.importer.run import ImportReport, take_rows
from scheduler.importer.uploads import faults_answer, read_limited
from scheduler.views import Body

YAML = "application/yaml"
_PLANNING = ("timetabler",)
_TRIES = 3
_Id = Annotated[str, StringConstraints(max_length=64)]


class PrintQuery(Body):
    """`by`: one page for each of these; `id`: of this one only; `day`: whose week's
    bells are shown, today's by default."""

    by: What = "teacher"
    id: _Id = ""
    day: Day | None = None


class BoardQuery(Body):
    """`term`: the one that runs or comes next by default."""

    term: _Id = ""


class BoardImportQuery(BoardQuery):
    """`check`: say what would change, write nothing."""

    name: ShortText = "cses.yaml"
    check: bool = False


class BoardReport(ImportReport):
    """`removed`: local lessons of an earlier file that are not in this one."""

    removed: int


class WeekApi:
    def __init__(
        self, desk: WorldDesk, catalogue: Catalogue, editions: Editions, clock: Clock
    ) -> None:
        self._desk = desk
        self._catalogue = catalogue
        self._editions = editions
        self._clock = clock

    def add_to(self, router: Router) -> None:
        router.get(
            "/terms/{id}/week.xlsx", roles=(), query=PrintQuery, media_type=XLSX
        )(self.print_term)
        router.get(
            "/editions/{id}/export.xlsx", roles=(), query=PrintQuery, media_type=XLSX
        )(self.print_edition)
        router.get(
            "/class-groups/{id}/cses.yaml",
            roles=(),
            query=BoardQuery,
            media_type=YAML,
        )(self.export_board)
        router.post(
            "/class-groups/{id}/cses",
            roles=_PLANNING,
            query=BoardImportQuery,
            returns=BoardReport,
        )(self.import_board)

    # ---- pages to print -----------------------------------------------------------

    async def print_term(self, call: Call[Nothing, PrintQuery]) -> web.Response:
        """The published weekly timetable as pages to print."""
        world = await self._desk.world()
        weeks = self._weeks(world, find(world, Term, call.path["id"]), call.query.day)
        timed = await asyncio.to_thread(weeks.published)
        return await _printed(weeks, timed, call.query, weeks.term.name)

    async def print_edition(self, call: Call[Nothing, PrintQuery]) -> web.Response:
        """An edition as pages to print."""
        draft = await self._editions.draft(EditionId(call.path["id"]))
        world = await self._desk.world()
        term = find(world, Term, draft.edition.term)
        its_week = term.date_of(draft.edition.week, 1)
        weeks = Weeks(world, term, call.query.day or its_week)
        timed = await asyncio.to_thread(weeks.of_edition, draft.rows.values())
        title = f"{term.name} {draft.edition.name}".strip()
        return await _printed(weeks, timed, call.query, title)

    # ---- class boards -------------------------------------------------------------

    async def export_board(self, call: Call[Nothing, BoardQuery]) -> web.Response:
        """A class's week for its class board (CSES version 1)."""
        world = await self._desk.world()
        group = find(world, ClassGroup, call.path["id"])
        school = find(world, School, group.school)
        weeks = self._weeks(world, self._term(world, school, call.query.term), None)
        items = weeks.items(weeks.published(), "class", group.id)
        about = [
            f"{school.name} {group.name} {weeks.term.name}",
            f"第一周从 {weeks.term.week_1} 开始（单双周以此为准，请在看板软件中设置）",
        ]
        text = board_text(board_of(items), about)
        return attachment(text.encode(), f"{group.name}.yaml", YAML)

    async def import_board(
        self, call: Call[Nothing, BoardImportQuery]
    ) -> BoardReport | web.Response:
        """Local lessons of a class from its class board's file (CSES version 1)."""
        data = await read_limited(call.request.content.iter_any(), MAX_BYTES)
        try:
            for _ in range(_TRIES):
                with suppress(ChangedMeanwhileError):
                    return await self._import_once(call, data)
        except FaultyImportError as error:
            return faults_answer(error)
        raise ChangedMeanwhileError

    async def _import_once(
        self, call: Call[Nothing, BoardImportQuery], data: bytes
    ) -> BoardReport:
        number = await self._catalogue.number()
        world = await self._desk.world(fresh=True)
        group = find(world, ClassGroup, call.path["id"])
        school = find(world, School, group.school)
        weeks = self._weeks_if_any(world, school, call.query.term)

        def read() -> tuple[list[PlacedRow], list[Value], list[LocalLesson]]:
            found = list(read_board(call.query.name, data, world, group, weeks))
            gone = left_over(world, group, found)
            # What an earlier file brought is not in the way of what takes its place.
            known = [row for kind in KINDS for row in world.all(kind.value)]
            known = [row for row in known if row not in gone] if gone else known
            return read_found(found, known), known, gone

        rows, known, gone = await asyncio.to_thread(read)
        report = await take_rows(
            self._catalogue,
            rows,
            known,
            gone=gone,
            judged_at=number,
            check=call.query.check,
        )
        return BoardReport(**report.model_dump(), removed=len(gone))

    def _weeks_if_any(self, world: World, school: School, term: str) -> Weeks | None:
        """None where there is no term yet."""
        try:
            return self._weeks(world, self._term(world, school, term), None)
        except NotFoundError:
            if term:
                raise
            return None

    def _term(self, world: World, school: School, id: str) -> Term:
        """Raises NotFoundError."""
        if id:
            return find(world, Term, id)
        above = list(upwards(world, school.district))
        today = local_day(self._clock.now(), above[0].zone if above else DEFAULT_ZONE)
        here = {district.id for district in above}
        ahead = [
            term
            for term in world.all(Term)
            if term.district in here and term.last_day >= today
        ]
        if not ahead:
            raise NotFoundError(
                "no_term",
                zh="没有正在进行或将要开始的学期，请先添加学期",
                en="no term runs or is to come; add one",
            )
        return min(ahead, key=lambda term: (term.first_day, term.id))

    def _weeks(self, world: World, term: Term, day: date | None) -> Weeks:
        district = world.get(District, term.district)
        zone = district.zone if district else DEFAULT_ZONE
        return Weeks(world, term, day or local_day(self._clock.now(), zone))


async def _printed(
    weeks: Weeks, timed: Sequence[Timed], query: PrintQuery, title: str
) -> web.Response:
    make = partial(week_book, weeks, timed, query.by, query.id, title)
    data = await written(make, weeks.world)
    return attachment(data, f"{title}课表.xlsx", XLSX)
