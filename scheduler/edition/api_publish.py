"""The HTTP interface of judging, comparing and publishing editions."""

from common.http import Call, Nothing, Router
from scheduler.edition.notice_store import Notice, Notices
from scheduler.edition.publish_views import (
    CheckView,
    CompareQuery,
    CompareView,
    NoticeQuery,
    NoticeView,
    PublishOrder,
    PublishView,
)
from scheduler.edition.publishing import Publishing
from scheduler.edition.values import EditionId

_PLANNING = ("timetabler",)


class PublishApi:
    def __init__(self, publishing: Publishing, notices: Notices) -> None:
        self._publishing = publishing
        self._notices = notices

    def add_to(self, router: Router) -> None:
        get = router.get
        get("/editions/{id}/check", roles=(), returns=CheckView)(self.check_edition)
        get(
            "/editions/{id}/compare", roles=(), query=CompareQuery, returns=CompareView
        )(self.compare_edition)
        router.post(
            "/editions/{id}/publish",
            roles=_PLANNING,
            body=PublishOrder,
            returns=PublishView,
        )(self.publish_edition)
        get("/notices", roles=(), query=NoticeQuery, returns=list[NoticeView])(
            self.list_notices
        )

    async def check_edition(self, call: Call[Nothing, Nothing]) -> CheckView:
        """Everything that stands against publishing an edition."""
        return await self._publishing.check(EditionId(call.path["id"]))

    async def compare_edition(self, call: Call[Nothing, CompareQuery]) -> CompareView:
        """What is different in an edition, and whom it concerns."""
        return await self._publishing.compare(
            EditionId(call.path["id"]), call.query.with_
        )

    async def publish_edition(self, call: Call[PublishOrder, Nothing]) -> PublishView:
        """Makes a draft the edition that runs, and tells those concerned."""
        by = call.person.name
        return await self._publishing.publish(EditionId(call.path["id"]), call.body, by)

    async def list_notices(self, call: Call[Nothing, NoticeQuery]) -> list[NoticeView]:
        """What a teacher, a classroom or a school was told, newest first."""
        query = call.query
        kind, id = next(
            (kind, id)
            for kind, id in (
                ("teacher", query.teacher),
                ("site_room", query.site_room),
                ("school", query.school),
            )
            if id is not None
        )
        found = await self._notices.of(kind, id)
        return [_view(notice) for notice in found]


def _view(notice: Notice) -> NoticeView:
    return NoticeView.model_validate({**vars(notice), "at": notice.at.timestamp()})
