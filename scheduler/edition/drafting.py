"""How a new draft begins: empty, as a copy, or as what runs now."""

import asyncio
from datetime import datetime

from common.clock import Clock
from common.errors import ConflictError
from common.ids import new_id
from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.organisation import District
from scheduler.catalogue.world import World
from scheduler.edition.desk import Desk, refuse_foreign_week
from scheduler.edition.slots import by_other_bells
from scheduler.edition.store import Editions
from scheduler.edition.values import Draft, Edition, EditionId, Rows
from scheduler.edition.views import NewEdition


class Drafting:
    def __init__(self, editions: Editions, desk: Desk, clock: Clock) -> None:
        self._editions = editions
        self._desk = desk
        self._clock = clock

    async def begin(self, term: Term, wish: NewEdition, by: str) -> Draft:
        """Raises NotFoundError(`no_such_edition`), ConflictError(`other_term`,
        `too_many_editions`), ParseError(`no_such_week`)."""
        if wish.week is not None:
            refuse_foreign_week(term, wish.week)
        now = self._clock.now()
        week, rows = await self._first_rows(term, wish)
        edition = Edition(
            id=EditionId(new_id("edn")),
            term=term.id,
            name=wish.name or term.name,
            state="draft",
            week=week,
            revision=1,
            done=0,
            kept=0,
            made_at=now,
            made_by=by,
        )
        await self._editions.create(edition, rows.values())
        return Draft(edition, rows)

    async def _first_rows(self, term: Term, wish: NewEdition) -> tuple[int, Rows]:
        """The week whose bells the draft goes by, and its rows."""
        if wish.copy_of == "published" or wish.copy_of is None:
            published = await self._editions.published(term.id)
            week = wish.week or await self._usual_week(term, published)
            if wish.copy_of is None:
                return week, {}
            frame = await self._desk.frame(term.id, week)
            slots = await asyncio.to_thread(frame.slots.rows)
            return week, running_rows(slots, published)
        source = await self._editions.draft(EditionId(wish.copy_of))
        if source.edition.term != term.id:
            raise ConflictError(
                "other_term",
                zh="只能复制同一学期的版本",
                en="only an edition of the same term can be copied",
            )
        week = wish.week or source.edition.week
        if week == source.edition.week:
            return week, source.rows
        own = await self._desk.frame(term.id, source.edition.week)
        other = await self._desk.frame(term.id, week)
        return week, by_other_bells(source.rows, own.slots, other.slots)

    async def _usual_week(self, term: Term, published: Draft | None) -> int:
        if published is not None:
            return published.edition.week
        return coming_week(await self._desk.world(), term, self._clock.now())


def coming_week(world: World, term: Term, now: datetime) -> int:
    """The week after this one, or the term's first or last."""
    district = world.get(District, term.district)
    day = local_day(now, district.zone) if district else now.date()
    first, last = max(1, term.week_of(term.first_day)), term.week_of(term.last_day)
    return min(max(term.week_of(day) + 1, first), last)


def running_rows(slots: Rows, published: Draft | None) -> Rows:
    """What runs now: the slots, with what the published edition knows of each."""
    known = published.rows if published else {}
    return {place: known.get(place, row) for place, row in slots.items()}
