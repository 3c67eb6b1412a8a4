"""Makes the views of lessons, sessions and rooms that people look at."""

from collections.abc import Mapping, Sequence

from common.ids import SessionId, SiteRoomId
from common.protocol.signalling import Role
from common.turns import in_turns
from scheduler.agents.connected import Agent, Agents
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.desk import WorldDesk
from scheduler.catalogue.organisation import School, SiteRoom
from scheduler.front.views import (
    AgendaView,
    HistoryLine,
    LessonView,
    RoomView,
    SessionView,
    SiteRoomView,
)
from scheduler.sessions.actions import Action, skipped_words
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.reasons import reason_words
from scheduler.sessions.session import Session, Transition
from scheduler.sessions.session_store import Sessions


class Presenter:
    def __init__(
        self,
        desk: WorldDesk,
        facts: FactsDesk,
        lessons: Lessons,
        sessions: Sessions,
        agents: Agents,
    ) -> None:
        self._desk = desk
        self._facts = facts
        self._lessons = lessons
        self._sessions = sessions
        self._agents = agents

    async def lessons(self, lessons: Sequence[Lesson]) -> list[LessonView]:
        found = await self._sessions.of_lessons([lesson.id for lesson in lessons])
        sessions = {session.lesson: session for session in found}
        present = await self._sessions.present([s.id for s in found])
        return [
            await self._lesson(lesson, sessions[lesson.id], present)
            async for lesson in in_turns(lessons)
            if lesson.id in sessions
        ]

    async def lesson(self, lesson: Lesson) -> LessonView:
        return (await self.lessons([lesson]))[0]

    async def session(self, id: SessionId) -> SessionView:
        """Raises NotFoundError."""
        view = await self.lesson(await self._lessons.of_session(id))
        names = {room.id: room.name for room in view.rooms}
        history = [_line(t, names) for t in await self._sessions.history(id)]
        return SessionView(**dict(view), history=history)

    async def site_rooms(self) -> list[SiteRoomView]:
        world = await self._desk.world()
        schools = {school.id: school for school in world.all(School)}
        return [
            self._site_room(room, schools[room.school])
            for room in world.all(SiteRoom)
            if room.school in schools
        ]

    def _site_room(self, room: SiteRoom, school: School) -> SiteRoomView:
        agent = self._agents.get(room.id)
        view = SiteRoomView(
            id=room.id,
            name=room.name,
            kind=room.kind,
            school=school.id,
            school_name=school.name,
            district=school.district,
            online=agent is not None,
        )
        if agent is None:
            return view
        return view.model_copy(
            update={
                "state": agent.report.state,
                "session": agent.report.session,
                "software": agent.software,
                "checks": agent.report.checks,
                "agenda": _agenda(agent),
                "clock_skew_s": agent.clock_skew_s,
            }
        )

    async def _lesson(
        self, lesson: Lesson, session: Session, present: set[tuple[str, str]]
    ) -> LessonView:
        facts = await self._facts.of_lesson(lesson)
        known = facts.model_dump(exclude={"site_rooms", "master_room"})
        rooms = [
            self._room(id, facts.site_rooms[id], lesson, (session.id, id) in present)
            for id in lesson.site_rooms
        ]
        words = reason_words(session.reason, facts.site_rooms)
        return LessonView(
            **known,
            course=lesson.course,
            day=lesson.day,
            zone=lesson.zone,
            version=lesson.version,
            state=session.state,
            reason=session.reason,
            reason_zh=words.zh,
            reason_en=words.en,
            recording_state=session.recording_state,
            resource=session.resource,
            overrun_s=session.overrun_s,
            resumes=lesson.resumes,
            rooms=rooms,
        )

    def _room(
        self, id: SiteRoomId, name: str, lesson: Lesson, present: bool
    ) -> RoomView:
        role: Role = "master" if id == lesson.master_room else "room"
        online = self._agents.get(id) is not None
        return RoomView(id=id, name=name, role=role, present=present, online=online)


def _agenda(agent: Agent) -> AgendaView | None:
    report = agent.report
    if report.agenda is None:
        return None
    return AgendaView(
        version=report.agenda,
        told_at=report.agenda_at,
        is_current=report.agenda == agent.agenda,
    )


def _line(transition: Transition, names: Mapping[str, str]) -> HistoryLine:
    why = reason_words(f"{transition.cause} {transition.detail}".strip(), names)
    late = skipped_words(transition.skipped)
    return HistoryLine(
        at=transition.at.timestamp(),
        from_state=transition.from_state,
        to_state=transition.to_state,
        cause=transition.cause,
        detail=transition.detail,
        skipped=[Action(name) for name in transition.skipped.split()],
        zh=why.zh + (f"；{late.zh}" if late.zh else ""),
        en=why.en + (f"; {late.en}" if late.en else ""),
    )
