"""The HTTP interface of what people enter: one collection for each kind of row, and
the import of whole files."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from common.errors import ConflictError
from common.http import Call, Nothing, Router
from scheduler.catalogue.desk import WorldDesk, missing
from scheduler.catalogue.kinds import KINDS, ORGANISATION, TIMETABLE, Kind
from scheduler.catalogue.organisation import SiteRoom
from scheduler.catalogue.store import Catalogue, ChangedMeanwhileError
from scheduler.catalogue.value import Value
from scheduler.contradictions import contradictions
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.run import ImportReport, import_files
from scheduler.importer.uploads import ImportQuery, faults_answer, read_uploaded

_PLANNING = ("timetabler",)
_TRIES = 5


class CatalogueApi:
    def __init__(self, catalogue: Catalogue, desk: WorldDesk) -> None:
        self._catalogue = catalogue
        self._desk = desk
        self._one = asyncio.Lock()

    def add_to(self, router: Router) -> None:
        for kind in KINDS:
            self._add_kind(router, kind)
        router.post(
            "/import/organisation",
            roles=_PLANNING,
            query=ImportQuery,
            returns=ImportReport,
        )(self.import_organisation)
        router.post(
            "/import/timetable",
            roles=_PLANNING,
            query=ImportQuery,
            returns=ImportReport,
        )(self.import_timetable)
        router.post(
            "/import/all", roles=_PLANNING, query=ImportQuery, returns=ImportReport
        )(self.import_all)

    def _add_kind(self, router: Router, kind: Kind) -> None:
        path = f"/{kind.path}"
        key_path = path + "".join(f"/{{{field}}}" for field in kind.key)

        async def read(_call: Call[Nothing, Nothing]) -> list[Value]:
            return (await self._desk.world()).all(kind.value)

        async def put(call: Call[Any, Nothing]) -> Value:
            return await self._put(call.body)

        async def remove(call: Call[Nothing, Nothing]) -> None:
            await self._catalogue.remove(kind.value, **_key(kind, call.path))

        for handler, verb, words in (
            (read, "list", "All rows of the kind."),
            (put, "put", "Adds a row, or replaces the one with the same key."),
            (remove, "remove", "Removes a row that nothing refers to."),
        ):
            handler.__name__ = f"{verb}_{kind.name}"
            handler.__doc__ = f"{kind.zh}: {words}"
        if kind.value is not SiteRoom:
            # Site rooms are listed with the state of their agents, in `api`.
            router.get(path, roles=(), returns=list[kind.value])(read)  # type: ignore[name-defined]
        router.put(path, roles=_PLANNING, body=kind.value, returns=kind.value)(put)
        router.delete(key_path, roles=_PLANNING)(remove)

    async def _put(self, value: Value) -> Value:
        """Raises ConflictError: `contradiction` naming what it does not fit with,
        `catalogue_changed` when others never pause."""
        # One after the other here; another process may still come between.
        async with self._one:
            for _ in range(_TRIES):
                with suppress(ChangedMeanwhileError):
                    return await self._put_judged(value)
        raise ChangedMeanwhileError

    async def _put_judged(self, value: Value) -> Value:
        number = await self._catalogue.number()
        world = (await self._desk.world(fresh=True)).plus([value])
        # A third of a second for a city: not in the loop that live lessons use.
        for found in await asyncio.to_thread(contradictions, world):
            if any(v is value for v in found.values):
                raise ConflictError(
                    "contradiction",
                    zh=f"{found.field}: {found.zh}",
                    en=f"{found.field}: {found.en}",
                )
        await self._catalogue.put([value], judged_at=number)
        return value

    async def import_organisation(
        self, call: Call[Nothing, ImportQuery]
    ) -> ImportReport | web.Response:
        """Districts, schools, rooms, devices, teachers, classes, bells."""
        return await self._import(call, ORGANISATION)

    async def import_timetable(
        self, call: Call[Nothing, ImportQuery]
    ) -> ImportReport | web.Response:
        """Terms, calendar, courses, receiving rooms, weekly slots."""
        return await self._import(call, TIMETABLE)

    async def import_all(
        self, call: Call[Nothing, ImportQuery]
    ) -> ImportReport | web.Response:
        """Both together: rows of either may refer to the other's."""
        return await self._import(call, KINDS)

    async def _import(
        self, call: Call[Nothing, ImportQuery], kinds: Sequence[Kind]
    ) -> ImportReport | web.Response:
        uploads = await read_uploaded(call.request, call.query)
        try:
            return await import_files(
                self._catalogue, uploads, kinds, check=call.query.check
            )
        except FaultyImportError as error:
            return faults_answer(error)


def _key(kind: Kind, path: dict[str, str]) -> dict[str, object]:
    """The typed key of a row, from its address."""
    key: dict[str, object] = {}
    for field in kind.key:
        text = path[field]
        info = kind.value.model_fields[field]
        if field == "school" and text == "-":
            key[field] = None
            continue
        try:
            rule: Any = Annotated[info.annotation, info]
            key[field] = TypeAdapter(rule).validate_python(text)
        except ValidationError as error:
            raise missing(kind.value, text) from error
    return key
