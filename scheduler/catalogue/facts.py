"""What the timetable knows, gathered: the world in memory, the facts of a session."""

from collections.abc import Iterable
from typing import TypeVar

from common.clock import Clock
from common.errors import NotFoundError
from common.ids import SessionId
from common.memory import made_to_stay
from common.protocol.events import LessonFacts
from scheduler.catalogue.course import Course, Lesson, lesson_facts
from scheduler.catalogue.kinds import BY_VALUE, KINDS
from scheduler.catalogue.organisation import District, School, SiteRoom, Teacher
from scheduler.catalogue.store import Catalogue
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import World
from scheduler.sessions.lesson_store import Lessons

# What another process entered is seen after this at the latest.
_STALE_S = 10.0

V = TypeVar("V", bound=Value)


class WorldDesk:
    """Everything people entered, read again when it has changed: the same world, as
    an object, for as long as nothing has."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._world = World()
        self._read_at = float("-inf")
        self._revision = self._number = -1

    async def world(self, *, fresh: bool = False) -> World:
        now = self._clock.mono_s()
        stale = now - self._read_at > _STALE_S
        if fresh or stale or self._revision != self._catalogue.revision:
            revision = self._catalogue.revision
            # Before the rows: what changes while they are read is read next time.
            number = await self._catalogue.number()
            if number != self._number:
                with made_to_stay():
                    self._world = await self._read()
            self._read_at, self._revision, self._number = now, revision, number
        return self._world

    async def _read(self) -> World:
        world = World()
        for kind in KINDS:
            world.put(await self._catalogue.all(kind.value))
        return world


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

    def forget(self, session: SessionId) -> None:
        self._kept.pop(session, None)

    def keep_only(self, sessions: Iterable[SessionId]) -> None:
        wanted = set(sessions)
        self._kept = {s: f for s, f in self._kept.items() if s in wanted}


def facts_in(world: World, lesson: Lesson) -> LessonFacts:
    """Raises NotFoundError when the world does not hold what the lesson refers to."""
    rooms = {room: find(world, SiteRoom, room) for room in lesson.site_rooms}
    school = find(world, School, rooms[lesson.master_room].school)
    return lesson_facts(
        lesson,
        find(world, Course, lesson.course),
        teacher=find(world, Teacher, lesson.teacher),
        school=school,
        district=find(world, District, school.district),
        room_names={id: room.name for id, room in rooms.items()},
    )


def find(world: World, kind: type[V], id: str) -> V:
    """Raises NotFoundError(`no_such_<kind>`)."""
    found = world.get(kind, id)
    if found is None:
        raise missing(kind, id)
    return found


def missing(kind: type[Value], id: str) -> NotFoundError:
    name, zh = BY_VALUE[kind].name, BY_VALUE[kind].zh
    return NotFoundError(
        f"no_such_{name}", zh=f"没有编号为 {id} 的{zh}", en=f"there is no {name} {id}"
    )
