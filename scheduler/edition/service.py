"""Editions as a part of the scheduler: what stands on what, and who is started."""

from common.clock import Clock
from common.db import Database
from common.http import Router
from scheduler.edition.api import EditionsApi
from scheduler.edition.desk import Desk
from scheduler.edition.store import Editions
from scheduler.facts import WorldDesk


class EditionsService:
    def __init__(self, database: Database, worlds: WorldDesk, clock: Clock) -> None:
        editions = Editions(database)
        desk = Desk(worlds, editions)
        self._apis = (EditionsApi(editions, desk, clock),)

    def add_to(self, router: Router) -> None:
        for api in self._apis:
            api.add_to(router)
