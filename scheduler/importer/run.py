"""The importer's one door to the database."""

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel

from scheduler.importer.read import Upload, read_uploads
from scheduler.kinds import BY_VALUE, KINDS, Kind
from scheduler.store import Catalogue
from scheduler.value import Value


class ImportReport(BaseModel):
    """How many rows of each sheet were added or replaced."""

    rows: dict[str, int]


async def import_files(
    catalogue: Catalogue, uploads: Sequence[Upload], kinds: Sequence[Kind] = KINDS
) -> ImportReport:
    """All rows in one transaction, or none. Raises FaultyImportError."""
    known: list[Value] = []
    for kind in KINDS:
        known.extend(await catalogue.all(kind.value))
    values = read_uploads(uploads, kinds, known)
    await catalogue.put(values)
    counts = Counter(BY_VALUE[type(value)].name for value in values)
    return ImportReport(rows=dict(counts))
