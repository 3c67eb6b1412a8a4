"""Puts lessons on the timetable: reads the world, places, stores."""

import asyncio

from common.clock import Clock
from common.errors import ConflictError, NotFoundError, ParseError
from common.ids import LessonId
from common.turns import batched
from scheduler.catalogue.bells import Minutes, read_clock
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, Lesson, changed_by_hand, read_lesson
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.edition.store import Editions
from scheduler.front.orders import (
    DayRange,
    Expanded,
    LessonChange,
    LessonDetails,
    LessonTime,
    NewLesson,
    SkippedView,
)
from scheduler.sessions.lesson_store import Lessons
from scheduler.term.timetable import Placed, Timetable

_LONGEST_RANGE_DAYS = 400
_BATCH = 50


class Planner:
    def __init__(
        self, desk: WorldDesk, lessons: Lessons, editions: Editions, clock: Clock
    ) -> None:
        self._desk = desk
        self._lessons = lessons
        self._editions = editions
        self._clock = clock

    async def add(self, wish: NewLesson) -> Lesson:
        """Raises NotFoundError, ParseError, ConflictError(`lesson_clash`,
        `lesson_over`)."""
        world = await self._desk.world(fresh=True)
        course = find(world, Course, wish.course)
        timetable = Timetable(world)
        placed = _place(timetable, course, wish)
        lesson = _adapt(world, timetable.lesson(course, placed), wish)
        self._refuse_past(lesson)
        await self._lessons.add([lesson], self._clock.now())
        return lesson

    async def change(self, id: LessonId, wish: LessonChange) -> Lesson:
        """Raises as `add`, and ConflictError(`lesson_changed`, `lesson_begun`)."""
        world = await self._desk.world(fresh=True)
        old = await self._lessons.get(id)
        course = find(world, Course, old.course)
        moved = old.model_copy(update={"version": wish.version})
        if wish.is_given:
            placed = _place(Timetable(world), course, wish)
            moved = moved.model_copy(update=vars(placed))
        changed = changed_by_hand(old, _adapt(world, moved, wish))
        self._refuse_past(changed)
        await self._lessons.change(changed)
        return await self._lessons.get(id)

    async def expand(self, term_id: str, days: DayRange) -> Expanded:
        """Makes the dated lessons of a term's weekly slots, each once, however often
        it is asked; lessons that would clash are named and left out."""
        if not 0 <= (days.last_day - days.first_day).days <= _LONGEST_RANGE_DAYS:
            raise ParseError(
                "bad_days",
                zh=f"结束日期要晚于开始日期，最多 {_LONGEST_RANGE_DAYS} 天",
                en=f"last_day after first_day, at most {_LONGEST_RANGE_DAYS} days",
            )
        world = await self._desk.world(fresh=True)
        term = find(world, Term, term_id)
        made = await self._lessons.slot_days()
        # Before that day lessons followed another edition of the timetable.
        published = await self._editions.published(term.id)
        since = published.edition.from_day if published else None
        first_day = max(days.first_day, since or days.first_day)
        lessons, skipped = await asyncio.to_thread(
            Timetable(world).lessons_between, term, first_day, days.last_day, made
        )
        views = [
            SkippedView(slot=s.slot.id, day=s.day, zh=s.zh, en=s.en) for s in skipped
        ]
        now = self._clock.now()
        ahead = [lesson for lesson in lessons if lesson.ends_at > now]
        # In batches, so that no bell waits behind a whole term being written.
        for some in batched(ahead, _BATCH):
            refused = await self._lessons.add_possible(some, now)
            views.extend(_refusal(lesson, error) for lesson, error in refused)
        added = len(ahead) - (len(views) - len(skipped))
        return Expanded(added=added, skipped=views)

    def _refuse_past(self, lesson: Lesson) -> None:
        if lesson.ends_at <= self._clock.now():
            raise ConflictError(
                "lesson_over",
                zh="这个时间已经过去，请选择以后的时间",
                en="that time has passed; choose a later one",
            )


def _refusal(lesson: Lesson, error: ConflictError) -> SkippedView:
    return SkippedView(slot=lesson.slot or "", day=lesson.day, zh=error.zh, en=error.en)


def _place(timetable: Timetable, course: Course, wish: LessonTime) -> Placed:
    if wish.starts_at is not None and wish.ends_at is not None:
        return timetable.at_moments(course, wish.starts_at, wish.ends_at)
    if wish.day is not None and wish.period is not None:
        return timetable.at_period(course, wish.day, wish.period)
    if wish.day is not None and wish.start is not None and wish.end is not None:
        return timetable.at_minutes(course, wish.day, _minutes(wish.start, wish.end))
    raise ParseError("bad_body", zh="请填写上课时间", en="a lesson needs a time")


def _minutes(start: str, end: str) -> Minutes:
    try:
        minutes = Minutes(read_clock(start), read_clock(end))
    except ValueError as error:
        raise ParseError(
            "bad_time", zh="时间请写成 10:00 的形式", en=f"write 10:00: {error}"
        ) from error
    if minutes.end <= minutes.start:
        raise ParseError(
            "bad_time",
            zh="结束时间要晚于开始时间，且不能跨过午夜",
            en="a lesson must end after it starts, on the same day",
        )
    return minutes


def _adapt(world: World, lesson: Lesson, wish: LessonDetails) -> Lesson:
    """The lesson with what differs from its course.

    Raises NotFoundError, ParseError.
    """
    own = {
        name: value
        for name in LessonDetails.model_fields
        if (value := getattr(wish, name)) is not None
    }
    adapted = read_lesson({**lesson.model_dump(), **own})
    find(world, Teacher, adapted.teacher)
    for room in adapted.site_rooms:
        find(world, SiteRoom, room)
    if find(world, SiteRoom, adapted.master_room).kind == "receiving":
        raise NotFoundError(
            "no_master_room",
            zh=f"{adapted.master_room} 是接收教室，不能主讲",
            en=f"{adapted.master_room} is a receiving room",
        )
    return adapted
