"""The importer's one door to the database."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from scheduler.contradictions import cautions
from scheduler.importer.child import is_heavy, read_apart
from scheduler.importer.read import read_uploads
from scheduler.importer.tables import Upload
from scheduler.kinds import BY_VALUE, KINDS, Kind
from scheduler.store import Catalogue
from scheduler.term_views import Sentence
from scheduler.value import Value
from scheduler.world import World

_MOST_WARNINGS = 500
Change = Literal["added", "changed", "unchanged"]


class SheetReport(BaseModel):
    """How many rows are new, different from those of the same key, or the same."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class ImportReport(BaseModel):
    """`rows`: how many of each sheet were read. `written` is false for a check.
    `warnings`: what is allowed but odd since these rows."""

    rows: dict[str, int]
    sheets: dict[str, SheetReport]
    written: bool
    warnings: list[Sentence]


async def import_files(
    catalogue: Catalogue,
    uploads: Sequence[Upload],
    kinds: Sequence[Kind] = KINDS,
    *,
    check: bool = False,
) -> ImportReport:
    """All rows in one transaction, or none; with `check` none, but what would change
    is said. Raises FaultyImportError."""
    known: list[Value] = []
    for kind in KINDS:
        known.extend(await catalogue.all(kind.value))
    if is_heavy(uploads):
        values = await read_apart(uploads, kinds, known)
    else:
        values = read_uploads(uploads, kinds, known)
    return await take_values(catalogue, values, known, check=check)


async def take_values(
    catalogue: Catalogue,
    values: Sequence[Value],
    known: Sequence[Value],
    *,
    check: bool = False,
) -> ImportReport:
    """Writes those of `values` that differ from `known`."""
    before = World()
    before.put(known)
    changes = [_change(before, value) for value in values]
    counts: dict[str, Counter[Change]] = defaultdict(Counter)
    for value, change in zip(values, changes, strict=True):
        counts[BY_VALUE[type(value)].name][change] += 1
    news = [
        value
        for value, change in zip(values, changes, strict=True)
        if change != "unchanged"
    ]
    if news and not check:
        await catalogue.put(news)
    # A third of a second for a city: not in the loop that live lessons use.
    warnings = await asyncio.to_thread(_new_cautions, before, news)
    return ImportReport(
        rows={name: count.total() for name, count in counts.items()},
        sheets={
            name: SheetReport.model_validate(count) for name, count in counts.items()
        },
        written=not check,
        warnings=warnings,
    )


def _new_cautions(before: World, values: Sequence[Value]) -> list[Sentence]:
    said = {caution.zh for caution in cautions(before)}
    return [
        Sentence(zh=caution.zh, en=caution.en)
        for caution in cautions(before.plus(values))
        if caution.zh not in said
    ][:_MOST_WARNINGS]


def _change(before: World, value: Value) -> Change:
    kind = BY_VALUE[type(value)]
    there = before.get(kind.value, *kind.key_of(value))
    if there is None:
        return "added"
    return "unchanged" if there == value else "changed"
