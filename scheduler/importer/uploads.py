"""Files that come in over HTTP, and the answer to faulty ones."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from common.errors import ParseError
from common.http import problem
from scheduler.catalogue.value import ShortText
from scheduler.importer.archive import is_zip
from scheduler.importer.fault import FaultyImportError
from scheduler.importer.tables import Upload
from scheduler.views import Body

MOST_FILES = 40
MOST_BYTES = 16_000_000


class ImportQuery(Body):
    """`sheet`: what a single CSV holds, such as `school`; `name`: its file name;
    `check`: say what would change, write nothing."""

    sheet: ShortText = ""
    name: ShortText = ""
    check: bool = False


async def read_uploaded(request: web.Request, query: ImportQuery) -> list[Upload]:
    """One file as the body, or several as multipart/form-data."""
    if request.content_type != "multipart/form-data":
        data = await read_limited(request.content.iter_any(), MOST_BYTES)
        name = query.name or _default_name(request, query, data)
        return [Upload(name, data, query.sheet)]
    uploads: list[Upload] = []
    left = MOST_BYTES
    async for part in _parts(request):
        # Some clients write other letters as RFC 7578 §4.2 asks, browsers as they are.
        name = unquote(getattr(part, "filename", None) or "")
        if not name:
            continue
        if len(uploads) == MOST_FILES:
            raise ParseError(
                "too_many_files",
                zh=f"一次最多导入 {MOST_FILES} 个文件",
                en=f"at most {MOST_FILES} files at a time",
            )
        left -= len(data := await read_limited(_chunks(part), left))
        uploads.append(Upload(name, data))
    return uploads


async def _parts(request: web.Request) -> AsyncIterator[Any]:
    with _readable():
        async for part in await request.multipart():
            yield part


async def _chunks(part: Any) -> AsyncIterator[bytes]:  # noqa: ANN401 - aiohttp's own
    with _readable():
        while chunk := await part.read_chunk():
            yield chunk


@contextmanager
def _readable() -> Iterator[None]:
    """Raises ParseError(`bad_body`) for parts that aiohttp cannot take apart."""
    try:
        yield
    except (ValueError, HttpProcessingError) as error:
        raise ParseError(
            "bad_body",
            zh="上传的内容不完整或格式不对，请重新上传",
            en=f"not a readable multipart/form-data body: {error}; send it again",
        ) from error


async def read_limited(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """Raises ParseError(`too_large`) beyond `limit` bytes."""
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise ParseError(
                "too_large",
                zh=f"文件太大，一次最多 {_size(limit)}，请分几次导入",
                en=f"too large, at most {_size(limit)} at a time",
            )
    return bytes(data)


def _default_name(request: web.Request, query: ImportQuery, data: bytes) -> str:
    if "toml" in request.content_type:
        return "upload.toml"
    if is_zip(data):
        return f"{query.sheet or 'upload'}.xlsx"
    return f"{query.sheet or 'upload'}.csv"


def faults_answer(error: FaultyImportError) -> web.Response:
    """The problem of RFC 9457, with `faults` as its extension member (§3.2)."""
    response = problem(error)
    body = json.loads(response.text or "")
    body["faults"] = [fault.model_dump() for fault in error.faults]
    response.text = json.dumps(body, ensure_ascii=False)
    return response


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1_000} kB"
