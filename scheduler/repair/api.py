"""The HTTP interface of repairs: an absence, what would move, agreeing to it."""

from collections.abc import Iterable, Sequence

from common.errors import ParseError
from common.http import Call, Nothing, Router
from common.ids import LessonId, SiteRoomId
from scheduler.agents.control import Control
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.organisation import TeacherId
from scheduler.repair.agree import Choice, Outcome
from scheduler.repair.desk import Opened, RepairDesk
from scheduler.repair.ending_desk import EndingDesk
from scheduler.repair.event import Absence
from scheduler.repair.kept import ProposalId
from scheduler.repair.moved import At
from scheduler.repair.present import ending_view, proposal_view
from scheduler.repair.views import (
    AgreeBody,
    AgreedView,
    ChoiceBody,
    EndBody,
    EndingView,
    EndQuery,
    ProposalView,
)
from scheduler.sessions.starter import Starter
from scheduler.term.timetable import Timetable

_PLANNING = ("timetabler",)


class RepairApi:
    def __init__(
        self,
        desk: RepairDesk,
        endings: EndingDesk,
        worlds: WorldDesk,
        starter: Starter,
        control: Control,
    ) -> None:
        self._desk = desk
        self._endings = endings
        self._worlds = worlds
        self._starter = starter
        self._control = control

    def add_to(self, router: Router) -> None:
        router.post(
            "/terms/{id}/repairs",
            roles=_PLANNING,
            body=Absence,
            returns=ProposalView,
            status=201,
        )(self.propose_repair)
        router.get("/terms/{id}/repairs", roles=_PLANNING, returns=list[ProposalView])(
            self.list_repairs
        )
        router.get("/repairs/{id}", roles=_PLANNING, returns=ProposalView)(
            self.get_repair
        )
        router.post(
            "/repairs/{id}/agree", roles=_PLANNING, body=AgreeBody, returns=AgreedView
        )(self.agree_to_repair)
        router.post(
            "/repairs/{id}/end",
            roles=_PLANNING,
            body=EndBody,
            query=EndQuery,
            returns=EndingView,
        )(self.end_repair)
        router.delete("/repairs/{id}", roles=_PLANNING)(self.drop_repair)

    async def propose_repair(self, call: Call[Absence, Nothing]) -> ProposalView:
        """What would move when somebody is away; nothing is changed yet."""
        by = call.person.name
        one = await self._desk.make(call.path["id"], call.body, by)
        [view] = await self._views(await self._desk.opened([one]))
        return view

    async def list_repairs(self, call: Call[Nothing, Nothing]) -> list[ProposalView]:
        """The newest proposals of a term, whatever became of them."""
        found = await self._desk.of_term(call.path["id"])
        return await self._views(found)

    async def get_repair(self, call: Call[Nothing, Nothing]) -> ProposalView:
        """One proposal."""
        [view] = await self._views([await self._desk.open(ProposalId(call.path["id"]))])
        return view

    async def agree_to_repair(self, call: Call[AgreeBody, Nothing]) -> AgreedView:
        """Carries a proposal out, with a choice for each lesson without a place."""
        id, by = ProposalId(call.path["id"]), call.person.name
        before = await self._desk.open(id)
        choices = {LessonId(c.lesson): _choice(c) for c in call.body.choices}
        made = await self._desk.agree(id, choices, by)
        self._starter.wake()
        self._control.refresh(_rooms_of([*before.lessons.values(), *made.changed]))
        return _agreed(id, choices, made)

    async def end_repair(self, call: Call[EndBody, EndQuery]) -> EndingView:
        """Ends an absence sooner, or withdraws it: what lies ahead comes back if its
        place is still free, and whoever is concerned is told."""
        id, from_day = ProposalId(call.path["id"]), call.body.from_day
        if call.query.check:
            ending = await self._endings.look(id, from_day)
        else:
            ending = await self._endings.end(id, from_day, call.person.name)
            self._starter.wake()
            back = ending.found.back
            lessons = [lesson for one in back for lesson in (one.now, one.then)]
            self._control.refresh(_rooms_of(lessons))
        return ending_view(await self._worlds.world(), ending)

    async def drop_repair(self, call: Call[Nothing, Nothing]) -> None:
        """Puts a proposal aside; the lessons stay as they are."""
        await self._desk.drop(ProposalId(call.path["id"]), call.person.name)

    async def _views(self, found: Sequence[Opened]) -> list[ProposalView]:
        world = await self._worlds.world()
        timetable = Timetable(world)
        return [
            proposal_view(world, timetable, one, await self._desk.who(one.kept.absence))
            for one in found
        ]


def _choice(body: ChoiceBody) -> Choice:
    """Raises ParseError(`bad_choice`)."""
    if (body.day is None) != (body.start is None):
        raise ParseError(
            "bad_choice",
            zh="改期要同时填日期和开始时间",
            en="another date needs a day and a start",
        )
    at = At(body.day, body.start) if body.day and body.start is not None else None
    teacher = TeacherId(body.teacher) if body.teacher else None
    return Choice(body.kind, teacher, at, body.resource)


def _rooms_of(lessons: Iterable[Lesson]) -> Sequence[SiteRoomId]:
    """Everybody whose agent should hear of it."""
    return sorted({room for one in lessons for room in one.site_rooms})


def _agreed(
    proposal: ProposalId, choices: dict[LessonId, Choice], made: Outcome
) -> AgreedView:
    substituted = [id for id, c in choices.items() if c.kind == "substitute"]
    return AgreedView(
        proposal=proposal,
        moved=[one.id for one in made.changed if one.id not in substituted],
        substituted=list(substituted),
        cancelled=[one.id for one, _ in made.cancelled],
        left=[one.id for one in made.left],
    )
