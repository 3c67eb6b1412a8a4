"""Goes on with a lesson that was ended too early, for the rest of its time.

A session that ended stays so: its recording is finished and in the library. What is
left of the hour is a lesson of its own, with a session of its own, that says which
one it goes on with.
"""

from common.clock import Clock
from common.errors import ConflictError
from common.ids import LessonId, SessionId, new_id
from scheduler.catalogue.course import MIN_LESSON_S, Lesson
from scheduler.sessions.lesson_store import Lessons
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.session_store import Sessions


class Resuming:
    def __init__(self, lessons: Lessons, sessions: Sessions, clock: Clock) -> None:
        self._lessons = lessons
        self._sessions = sessions
        self._clock = clock

    async def resume(self, session: SessionId) -> Lesson:
        """The new lesson, from now to the closing bell.

        Raises NotFoundError, ConflictError: `not_ended_early`, `lesson_over`,
        `lesson_clash` when somebody took the free time (also this lesson, resumed
        before).
        """
        lesson = await self._lessons.of_session(session)
        await self._refuse_unless_ended_early(session)
        now = self._clock.now()
        if (lesson.ends_at - now).total_seconds() < MIN_LESSON_S:
            raise ConflictError(
                "lesson_over",
                zh="这节课的时间已经过去，请另排一节课",
                en="its time has passed; put another lesson on the timetable",
            )
        rest = lesson.model_copy(
            update={
                "id": LessonId(new_id("les")),
                "session": SessionId(new_id("ses")),
                "slot": None,
                "starts_at": now,
                "version": 1,
                "resumes": lesson.id,
                "by_hand": True,
            }
        )
        await self._lessons.add([rest], now)
        return rest

    async def _refuse_unless_ended_early(self, session: SessionId) -> None:
        for moved in await self._sessions.history(session):
            if moved.to_state is State.ENDING and moved.cause is Cause.TEACHER:
                return
        raise ConflictError(
            "not_ended_early",
            zh="只有教师提前下课的课可以继续上",
            en="only a lesson that its teacher ended early can go on",
        )
