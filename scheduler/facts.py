"""Gathers what the timetable knows about one session."""

from collections.abc import Iterable

from common.ids import SessionId
from common.protocol.events import LessonFacts
from scheduler.course import Course, Lesson, lesson_facts
from scheduler.lesson_store import Lessons
from scheduler.organisation import District, School, SiteRoom, Teacher
from scheduler.store import Catalogue


class FactsDesk:
    """Facts of sessions, remembered while they run: from `preparing` on a lesson
    does not change any more."""

    def __init__(self, catalogue: Catalogue, lessons: Lessons) -> None:
        self._catalogue = catalogue
        self._lessons = lessons
        self._kept: dict[SessionId, LessonFacts] = {}

    async def of_session(self, session: SessionId) -> LessonFacts:
        """Raises NotFoundError."""
        if session not in self._kept:
            lesson = await self._lessons.of_session(session)
            self._kept[session] = await self.of_lesson(lesson)
        return self._kept[session]

    def keep_only(self, sessions: Iterable[SessionId]) -> None:
        wanted = set(sessions)
        self._kept = {s: f for s, f in self._kept.items() if s in wanted}

    async def of_lesson(self, lesson: Lesson) -> LessonFacts:
        catalogue = self._catalogue
        rooms = {
            room: await catalogue.get(SiteRoom, room) for room in lesson.site_rooms
        }
        school = await catalogue.get(School, rooms[lesson.master_room].school)
        return lesson_facts(
            lesson,
            await catalogue.get(Course, lesson.course),
            teacher=await catalogue.get(Teacher, lesson.teacher),
            school=school,
            district=await catalogue.get(District, school.district),
            room_names={id: room.name for id, room in rooms.items()},
        )
