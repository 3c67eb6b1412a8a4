"""Tasks that are ended by whoever began them."""

import asyncio
from contextlib import suppress
from typing import Any


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancels it and waits until it is over. Idempotent. Raises what it failed with."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
