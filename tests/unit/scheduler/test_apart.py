"""Work done by a child: the same answer, and nothing lost when it fails."""

import asyncio
import sys
from functools import partial

import pytest

from common.errors import UnavailableError
from scheduler.apart import ChildFailedError, call_apart, run_apart
from scheduler.catalogue.kinds import ORGANISATION
from scheduler.catalogue.organisation import Teacher
from scheduler.catalogue.world import World
from scheduler.exchange.api import written
from scheduler.exchange.csv_out import csv_archive
from tests.support.guard import GUARD_S
from tests.unit.scheduler.district import DISTRICT


async def test_a_big_export_of_a_child_is_the_one_that_is_made_here() -> None:
    world = World()
    world.put(DISTRICT)
    row = {"school": "centre", "name": "王"}
    world.put(Teacher.model_validate({**row, "id": f"t{i}"}) for i in range(4_000))
    make = partial(csv_archive, world, ORGANISATION)
    assert await written(make, world) == make()


async def test_a_child_that_fails_is_told_in_words() -> None:
    with pytest.raises(UnavailableError) as caught:
        await call_apart(partial(sys.exit, 3))
    assert "exit code 3" in caught.value.en


async def test_a_child_that_takes_too_long_is_ended() -> None:
    sleeping = b"import time; time.sleep(3600)\n"
    async with asyncio.timeout(GUARD_S):
        with pytest.raises(ChildFailedError) as caught:
            await run_apart("code", sleeping, longest_s=0.5)
    assert caught.value.slow
