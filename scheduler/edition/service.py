"""Editions as a part of the scheduler: what stands on what, and who is started."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from common import log
from common.clock import Clock
from common.db import Database
from common.http import Router
from common.tasks import end_task
from scheduler.catalogue.desk import WorldDesk
from scheduler.edition.api import EditionsApi
from scheduler.edition.api_jobs import JobsApi
from scheduler.edition.api_publish import PublishApi
from scheduler.edition.desk import Desk
from scheduler.edition.job_store import JobStore
from scheduler.edition.notice_store import Notices
from scheduler.edition.publish_store import Publications
from scheduler.edition.publishing import Publishing
from scheduler.edition.solving import Solving
from scheduler.edition.store import Editions

_log = log.get("editions")


class EditionsService:
    """`changed` is called when dated lessons are other ones."""

    def __init__(
        self,
        database: Database,
        worlds: WorldDesk,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        editions = Editions(database)
        desk = Desk(worlds, editions)
        self._solving = Solving(JobStore(database), editions, desk, clock)
        self._jobs_api = JobsApi(self._solving, editions, desk, clock)
        self._editions_api = EditionsApi(editions, desk, clock)
        publications = Publications(database)
        self._publishing = Publishing(publications, editions, desk, clock, changed)
        self._publish_api = PublishApi(self._publishing, Notices(database))
        self._closing = AsyncExitStack()

    def add_to(self, router: Router) -> None:
        self._editions_api.add_to(router)
        self._jobs_api.add_to(router)
        self._publish_api.add_to(router)

    async def start(self) -> None:
        """After the tables are there."""
        for work in (
            self._solving.run(),
            self._solving.stay_seen(),
            self._resume_publishing(),
        ):
            task = asyncio.create_task(work)
            self._closing.push_async_callback(end_task, task)
        self._closing.push_async_callback(self._solving.close)

    async def _resume_publishing(self) -> None:
        try:
            await self._publishing.resume()
        except Exception:  # the outermost frame of its task
            _log.exception("publishing_not_resumed")

    async def stop(self) -> None:
        """Idempotent. Streams end, what runs is interrupted and keeps its best."""
        self._jobs_api.closed = True
        await self._closing.aclose()
