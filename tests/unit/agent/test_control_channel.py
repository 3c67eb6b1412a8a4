"""The control channel between two tries."""

import asyncio
from typing import NoReturn

import aiohttp
import pytest

from classroom_agent.control import ControlChannel
from common.protocol.control import Hello
from tests.support.guard import GUARD_S


async def test_a_channel_that_is_closed_while_a_try_fails_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = ControlChannel(
        "http://127.0.0.1:9",
        "t",
        lambda: Hello(site_room="room", software="test"),
        lambda _: None,
        lambda: None,
    )
    running = asyncio.create_task(channel.run())

    async def refused(*_: object, **__: object) -> NoReturn:
        running.cancel()
        raise aiohttp.ClientError

    monkeypatch.setattr(aiohttp.ClientSession, "ws_connect", refused)
    await asyncio.wait({running}, timeout=GUARD_S)
    assert running.cancelled()
