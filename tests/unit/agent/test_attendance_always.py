"""Whatever is said, lost and found in whatever order: what is true of every room."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from classroom_agent.agenda import OVERRUN_S, Kept
from classroom_agent.attendance import AWAY_S, RETRY_S, Attendance, Wish
from common.clock import ManualClock
from common.protocol.control import ControlMessage, End, NextLesson, RoomLesson, Start
from tests.unit.agent.timetable import LEAD_S, MORNING, agenda, lesson, prepare

SESSIONS = ("a", "b", "c", "d")
names = st.sampled_from(SESSIONS)


@st.composite
def lessons(draw: st.DrawFn) -> RoomLesson:
    start = draw(st.integers(-30, 300))
    return lesson(draw(names), start, start + draw(st.integers(1, 60)))


def unlike(many: list[RoomLesson]) -> list[RoomLesson]:
    """One lesson per session, in order of time: what a scheduler would send."""
    by_session = {one.session: one for one in many}
    return sorted(by_session.values(), key=lambda one: one.starts_at)


class AnyDay(RuleBasedStateMachine):
    """The model: what the scheduler said last of every session, and who gave it up."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(MORNING)
        self.room = Attendance(Kept(site_room="huli"), self.clock.mono_s())
        self.known: dict[str, RoomLesson] = {}
        self.barred: dict[str, float] = {}
        self.on_line = False
        self.lost_s = 0.0
        self.vouched_at = 0.0
        self.company = False
        self.wish = self.look()

    def look(self) -> Wish:
        return self.room.wish(self.now, self.clock.mono_s(), in_company=self.company)

    @property
    def now(self) -> float:
        return self.clock.wall_us() / 1_000_000

    def says(self, message: ControlMessage) -> None:
        self.on_line = True
        self.room.hear(message)

    def running(self) -> list[RoomLesson]:
        return [
            one
            for one in self.known.values()
            if one.starts_at <= self.now < one.ends_at
            and self.barred.get(one.session, 0) <= self.clock.mono_s()
        ]

    # ---- what may happen -----------------------------------------------------

    @rule(seconds=st.one_of(st.floats(0.01, 90), st.integers(60, 3600)))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(told=st.lists(lessons(), max_size=4))
    def the_scheduler_sends_an_agenda(self, told: list[RoomLesson]) -> None:
        listed = unlike(told)
        self.says(agenda(*listed))
        self.known = {one.session: one for one in listed}

    @rule(one=lessons())
    def the_scheduler_calls_the_room(self, one: RoomLesson) -> None:
        self.says(prepare(one))
        self.known[one.session] = one
        self.barred.pop(one.session, None)

    @rule(session=names)
    def the_scheduler_rings_the_bell(self, session: str) -> None:
        self.says(Start(session=session))

    @rule(session=names, reason=st.sampled_from(["bell", "teacher", "cancelled"]))
    def the_scheduler_ends_a_lesson(self, session: str, reason: str) -> None:
        self.says(End.model_validate({"session": session, "reason": reason}))
        self.known.pop(session, None)
        assert self.place() != session

    @rule()
    def the_scheduler_is_idle(self) -> None:
        self.says(NextLesson())

    @precondition(lambda self: self.on_line)
    @rule()
    def the_scheduler_is_lost(self) -> None:
        self.room.lost(self.clock.mono_s())
        self.on_line, self.lost_s = False, self.clock.mono_s()

    @rule(session=names)
    def the_media_room_is_over(self, session: str) -> None:
        self.room.closed(session)
        self.known.pop(session, None)

    @rule(session=names, failed=st.booleans())
    def the_room_gives_a_lesson_up(self, session: str, failed: bool) -> None:
        self.room.gave_up(session, self.clock.mono_s(), failed=failed)
        again_s = self.clock.mono_s() + RETRY_S if failed else float("inf")
        self.barred[session] = again_s

    @rule(company=st.booleans())
    def others_come_and_go(self, company: bool) -> None:
        self.company = company

    # ---- what is always true -------------------------------------------------

    def place(self) -> str | None:
        found = self.look().lesson
        return found.session if found else None

    @invariant()
    def the_room_is_where_it_should_be(self) -> None:
        before, self.wish = self.wish, self.look()
        if self.on_line:
            self.vouched_at = self.now
        assert self.wish.alone == (
            not self.on_line and self.clock.mono_s() - self.lost_s >= AWAY_S
        )
        if self.wish.alone:
            self.is_right_by_the_agenda(before)

    def is_right_by_the_agenda(self, before: Wish) -> None:
        here, running = self.wish.lesson, self.running()
        if running:
            latest = max(one.starts_at for one in running)
            assert here is not None, "a lesson runs and the room is not in it"
            assert here.starts_at == latest
            assert here.session in {one.session for one in running}
        if here is None:
            return
        known = self.known.get(here.session)
        assert known is not None, "in a lesson that is over or cancelled"
        assert self.barred.get(here.session, 0) <= self.clock.mono_s()
        assert self.now >= here.starts_at - LEAD_S, "earlier than lead time"
        assert self.wish.began == (self.now >= here.starts_at)
        if self.now >= here.ends_at:
            assert before.lesson is not None
            assert before.lesson.session == here.session, "an overrun begun anew"
            assert self.company
            assert self.now < max(here.ends_at, self.vouched_at) + OVERRUN_S

    @precondition(lambda self: not self.on_line)
    @invariant()
    def nothing_changes_before_it_wants_to_look_again(self) -> None:
        wish = self.look()
        waits = [s for s in self.barred.values() if s > self.clock.mono_s()]
        ahead_s = wish.look_in_s
        if ahead_s is None or ahead_s < 0.01 or min(waits, default=1e9) < 1e9:
            return
        later_s = ahead_s - 0.005
        then = self.room.wish(
            self.now + later_s,
            self.clock.mono_s() + later_s,
            in_company=self.company,
        )
        assert (then.lesson, then.began) == (wish.lesson, wish.began)


AnyDay.TestCase.settings = settings(max_examples=200, stateful_step_count=40)
test_any_day = AnyDay.TestCase
