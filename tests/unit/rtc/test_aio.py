"""The asyncio glue."""

import asyncio

from rtc import Client, Connected, Forwarder, PeerClosed, PeerConnected
from rtc.aio import WatchedForwarder, events
from tests.support.guard import GUARD_S
from tests.unit.rtc.support import LOOPBACK


async def test_events_are_iterated_as_they_come() -> None:
    forwarder = Forwarder(bind=LOOPBACK)
    client = Client(receive_audio=1, bind=LOOPBACK)
    client.accept(forwarder.accept("room", client.offer()).sdp)
    async with asyncio.timeout(GUARD_S):
        async for event in events(client):
            if isinstance(event, Connected):
                assert event.transport == "udp"
                break
        async for said in events(forwarder):
            if isinstance(said, PeerConnected):
                break
    client.close()
    forwarder.close()


async def test_closing_hands_over_the_last_words_and_may_be_repeated() -> None:
    said: list[object] = []
    forwarder = Forwarder(bind=LOOPBACK)
    watched = WatchedForwarder(forwarder, said.append)
    client = Client(receive_audio=1, bind=LOOPBACK)
    forwarder.accept("room", client.offer())
    await watched.close()
    await watched.close()
    assert [type(event) for event in said] == [PeerClosed]
    client.close()
