"""What may come back when an absence ends sooner, before anything is written."""

from datetime import timedelta

import pytest

from scheduler.catalogue.course import Lesson, Slot
from scheduler.repair.ending import Why, wanted_back, without_clashes
from scheduler.repair.kept import Done
from scheduler.sessions.lifecycle import State
from tests.unit.scheduler.repair.mending import (
    MONDAY,
    NOW,
    STARTS,
    lesson,
    term,
    weeks,
    world,
)

TUESDAY = MONDAY + timedelta(days=1)
THURSDAY = MONDAY + timedelta(days=3)
WEEKLY = Slot(id="weekly", course="music", weekday=2, period=2)
BEFORE = lesson("music", TUESDAY, STARTS[2], slot="weekly")
AFTER = lesson("music", THURSDAY, STARTS[4], id=BEFORE.id, session=BEFORE.session)


def why(now: Lesson | None, state: State, done: Done, *, later: int = 0) -> Why | None:
    """`later`: hours after NOW, which is a Sunday afternoon."""
    there = {now.id: (now, state)} if now else {}
    at = NOW + timedelta(hours=later)
    found = wanted_back(world(WEEKLY), [done], there, MONDAY, at)
    assert len(found.back) + len(found.stays) == 1
    return found.stays[0].why if found.stays else None


BY_LI = AFTER.model_copy(update={"teacher": "li"})
MOVED = Done(BEFORE, AFTER)
GIVEN_UP = Done(BEFORE, None)


@pytest.mark.parametrize(
    ("now", "state", "done", "later", "expected"),
    [
        (AFTER, State.PLANNED, MOVED, 0, None),
        (BEFORE, State.CANCELLED, GIVEN_UP, 0, None),
        (AFTER, State.PREPARING, MOVED, 0, "begun"),
        (AFTER, State.CANCELLED, MOVED, 0, "begun"),
        (AFTER, State.PLANNED, MOVED, 48, "past"),
        (BEFORE, State.CANCELLED, GIVEN_UP, 48, "past"),
        (None, State.PLANNED, MOVED, 0, "changed"),
        (BY_LI, State.PLANNED, MOVED, 0, "changed"),
    ],
)
def test_a_lesson_comes_back_if_nothing_happened_to_it(
    now: Lesson | None, state: State, done: Done, later: int, expected: Why | None
) -> None:
    assert why(now, state, done, later=later) == expected


def test_what_was_written_on_a_lesson_since_is_kept() -> None:
    now = AFTER.model_copy(update={"chapter": "第三课", "version": 4})
    found = wanted_back(
        world(WEEKLY), [MOVED], {now.id: (now, State.PLANNED)}, MONDAY, NOW
    )
    [one] = found.back
    assert (one.then.chapter, one.then.version) == ("第三课", 4)
    assert (one.then.starts_at, one.then.slot) == (BEFORE.starts_at, "weekly")


def test_a_weekly_time_that_is_no_more_brings_nothing_back() -> None:
    there = {AFTER.id: (AFTER, State.PLANNED)}
    found = wanted_back(world(), [MOVED], there, MONDAY, NOW)
    assert [one.why for one in found.stays] == ["timetable"]


def test_one_that_stays_may_keep_another_from_coming_back() -> None:
    """Music moved to where song was, and song made room; a third lesson has music's
    own hour now."""
    song = lesson("song", THURSDAY, STARTS[4])
    aside = lesson("song", THURSDAY, STARTS[5], id=song.id, session=song.session)
    third = lesson("song", TUESDAY, STARTS[2])
    of = world(WEEKLY)
    there = {one.id: (one, State.PLANNED) for one in (AFTER, aside)}
    wanted = wanted_back(of, [MOVED, Done(song, aside)], there, MONDAY, NOW)
    assert len(wanted.back) == 2
    free = without_clashes(of, term(of), wanted, weeks(AFTER, aside), NOW)
    assert (len(free.back), free.stays) == (2, [])
    taken = without_clashes(of, term(of), wanted, weeks(AFTER, aside, third), NOW)
    assert taken.back == []
    assert [one.why for one in taken.stays] == ["clash", "clash"]
