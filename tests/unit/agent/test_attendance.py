"""Who says where a room should be: the scheduler, or the room's agenda."""

import pytest

from classroom_agent.agenda import OVERRUN_S, Kept
from classroom_agent.attendance import AWAY_S, DOUBT_S, RETRY_S, Attendance, Wish
from common.clock import ManualClock
from common.protocol.control import ControlMessage, End, NextLesson, RoomLesson, Start
from tests.unit.agent.timetable import MORNING, agenda, at, lesson, prepare

FIRST, SECOND = lesson("ses-1", 0, 40), lesson("ses-2", 50, 90)
BOTH = agenda(FIRST, SECOND)


class Room:
    """A room at a minute of the morning. `kept`: what its disk held at boot."""

    def __init__(self, minute: float, *kept: RoomLesson) -> None:
        self.clock = ManualClock(MORNING)
        self.clock.advance(minute * 60)
        self.in_company = False
        disk = Kept(site_room="huli")
        if kept:
            disk = disk.renewed(agenda(*kept))
        self.attendance = Attendance(disk, self.clock.mono_s())

    def hears(self, *messages: ControlMessage) -> "Room":
        for message in messages:
            self.attendance.hear(message)
        return self

    def loses_the_scheduler(self) -> "Room":
        self.attendance.lost(self.clock.mono_s())
        self.clock.advance(AWAY_S)
        return self

    def at(self, minute: float) -> "Room":
        """A moment later, because clocks count whole microseconds."""
        self.clock.advance(at(minute) - self.now + 1e-5)
        return self

    @property
    def now(self) -> float:
        return self.clock.wall_us() / 1_000_000

    @property
    def wish(self) -> Wish:
        return self.attendance.wish(
            self.now, self.clock.mono_s(), in_company=self.in_company
        )

    @property
    def place(self) -> str | None:
        found = self.wish.lesson
        return found.session if found else None

    @property
    def sent_home(self) -> str:
        """Why, once it is out."""
        assert self.place is None
        return self.wish.reason

    @property
    def token(self) -> str:
        found = self.wish.lesson
        assert found is not None
        return found.token


# ---- the scheduler is there ----------------------------------------------------------


def test_while_the_scheduler_speaks_the_agenda_is_only_kept() -> None:
    room = Room(-60).hears(BOTH, NextLesson())
    assert room.at(10).place is None
    assert not room.wish.alone


def test_its_commands_lead_the_room_in_ring_the_bell_and_send_it_home() -> None:
    room = Room(-5).hears(prepare(FIRST))
    assert (room.place, room.wish.began) == ("ses-1", False)
    room.hears(Start(session="ses-1"))
    assert room.wish.began
    room.hears(End(session="ses-1", reason="teacher"))
    assert room.sent_home == "teacher"


def test_what_it_says_of_another_session_is_not_for_this_one() -> None:
    room = Room(-5).hears(prepare(FIRST))
    room.hears(Start(session="ses-9"), End(session="ses-9", reason="bell"))
    assert (room.place, room.wish.began) == ("ses-1", False)


# ---- the scheduler is away -----------------------------------------------------------


def test_a_scheduler_that_is_only_restarted_is_not_noticed() -> None:
    room = Room(-10).hears(BOTH)
    room.attendance.lost(room.clock.mono_s())
    room.clock.advance(AWAY_S - 0.1)
    assert not room.wish.alone
    assert room.wish.look_in_s == pytest.approx(0.1)
    room.clock.advance(0.2)
    assert room.wish.alone


def test_a_room_whose_scheduler_died_before_the_bell_goes_in_by_itself() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler()
    assert room.at(-3.1).place is None
    assert (room.at(-3).place, room.wish.began) == ("ses-1", False)
    assert (room.at(0).place, room.wish.began) == ("ses-1", True)
    assert room.at(40).sent_home == "bell"
    assert room.at(47).place == "ses-2"


def test_a_room_that_boots_in_mid_lesson_without_a_scheduler_goes_in() -> None:
    room = Room(17, FIRST, SECOND)
    assert room.place is None
    room.clock.advance(AWAY_S)
    assert room.wish.lesson == FIRST
    assert room.wish.began


def test_a_room_that_boots_waits_a_moment_for_the_schedulers_word() -> None:
    room = Room(17, FIRST, SECOND)
    room.clock.advance(1)
    room.hears(End(session="ses-1", reason="cancelled"))
    room.loses_the_scheduler()
    assert room.place is None


def test_a_lesson_of_the_last_minute_is_kept_as_well() -> None:
    extra = lesson("ses-x", 0, 40)
    room = Room(-2).hears(agenda(), prepare(extra)).loses_the_scheduler()
    assert (room.at(10).place, room.token) == ("ses-x", "fresh")


def test_an_early_end_told_before_the_scheduler_died_holds() -> None:
    room = Room(-2).hears(BOTH, prepare(FIRST), Start(session="ses-1"))
    room.at(20).hears(End(session="ses-1", reason="teacher")).loses_the_scheduler()
    assert room.place is None
    rebooted = Room(25, *room.attendance.kept.lessons)
    rebooted.clock.advance(AWAY_S)
    assert rebooted.place is None
    assert rebooted.at(50).place == "ses-2"


def test_a_lesson_cancelled_or_moved_by_the_last_agenda_is_not_gone_to() -> None:
    moved = lesson("ses-1", 100, 140)
    room = Room(-20).hears(BOTH, agenda(moved, version="v2")).loses_the_scheduler()
    assert room.at(0).place is None
    assert room.at(50).place is None
    assert room.at(100).place == "ses-1"


def test_when_the_media_room_says_it_is_over_the_room_stays_out() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(30)
    assert room.place == "ses-1"
    room.attendance.closed("ses-1")
    assert room.at(31).place is None


def test_a_place_that_another_took_is_not_fought_for() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(30)
    assert room.place == "ses-1"
    room.attendance.gave_up("ses-1", room.clock.mono_s(), failed=False)
    assert room.at(39).place is None
    assert room.at(50).place == "ses-2"


def test_after_a_fault_of_our_own_the_room_tries_again() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(30)
    assert room.place == "ses-1"
    room.attendance.gave_up("ses-1", room.clock.mono_s(), failed=True)
    assert room.place is None
    room.clock.advance(RETRY_S)
    assert room.place == "ses-1"


# ---- the end -------------------------------------------------------------------------


def test_at_the_closing_bell_a_room_that_is_by_itself_leaves() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(39)
    assert room.place == "ses-1"
    assert room.at(40).place is None


def test_a_lesson_that_evidently_goes_on_overruns_for_a_while() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(39)
    assert room.place == "ses-1"
    room.in_company = True
    assert room.at(44.9).place == "ses-1"
    assert room.at(45).place is None
    room.in_company = False


def test_it_ends_as_soon_as_the_others_have_gone_and_is_not_begun_again() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(39)
    assert room.place == "ses-1"
    room.in_company = True
    assert room.at(41).place == "ses-1"
    room.in_company = False
    assert room.at(41.1).place is None
    room.in_company = True
    assert room.at(41.2).place is None


def test_an_overrun_never_reaches_into_the_next_lesson() -> None:
    close = agenda(FIRST, lesson("ses-2", 42, 90))
    room = Room(-20).hears(close).loses_the_scheduler().at(39)
    assert room.place == "ses-1"
    room.in_company = True
    assert room.at(41.9).place == "ses-1"
    assert room.at(42).place == "ses-2"


def test_a_scheduler_that_dies_during_a_long_overrun_drops_nobody_at_once() -> None:
    room = Room(-2).hears(agenda(FIRST), prepare(FIRST), Start(session="ses-1"))
    room.in_company = True
    assert room.at(60).place == "ses-1"
    room.loses_the_scheduler()
    assert room.place == "ses-1"
    room.clock.advance(OVERRUN_S - AWAY_S)
    assert room.place is None


# ---- the scheduler is back -----------------------------------------------------------


def test_when_it_is_back_the_same_session_goes_on_with_a_fresh_token() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(10)
    assert (room.place, room.token) == ("ses-1", "t")
    room.hears(prepare(FIRST))
    assert not room.wish.alone
    assert (room.place, room.wish.began) == ("ses-1", True)
    assert room.token == "fresh"


def test_until_it_has_said_something_of_the_lesson_the_room_stays() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(10)
    assert room.place == "ses-1"
    assert room.hears(NextLesson()).place == "ses-1"


def test_a_lesson_cancelled_meanwhile_is_left() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(10)
    assert room.place == "ses-1"
    room.hears(End(session="ses-1", reason="cancelled"))
    assert room.sent_home == "cancelled"


def test_its_word_to_be_elsewhere_wins() -> None:
    room = Room(-20).hears(BOTH).loses_the_scheduler().at(10)
    assert room.place == "ses-1"
    assert room.hears(prepare(lesson("ses-9", 0, 40))).place == "ses-9"


def test_it_may_call_a_room_back_into_a_lesson_that_it_was_sent_out_of() -> None:
    room = Room(-2).hears(BOTH, prepare(FIRST), End(session="ses-1", reason="bell"))
    assert room.hears(prepare(FIRST)).place == "ses-1"


# ---- clocks --------------------------------------------------------------------------


def test_a_clock_earlier_than_the_scheduler_ever_said_leads_nowhere() -> None:
    room = Room(10, FIRST)
    room.attendance.compared(0.0, room.now)
    room.clock.advance(AWAY_S)
    assert room.place == "ses-1"
    stopped = Room(10, FIRST)
    stopped.attendance.compared(0.0, stopped.now + DOUBT_S + AWAY_S + 1)
    stopped.clock.advance(AWAY_S)
    assert stopped.place is None
    assert stopped.attendance.is_clock_wrong(stopped.now)


def test_how_far_the_clock_is_off_is_kept_when_it_changed() -> None:
    room = Room(0, FIRST)
    before = room.attendance.kept
    room.attendance.compared(3.0, room.now)
    kept = room.attendance.kept
    assert kept is not before
    assert kept.clock_skew_s == 3.0
    room.attendance.compared(3.2, room.now)
    assert room.attendance.kept is kept
