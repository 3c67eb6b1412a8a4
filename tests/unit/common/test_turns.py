"""Long loops that let others go in between."""

import asyncio
import time

from common.turns import TURN_S, batched, in_turns


async def test_others_go_in_between_the_items_of_a_long_loop() -> None:
    said: list[str] = []

    async def other() -> None:
        said.append("other")

    task = asyncio.create_task(other())
    async for number in in_turns([1, 2]):
        said.append(str(number))
        until = time.monotonic() + 2 * TURN_S
        while time.monotonic() < until:
            pass
    await task
    assert said == ["1", "other", "2"]


def test_a_batch_is_never_larger_than_asked_and_nothing_is_lost() -> None:
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batched([], 2)) == []
