"""Everything people entered, in memory, for all who read it."""

import asyncio
from typing import TypeVar

from common.clock import Clock
from common.errors import NotFoundError
from common.memory import made_to_stay
from scheduler.catalogue.kinds import BY_VALUE, KINDS
from scheduler.catalogue.store import Catalogue
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World

# What another process entered is seen after this at the latest.
_STALE_S = 10.0

V = TypeVar("V", bound=Value)


class WorldDesk:
    """Everything people entered, read again when it has changed: the same world, as
    an object, for as long as nothing has."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._world = World()
        self._read_at = float("-inf")
        self._revision = self._number = -1
        # Of those who find it old at the same moment one reads, the others wait.
        self._reading = asyncio.Lock()

    async def world(self, *, fresh: bool = False) -> World:
        if fresh or self._is_old():
            async with self._reading:
                if fresh or self._is_old():
                    await self._read_again()
        return self._world

    def _is_old(self) -> bool:
        stale = self._clock.mono_s() - self._read_at > _STALE_S
        return stale or self._revision != self._catalogue.revision

    async def _read_again(self) -> None:
        now, revision = self._clock.mono_s(), self._catalogue.revision
        # Before the rows: what changes while they are read is read next time.
        number = await self._catalogue.number()
        if number != self._number:
            with made_to_stay():
                self._world = await self._read()
        self._read_at, self._revision, self._number = now, revision, number

    async def _read(self) -> World:
        world = World()
        for kind in KINDS:
            world.put(await self._catalogue.all(kind.value))
        return world


def find(world: World, kind: type[V], id: str) -> V:
    """Raises NotFoundError(`no_such_<kind>`)."""
    found = world.get(kind, id)
    if found is None:
        raise missing(kind, id)
    return found


def missing(kind: type[Value], id: str) -> NotFoundError:
    name, zh = BY_VALUE[kind].name, BY_VALUE[kind].zh
    return NotFoundError(
        f"no_such_{name}", zh=f"没有编号为 {id} 的{zh}", en=f"there is no {name} {id}"
    )
