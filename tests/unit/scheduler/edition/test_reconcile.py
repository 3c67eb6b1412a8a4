"""Dated lessons follow a new edition, and those that should not are left alone."""

from datetime import date, timedelta

import pytest

from common.ids import LessonId
from scheduler.catalogue.course import Lesson, SlotId, changed_by_hand
from scheduler.edition.reconcile import Reconciled, There, apart, reconcile
from scheduler.sessions.lifecycle import State
from tests.unit.scheduler.district import lesson

DAY = timedelta(days=1)


def dated(name: str, after: timedelta = timedelta(0), **fields: object) -> Lesson:
    slot = SlotId(str(fields.pop("slot", "mon")))
    day = date(2026, 11, 23) + timedelta(days=after.days)
    return lesson(name, after, slot=slot, day=day, week=13, **fields)


def followed(
    wanted: list[Lesson], there: list[Lesson], others: tuple[Lesson, ...] = ()
) -> Reconciled:
    return reconcile(wanted, [There(one, State.PLANNED) for one in there], others)


def test_a_lesson_at_its_time_stays_untouched() -> None:
    old, new = dated("old"), dated("new")
    found = followed([new], [old])
    assert (found.same, found.changed, found.added, found.removed) == (
        [old],
        [],
        [],
        [],
    )


def test_a_moved_lesson_keeps_its_id_session_and_chapter() -> None:
    old = dated("old", chapter="第二课")
    found = followed([dated("new", DAY)], [old])
    ((before, after),) = found.moved
    assert before is old
    assert (after.id, after.session, after.chapter) == (old.id, old.session, "第二课")
    assert (after.starts_at, after.day) == (old.starts_at + DAY, old.day + DAY)


def test_a_lesson_follows_a_new_teacher_without_being_moved() -> None:
    found = followed([dated("new", teacher="li")], [dated("old")])
    ((_, after),) = found.changed
    assert after.teacher == "li"
    assert found.moved == []


def test_of_two_lessons_the_one_that_need_not_move_does_not() -> None:
    mon, wed = dated("mon"), dated("wed", 2 * DAY, slot="wed")
    wanted = [dated("a", 2 * DAY, slot="wed"), dated("b", 4 * DAY, slot="mon")]
    found = followed(wanted, [mon, wed])
    assert found.same == [wed]
    assert [(a.id, b.day.isoweekday()) for a, b in found.moved] == [(mon.id, 5)]


def test_lessons_too_few_are_made_and_too_many_taken_off() -> None:
    one, two = dated("one"), dated("two", DAY, slot="tue")
    assert followed([one, two], [one]).added == [two]
    assert followed([one], [one, two]).removed == [two]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.PREPARING, "begun"),
        (State.LIVE, "begun"),
        (State.ENDED, "begun"),
        (State.CANCELLED, "cancelled"),
    ],
)
def test_what_has_begun_or_was_cancelled_stands_for_its_slot(
    state: State, reason: str
) -> None:
    old = dated("old")
    found = reconcile([dated("new", DAY)], [There(old, state)], ())
    assert [(one.lesson, one.reason) for one in found.left_alone] == [(old, reason)]
    assert (found.added, found.changed, found.removed) == ([], [], [])


def test_what_a_person_changed_for_one_date_is_left_alone() -> None:
    plain = dated("old")
    by_hand = changed_by_hand(plain, plain.model_copy(update={"teacher": "li"}))
    found = followed([dated("new", DAY)], [by_hand])
    assert [one.reason for one in found.left_alone] == ["by_hand"]
    assert (found.added, found.moved) == ([], [])


def test_words_of_a_lesson_are_no_change_by_hand() -> None:
    plain = dated("old")
    named = changed_by_hand(plain, plain.model_copy(update={"chapter": "第三课"}))
    assert not named.by_hand
    later = changed_by_hand(plain, dated("old", DAY))
    assert (later.by_hand, later.slot_day) == (True, plain.day)


def test_a_time_that_somebody_else_has_taken_is_not_used() -> None:
    other = lesson("other", DAY, day=date(2026, 11, 24), title="公开课")
    found = followed([dated("new", DAY)], [dated("old")], (other,))
    assert found.moved == []
    assert [one.id for one in found.removed] == [LessonId("les-old")]
    ((left),) = found.left_alone
    assert (left.reason, left.other) == ("clash", other)


def test_bells_of_another_season_may_bring_lessons_together() -> None:
    one = dated("one")
    two = dated("two", timedelta(minutes=10), slot="late", course="art")
    kept, left = apart([two, one])
    assert kept == [one]
    assert [(x.lesson, x.other) for x in left] == [(two, one)]
