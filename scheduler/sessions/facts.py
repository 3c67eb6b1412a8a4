"""What others are told about a lesson: read once, remembered while it runs."""

from collections.abc import Iterable

from common.errors import NotFoundError
from common.ids import SessionId
from common.protocol.events import LessonFacts
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import District, School, SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.sessions.lesson_store import Lessons


class FactsDesk:
    """Facts of sessions, remembered while they run: from `preparing` on a lesson
    changes only when it is extended, and then is forgotten here."""

    def __init__(self, desk: WorldDesk, lessons: Lessons) -> None:
        self._desk = desk
        self._lessons = lessons
        self._kept: dict[SessionId, LessonFacts] = {}

    async def of_session(self, session: SessionId) -> LessonFacts:
        """Raises NotFoundError."""
        if session not in self._kept:
            lesson = await self._lessons.of_session(session)
            self._kept[session] = await self.of_lesson(lesson)
        return self._kept[session]

    async def of_lesson(self, lesson: Lesson) -> LessonFacts:
        try:
            return facts_in(await self._desk.world(), lesson)
        except NotFoundError:
            return facts_in(await self._desk.world(fresh=True), lesson)

    async def zone_of(self, room: str) -> str:
        """Raises NotFoundError."""
        world = await self._desk.world()
        school = find(world, School, find(world, SiteRoom, room).school)
        return find(world, District, school.district).zone

    def forget(self, session: SessionId) -> None:
        self._kept.pop(session, None)

    def keep_only(self, sessions: Iterable[SessionId]) -> None:
        wanted = set(sessions)
        self._kept = {s: f for s, f in self._kept.items() if s in wanted}


def facts_in(world: World, lesson: Lesson) -> LessonFacts:
    """All that the library will know about a lesson.

    Raises NotFoundError when the world does not hold what the lesson refers to."""
    rooms = {room: find(world, SiteRoom, room) for room in lesson.site_rooms}
    school = find(world, School, rooms[lesson.master_room].school)
    course = find(world, Course, lesson.course)
    return LessonFacts(
        lesson=lesson.id,
        session=lesson.session,
        title=lesson.title,
        kind=course.kind,
        stage=course.stage,
        subject=course.subject,
        grade=course.grade,
        textbook=course.textbook,
        volume=course.volume,
        chapter=lesson.chapter,
        class_hour=lesson.class_hour,
        week=lesson.week,
        period=lesson.period,
        teacher=find(world, Teacher, lesson.teacher).name,
        district=find(world, District, school.district).name,
        school=school.name,
        master_room=lesson.master_room,
        site_rooms={id: room.name for id, room in rooms.items()},
        starts_at=lesson.starts_at.timestamp(),
        ends_at=lesson.ends_at.timestamp(),
    )
