"""The HTTP interface of files that go out: exports and templates."""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from urllib.parse import quote

from aiohttp import web

from common.http import Call, Handler, Nothing, Router
from scheduler.apart import call_apart
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.kinds import KINDS, ORGANISATION, TIMETABLE, Kind
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.exchange.csv_out import csv_archive, template_archive
from scheduler.exchange.sheet_books import filled_book, template_book
from scheduler.importer.read import read_uploads
from scheduler.sample import sample_uploads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
_BIG_ROWS = 3_000

Maker = Callable[[World, Sequence[Kind]], bytes]


class FilesApi:
    def __init__(self, desk: WorldDesk) -> None:
        self._desk = desk

    def add_to(self, router: Router) -> None:
        for name, zh, kinds in (
            ("organisation", "机构", ORGANISATION),
            ("timetable", "课表", TIMETABLE),
        ):
            for door, end, media_type, make, title in (
                ("export", "xlsx", XLSX, filled_book, zh),
                ("export", "zip", ZIP, csv_archive, zh),
                ("templates", "xlsx", XLSX, _template, f"{zh}模板"),
                ("templates", "zip", ZIP, _template_csv, f"{zh}模板"),
            ):
                handler = self._handler(make, kinds, f"{title}.{end}", media_type)
                handler.__name__ = f"{door}_{name}_{end}"
                handler.__doc__ = f"{title} as .{end}."
                router.get(f"/{door}/{name}.{end}", roles=(), media_type=media_type)(
                    handler
                )

    def _handler(
        self, make: Maker, kinds: Sequence[Kind], name: str, media_type: str
    ) -> Handler:
        async def handler(_call: Call[Nothing, Nothing]) -> web.Response:
            world = await self._desk.world()
            data = await written(partial(make, world, kinds), world)
            return attachment(data, name, media_type)

        return handler


async def written(make: partial[bytes], world: World) -> bytes:
    """Of a small world at once, of a big one by a child: 10 000 rows take a second."""
    rows = sum(len(world.all(kind.value)) for kind in KINDS)
    if rows > _BIG_ROWS:
        return await call_apart(make)
    return await asyncio.to_thread(make)


def attachment(data: bytes, name: str, media_type: str) -> web.Response:
    """A file to be saved under a Chinese name (RFC 6266 §4.3, RFC 8187)."""
    header = f"attachment; filename*=UTF-8''{quote(name)}"
    return web.Response(
        body=data,
        content_type=media_type,
        headers={"Content-Disposition": header, "Cache-Control": "private, no-store"},
    )


def _template(world: World, kinds: Sequence[Kind]) -> bytes:
    return template_book(kinds, world, examples())


def _template_csv(_world: World, kinds: Sequence[Kind]) -> bytes:
    return template_archive(kinds, examples())


@lru_cache(maxsize=1)
def examples() -> dict[type[Value], Value]:
    """One row of each kind, from the sample district."""
    values = read_uploads(sample_uploads(), KINDS, [])
    return {type(value): value for value in reversed(values)}
