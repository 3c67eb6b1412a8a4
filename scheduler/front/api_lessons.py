"""The HTTP interface of the dated timetable."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

from common.errors import ParseError
from common.http import Call, Nothing, Router
from common.ids import LessonId, SiteRoomId
from scheduler.agents.control import Control
from scheduler.front.orders import DayRange, Expanded, LessonChange, NewLesson
from scheduler.front.planner import Planner
from scheduler.front.present import Presenter
from scheduler.front.views import LessonQuery, LessonView
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause
from scheduler.sessions.starter import Starter

_LONGEST_LIST_DAYS = 62


class LessonsApi:
    def __init__(
        self,
        lessons: Lessons,
        planner: Planner,
        starter: Starter,
        control: Control,
        presenter: Presenter,
    ) -> None:
        self._lessons = lessons
        self._planner = planner
        self._starter = starter
        self._control = control
        self._presenter = presenter

    def add_to(self, router: Router) -> None:
        planning = ("timetabler",)
        router.get("/lessons", roles=(), query=LessonQuery, returns=list[LessonView])(
            self.list_lessons
        )
        router.post(
            "/lessons", roles=planning, body=NewLesson, returns=LessonView, status=201
        )(self.add_lesson)
        router.get("/lessons/{id}", roles=(), returns=LessonView)(self.get_lesson)
        router.patch(
            "/lessons/{id}", roles=planning, body=LessonChange, returns=LessonView
        )(self.change_lesson)
        router.delete("/lessons/{id}", roles=planning)(self.remove_lesson)
        router.post("/lessons/{id}/cancel", roles=planning, returns=LessonView)(
            self.cancel_lesson
        )
        router.post(
            "/terms/{id}/lessons", roles=planning, body=DayRange, returns=Expanded
        )(self.expand_term)

    async def list_lessons(
        self, call: Call[Nothing, LessonQuery]
    ) -> AsyncIterator[list[LessonView]]:
        """Lessons of a stretch of days."""
        first, last = call.query.first_day, call.query.last_day
        if not 0 <= (last - first).days <= _LONGEST_LIST_DAYS:
            raise ParseError(
                "bad_days",
                zh=f"结束日期要不早于开始日期，最多 {_LONGEST_LIST_DAYS} 天",
                en=f"last_day not before first_day, at most {_LONGEST_LIST_DAYS} days",
            )
        return self._by_weeks(first, last)

    async def _by_weeks(
        self, first: date, last: date
    ) -> AsyncIterator[list[LessonView]]:
        """Two months of a city at once would keep the collector busy for a quarter of
        a second, and live lessons waiting."""
        while first <= last:
            until = min(last, first + timedelta(days=6))
            yield await self._presenter.lessons(
                await self._lessons.between(first, until)
            )
            first = until + timedelta(days=1)

    async def add_lesson(self, call: Call[NewLesson, Nothing]) -> LessonView:
        """Puts one lesson of a course on the timetable."""
        lesson = await self._planner.add(call.body)
        self._timetable_changed(lesson.site_rooms)
        return await self._presenter.lesson(lesson)

    async def get_lesson(self, call: Call[Nothing, Nothing]) -> LessonView:
        """One lesson."""
        lesson = await self._lessons.get(LessonId(call.path["id"]))
        return await self._presenter.lesson(lesson)

    async def change_lesson(self, call: Call[LessonChange, Nothing]) -> LessonView:
        """Moves a planned lesson, or gives it another teacher or other rooms."""
        id = LessonId(call.path["id"])
        before = await self._lessons.get(id)
        lesson = await self._planner.change(id, call.body)
        self._timetable_changed((*before.site_rooms, *lesson.site_rooms))
        return await self._presenter.lesson(lesson)

    async def remove_lesson(self, call: Call[Nothing, Nothing]) -> None:
        """Takes a planned lesson off the timetable."""
        id = LessonId(call.path["id"])
        lesson = await self._lessons.get(id)
        await self._lessons.remove(id)
        self._timetable_changed(lesson.site_rooms)

    async def cancel_lesson(self, call: Call[Nothing, Nothing]) -> LessonView:
        """Cancels a lesson; one that runs is ended."""
        lesson = await self._lessons.get(LessonId(call.path["id"]))
        by = f"by {call.person.name}"
        await self._starter.act(lesson.session, Cause.CANCELLED, by)
        self._timetable_changed(lesson.site_rooms)
        return await self._presenter.lesson(lesson)

    async def expand_term(self, call: Call[DayRange, Nothing]) -> Expanded:
        """Makes dated lessons of the weekly slots; asking twice adds nothing."""
        expanded = await self._planner.expand(call.path["id"], call.body)
        self._timetable_changed([agent.room for agent in self._control.agents])
        return expanded

    def _timetable_changed(self, rooms: Sequence[SiteRoomId]) -> None:
        self._starter.wake()
        self._control.refresh(rooms)
