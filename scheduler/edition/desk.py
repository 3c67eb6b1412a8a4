"""Judged editions, remembered: each revision is judged once, away from the event loop.

The work is done in a thread of ordinary priority: a thread that is to wait for others
while it holds Python's lock would make live lessons wait with it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from common.errors import ParseError
from common.memory import made_to_stay
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.world import World
from scheduler.edition.changes import step_of
from scheduler.edition.frame import Frame
from scheduler.edition.packed import Packed, packed_board
from scheduler.edition.picture import Picture
from scheduler.edition.present import cell_views
from scheduler.edition.slots import by_other_bells
from scheduler.edition.store import Editions
from scheduler.edition.values import Draft, Edition, EditionId, Step, apply
from scheduler.edition.views import CellView, Wish
from scheduler.solver.problem import Placement, Stream

_FRAMES = 4
_PICTURES = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass
class _Recent(Generic[K, V]):
    """The values used last, at most `size`."""

    size: int

    def __post_init__(self) -> None:
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self.size:
            self._values.popitem(last=False)


class Desk:
    def __init__(self, worlds: WorldDesk, editions: Editions) -> None:
        self._worlds = worlds
        self._editions = editions
        self._frames: _Recent[tuple[str, int], Frame] = _Recent(_FRAMES)
        self._pictures: _Recent[tuple[str, int], Picture] = _Recent(_PICTURES)
        self._boards: _Recent[tuple[str, int], tuple[Picture, Packed]]
        self._boards = _Recent(_PICTURES)
        # One at a time: two people who open the same board wait for one answer.
        self._making = asyncio.Lock()
        self._packing = asyncio.Lock()
        # A picture's board is changed while it is asked, and put back.
        self._asking = asyncio.Lock()

    async def world(self, *, fresh: bool = False) -> World:
        return await self._worlds.world(fresh=fresh)

    async def term(self, id: str) -> Term:
        """Raises NotFoundError(`no_such_term`)."""
        return find(await self._worlds.world(), Term, id)

    async def frame(self, term: str, week: int) -> Frame:
        """Raises NotFoundError(`no_such_term`)."""
        async with self._making:
            return await self._frame(term, week)

    async def picture(self, id: EditionId, week: int | None = None) -> Picture:
        """`week`: by whose bells; None: the edition's own. Raises NotFoundError."""
        edition = await self._editions.get(id)
        shown = edition.week if week is None else week
        async with self._making:
            frame = await self._frame(edition.term, shown)
            known = self._pictures.get((id, shown))
            if known is not None and _is_of(known, frame, edition):
                return known
            draft = await self._editions.draft(id)
            if shown != draft.edition.week:
                own = await self._frame(edition.term, draft.edition.week)
                rows = by_other_bells(draft.rows, own.slots, frame.slots)
                draft = Draft(draft.edition, rows)
            return await self._judge(frame, draft, known)

    async def board(self, id: EditionId, week: int | None) -> Packed:
        """The picture as an answer. Raises as `picture`, ParseError(`no_such_week`)."""
        if week is not None:
            edition = await self._editions.get(id)
            refuse_foreign_week(await self.term(edition.term), week)
        picture = await self.picture(id, week)
        edition = picture.draft.edition
        key = (id, picture.frame.week)
        async with self._packing:
            known = self._boards.get(key)
            if known is not None and known[0] is picture:
                return known[1]
            last = await self._editions.last(edition)
            with made_to_stay() if known is None else nullcontext():
                packed = await asyncio.to_thread(
                    packed_board, picture, edition.week, last
                )
            self._boards.put(key, (picture, packed))
        return packed

    async def step(self, picture: Picture, wishes: Sequence[Wish]) -> Step:
        """What a person's wishes make of the picture. Raises as `step_of`."""
        async with self._asking:
            return await asyncio.to_thread(step_of, picture, wishes)

    async def cells(
        self, picture: Picture, stream: Stream, moving: Placement | None
    ) -> list[CellView]:
        """As `cell_views`."""
        async with self._asking:
            return await asyncio.to_thread(cell_views, picture, stream, moving)

    async def advance(self, picture: Picture, edition: Edition, step: Step) -> Picture:
        """The picture after a step that the store has taken."""
        draft = Draft(edition, apply(picture.draft.rows, step))
        async with self._making:
            return await self._judge(picture.frame, draft, picture)

    async def _judge(
        self, frame: Frame, draft: Draft, before: Picture | None
    ) -> Picture:
        near = before is not None and before.is_near(frame, draft)
        with nullcontext() if near else made_to_stay():
            made = await asyncio.to_thread(Picture, frame, draft, before)
        if before is not None and near:
            async with self._asking:
                await asyncio.to_thread(made.take_over_board, before)
        self._pictures.put((draft.edition.id, frame.week), made)
        return made

    async def _frame(self, term_id: str, week: int) -> Frame:
        world = await self._worlds.world()
        known = self._frames.get((term_id, week))
        if known is not None and known.world is world:
            return known
        term = find(world, Term, term_id)
        with made_to_stay():
            made = await asyncio.to_thread(Frame, world, term, week)
        self._frames.put((term_id, week), made)
        return made


def refuse_foreign_week(term: Term, week: int) -> None:
    """Raises ParseError(`no_such_week`)."""
    last = term.week_of(term.last_day)
    if not 1 <= week <= last:
        raise ParseError(
            "no_such_week",
            zh=f"学期“{term.name}”只有第 1 周到第 {last} 周",
            en=f"the term {term.name} has the weeks 1 to {last}",
        )


def _is_of(picture: Picture, frame: Frame, edition: Edition) -> bool:
    return picture.frame is frame and picture.draft.edition == edition
