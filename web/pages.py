"""Serves the built pages: clean paths, long cache for hashed names, a strict CSP."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import hdrs, web

from common.errors import NotFoundError, UnavailableError

DIST = Path(__file__).parent / "dist"

SHELLS = {
    "/": "today",
    "/timetable": "timetable",
    "/teach": "teach",
    "/room": "room",
    "/library": "library",
    "/status": "status",
    "/sign-in": "sign-in",
}
MISSING = "missing"
"""For people who come to an address that is no page."""

# No inline script or style anywhere. `ws: wss:` in connect-src, because
# in a cluster a join token names the node whose SFU holds the room.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    hdrs.CACHE_CONTROL: "no-cache",
}
_ASSET_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable",
}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_routes(dist: Path = DIST) -> list[web.RouteDef]:
    """Routes of all pages and of what they load.

    Raises UnavailableError `pages_not_built`, so that a server without pages says so
    when it starts and not to the first teacher.
    """
    missing = [
        n for n in (*SHELLS.values(), MISSING) if not (dist / f"{n}.html").is_file()
    ]
    if missing:
        raise UnavailableError(
            "pages_not_built",
            zh="网页还没有构建：请先运行 make web",
            en="the web pages are not built: run `make web` first",
        )
    shells = [
        web.get(path, _shell(dist / f"{name}.html")) for path, name in SHELLS.items()
    ]
    return [
        *shells,
        web.get(r"/assets/{name:[\w.-]+}", _assets(dist / "assets")),
        web.get(r"/{name:[^/]+}", _missing(dist / f"{MISSING}.html")),
    ]


def _shell(path: Path) -> _Handler:
    async def page(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=_PAGE_HEADERS)

    return page


def _missing(path: Path) -> _Handler:
    """A person is told so on a page; a program, as everywhere, by a problem."""

    async def missing(request: web.Request) -> web.StreamResponse:
        if "text/html" not in request.headers.get(hdrs.ACCEPT, ""):
            raise NotFoundError("no_such_path", zh="没有这个地址", en="no such path")
        return web.FileResponse(path, headers=_PAGE_HEADERS, status=404)

    return missing


def _assets(folder: Path) -> _Handler:
    async def asset(request: web.Request) -> web.StreamResponse:
        # The route lets no slash through, so a name never leaves the folder.
        path = folder / request.match_info["name"]
        if not path.is_file():
            raise NotFoundError(
                "no_such_asset",
                zh="页面已更新，请重新载入",
                en="the page was updated: reload it",
            )
        return web.FileResponse(path, headers=_ASSET_HEADERS)

    return asset
