"""From a proposal and what a person chose to the lessons as they will be. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from common.errors import ConflictError, ParseError
from common.ids import LessonId
from scheduler.catalogue.course import Lesson, changed_by_hand
from scheduler.catalogue.desk import find
from scheduler.catalogue.organisation import Teacher, TeacherId
from scheduler.catalogue.world import World
from scheduler.repair.kept import Done
from scheduler.repair.moved import At, moved
from scheduler.term.timetable import Timetable

ChoiceKind = Literal["substitute", "date", "recording", "cancel", "leave"]
"""What becomes of a lesson without a place: another teacher, another date, a
recording to watch, nothing, or to be decided later."""


@dataclass(frozen=True, slots=True)
class Choice:
    kind: ChoiceKind
    teacher: TeacherId | None = None
    at: At | None = None
    resource: str = ""


@dataclass
class Outcome:
    """`changed` lessons as they will be; `cancelled` ones with what to say of it."""

    changed: list[Lesson] = field(default_factory=list)
    cancelled: list[tuple[Lesson, str]] = field(default_factory=list)
    left: list[Lesson] = field(default_factory=list)


def outcome(
    world: World,
    lessons: Mapping[LessonId, Lesson],
    moves: Mapping[LessonId, At],
    stuck: Sequence[LessonId],
    choices: Mapping[LessonId, Choice],
) -> Outcome:
    """`lessons`: as they are now, at the versions the proposal was made from.

    Raises ParseError(`choice_missing`, `choice_unknown`, `bad_choice`),
    NotFoundError(`no_such_teacher`)."""
    _check_choices(stuck, choices, lessons)
    made, timetable = Outcome(), Timetable(world)
    for id, to in moves.items():
        made.changed.append(moved(world, lessons[id], to, timetable))
    for id in stuck:
        _carry_out(world, timetable, lessons[id], choices[id], made)
    made.changed = [changed_by_hand(lessons[one.id], one) for one in made.changed]
    return made


def done_by(before: Mapping[LessonId, Lesson], made: Outcome) -> list[Done]:
    """To be remembered: an absence may end sooner."""
    return [
        *(Done(before[after.id], after) for after in made.changed),
        *(Done(lesson, None) for lesson, _ in made.cancelled),
    ]


def _carry_out(
    world: World, timetable: Timetable, lesson: Lesson, choice: Choice, made: Outcome
) -> None:
    match choice.kind:
        case "substitute":
            teacher = find(world, Teacher, choice.teacher or "")
            made.changed.append(lesson.model_copy(update={"teacher": teacher.id}))
        case "date":
            assert choice.at is not None  # checked in `_check_choices`
            made.changed.append(moved(world, lesson, choice.at, timetable))
        case "recording":
            made.cancelled.append((lesson, f"recording {choice.resource}"))
        case "cancel":
            made.cancelled.append((lesson, ""))
        case "leave":
            made.left.append(lesson)


def _check_choices(
    stuck: Sequence[LessonId],
    choices: Mapping[LessonId, Choice],
    lessons: Mapping[LessonId, Lesson],
) -> None:
    missing = [lessons[id].title for id in stuck if id not in choices]
    if missing:
        names = "、".join(missing[:5])
        raise ParseError(
            "choice_missing",
            zh=f"还有 {len(missing)} 节课没有决定怎么办：{names}；请逐一选择，"
            "也可以选“以后再定”",
            en=f"{len(missing)} lessons still need a choice ({names}); "
            "choose for each, 'leave' is one",
        )
    for id, choice in choices.items():
        if id not in stuck:
            raise ParseError(
                "choice_unknown",
                zh=f"这次调整里没有需要决定的课：{id}",
                en=f"no lesson {id} waits for a choice in this proposal",
            )
        _check_choice(choice)


def _check_choice(choice: Choice) -> None:
    needed = {
        "substitute": choice.teacher is not None,
        "date": choice.at is not None,
        "recording": bool(choice.resource),
    }
    if not needed.get(choice.kind, True):
        raise ParseError(
            "bad_choice",
            zh="代课要选教师，改期要选日期，看录像要选录像",
            en="a substitute needs a teacher, a date a day and start, a recording"
            " a resource",
        )


def refuse_stale(
    lessons: Iterable[Lesson], versions: Mapping[LessonId, int]
) -> dict[LessonId, Lesson]:
    """The lessons by id. Raises ConflictError(`proposal_stale`) when one of them is
    not what the proposal was made from."""
    now = {lesson.id: lesson for lesson in lessons}
    if any(id not in now or now[id].version != v for id, v in versions.items()):
        raise stale()
    return now


def stale() -> ConflictError:
    return ConflictError(
        "proposal_stale",
        zh="建议里的课在这期间被别人改过、取消了或已经开始，请重新生成调整建议",
        en="lessons of this proposal were changed, cancelled or begun meanwhile;"
        " make it anew",
    )
