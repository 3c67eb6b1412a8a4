"""The importer's one door to the database."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

from pydantic import BaseModel

from common.memory import made_to_stay
from common.turns import batched, in_turns
from scheduler.catalogue.kinds import BY_VALUE, KINDS, Kind
from scheduler.catalogue.store import Catalogue, ChangedMeanwhileError
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import Caution, World
from scheduler.contradictions import cautions
from scheduler.importer.child import is_heavy, read_apart
from scheduler.importer.fault import Place
from scheduler.importer.read import PlacedRow, read_rows
from scheduler.importer.tables import Upload
from scheduler.views import Sentence

_MOST_WARNINGS = 500
_TRIES = 3
Change = Literal["added", "changed", "unchanged"]


class SheetReport(BaseModel):
    """How many rows are new, different from those of the same key, or the same."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class ImportWarning(Sentence):
    """`kind` and `key`: the row to look at first. It stands at `file`, `sheet` (of a
    workbook) and `line`; no line: it was there before these files."""

    kind: str
    key: str
    file: str = ""
    sheet: str = ""
    line: int | None = None


class ImportReport(BaseModel):
    """`rows`: how many of each sheet were read. `written` is false for a check.
    `warnings`: what is allowed but odd since these rows, at most 500 of them;
    `warnings_count`: all."""

    rows: dict[str, int]
    sheets: dict[str, SheetReport]
    written: bool
    warnings: list[ImportWarning]
    warnings_count: int


async def import_files(
    catalogue: Catalogue,
    uploads: Sequence[Upload],
    kinds: Sequence[Kind] = KINDS,
    *,
    check: bool = False,
) -> ImportReport:
    """All rows in one transaction, or none; with `check` none, but what would change
    is said. Raises FaultyImportError, and ConflictError(`catalogue_changed`) when
    others changed rows each time that the files were judged."""
    for _ in range(_TRIES):
        with suppress(ChangedMeanwhileError), made_to_stay():
            return await _import_once(catalogue, uploads, kinds, check=check)
    raise ChangedMeanwhileError


async def _import_once(
    catalogue: Catalogue,
    uploads: Sequence[Upload],
    kinds: Sequence[Kind],
    *,
    check: bool,
) -> ImportReport:
    number = await catalogue.number()
    known: list[Value] = []
    for kind in KINDS:
        known.extend(await catalogue.all(kind.value))
    if is_heavy(uploads):
        rows = await read_apart(uploads, kinds, known)
    else:
        rows = read_rows(uploads, kinds, known)
    return await take_rows(catalogue, rows, known, judged_at=number, check=check)


async def take_rows(
    catalogue: Catalogue,
    rows: Sequence[PlacedRow],
    known: Sequence[Value],
    *,
    gone: Sequence[Value] = (),
    judged_at: int,
    check: bool = False,
) -> ImportReport:
    """Writes those of `rows` that differ from `known`, and removes what is `gone`.
    Raises ChangedMeanwhileError, see `Catalogue.put`."""
    before = World()
    async for some in in_turns(batched(known, 500)):
        before.put(some)
    counts: dict[str, Counter[Change]] = defaultdict(Counter)
    news: list[PlacedRow] = []
    async for row in in_turns(rows):
        change = _change(before, row.value)
        counts[BY_VALUE[type(row.value)].name][change] += 1
        if change != "unchanged":
            news.append(row)
    if (news or gone) and not check:
        values = [row.value for row in news]
        await catalogue.put(values, gone=gone, judged_at=judged_at)
    # A third of a second for a city: not in the loop that live lessons use.
    warnings = await asyncio.to_thread(_new_cautions, before, news)
    return ImportReport(
        rows={name: count.total() for name, count in counts.items()},
        sheets={
            name: SheetReport.model_validate(count) for name, count in counts.items()
        },
        written=not check,
        warnings=warnings[:_MOST_WARNINGS],
        warnings_count=len(warnings),
    )


def _new_cautions(before: World, rows: Sequence[PlacedRow]) -> list[ImportWarning]:
    said = {caution.zh for caution in cautions(before)}
    places = {id(row.value): row.place for row in rows}
    return [
        _warning(caution, places)
        for caution in cautions(before.plus(row.value for row in rows))
        if caution.zh not in said
    ]


def _warning(caution: Caution, places: Mapping[int, Place]) -> ImportWarning:
    value = next((v for v in caution.values if id(v) in places), caution.values[0])
    kind, place = BY_VALUE[type(value)], places.get(id(value))
    return ImportWarning(
        zh=caution.zh,
        en=caution.en,
        kind=kind.name,
        key=" ".join(str(part) for part in kind.key_of(value)),
        **(place._asdict() if place else {}),
    )


def _change(before: World, value: Value) -> Change:
    kind = BY_VALUE[type(value)]
    there = before.get(kind.value, *kind.key_of(value))
    if there is None:
        return "added"
    return "unchanged" if there == value else "changed"
