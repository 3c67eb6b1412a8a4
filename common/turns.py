"""Long loops within the event loop, taken in short turns."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import TypeVar

TURN_S = 0.005

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, with a turn for all others every few milliseconds: ten thousand rows
    take a second on a busy machine, and the same loop carries live lessons. A thread
    would not help: it shares Python's lock with the loop."""
    until = time.monotonic() + TURN_S
    for item in items:
        yield item
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + TURN_S


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, at most `size` at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
