"""The room's screen: leads a full-screen browser to the room page of the server.

The browser opens a page of this program first, because this program is always there:
while the server is away it says so, with a clock and the lesson by the room's agenda,
and goes on to the room page as soon as the server answers. A lesson that the room went
into without the scheduler is shown by the room page of this program (`local_room`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal
from urllib.parse import quote

import aiohttp
from aiohttp import web

from classroom_agent.agenda import Kept
from classroom_agent.config import RoomConfig
from classroom_agent.local_room import (
    API,
    PAGE,
    LocalRoom,
    page_routes,
    refuse_strangers,
)
from classroom_agent.screen import Screen
from common import log
from common.http import error_middleware
from common.tasks import end_task

_log = log.get("classroom_agent")

_PROBE_TIMEOUT_S = 2.0
_RESTART_S = 3.0
KIOSK_FLAGS = (
    "--kiosk",
    "--noerrdialogs",
    "--disable-infobars",
    "--disable-session-crashed-bubble",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--password-store=basic",
)


class RoomDisplay:
    """`port` 0 in the configuration: nothing is served and no browser started."""

    def __init__(
        self, config: RoomConfig, now_s: Callable[[], float] = time.time
    ) -> None:
        self._config = config
        self._now_s = now_s
        self._screen = Screen()
        self._room = LocalRoom(config, Kept(site_room=config.site_room))
        self._led: Literal["nowhere", "server", "here"] = "nowhere"
        self._process: asyncio.subprocess.Process | None = None
        self._state_told: dict[str, object] = {}
        self._pages: Sequence[web.AbstractRouteDef] = ()
        self._runner: web.AppRunner | None = None
        self._browser: asyncio.Task[None] | None = None

    async def start(self) -> None:
        port = self._config.display.port
        if port == 0:
            return
        app = web.Application(middlewares=[error_middleware, _only_here])
        self._pages = page_routes()
        app.add_routes(
            [
                web.get("/", self._lead),
                web.get("/state", self._state),
                web.get(f"{API}/today", self._today),
                web.get(f"{API}/notices", self._notices),
                web.post(f"{API}/sessions/{{id}}/join", self._join),
                *self._pages,
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        if self._config.display.chromium:
            self._browser = asyncio.create_task(self._keep_browser())

    async def stop(self) -> None:
        """Idempotent."""
        if self._browser is not None:
            await end_task(self._browser)
            self._browser = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def show(self, screen: Screen, room: LocalRoom, state: dict[str, object]) -> None:
        """`state` is served at `/state` for whoever maintains the room."""
        self._screen, self._room, self._state_told = screen, room, state
        if self._led == "server" and room.is_page_stale:
            self._start_over()
        if self._led == "here" and not room.alone and room.lesson is None:
            self._start_over()

    def _start_over(self) -> None:
        """The browser is on the wrong page: it opens ours again."""
        self._led = "nowhere"
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()

    def room_page(self) -> str:
        """Address of the room page; the key travels in the fragment, which browsers
        do not send to servers."""
        server = self._config.server.url.rstrip("/")
        key = self._config.display.access_key
        page = f"{server}/room?site_room={quote(self._config.site_room)}"
        return f"{page}#key={quote(key)}" if key else page

    async def _lead(self, _request: web.Request) -> web.StreamResponse:
        page = None
        if await self._server_answers():
            self._led, page = "server", self.room_page()
        elif self._room.has_to_show and self._pages:
            site_room = quote(self._config.site_room)
            self._led, page = "here", f"{PAGE}?site_room={site_room}"
        if page is not None:
            return web.Response(status=302, headers={"Location": page})
        text = self._screen.page(self._now_s())
        return web.Response(text=text, content_type="text/html")

    async def _today(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._room.today(self._now_s()))

    async def _notices(self, _request: web.Request) -> web.StreamResponse:
        """None: what was changed is in the agenda, who was told is the server's."""
        return web.json_response([])

    async def _join(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._room.ticket(request.match_info["id"]))

    async def _state(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._state_told)

    async def _server_answers(self) -> bool:
        timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"{self._config.server.url}/healthz") as response,
            ):
                return response.status < 500
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _keep_browser(self) -> None:
        """Starts the browser, and again whenever it ends."""
        while True:
            try:
                _log.warning("browser_ended", code=await self._browse())
            except OSError as error:
                _log.error("browser_not_started", why=str(error))
            await asyncio.sleep(_RESTART_S)

    async def _browse(self) -> int:
        """One run of the browser; its exit code. Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            *self._browser_command(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._process = process
        try:
            return await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise

    def _browser_command(self) -> list[str]:
        profile = (self._config.state_dir / "browser").absolute()
        profile.mkdir(parents=True, exist_ok=True)
        return [
            self._config.display.chromium,
            *KIOSK_FLAGS,
            f"--user-data-dir={profile}",
            f"http://127.0.0.1:{self._config.display.port}/",
        ]


@web.middleware
async def _only_here(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    refuse_strangers(request)
    return await handler(request)
