"""Our end of the scheduler's control channel (`common.protocol.control`).

The channel is open all day. It reconnects by itself; a lesson that is running does
not depend on it.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

import aiohttp

from classroom_agent import retry
from common import log
from common.errors import ParseError
from common.protocol.base import Message, parse_message
from common.protocol.control import (
    AgentReport,
    ControlMessage,
    Hello,
    control_message,
)

_log = log.get("classroom_agent")

PATH = "/control/v1/ws"
_HEARTBEAT_S = 10.0
_CONNECT_TIMEOUT_S = 5.0


class ControlChannel:
    """`hello` is asked for at each connection; `on_command` and, when a connection
    ends, `on_lost` run on the event loop."""

    def __init__(
        self,
        server_url: str,
        token: str,
        hello: Callable[[], Hello],
        on_command: Callable[[ControlMessage], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._url = server_url.rstrip("/") + PATH
        self._token = token
        self._hello = hello
        self._on_command = on_command
        self._on_lost = on_lost
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._latest: AgentReport | None = None

    @property
    def connected(self) -> bool:
        return self._ws is not None and not self._ws.closed

    async def run(self) -> None:
        """Until cancelled."""
        attempt = 0
        async with aiohttp.ClientSession() as session:
            while True:
                began_s = time.monotonic()
                await self._connection(session)
                held = time.monotonic() - began_s >= retry.STEADY_S
                attempt = 1 if held else attempt + 1
                await asyncio.sleep(retry.delay_s(attempt, random.random()))

    async def report(self, report: AgentReport) -> None:
        """Sends it now, or first thing after the next connection."""
        self._latest = report
        await self._send(report)

    async def ask_again(self) -> None:
        """Reconnects, so that the scheduler repeats what it wants of this room."""
        if self._ws is not None:
            await self._ws.close()

    async def _connection(self, session: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            # Not `wait_for`: until Python 3.12 it loses a cancel that meets a failure.
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                ws = await session.ws_connect(
                    self._url,
                    headers=headers,
                    heartbeat=_HEARTBEAT_S,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
        except aiohttp.WSServerHandshakeError as error:
            _log.error("control_refused", status=error.status, url=self._url)
            return
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("control_unreachable", url=self._url, why=str(error))
            return
        self._ws = ws
        try:
            await self._send(self._hello())
            if self._latest is not None:
                await self._send(self._latest)
            async for frame in ws:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._take(frame.data)
        finally:
            self._ws = None
            self._on_lost()
            await ws.close()
        _log.warning("control_lost", url=self._url)

    def _take(self, text: str) -> None:
        try:
            command = parse_message(control_message, text)
        except ParseError as error:
            _log.warning("control_message_ignored", why=error.en)
            return
        self._on_command(command)

    async def _send(self, message: Message) -> None:
        if self._ws is None:
            return
        with suppress(aiohttp.ClientError, ConnectionError, RuntimeError):
            await self._ws.send_str(message.to_json())
