"""Bytes over HTTP: whole or one range (RFC 9110 §14), with a name people can read."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import hdrs, web

_CHUNK = 1_000_000
Read = Callable[[int, int], Awaitable[bytes]]
"""(start, length) -> bytes."""


def attachment(title: str, ending: str) -> str:
    """RFC 6266 §4.3 with RFC 8187: a Chinese name, and a plain one for old clients."""
    safe = "".join(c for c in title if c.isprintable() and c not in '/\\:*?"<>|')
    name = quote(f"{safe.strip() or 'lesson'}{ending}", safe="")
    return f"attachment; filename=\"lesson{ending}\"; filename*=UTF-8''{name}"


async def send(
    request: web.Request,
    size: int,
    read: Read,
    *,
    content_type: str,
    headers: dict[str, str],
) -> web.StreamResponse:
    """Answers 200, 206 or 416."""
    try:
        start, stop = _range(request, size)
    except ValueError:
        return web.Response(status=416, headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})
    partial = (start, stop) != (0, size)
    response = web.StreamResponse(status=206 if partial else 200, headers=headers)
    response.content_type = content_type
    response.content_length = stop - start
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    if partial:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{size}"
    await response.prepare(request)
    for at in range(start, stop, _CHUNK):
        await response.write(await read(at, min(_CHUNK, stop - at)))
    await response.write_eof()
    return response


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """[start, stop) of what is asked for. Raises ValueError when there is none."""
    asked = request.http_range
    start = 0 if asked.start is None else asked.start
    stop = size if asked.stop is None else min(asked.stop, size)
    if start < 0:
        start = max(size + start, 0)
    if start >= stop and size:
        raise ValueError("unsatisfiable range")
    return start, stop
