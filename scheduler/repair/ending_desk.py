"""Ends an absence sooner than was agreed: between the stores, the judge and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from common.clock import Clock
from common.errors import ConflictError
from scheduler.catalogue.calendar import Term, local_day
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import District
from scheduler.catalogue.world import World
from scheduler.repair.dated import monday_of, sunday_of
from scheduler.repair.desk import judged
from scheduler.repair.ending import Return, wanted_back, without_clashes
from scheduler.repair.kept import Done, Ended, Kept, ProposalId
from scheduler.repair.notices import notices_of_return
from scheduler.repair.store import Proposals
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.session_store import Sessions


@dataclass(frozen=True)
class Ending:
    """What comes back when nobody is away any more from `from_day` on."""

    kept: Kept
    from_day: date
    found: Return
    told: int = 0


class EndingDesk:
    def __init__(
        self,
        worlds: WorldDesk,
        lessons: Lessons,
        sessions: Sessions,
        proposals: Proposals,
        clock: Clock,
    ) -> None:
        self._worlds = worlds
        self._lessons = lessons
        self._sessions = sessions
        self._proposals = proposals
        self._clock = clock

    async def look(self, id: ProposalId, from_day: date | None) -> Ending:
        """What would come back; nothing is changed. `from_day` None: today.

        Raises NotFoundError, ConflictError(`repair_not_agreed`, `repair_unremembered`,
        `repair_over`)."""
        one = await self._proposals.get(id)
        done = _done_of(one)
        world, now = await self._worlds.world(fresh=True), self._clock.now()
        term = find(world, Term, one.term)
        zone = find(world, District, term.district).zone
        first = from_day or local_day(now, zone)
        if first > one.absence.last_day:
            raise _over(one)
        ids = [each.before.id for each in done]
        lessons = {each.id: each for each in await self._lessons.some(ids)}
        sessions = await self._sessions.of_lessons(sorted(lessons))
        there = {s.lesson: (lessons[s.lesson], s.state) for s in sessions}
        wanted = wanted_back(world, done, there, first, now)
        return Ending(one, first, await self._judged(world, term, wanted))

    async def end(self, id: ProposalId, from_day: date | None, by: str) -> Ending:
        """Brings back what can come back and tells everybody concerned: all of it, or
        nothing. Doing it again tries those that stayed once more.

        Raises as `look`, and ConflictError(`proposal_stale`, `lesson_changed`,
        `lesson_begun`, `lesson_clash`) when somebody changed them meanwhile."""
        seen = await self.look(id, from_day)
        world, now = await self._worlds.world(), self._clock.now()
        notices = notices_of_return(world, id, seen.found.back, now)
        ended = Ended(seen.from_day, by, now)
        await self._proposals.end(seen.kept, seen.found.back, ended, notices)
        return Ending(seen.kept, seen.from_day, seen.found, len(notices))

    async def _judged(self, world: World, term: Term, wanted: Return) -> Return:
        mondays = sorted({monday_of(one.then.day) for one in wanted.back})

        async def load() -> partial[Return]:
            lessons_of = {
                monday: await self._lessons.unfinished_between(
                    monday, sunday_of(monday)
                )
                for monday in mondays
            }
            now = self._clock.now()
            return partial(without_clashes, world, term, wanted, lessons_of, now)

        return await judged(load, weeks=len(mondays))


def _done_of(one: Kept) -> Sequence[Done]:
    if one.state != "agreed":
        raise ConflictError(
            "repair_not_agreed",
            zh="还没有同意这次调课，没有可以撤回的；不要它就放弃这个建议",
            en="nobody agreed to this repair: there is nothing to undo; drop it",
        )
    if one.done is None:
        raise ConflictError(
            "repair_unremembered",
            zh="这次调课是升级以前同意的，没有记下原来的安排；请在课表上逐节改回",
            en="agreed to by an older version, which kept no record of what was"
            " before; change the lessons back one by one",
        )
    return one.done


def _over(one: Kept) -> ConflictError:
    last = one.absence.last_day
    return ConflictError(
        "repair_over",
        zh=f"这次调课到 {last} 为止，请选这天或更早的日期；已经过去的不用结束",
        en=f"this absence lasts until {last}: choose that day or one before it; what"
        " is over need not be ended",
    )
