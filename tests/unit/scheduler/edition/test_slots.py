"""Slots say what an edition says, and keep who they are."""

from datetime import date

from common.ids import CourseId
from scheduler.catalogue.bells import BellSchedule, BellScheduleId, Period
from scheduler.catalogue.course import Slot, SlotId
from scheduler.catalogue.world import World
from scheduler.edition.slots import TermSlots, by_other_bells
from scheduler.edition.values import rows_of
from scheduler.edition.weeks import weeks_by_bells
from tests.support.synthetic_world import TERM
from tests.unit.scheduler.edition.editions import row, small_frame


def slot(id: str, course: str, weekday: int, **time: int) -> Slot:
    return Slot.model_validate(
        {"id": SlotId(id), "course": CourseId(course), "weekday": weekday, **time}
    )


def world(*slots: Slot) -> World:
    made = small_frame().world
    made.put(slots)
    return made


def test_a_slot_that_stays_keeps_its_id_and_one_that_moves_too() -> None:
    slots = TermSlots(
        world(slot("s1", "x", 1, period=1), slot("s2", "x", 3, period=2)), TERM, 5
    )
    assert set(slots.rows()) == {("x", 1, 480), ("x", 3, 530)}
    made = slots.slots_for([row("x", 3, 530), row("x", 4, 590), row("y", 2, 480)])
    by_id = {s.id: s for s in made}
    assert (by_id[SlotId("s2")].weekday, by_id[SlotId("s2")].period) == (3, 2)
    assert (by_id[SlotId("s1")].weekday, by_id[SlotId("s1")].period) == (4, 3)
    (new,) = by_id.keys() - {"s1", "s2"}
    assert by_id[new].course == "y"


def test_a_start_off_the_bells_is_kept_in_minutes() -> None:
    (made,) = TermSlots(world(), TERM, 5).slots_for([row("x", 1, 500)])
    assert (made.period, made.start_minute, made.end_minute) == (None, 500, 540)


def test_an_imported_slot_keeps_its_own_weeks_until_somebody_moves_it() -> None:
    odd = slot("s1", "x", 1, period=1).model_copy(update={"weeks": "odd"})
    slots = TermSlots(world(odd), TERM, 5)
    assert slots.slots_for(slots.rows().values()) == [odd]
    (moved,) = slots.slots_for([row("x", 2, 480)])
    assert (moved.id, moved.weeks) == ("s1", "all")


def test_an_edition_follows_the_bells_of_a_winter_week() -> None:
    made = world()
    winter = BellScheduleId("winter")
    made.put(
        [
            BellSchedule(
                id=winter,
                school=made.all(BellSchedule)[0].school,
                name="冬季",
                first_day=date(2026, 12, 1),
                last_day=date(2027, 2, 1),
            ),
            Period(bell_schedule=winter, number=2, start_minute=545, end_minute=585),
        ]
    )
    autumn, cold = TermSlots(made, TERM, 5), TermSlots(made, TERM, 16)
    rows = rows_of([row("x", 1, 530), row("x", 2, 700)])
    assert set(by_other_bells(rows, autumn, cold)) == {("x", 1, 545), ("x", 2, 700)}
    assert [weeks[0] for weeks in weeks_by_bells(made, TERM)] == [1, 14, 15]
