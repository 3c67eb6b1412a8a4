"""Files in and out as a part of the scheduler: what stands on what."""

from common.clock import Clock
from common.db import Database
from common.http import Router
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.store import Catalogue
from scheduler.edition.store import Editions
from scheduler.exchange.api import FilesApi
from scheduler.exchange.api_calendar import CalendarApi
from scheduler.exchange.api_week import WeekApi
from scheduler.exchange.link_store import CalendarLessons, CalendarLinks


def add_exchange(
    router: Router,
    desk: WorldDesk,
    catalogue: Catalogue,
    database: Database,
    clock: Clock,
    prefix: str,
) -> None:
    """`prefix`: of the router's addresses, for links that leave the server."""
    FilesApi(desk).add_to(router)
    WeekApi(desk, catalogue, Editions(database), clock).add_to(router)
    links, lessons = CalendarLinks(database), CalendarLessons(database)
    CalendarApi(desk, links, lessons, clock, prefix).add_to(router)
