"""The HTTP interface of editions: drafts, the week view, changes and their undo."""

import asyncio

from aiohttp import web

from common.clock import Clock
from common.http import Call, Nothing, Router
from scheduler.catalogue.course import Course
from scheduler.catalogue.desk import missing
from scheduler.edition.desk import Desk
from scheduler.edition.drafting import Drafting
from scheduler.edition.errors import edition_changed, not_a_draft
from scheduler.edition.picture import Picture
from scheduler.edition.present import (
    board_changes,
    edition_view,
    history_view,
)
from scheduler.edition.store import Editions
from scheduler.edition.values import (
    Edition,
    EditionId,
    Label,
    Step,
)
from scheduler.edition.views import (
    AtRevision,
    BoardChanges,
    BoardQuery,
    BoardView,
    EditionChange,
    EditionView,
    HistoryView,
    NewEdition,
    WhyNotQuery,
    WhyNotView,
    Wishes,
)
from scheduler.edition.words import step_words
from scheduler.solver.problem import Placement, StreamId

_PLANNING = ("timetabler",)


class EditionsApi:
    def __init__(self, editions: Editions, desk: Desk, clock: Clock) -> None:
        self._editions = editions
        self._desk = desk
        self._clock = clock
        self._drafting = Drafting(editions, desk, clock)

    def add_to(self, router: Router) -> None:
        get, post = router.get, router.post
        get("/terms/{id}/editions", roles=(), returns=list[EditionView])(
            self.list_editions
        )
        post(
            "/terms/{id}/editions",
            roles=_PLANNING,
            body=NewEdition,
            returns=EditionView,
            status=201,
        )(self.add_edition)
        get("/editions/{id}", roles=(), returns=EditionView)(self.get_edition)
        router.patch(
            "/editions/{id}", roles=_PLANNING, body=EditionChange, returns=EditionView
        )(self.rename_edition)
        router.delete("/editions/{id}", roles=_PLANNING)(self.remove_edition)
        get("/editions/{id}/history", roles=(), returns=list[HistoryView])(
            self.list_history
        )
        get("/editions/{id}/board", roles=(), query=BoardQuery, returns=BoardView)(
            self.get_board
        )
        get("/editions/{id}/why-not", roles=(), query=WhyNotQuery, returns=WhyNotView)(
            self.why_not
        )
        post(
            "/editions/{id}/changes",
            roles=_PLANNING,
            body=Wishes,
            returns=BoardChanges,
        )(self.change_edition)
        for path, handler in (("undo", self.undo), ("redo", self.redo)):
            post(
                f"/editions/{{id}}/{path}",
                roles=_PLANNING,
                body=AtRevision,
                returns=BoardChanges,
            )(handler)

    # ---- editions -----------------------------------------------------------------

    async def list_editions(self, call: Call[Nothing, Nothing]) -> list[EditionView]:
        """Editions of a term's weekly timetable, newest first."""
        term = await self._desk.term(call.path["id"])
        found = await self._editions.of_term(term.id)
        jobs = await self._editions.open_jobs([edition.id for edition, _ in found])
        return [
            edition_view(edition, placed, jobs.get(edition.id))
            for edition, placed in found
        ]

    async def add_edition(self, call: Call[NewEdition, Nothing]) -> EditionView:
        """A new draft, empty or a copy."""
        term = await self._desk.term(call.path["id"])
        draft = await self._drafting.begin(term, call.body, call.person.name)
        return edition_view(draft.edition, len(draft.rows), None)

    async def get_edition(self, call: Call[Nothing, Nothing]) -> EditionView:
        """One edition, without its lessons."""
        return await self._view(EditionId(call.path["id"]))

    async def rename_edition(self, call: Call[EditionChange, Nothing]) -> EditionView:
        """Gives an edition another name."""
        id = EditionId(call.path["id"])
        await self._editions.rename(id, call.body.name)
        return await self._view(id)

    async def remove_edition(self, call: Call[Nothing, Nothing]) -> None:
        """Deletes a draft or an old edition."""
        await self._editions.remove(EditionId(call.path["id"]))

    async def list_history(self, call: Call[Nothing, Nothing]) -> list[HistoryView]:
        """Who changed what, in order; undone changes are marked."""
        id = EditionId(call.path["id"])
        edition = await self._editions.get(id)
        return [history_view(edition, e) for e in await self._editions.history(id)]

    # ---- the board ----------------------------------------------------------------

    async def get_board(self, call: Call[Nothing, BoardQuery]) -> web.Response:
        """Everything a week view needs, in one answer."""
        id = EditionId(call.path["id"])
        packed = await self._desk.board(id, call.query.week)
        return packed.response(call.request)

    async def why_not(self, call: Call[Nothing, WhyNotQuery]) -> WhyNotView:
        """Where a lesson could go in the week, and who is in the way."""
        picture = await self._desk.picture(EditionId(call.path["id"]))
        query = call.query
        stream = picture.frame.problem.stream_by_id.get(query.course)
        if stream is None:
            raise missing(Course, query.course)
        moving = None
        if query.weekday is not None and query.start is not None:
            moving = Placement(StreamId(query.course), query.weekday, query.start)
        return WhyNotView(
            revision=picture.draft.edition.revision,
            cells=await self._desk.cells(picture, stream, moving),
        )

    # ---- changes ------------------------------------------------------------------

    async def change_edition(self, call: Call[Wishes, Nothing]) -> BoardChanges:
        """Places, moves, removes, locks lessons: all of it or nothing."""
        picture = await self._at(call, call.body.revision)
        step = await self._desk.step(picture, call.body.changes)
        edition = picture.draft.edition
        if not step:
            return await self._told(picture, step)
        words = step_words(picture.frame.problem, step)
        changed = await self._editions.change(
            edition.id,
            call.body.revision,
            step,
            Label(*words),
            by=call.person.name,
            at=self._clock.now(),
        )
        return await self._changes(picture, changed, step)

    async def undo(self, call: Call[AtRevision, Nothing]) -> BoardChanges:
        """Takes the last change back, whoever made it."""
        picture = await self._at(call, call.body.revision)
        id = picture.draft.edition.id
        edition, step = await self._editions.undo(id, call.body.revision)
        return await self._changes(picture, edition, step)

    async def redo(self, call: Call[AtRevision, Nothing]) -> BoardChanges:
        """Does again what was undone last."""
        picture = await self._at(call, call.body.revision)
        id = picture.draft.edition.id
        edition, step = await self._editions.redo(id, call.body.revision)
        return await self._changes(picture, edition, step)

    async def _changes(
        self, picture: Picture, edition: Edition, step: Step
    ) -> BoardChanges:
        return await self._told(await self._desk.advance(picture, edition, step), step)

    async def _told(self, picture: Picture, step: Step) -> BoardChanges:
        last = await self._editions.last(picture.draft.edition)
        return await asyncio.to_thread(board_changes, picture, step, last)

    async def _at(
        self, call: Call[AtRevision, Nothing] | Call[Wishes, Nothing], revision: int
    ) -> Picture:
        """Raises ConflictError(`edition_changed`, `edition_not_draft`)."""
        picture = await self._desk.picture(EditionId(call.path["id"]))
        edition = picture.draft.edition
        if edition.state != "draft":
            raise not_a_draft(edition)
        if edition.revision != revision:
            raise edition_changed(edition)
        return picture

    async def _view(self, id: EditionId) -> EditionView:
        draft = await self._editions.draft(id)
        jobs = await self._editions.open_jobs([id])
        return edition_view(draft.edition, len(draft.rows), jobs.get(id))
