"""Editions as a part of the scheduler: what stands on what, and who is started."""

import asyncio
from contextlib import AsyncExitStack, suppress

from common.clock import Clock
from common.db import Database
from common.http import Router
from scheduler.edition.api import EditionsApi
from scheduler.edition.api_jobs import JobsApi
from scheduler.edition.desk import Desk
from scheduler.edition.job_store import JobStore
from scheduler.edition.solving import Solving
from scheduler.edition.store import Editions
from scheduler.facts import WorldDesk


class EditionsService:
    def __init__(self, database: Database, worlds: WorldDesk, clock: Clock) -> None:
        editions = Editions(database)
        desk = Desk(worlds, editions)
        self._solving = Solving(JobStore(database), editions, desk, clock)
        self._jobs_api = JobsApi(self._solving, editions, desk, clock)
        self._editions_api = EditionsApi(editions, desk, clock)
        self._closing = AsyncExitStack()

    def add_to(self, router: Router) -> None:
        self._editions_api.add_to(router)
        self._jobs_api.add_to(router)

    async def start(self) -> None:
        """After the tables are there."""
        for work in (self._solving.run(), self._solving.stay_seen()):
            task = asyncio.create_task(work)
            self._closing.push_async_callback(_cancel, task)
        self._closing.push_async_callback(self._solving.close)

    async def stop(self) -> None:
        """Idempotent. Streams end, what runs is interrupted and keeps its best."""
        self._jobs_api.closed = True
        await self._closing.aclose()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
