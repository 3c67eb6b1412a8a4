"""Big and packed files are read by a child process.

Ten thousand rows take a second of Python, and a workbook may be hostile: neither is
for the process that carries live lessons. The child gets the files and the known rows
on its standard input and answers with rows or faults as JSON lines; nothing it says is
trusted more than the file itself.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from common.errors import ParseError, UnavailableError
from scheduler.apart import ChildFailedError, behave, run_apart
from scheduler.catalogue.kinds import BY_NAME, BY_VALUE, Kind
from scheduler.catalogue.value import Value
from scheduler.importer.archive import is_zip
from scheduler.importer.fault import Fault, FaultyImportError, Place
from scheduler.importer.read import PlacedRow, read_rows
from scheduler.importer.tables import Upload

BIG_BYTES = 100_000


def is_heavy(uploads: Sequence[Upload]) -> bool:
    packed = any(is_zip(upload.data) for upload in uploads)
    return packed or sum(len(upload.data) for upload in uploads) > BIG_BYTES


async def read_apart(
    uploads: Sequence[Upload], kinds: Sequence[Kind], known: Sequence[Value]
) -> list[PlacedRow]:
    """As `read_rows`, in a child. Also raises ParseError(`too_slow`) and
    UnavailableError(`import_failed`)."""
    order = await asyncio.to_thread(_order, uploads, kinds, known)
    try:
        answer = await run_apart("scheduler.importer.child", order)
    except ChildFailedError as error:
        if error.slow:
            raise ParseError(
                "too_slow",
                zh="文件太大，没有读完；请分成几个文件再导入",
                en="the file took too long to read; split it",
            ) from error
        raise UnavailableError(
            "import_failed",
            zh="读取文件时出错，什么都没有导入；请把文件分小或另存一次再试",
            en=f"reading the file failed ({error}), nothing was imported; split it or "
            "save it again",
        ) from error
    return await asyncio.to_thread(_answered, answer)


def _order(
    uploads: Sequence[Upload], kinds: Sequence[Kind], known: Iterable[Value]
) -> bytes:
    head = {
        "kinds": [kind.name for kind in kinds],
        "uploads": [[u.name, u.sheet, len(u.data)] for u in uploads],
    }
    files = b"".join(upload.data for upload in uploads)
    return json.dumps(head).encode() + b"\n" + files + _lines(known)


def _answered(answer: bytes) -> list[PlacedRow]:
    """Raises FaultyImportError."""
    head, _, rest = answer.partition(b"\n")
    if head == b"faults":
        raise FaultyImportError(
            [Fault.model_validate_json(line) for line in rest.splitlines()]
        )
    return list(_rows(rest.splitlines()))


def _lines(values: Iterable[Value]) -> bytes:
    return b"".join(
        f"{BY_VALUE[type(value)].name}\t{value.model_dump_json()}\n".encode()
        for value in values
    )


def _values(lines: Iterable[bytes]) -> Iterator[Value]:
    for line in lines:
        name, _, text = line.partition(b"\t")
        yield BY_NAME[name.decode()].value.model_validate_json(text)


def _row_line(row: PlacedRow) -> bytes:
    return json.dumps(row.place).encode() + b"\t" + _lines([row.value])


def _rows(lines: Iterable[bytes]) -> Iterator[PlacedRow]:
    for line in lines:
        place, _, rest = line.partition(b"\t")
        (value,) = _values([rest])
        yield PlacedRow(value, Place(*json.loads(place)))


def main(order: BinaryIO, answer: BinaryIO) -> None:
    head = json.loads(order.readline())
    uploads = [
        Upload(name, order.read(size), sheet) for name, sheet, size in head["uploads"]
    ]
    kinds = [BY_NAME[name] for name in head["kinds"]]
    try:
        rows = read_rows(uploads, kinds, list(_values(order)))
    except FaultyImportError as error:
        answer.write(b"faults\n")
        for fault in error.faults:
            answer.write(fault.model_dump_json().encode() + b"\n")
    else:
        answer.write(b"rows\n" + b"".join(map(_row_line, rows)))


if __name__ == "__main__":
    behave()
    main(sys.stdin.buffer, sys.stdout.buffer)
