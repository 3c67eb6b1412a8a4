"""The HTTP interface of calendar feeds and of the links to them."""

import asyncio

from aiohttp import ETag, hdrs, web
from pydantic import BaseModel

from common.clock import Clock
from common.errors import DeniedError, NotFoundError
from common.http import Call, Nothing, Router
from common.identity import AccessGrant
from common.ids import new_id
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.exchange.feed import events, fingerprint, wanted
from scheduler.exchange.icalendar_out import calendar_text
from scheduler.exchange.link_store import CalendarLessons, CalendarLinks
from scheduler.exchange.links import TARGETS, CalendarLink, What, new_token
from scheduler.views import Body


class NewLink(Body):
    """Whose calendar: the id of a teacher, site room, class group or school."""

    what: What
    id: str


class LinkView(BaseModel):
    id: str
    what: What
    target: str
    made_by: str
    made_at: float


class MadeLink(LinkView):
    path: str
    """Of the calendar on this server. Told once: only a hash of it is kept."""


class CalendarApi:
    def __init__(
        self,
        desk: WorldDesk,
        links: CalendarLinks,
        lessons: CalendarLessons,
        clock: Clock,
        prefix: str,
    ) -> None:
        self._desk = desk
        self._links = links
        self._lessons = lessons
        self._clock = clock
        self._prefix = prefix

    def add_to(self, router: Router) -> None:
        router.get("/calendar-links", roles=(), returns=list[LinkView])(
            self.list_calendar_links
        )
        router.post(
            "/calendar-links", roles=(), body=NewLink, returns=MadeLink, status=201
        )(self.make_calendar_link)
        router.delete("/calendar-links/{id}", roles=())(self.revoke_calendar_link)
        router.get("/calendar/{token}/{file}", media_type="text/calendar")(
            self.read_calendar
        )

    async def list_calendar_links(self, call: Call[Nothing, Nothing]) -> list[LinkView]:
        """Links that were made and not revoked: a timetabler's all, others' own."""
        who = call.person
        return [
            LinkView(**_view(link))
            for link in await self._links.all()
            if _may_share(who, link.what, link.target)
        ]

    async def make_calendar_link(self, call: Call[NewLink, Nothing]) -> MadeLink:
        """An address that shows one calendar to whoever holds it."""
        _refuse_others(call.person, call.body.what, call.body.id)
        world = await self._desk.world()
        find(world, TARGETS[call.body.what], call.body.id)
        link = CalendarLink(
            id=new_id("cal"),
            what=call.body.what,
            target=call.body.id,
            made_by=call.person.name,
            made_at=self._clock.now(),
        )
        token = new_token()
        await self._links.add(link, token)
        path = f"{self._prefix}/calendar/{token}/{link.file}"
        return MadeLink(**_view(link), path=path)

    async def revoke_calendar_link(self, call: Call[Nothing, Nothing]) -> None:
        """The address shows nothing any more."""
        link = await self._links.get(call.path["id"])
        _refuse_others(call.person, link.what, link.target)
        await self._links.remove(link.id)

    async def read_calendar(self, call: Call[Nothing, Nothing]) -> web.Response:
        """An iCalendar feed of dated lessons, for who holds its address."""
        link = await self._links.of_token(call.path["token"])
        if link is None or link.file != call.path["file"]:
            raise NotFoundError(
                "no_such_calendar",
                zh="没有这个日历，链接可能已经撤销；请向排课员要新的链接",
                en="no such calendar, the link may have been revoked; ask the"
                " timetabler for a new one",
            )
        world = await self._desk.world()
        wish = wanted(world, link, self._clock.now())
        found = await self._lessons.between(
            wish.first, wish.last, teacher=wish.teacher, rooms=wish.rooms
        )
        # In threads: a school's term is 2 000 lessons.
        shown = await asyncio.to_thread(events, world, wish, found)
        tag = fingerprint(wish.head, shown)
        answer = web.Response(status=304 if _has(call.request, tag) else 200)
        if answer.status == 200:
            answer.body = await asyncio.to_thread(calendar_text, wish.head, shown)
            answer.content_type, answer.charset = "text/calendar", "utf-8"
        answer.etag = ETag(tag)
        answer.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
        # The address is a secret: it goes to no other site.
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


def _may_share(who: AccessGrant, what: What, id: str) -> bool:
    """Everybody's calendar is the timetabler's to share, one's own one's own."""
    own = (what == "teacher" and who.teacher == id) or (
        what == "school" and who.school == id
    )
    return own or who.may("timetabler")


def _refuse_others(who: AccessGrant, what: What, id: str) -> None:
    if not _may_share(who, what, id):
        raise DeniedError(
            "not_your_calendar",
            zh="这里只能分享自己的日历；别人的请找排课员",
            en="this shares your own calendar only; ask the timetabler for others",
        )


def _view(link: CalendarLink) -> dict[str, object]:
    return {**link.model_dump(), "made_at": link.made_at.timestamp()}


def _has(request: web.Request, tag: str) -> bool:
    """Whether the asker has it already (RFC 9110 §13.1.2)."""
    return any(known.value in (tag, "*") for known in request.if_none_match or ())
