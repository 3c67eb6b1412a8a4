"""The HTTP interface of what runs now: overruns, lessons resumed, who leads."""

from common.clock import Clock
from common.http import Call, Nothing, Router
from common.ids import SessionId, SiteRoomId
from scheduler.agents.control import Control
from scheduler.front.present import Presenter
from scheduler.front.views import (
    ClockView,
    Extension,
    LessonView,
    SchedulerView,
    SessionView,
)
from scheduler.sessions.clockwork import Clockwork
from scheduler.sessions.overrun_store import Overruns
from scheduler.sessions.resume import Resuming
from scheduler.views import Sentence

# A database server's clock that is further off shows in nothing but our warnings.
_CLOCKS_APART_S = 5.0


class RunningApi:
    def __init__(
        self,
        overruns: Overruns,
        resuming: Resuming,
        clockwork: Clockwork,
        clock: Clock,
        control: Control,
        presenter: Presenter,
    ) -> None:
        self._overruns = overruns
        self._resuming = resuming
        self._starter = clockwork.starter
        self._lease = clockwork.lease
        self._steady = clockwork.steady
        self._clock = clock
        self._control = control
        self._presenter = presenter

    def add_to(self, router: Router) -> None:
        teaching = ("teacher",)
        router.post(
            "/sessions/{id}/extend",
            roles=teaching,
            body=Extension,
            returns=SessionView,
        )(self.extend)
        router.post(
            "/sessions/{id}/resume", roles=teaching, returns=LessonView, status=201
        )(self.resume)
        router.get("/scheduler", roles=("observer",), returns=SchedulerView)(self.state)

    async def extend(self, call: Call[Extension, Nothing]) -> SessionView:
        """拖堂: the closing bell of a live lesson rings later."""
        id = SessionId(call.path["id"])
        by = call.person.name
        step = await self._overruns.extend(id, call.body.minutes, by, self._clock.now())
        await self._starter.acted(step)
        view = await self._presenter.session(id)
        self._control.refresh([SiteRoomId(room.id) for room in view.rooms])
        return view

    async def resume(self, call: Call[Nothing, Nothing]) -> LessonView:
        """Goes on with a lesson that its teacher ended early, for the rest of its
        time, as a lesson and session of its own."""
        lesson = await self._resuming.resume(SessionId(call.path["id"]))
        self._starter.wake()
        self._control.refresh(lesson.site_rooms)
        return await self._presenter.lesson(lesson)

    async def state(self, _call: Call[Nothing, Nothing]) -> SchedulerView:
        """Who leads, since when, and whether time can be trusted."""
        row, fence = self._lease.row, self._lease.fence
        warnings = [Sentence(zh=w.zh, en=w.en) for w in self._starter.warnings()]
        offset_s = self._lease.database_offset_s
        if abs(offset_s) > _CLOCKS_APART_S:
            warnings.append(
                Sentence(
                    zh=f"数据库服务器的时钟与本机相差 {offset_s:.0f} 秒，请对时",
                    en=f"the database server's clock is {offset_s:.0f} s off ours",
                )
            )
        return SchedulerView(
            me=self._lease.holder,
            leading=fence is not None,
            leader=row.holder if row else "",
            fence=row.fence if row else 0,
            since=row.since.timestamp() if row else None,
            clock=ClockView(
                trouble=self._steady.trouble,
                disagreement_s=self._steady.disagreement_s,
                database_offset_s=offset_s,
            ),
            warnings=warnings,
        )
