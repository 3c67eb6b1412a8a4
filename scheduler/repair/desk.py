"""Makes proposals and carries them out: between the stores, the child and time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from common.clock import Clock
from common.errors import ConflictError
from common.ids import LessonId, new_id
from common.memory import made_to_pass
from scheduler.apart import Packed, call_packed, packed
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson, SlotId
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import ClassGroup, School, SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.repair.agree import Choice, Outcome, done_by, outcome, refuse_stale
from scheduler.repair.dated import monday_of, sunday_of
from scheduler.repair.ending import is_ahead
from scheduler.repair.event import Absence, What
from scheduler.repair.judge import broken_rules
from scheduler.repair.kept import Kept, ProposalId, kept
from scheduler.repair.moved import At
from scheduler.repair.notices import notices_of
from scheduler.repair.propose import Proposal, propose, weeks_of
from scheduler.repair.store import Proposals, closed
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.starter import Starter
from scheduler.words import Words

T = TypeVar("T")

_FEW_WEEKS = 2
"""That are judged sooner (half a second of Python each, measured with 250 schools)
than a program to judge them starts; more are not for the process of live lessons."""
_KINDS: Mapping[
    What, type[School] | type[SiteRoom] | type[Teacher] | type[ClassGroup]
] = {
    "teacher": Teacher,
    "site_room": SiteRoom,
    "school": School,
    "class_group": ClassGroup,
}


@dataclass(frozen=True)
class Opened:
    """A proposal with its lessons as they are now. `stale`: some of them were changed
    or cancelled, or have begun, after it was made. `ahead`: lessons that might come
    back if the absence ended now."""

    kept: Kept
    lessons: Mapping[LessonId, Lesson]
    stale: bool
    ahead: int


async def judged(load: Callable[[], Awaitable[partial[T]]], *, weeks: int) -> T:
    """Raises UnavailableError(`work_failed`)."""
    with made_to_pass():
        if weeks <= _FEW_WEEKS:
            return await asyncio.to_thread(await load())
        work = await packed(await load())
    return await call_packed(work)


class RepairDesk:
    def __init__(
        self,
        worlds: WorldDesk,
        lessons: Lessons,
        proposals: Proposals,
        starter: Starter,
        clock: Clock,
    ) -> None:
        self._worlds = worlds
        self._lessons = lessons
        self._proposals = proposals
        self._starter = starter
        self._clock = clock

    async def who(self, absence: Absence) -> str:
        """The name of what is away. Raises NotFoundError."""
        return find(await self._worlds.world(), _KINDS[absence.what], absence.id).name

    async def make(self, term_id: str, absence: Absence, by: str) -> Kept:
        """Looks for a way; nothing is changed. Raises NotFoundError,
        UnavailableError(`work_failed`)."""
        world = await self._worlds.world(fresh=True)
        term = find(world, Term, term_id)
        await self.who(absence)
        now = self._clock.now()
        # Seconds of search are not for the process that carries live lessons.
        with made_to_pass():
            search = await self._search(world, term, absence, now)
        found = await call_packed(search)
        one = kept(ProposalId(new_id("rep")), term.id, found, by, now)
        await self._proposals.add(one)
        return one

    async def open(self, id: ProposalId) -> Opened:
        """Raises NotFoundError(`no_such_proposal`)."""
        return (await self.opened([await self._proposals.get(id)]))[0]

    async def of_term(self, term: str) -> list[Opened]:
        return await self.opened(await self._proposals.of_term(term))

    async def opened(self, found: Sequence[Kept]) -> list[Opened]:
        now = self._clock.now()
        wanted = {id for one in found for id in one.versions}
        lessons = {one.id: one for one in await self._lessons.some(sorted(wanted))}
        planned = await self._lessons.planned(sorted(wanted))
        return [
            Opened(
                one,
                {id: lessons[id] for id in one.versions if id in lessons},
                stale=any(
                    id not in planned or lessons[id].version != version
                    for id, version in one.versions.items()
                ),
                ahead=sum(is_ahead(each, now) for each in one.done or ()),
            )
            for one in found
        ]

    async def agree(
        self, id: ProposalId, choices: Mapping[LessonId, Choice], by: str
    ) -> Outcome:
        """Changes and cancels lessons, stores a notice for everybody concerned and
        closes the proposal: all of it, or nothing.

        Raises ConflictError(`proposal_closed`, `proposal_stale`, `choices_clash` with
        the `problems`, `lesson_clash`, `lesson_begun`) and what `outcome` raises."""
        one = await self._proposals.get(id)
        if one.state != "open":
            raise closed()
        now = await self._lessons.some(sorted(one.versions))
        lessons = refuse_stale(now, one.versions)
        moves: dict[LessonId, At] = {move.lesson: move.to for move in one.moves}
        stuck = [each.lesson for each in one.stuck]
        world = await self._worlds.world()
        made = outcome(world, lessons, moves, stuck, choices)
        at = self._clock.now()
        await self._refuse_broken(world, one, made, at)
        notices = notices_of(world, id, lessons, made, at)
        done = done_by(lessons, made)
        steps = await self._proposals.agree(one, made, done, notices, by, at)
        # The database has it: if we die here, whoever leads finds it untold there.
        for step in steps:
            await self._starter.acted(step)
        return made

    async def _refuse_broken(
        self, world: World, one: Kept, made: Outcome, at: datetime
    ) -> None:
        """Each choice was free when it was offered; all of them together may not be,
        nor what others have planned since."""
        if not made.changed:
            return
        mondays = sorted({monday_of(lesson.day) for lesson in made.changed})

        async def load() -> partial[list[Words]]:
            return partial(
                broken_rules,
                world,
                find(world, Term, one.term),
                one.absence,
                {monday: await self._unfinished(monday) for monday in mondays},
                made.changed,
                frozenset(lesson.id for lesson, _ in made.cancelled),
                at,
            )

        problems = await judged(load, weeks=len(mondays))
        if problems:
            more = len(problems) - 1
            raise ConflictError(
                "choices_clash",
                zh=f"这样调有冲突：{problems[0].zh}"
                + (f"（另有 {more} 处）" if more else ""),
                en=f"this cannot be: {problems[0].en}"
                + (f" ({more} more)" if more else ""),
                more={"problems": [words._asdict() for words in problems]},
            )

    async def drop(self, id: ProposalId, by: str) -> None:
        """Raises NotFoundError, ConflictError(`proposal_closed`)."""
        await self._proposals.get(id)
        await self._proposals.drop(id, by, self._clock.now())

    async def _search(
        self, world: World, term: Term, absence: Absence, now: datetime
    ) -> Packed[Proposal]:
        weeks, met = await self._weeks(term, absence)
        return await packed(partial(propose, world, term, absence, weeks, now, met=met))

    async def _weeks(
        self, term: Term, absence: Absence
    ) -> tuple[dict[date, list[Lesson]], frozenset[tuple[SlotId, date]]]:
        """The unfinished lessons of the weeks hit and of those that offer dates; and
        where weekly slots have a lesson, whatever became of it."""
        found: dict[date, list[Lesson]] = {}
        met: set[tuple[SlotId, date]] = set()
        for monday in weeks_of(term, absence):
            there = await self._lessons.there_between(monday, sunday_of(monday))
            found[monday] = there.unfinished
            met.update((one.slot, one.day) for one in there.all if one.slot)
        return found, frozenset(met)

    async def _unfinished(self, monday: date) -> list[Lesson]:
        return await self._lessons.unfinished_between(monday, sunday_of(monday))
