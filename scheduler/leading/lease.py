"""One leader among several scheduler processes.

The holder changes the lease row every third of `ttl_s` and trusts itself for less
than `ttl_s` after it last asked to; who waits takes over when it has seen the row
stand still for the whole of `ttl_s`. Both measure with their own monotonic clocks, so
that a wall clock that stops or jumps neither loses nor doubles the leader. Should a
holder act late all the same (frozen between look and write), the fencing number in
its transaction refuses the write: `lease_store.refuse_fenced`.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from common import log
from common.clock import Clock
from common.errors import UnavailableError
from common.ids import new_id
from scheduler.leading.lease_store import LeaseRow, Leases
from scheduler.leading.metrics import LeadMetrics

# A holder stops this much before others may begin: two monotonic clocks do not tick
# alike, and a commit takes its time.
_SAFE = 0.8
_SHORTEST_S = 0.05

_log = log.get("lease")


def holder_name(data_dir: Path) -> str:
    """The name of the one scheduler that runs on this data directory (its lock sees
    to that), the same after a restart."""
    path = data_dir / "scheduler.name"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists() or not path.read_text():
        path.write_text(f"{socket.gethostname()[:40]}.{new_id('sch')}")
    return path.read_text()


class Lease:
    """`holder`: a name that no other living process bears. One that finds its own
    name in the row takes over at once: it is its own predecessor's heir.

    `changed` is called when leadership was won or lost; it must not wait."""

    def __init__(
        self,
        leases: Leases,
        holder: str,
        clock: Clock,
        metrics: LeadMetrics,
        *,
        ttl_s: float,
    ) -> None:
        self._leases = leases
        self.holder = holder
        self._clock = clock
        self._metrics = metrics
        self._ttl_s = ttl_s
        self._fence: int | None = None
        self._until_s = 0.0
        self._still_since_s = 0.0
        self.row: LeaseRow | None = None
        """As last read: who leads, for those who ask."""
        self.database_offset_s = 0.0
        """The database server's clock minus ours."""
        self.changed: Callable[[], None] | None = None

    @property
    def fence(self) -> int | None:
        """Our number while nobody else can be the leader, else None."""
        return self._fence if self._clock.mono_s() < self._until_s else None

    async def run(self) -> None:
        """For ever. A database that is away is waited for: meanwhile nobody leads."""
        while True:
            await asyncio.sleep(self._pause_s())
            try:
                await self.beat()
                await self._compare_clocks()
            except UnavailableError as error:
                _log.warning("database_away", error=str(error))
                self._measure()

    def _pause_s(self) -> float:
        """A holder renews in time for two failures; who waits looks twice as often,
        and at the moment at which it may take over."""
        if self._fence is not None:
            return self._ttl_s / 3
        left_s = self._still_since_s + self._ttl_s - self._clock.mono_s()
        return max(_SHORTEST_S, min(self._ttl_s / 6, left_s))

    async def beat(self) -> None:
        """Renews our lease, or looks whether the holder still lives."""
        led = self.fence
        if self._fence is not None:
            await self._renew(self._fence)
        if self._fence is None:
            await self._contend()
        if led != self.fence:
            _log.info("- leader", holder=self.holder, fence=self.fence, was=led)
            if self.changed is not None:
                self.changed()
        self._measure()

    async def _renew(self, fence: int) -> None:
        asked_s = self._clock.mono_s()
        if await self._leases.renew(fence):
            self._until_s = asked_s + self._ttl_s * _SAFE
        else:
            self._forget()

    async def _contend(self) -> None:
        row = await self._leases.read()
        seen_s = self._clock.mono_s()
        if row != self.row:
            self.row, self._still_since_s = row, seen_s
        stood_still = seen_s - self._still_since_s >= self._ttl_s
        if row is None or row.holder in ("", self.holder) or stood_still:
            await self._take(row)

    async def _take(self, row: LeaseRow | None) -> None:
        asked_s = self._clock.mono_s()
        fence = await self._leases.take(row, self.holder, self._clock.now())
        if fence is None:
            return
        self._fence, self._until_s = fence, asked_s + self._ttl_s * _SAFE
        self.row = await self._leases.read()
        self._metrics.lease_taken.inc()

    async def _compare_clocks(self) -> None:
        """A second witness, where the database runs on another machine."""
        asked_us = self._clock.wall_us()
        theirs_s = await self._leases.database_now()
        if theirs_s is not None:
            ours_s = (asked_us + self._clock.wall_us()) / 2_000_000
            self.database_offset_s = theirs_s - ours_s
            self._metrics.database_clock.set(self.database_offset_s)

    def lost(self) -> None:
        """A write was refused: a newer leader acts."""
        self._metrics.fenced.inc()
        self._forget()
        self._measure()

    def _forget(self) -> None:
        self._fence, self.row = None, None
        self._still_since_s = self._clock.mono_s()

    async def give_back(self) -> None:
        """Before a clean end. Idempotent; harmless when the database is away."""
        fence, self._fence = self._fence, None
        if fence is not None:
            with suppress(UnavailableError):
                await self._leases.give_back(fence)

    def _measure(self) -> None:
        leading = self.fence
        self._metrics.leading.set(leading is not None)
        self._metrics.fence.set(leading or (self.row.fence if self.row else 0))
