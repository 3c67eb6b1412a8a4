"""From a draft to what runs: judged, made the one published edition, and followed by
slots, dated lessons and notices."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

from common import log
from common.clock import Clock
from common.errors import ConflictError, ParseError
from common.memory import made_to_stay
from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.organisation import District
from scheduler.edition.compare import compare, compare_view
from scheduler.edition.desk import Desk
from scheduler.edition.drafting import running_rows
from scheduler.edition.errors import edition_changed, not_a_draft
from scheduler.edition.notices import notices_of
from scheduler.edition.picture import Picture
from scheduler.edition.present import problem_views, unplaced_views
from scheduler.edition.publish_store import Publications
from scheduler.edition.publish_views import (
    CheckView,
    CompareView,
    OtherBellsView,
    PublishOrder,
    PublishView,
)
from scheduler.edition.published import Followed, publish_view
from scheduler.edition.slots import by_other_bells
from scheduler.edition.store import Editions
from scheduler.edition.values import Edition, EditionId, Rows
from scheduler.edition.views import ProblemView
from scheduler.edition.weeks import wanted_weeks, weeks_by_bells

_log = log.get("publishing")


class Publishing:
    """`changed` is called when dated lessons are other ones."""

    def __init__(
        self,
        publications: Publications,
        editions: Editions,
        desk: Desk,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._publications = publications
        self._editions = editions
        self._desk = desk
        self._clock = clock
        self._changed = changed
        # Two editions of a term may not be followed at the same time.
        self._one = asyncio.Lock()

    # ---- before -------------------------------------------------------------------

    async def check(self, id: EditionId) -> CheckView:
        """What stands against publishing. Raises NotFoundError."""
        picture = await self._desk.picture(id)
        problems = await asyncio.to_thread(_problems, picture)
        return CheckView(
            revision=picture.draft.edition.revision,
            problems=problems,
            unplaced=unplaced_views(picture),
            warnings=picture.frame.warnings,
            other_bells=await self._other_bells(picture),
            publishable=not problems,
        )

    async def _other_bells(self, picture: Picture) -> list[OtherBellsView]:
        frame, id = picture.frame, picture.draft.edition.id
        found: list[OtherBellsView] = []
        for weeks in weeks_by_bells(frame.world, frame.term):
            if frame.week not in weeks:
                there = await self._desk.picture(id, weeks[0])
                problems = await asyncio.to_thread(_problems, there)
                found.append(OtherBellsView(weeks=weeks, problems=problems))
        return found

    async def compare(self, id: EditionId, compared_with: str) -> CompareView:
        """What is different here. Raises NotFoundError, ConflictError(`other_term`)."""
        picture = await self._desk.picture(id)
        before = await self._rows_of(picture, compared_with)
        found = await asyncio.to_thread(compare, before, picture.draft.rows)
        problem = picture.frame.problem
        return await asyncio.to_thread(compare_view, problem, id, compared_with, found)

    async def _rows_of(self, picture: Picture, other: str) -> Rows:
        """By the bells of the picture's week."""
        frame = picture.frame
        if other == "published":
            published = await self._editions.published(frame.term.id)
            slots = await asyncio.to_thread(frame.slots.rows)
            return running_rows(slots, published)
        draft = await self._editions.draft(EditionId(other))
        if draft.edition.term != frame.term.id:
            raise ConflictError(
                "other_term",
                zh="只能与同一学期的版本比较",
                en="only editions of the same term can be compared",
            )
        if draft.edition.week == frame.week:
            return draft.rows
        own = await self._desk.frame(frame.term.id, draft.edition.week)
        return by_other_bells(draft.rows, own.slots, frame.slots)

    # ---- publishing ---------------------------------------------------------------

    async def publish(self, id: EditionId, order: PublishOrder, by: str) -> PublishView:
        """Raises ConflictError (`edition_broken` with the problems, `lessons_unplaced`
        with the courses, `edition_changed`, `edition_not_draft`, `term_over`),
        ParseError(`bad_from_day`), NotFoundError."""
        async with self._one:
            picture = await self._desk.picture(id)
            await asyncio.to_thread(_refuse_unready, picture, order)
            term = picture.frame.term
            from_day = self._from_day(picture, order.from_day)
            before = await self._rows_of(picture, "published")
            found = await asyncio.to_thread(compare, before, picture.draft.rows)
            now = self._clock.now()
            notices = await asyncio.to_thread(notices_of, picture, found, from_day, now)
            slots = await asyncio.to_thread(
                picture.frame.slots.slots_for, picture.draft.rows.values()
            )
            edition, removed = await self._publications.begin(
                id,
                order.revision,
                slots=slots,
                from_day=from_day,
                notices=notices,
                at=now,
                by=by,
            )
            followed = await self._follow(term, edition)
        followed.removed += len(removed)
        problem = picture.frame.problem
        differences = await asyncio.to_thread(
            compare_view, problem, id, "published", found
        )
        last = term.last_day
        return publish_view(
            edition, last, len(slots), followed, differences, len(notices)
        )

    async def resume(self) -> None:
        """Goes on with what a kill interrupted."""
        for edition in await self._publications.unfinished():
            _log.info("- publishing_resumed", edition=edition.id)
            async with self._one:
                await self._follow(await self._desk.term(edition.term), edition)

    async def _follow(self, term: Term, edition: Edition) -> Followed:
        assert edition.from_day is not None
        world = await self._desk.world(fresh=True)
        hours = await self._publications.class_hours(term.id, edition.from_day)
        now = self._clock.now()
        with made_to_stay():
            weeks = await asyncio.to_thread(
                wanted_weeks, world, term, edition.from_day, hours, now
            )
        followed = Followed(world)
        followed.leave(weeks.left_alone)
        followed.skip(weeks.skipped)
        for stretch in weeks.stretches:
            followed.add(await self._publications.follow(stretch, now))
        await self._publications.finish(edition.id)
        self._changed()
        return followed

    def _from_day(self, picture: Picture, wish: date | None) -> date:
        term = picture.frame.term
        district = picture.frame.world.get(District, term.district)
        now = self._clock.now()
        today = local_day(now, district.zone) if district else now.date()
        first = max(wish or today + timedelta(days=1), term.first_day)
        if today > term.last_day or (wish is None and first > term.last_day):
            raise ConflictError(
                "term_over",
                zh=f"学期“{term.name}”已经结束，不能再发布",
                en=f"the term {term.name} is over; nothing to publish for",
            )
        if not today <= first <= term.last_day:
            raise ParseError(
                "bad_from_day",
                zh=f"生效日期要在 {max(today, term.first_day)} 到 {term.last_day} 之间",
                en=f"from_day lies between {max(today, term.first_day)} and "
                f"{term.last_day}",
            )
        return first


def _problems(picture: Picture) -> list[ProblemView]:
    return problem_views(picture, picture.violations)


def _refuse_unready(picture: Picture, order: PublishOrder) -> None:
    edition = picture.draft.edition
    if edition.state != "draft":
        raise not_a_draft(edition)
    if edition.revision != order.revision:
        raise edition_changed(edition)
    problems = _problems(picture)
    if problems:
        raise ConflictError(
            "edition_broken",
            zh=f"有 {len(problems)} 处冲突，不能发布；第一处：{problems[0].zh}",
            en=f"{len(problems)} rules are broken; first: {problems[0].en}",
            more={"problems": [problem.model_dump() for problem in problems]},
        )
    if picture.missing and not order.accept_unplaced:
        count = sum(picture.missing.values())
        views = unplaced_views(picture)
        raise ConflictError(
            "lessons_unplaced",
            zh=f"还有 {count} 节课没有排上；请先排好，或确认不排它们再发布",
            en=f"{count} lessons have no place; place them, or publish with "
            "accept_unplaced",
            more={"unplaced": [view.model_dump() for view in views]},
        )
