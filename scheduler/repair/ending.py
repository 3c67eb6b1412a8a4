"""An absence that ends sooner than was agreed: what comes back, what stays, and why.
Pure.

A lesson comes back to where it was before the agreement if that lies ahead and nothing
is in its way. What other people did since is never undone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from common.ids import LessonId, SessionId, new_id
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Lesson, Slot
from scheduler.catalogue.organisation import SiteRoom, Teacher
from scheduler.catalogue.world import World
from scheduler.repair.dated import SOON, monday_of
from scheduler.repair.judge import Judge
from scheduler.repair.kept import Done
from scheduler.sessions.lifecycle import State
from scheduler.words import Words

Why = Literal["begun", "past", "changed", "timetable", "clash"]
_OWN = {"title", "chapter", "class_hour", "version"}
"""What people and editions write on a lesson without moving it: it keeps that."""
_WHY: Mapping[Why, Words] = {
    "begun": Words(
        "已经开始或上完了，照调整后的时间",
        "has begun or is over, as it was mended",
    ),
    "past": Words(
        "原来的时间已经过了或马上就到，不再改回",
        "its own time is past or too near to come back to",
    ),
    "changed": Words(
        "同意之后又被别人改过，保持现在的安排",
        "was changed by somebody since; it stays as it is now",
    ),
    "timetable": Words(
        "每周课表后来变了，原来的时间不再用；请在课表上看这节课",
        "the weekly timetable is another one since, without its own time; look at"
        " the timetable",
    ),
}


@dataclass(frozen=True, slots=True)
class Returning:
    """`now`: as it is; of one that was cancelled, as it was when it was."""

    done: Done
    now: Lesson
    then: Lesson


@dataclass(frozen=True, slots=True)
class Staying:
    done: Done
    why: Why
    words: Words


@dataclass
class Return:
    """In order of their own time."""

    back: list[Returning] = field(default_factory=list)
    stays: list[Staying] = field(default_factory=list)


def is_ahead(done: Done, now: datetime) -> bool:
    """It might come back."""
    return not done.back and done.before.starts_at > now + SOON


def wanted_back(
    world: World,
    done: Iterable[Done],
    lessons: Mapping[LessonId, tuple[Lesson, State]],
    from_day: date,
    now: datetime,
) -> Return:
    """Who of those from `from_day` on may come back, if their hours are free.
    `lessons`: as they are; those that are missing are gone."""
    found = Return()
    for one in sorted(done, key=lambda one: one.before.starts_at):
        if one.back or one.before.day < from_day:
            continue
        there = lessons.get(one.before.id)
        why = _why_not(world, one, there, now)
        if why is not None:
            found.stays.append(Staying(one, why, _WHY[why]))
        elif there is not None:
            found.back.append(Returning(one, there[0], _as_before(one, there[0])))
    return found


def _why_not(
    world: World, one: Done, there: tuple[Lesson, State] | None, now: datetime
) -> Why | None:
    if there is None:
        return "changed"
    lesson, state = there
    expected = State.PLANNED if one.after else State.CANCELLED
    if state is not expected:
        return "begun" if one.after else "changed"
    if not is_ahead(one, now):
        return "past"
    if not _is_still_known(world, one.before):
        return "timetable"
    after = one.after or one.before
    if lesson.model_dump(exclude=_OWN) != after.model_dump(exclude=_OWN):
        return "changed"
    return None


def _is_still_known(world: World, lesson: Lesson) -> bool:
    """Its weekly time, and who gives it where."""
    return (
        (lesson.slot is None or world.get(Slot, lesson.slot) is not None)
        and world.get(Teacher, lesson.teacher) is not None
        and all(world.get(SiteRoom, room) for room in lesson.site_rooms)
    )


def _as_before(done: Done, now: Lesson) -> Lesson:
    own: dict[str, object] = {name: getattr(now, name) for name in _OWN}
    if done.after is None:
        own["session"] = SessionId(new_id("ses"))
    return done.before.model_copy(update=own)


def without_clashes(
    world: World,
    term: Term,
    found: Return,
    lessons_of: Mapping[date, Sequence[Lesson]],
    now: datetime,
) -> Return:
    """By the rules that judge every timetable. `lessons_of`: the unfinished lessons of
    every week that somebody comes back to."""
    judge = Judge(world, term, now)
    back = {one.now.id: one for one in found.back}
    stays = list(found.stays)
    weeks = {monday_of(one.then.day) for one in found.back}
    while weeks:
        monday = min(weeks)
        weeks.discard(monday)
        mine = [b.then for b in back.values() if monday_of(b.then.day) == monday]
        if not mine:
            continue
        for broken in judge.week(monday, lessons_of.get(monday, ()), mine, set(back)):
            for one in _taken_out(back, broken.lessons):
                stays.append(Staying(one.done, "clash", broken.words))
                # It stays where it is now, in the way of others perhaps.
                weeks |= {monday, monday_of(one.now.day)}
    stays.sort(key=lambda one: one.done.before.starts_at)
    return Return(list(back.values()), stays)


def _taken_out(
    back: dict[LessonId, Returning], lessons: Collection[LessonId]
) -> list[Returning]:
    return [back.pop(id) for id in sorted(lessons) if id in back]
