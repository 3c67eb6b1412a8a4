"""Makes the views of proposals. Pure."""

from scheduler.calendar import moment
from scheduler.course import Course, Lesson
from scheduler.facts import find
from scheduler.organisation import School, SiteRoom, Teacher, TeacherId
from scheduler.repair.dated import in_minutes
from scheduler.repair.desk import Opened
from scheduler.repair.propose import At
from scheduler.repair.store import KeptMove, KeptStuck
from scheduler.repair.views import (
    LessonMoveView,
    ProposalView,
    RecordingHint,
    StuckView,
    SubstituteView,
    WhenView,
)
from scheduler.repair.words import moved_words, when_of
from scheduler.world import World


def proposal_view(world: World, opened: Opened, who: str) -> ProposalView:
    """Lessons that are gone are left out; the proposal is stale then."""
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
            _move(world, lessons[move.lesson], move)
            for move in one.moves
            if move.lesson in lessons
        ],
        stuck=[
            _stuck(world, lessons[each.lesson], each)
            for each in one.stuck
            if each.lesson in lessons
        ],
        looked_at=one.looked_at,
    )


def _move(world: World, lesson: Lesson, move: KeptMove) -> LessonMoveView:
    before, after = when_of(lesson), _then(lesson, move.to)
    teacher = find(world, Teacher, lesson.teacher).name
    words = moved_words(lesson.title, teacher, before, after)
    return LessonMoveView(
        lesson=lesson.id,
        title=lesson.title,
        teacher=teacher,
        rooms=_rooms(world, lesson),
        before=before,
        after=after,
        zh=words.zh,
        en=words.en,
    )


def _stuck(world: World, lesson: Lesson, one: KeptStuck) -> StuckView:
    course = find(world, Course, lesson.course)
    return StuckView(
        lesson=lesson.id,
        title=lesson.title,
        teacher=find(world, Teacher, lesson.teacher).name,
        rooms=_rooms(world, lesson),
        before=when_of(lesson),
        substitutes=[_substitute(world, id) for id in one.substitutes],
        dates=[_then(lesson, at) for at in one.dates],
        recording=RecordingHint(
            subject=course.subject,
            grade=course.grade,
            textbook=course.textbook,
            volume=course.volume,
            chapter=lesson.chapter,
        ),
    )


def _substitute(world: World, id: TeacherId) -> SubstituteView:
    teacher = find(world, Teacher, id)
    school = find(world, School, teacher.school)
    return SubstituteView(teacher=id, name=teacher.name, school=school.name)


def _rooms(world: World, lesson: Lesson) -> list[str]:
    return [find(world, SiteRoom, room).name for room in lesson.site_rooms]


def _then(lesson: Lesson, at: At) -> WhenView:
    time = in_minutes(lesson).time
    starts = moment(at.day, at.start, lesson.zone)
    length = lesson.ends_at - lesson.starts_at
    return WhenView(
        day=at.day,
        start=at.start,
        end=at.start + time.end - time.start,
        starts_at=starts.timestamp(),
        ends_at=(starts + length).timestamp(),
    )
