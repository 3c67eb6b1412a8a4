import asyncio
import time

from common.bus import Bus
from common.protocol.events import HandChanged
from tests.support.guard import GUARD_S


def hand() -> HandChanged:
    return HandChanged(at=time.time(), session="s", participant="p", raised=True)


async def test_a_reader_that_is_cancelled_while_news_arrives_does_end(bus: Bus) -> None:
    """Each round cancels a few loop turns later than the one before, so that some
    cancellation falls into each of the reader's writes."""

    async def read(name: str) -> None:
        async for _event in bus.subscribe(name):
            pass

    readers = []
    for turns in range(12):
        reader = asyncio.create_task(read(f"reader-{turns}"))
        await bus.publish(hand())
        await bus.publish(hand())
        for _ in range(turns):
            await asyncio.sleep(0)
        reader.cancel()
        readers.append(reader)
    async with asyncio.timeout(GUARD_S):
        await asyncio.gather(*readers, return_exceptions=True)
    assert all(reader.cancelled() for reader in readers)
