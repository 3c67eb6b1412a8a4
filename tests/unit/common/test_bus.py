"""The bus on a real Valkey server."""

import asyncio
from pathlib import Path

import pytest

from common.bus import Bus
from common.errors import UnavailableError
from common.protocol.events import BusEvent, RoomClosed, RoomOpened
from common.valkey import ValkeyChild
from tests.support.guard import GUARD_S


def opened(session: str) -> RoomOpened:
    return RoomOpened(at=1.0, session=session, node="n")


async def first(bus: Bus, name: str) -> BusEvent:
    async with asyncio.timeout(GUARD_S):
        return await anext(bus.subscribe(name))


async def started_reader(bus: Bus, name: str) -> asyncio.Task[BusEvent]:
    """A reader that has already taken its place in the stream."""
    reader = asyncio.create_task(first(bus, name))
    async with asyncio.timeout(GUARD_S):
        while not await bus._redis.exists(f"tongke:position:{name}"):
            await asyncio.sleep(0)
    return reader


async def test_a_reader_gets_what_is_published_after_it_came(bus: Bus) -> None:
    await bus.publish(opened("before"))
    reader = await started_reader(bus, "late")
    await bus.publish(opened("after"))
    assert await reader == opened("after")


async def test_a_reader_that_was_away_can_read_up_to_now_and_no_further(
    bus: Bus,
) -> None:
    assert [event async for event in bus.unread("back")] == []
    for session in ("a", "b"):
        await bus.publish(opened(session))
    assert [event async for event in bus.unread("back")] == [opened("a"), opened("b")]
    assert [event async for event in bus.unread("back")] == []
    later = asyncio.create_task(first(bus, "back"))
    await bus.publish(opened("c"))
    assert await later == opened("c")


async def test_every_named_reader_gets_every_event(bus: Bus) -> None:
    readers = [await started_reader(bus, name) for name in ("one", "two")]
    await bus.publish(opened("s"))
    assert await asyncio.gather(*readers) == [opened("s"), opened("s")]


async def test_a_reader_that_died_while_handling_gets_the_event_again(bus: Bus) -> None:
    reader = await started_reader(bus, "crashing")
    await bus.publish(opened("s"))
    await reader
    assert await first(bus, "crashing") == opened("s")


async def test_a_reader_goes_on_after_the_last_event_it_finished(bus: Bus) -> None:
    reader = await started_reader(bus, "steady")
    await bus.publish(opened("one"))
    await bus.publish(opened("two"))
    await reader
    events = bus.subscribe("steady")
    async with asyncio.timeout(GUARD_S):
        assert [await anext(events), await anext(events)] == [
            opened("one"),
            opened("two"),
        ]
    assert await first(bus, "steady") == opened("two")


async def test_an_unknown_event_is_passed_over(bus: Bus) -> None:
    reader = await started_reader(bus, "old")
    await bus._redis.xadd("tongke:events", {"event": '{"type":"from.the.future"}'})
    await bus.publish(RoomClosed(at=2.0, session="s", node="n"))
    assert await reader == RoomClosed(at=2.0, session="s", node="n")


async def test_publishing_without_a_server_says_so(tmp_path: Path) -> None:
    server = ValkeyChild(tmp_path)
    await server.start()
    bus = Bus(server.url)
    await server.stop()
    with pytest.raises(UnavailableError, match="bus_unreachable"):
        await bus.publish(opened("s"))
    with pytest.raises(UnavailableError, match="bus_unreachable"):
        await bus.connect()
    await bus.close()


async def test_positions_and_events_survive_a_restart_of_the_server(
    tmp_path: Path,
) -> None:
    server = ValkeyChild(tmp_path)
    await server.start()
    bus = Bus(server.url)
    reader = await started_reader(bus, "r")
    await bus.publish(opened("one"))
    await reader
    await bus.close()
    await server.stop()
    again = ValkeyChild(tmp_path)
    await again.start()
    bus = Bus(again.url)
    assert await first(bus, "r") == opened("one")
    await bus.close()
    await again.stop()
