"""Makes the views of proposals. Pure."""

from collections.abc import Container

from common.ids import SchoolId
from scheduler.catalogue.availability import Travel
from scheduler.catalogue.course import Course, Lesson
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import School, SiteRoom, Teacher, TeacherId
from scheduler.catalogue.world import World
from scheduler.repair.desk import Opened
from scheduler.repair.ending import Returning, Staying
from scheduler.repair.ending_desk import Ending
from scheduler.repair.kept import Kept, KeptMove, KeptStuck
from scheduler.repair.moved import At, moved
from scheduler.repair.notices import return_words
from scheduler.repair.offers import needs
from scheduler.repair.views import (
    EndedView,
    EndingView,
    LessonMoveView,
    ProposalView,
    RecordingHint,
    ReturnView,
    StayView,
    StuckView,
    SubstituteView,
    WayView,
    WhenView,
)
from scheduler.repair.words import moved_words, when_of
from scheduler.term.timetable import Timetable


def proposal_view(
    world: World, timetable: Timetable, opened: Opened, who: str
) -> ProposalView:
    """Lessons that are gone are left out; the proposal is stale then. `timetable`: of
    that world."""
    return _Presenter(world, timetable).proposal(opened, who)


class _Presenter:
    def __init__(self, world: World, timetable: Timetable) -> None:
        self._world, self._timetable = world, timetable

    def proposal(self, opened: Opened, who: str) -> ProposalView:
        one, lessons = opened.kept, opened.lessons
        return ProposalView(
            id=one.id,
            term=one.term,
            state=one.state,
            stale=opened.stale and one.state == "open",
            absence=one.absence,
            who=who,
            made_by=one.made_by,
            made_at=one.made_at.timestamp(),
            moves=[
                self._move(lessons[move.lesson], move)
                for move in one.moves
                if move.lesson in lessons
            ],
            stuck=[
                self._stuck(lessons[each.lesson], each)
                for each in one.stuck
                if each.lesson in lessons
            ],
            ways=self._ways(
                {self._school(lessons[id]) for id in one.versions if id in lessons}
            ),
            looked_at=one.looked_at,
            ended=_ended(one),
            ahead=opened.ahead,
        )

    def _ways(self, schools: Container[SchoolId]) -> list[WayView]:
        return [
            WayView(one=way.from_school, other=way.to_school, minutes=way.minutes)
            for way in self._world.all(Travel)
            if way.from_school in schools and way.to_school in schools
        ]

    def _school(self, lesson: Lesson) -> SchoolId:
        return find(self._world, SiteRoom, lesson.master_room).school

    def _move(self, lesson: Lesson, move: KeptMove) -> LessonMoveView:
        before, after = when_of(lesson), self._then(lesson, move.to)
        teacher = find(self._world, Teacher, lesson.teacher).name
        words = moved_words(lesson.title, teacher, before, after)
        return LessonMoveView(
            lesson=lesson.id,
            title=lesson.title,
            teacher=teacher,
            rooms=self._rooms(lesson),
            before=before,
            after=after,
            zh=words.zh,
            en=words.en,
        )

    def _stuck(self, lesson: Lesson, one: KeptStuck) -> StuckView:
        course = find(self._world, Course, lesson.course)
        held = needs(self._world, lesson)
        return StuckView(
            lesson=lesson.id,
            course=course.id,
            title=lesson.title,
            teacher=find(self._world, Teacher, lesson.teacher).name,
            teacher_id=lesson.teacher,
            school=self._school(lesson),
            needs=sorted(f"{n.kind}:{n.id}" for n in held if n.kind != "teacher"),
            rooms=self._rooms(lesson),
            before=when_of(lesson),
            substitutes=[self._substitute(id) for id in one.substitutes],
            dates=[self._then(lesson, at) for at in one.dates],
            recording=RecordingHint(
                subject=course.subject,
                grade=course.grade,
                textbook=course.textbook,
                volume=course.volume,
                chapter=lesson.chapter,
            ),
        )

    def _substitute(self, id: TeacherId) -> SubstituteView:
        teacher = find(self._world, Teacher, id)
        school = find(self._world, School, teacher.school)
        return SubstituteView(teacher=id, name=teacher.name, school=school.name)

    def _rooms(self, lesson: Lesson) -> list[str]:
        return [find(self._world, SiteRoom, room).name for room in lesson.site_rooms]

    def _then(self, lesson: Lesson, at: At) -> WhenView:
        return when_of(moved(self._world, lesson, at, self._timetable))


def _ended(one: Kept) -> EndedView | None:
    ended = one.ended
    if ended is None:
        return None
    return EndedView(from_day=ended.from_day, by=ended.by, at=ended.at.timestamp())


def ending_view(world: World, ending: Ending) -> EndingView:
    return EndingView(
        proposal=ending.kept.id,
        from_day=ending.from_day,
        back=[_return(world, one) for one in ending.found.back],
        stays=[_stay(one) for one in ending.found.stays],
        told=ending.told,
    )


def _return(world: World, one: Returning) -> ReturnView:
    now = one.now if one.done.after else None
    words = return_words(world, now, one.then)
    return ReturnView(
        lesson=one.then.id,
        title=one.then.title,
        before=when_of(now) if now else None,
        after=when_of(one.then),
        zh=words.zh,
        en=words.en,
    )


def _stay(one: Staying) -> StayView:
    lesson = one.done.before
    return StayView(
        lesson=lesson.id,
        title=lesson.title,
        own=when_of(lesson),
        cancelled=one.done.after is None,
        why=one.why,
        zh=one.words.zh,
        en=one.words.en,
    )
