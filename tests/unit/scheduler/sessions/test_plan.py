"""The plan against its promises, step by step and under any clock."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import SessionId, SiteRoomId
from scheduler.sessions.lifecycle import FINAL, Cause, State
from scheduler.sessions.plan import (
    Running,
    Timing,
    make_plan,
    next_deadline,
    next_step,
    repeat_due,
    shift_of,
    where_to_be,
    with_bell_moved,
)

TIMING = Timing(lead_s=180, late_s=600, ending_s=30, repeat_s=10)
ROOMS = frozenset(SiteRoomId(name) for name in ("master", "huli", "feixi"))
BELL, CLOSING = 10_000.0, 12_400.0


def running(state: State, **facts: object) -> Running:
    plain = Running(
        session=SessionId("ses-1"),
        state=state,
        starts_at=BELL,
        ends_at=CLOSING,
        entered_at=0.0,
        expected=ROOMS,
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def due(one: Running, now: float) -> tuple[Cause, State] | None:
    step = next_step(one, now, TIMING)
    return (step.cause, step.to) if step else None


def test_rooms_are_woken_exactly_at_the_lead_time() -> None:
    planned = running(State.PLANNED)
    assert due(planned, BELL - 180.1) is None
    assert due(planned, BELL - 180) == (Cause.LEAD_TIME, State.PREPARING)
    assert next_deadline(planned, TIMING) == BELL - 180


def test_a_lesson_that_rooms_are_in_already_is_started_however_late() -> None:
    late = CLOSING - 60
    begun = running(State.PLANNED, present=frozenset({SiteRoomId("huli")}))
    assert due(begun, late) == (Cause.LEAD_TIME, State.PREPARING)
    assert due(replace(begun, state=State.READY), late) == (Cause.BELL, State.LIVE)
    assert due(begun, CLOSING) == (Cause.MISSED, State.FAILED)
    assert due(running(State.PLANNED), late) == (Cause.MISSED, State.FAILED)


def test_a_session_is_ready_when_the_last_room_reports() -> None:
    two = frozenset(list(ROOMS)[:2])
    assert due(running(State.PREPARING, present=two), BELL - 60) is None
    full = running(State.PREPARING, present=ROOMS)
    assert due(full, BELL - 60) == (Cause.ROOMS_READY, State.READY)


def test_the_bell_starts_the_lesson_and_names_the_missing_rooms() -> None:
    one = running(State.PREPARING, present=frozenset({SiteRoomId("master")}))
    step = next_step(one, BELL, TIMING)
    assert step is not None
    assert (step.cause, step.to) == (Cause.BELL, State.READY)
    assert step.detail == "missing feixi huli"
    assert due(running(State.READY), BELL) == (Cause.BELL, State.LIVE)


def test_a_late_bell_says_by_how_much_and_a_punctual_one_does_not() -> None:
    ready = running(State.READY, present=ROOMS)
    for late_s, detail in ((0, ""), (5, ""), (5.6, "late 6"), (320, "late 320")):
        step = next_step(ready, BELL + late_s, TIMING)
        assert step is not None
        assert step.detail == detail


def test_rooms_that_another_lesson_hands_over_are_not_missing() -> None:
    before = running(
        State.LIVE,
        session=SessionId("before"),
        starts_at=BELL - 2400,
        ends_at=BELL,
        present=frozenset({SiteRoomId("huli"), SiteRoomId("moon")}),
        anyone_came=True,
    )
    ready = running(State.READY, present=frozenset({SiteRoomId("master")}))
    for held_by in (before, replace(before, state=State.ENDING, entered_at=BELL)):
        steps = {s.session: s for s in make_plan([held_by, ready], BELL, TIMING).steps}
        assert steps[ready.session].detail == "missing feixi; handover huli", held_by
    over = replace(before, state=State.ENDED)
    (step,) = make_plan([over, ready], BELL, TIMING).steps
    assert step.detail == "missing feixi huli"


def test_only_a_large_jump_moves_the_closing_bell_of_a_live_lesson() -> None:
    live = running(State.LIVE, entered_at=BELL)
    assert shift_of(live, 600) == 0
    assert shift_of(live, -28_800) == -28_800
    assert shift_of(running(State.PREPARING), -28_800) == 0


def test_a_lesson_that_began_in_the_future_ends_after_its_own_length() -> None:
    live = running(State.LIVE, entered_at=BELL)
    assert with_bell_moved(live, BELL + 60, 0) == live
    moved = with_bell_moved(live, BELL - 7200, 0)
    assert moved.ends_at == pytest.approx(CLOSING - 7200, abs=6)
    assert with_bell_moved(running(State.READY), BELL - 7200, 0).ends_at == CLOSING


def test_a_full_room_does_not_start_before_the_bell() -> None:
    assert due(running(State.READY, present=ROOMS), BELL - 0.001) is None


@pytest.mark.parametrize("state", [State.PLANNED, State.PREPARING, State.READY])
def test_a_late_start_is_made_until_its_deadline_and_then_skipped(state: State) -> None:
    assert due(running(state), BELL + 599) != (Cause.MISSED, State.FAILED)
    assert due(running(state), BELL + 599) is not None
    assert due(running(state), BELL + 600) == (Cause.MISSED, State.FAILED)


def test_a_short_lesson_is_not_started_after_its_own_end() -> None:
    short = running(State.READY, ends_at=BELL + 20)
    assert due(short, BELL + 19.9) == (Cause.BELL, State.LIVE)
    assert due(short, BELL + 20) == (Cause.MISSED, State.FAILED)


def test_the_closing_bell_ends_a_lesson_that_somebody_came_to() -> None:
    came = running(State.LIVE, anyone_came=True)
    assert due(came, CLOSING - 0.1) is None
    assert due(came, CLOSING) == (Cause.CLOSING_BELL, State.ENDING)


def test_a_lesson_that_nobody_came_to_fails_at_the_closing_bell() -> None:
    assert due(running(State.LIVE), CLOSING) == (Cause.NOBODY_CAME, State.FAILED)


def test_a_session_is_over_when_the_room_and_the_recorder_say_so() -> None:
    ending = running(State.ENDING, entered_at=CLOSING)
    assert due(ending, CLOSING + 1) is None
    half = replace(ending, room_closed=True)
    assert due(half, CLOSING + 29) is None
    both = replace(half, recording_done=True)
    assert due(both, CLOSING + 1) == (Cause.CONFIRMED, State.ENDED)


def test_a_silent_recorder_is_not_waited_for_for_ever() -> None:
    half = running(State.ENDING, entered_at=CLOSING, room_closed=True)
    step = next_step(half, CLOSING + 30, TIMING)
    assert step is not None
    assert (step.cause, step.detail) == (Cause.WAIT_OVER, "no_answer recording")


def test_a_clock_set_back_repeats_at_once_instead_of_falling_silent() -> None:
    assert repeat_due(None, 100, TIMING)
    assert not repeat_due(95, 100, TIMING)
    assert repeat_due(90, 100, TIMING)
    assert repeat_due(5_000, 100, TIMING)


def test_the_plan_wakes_at_the_nearest_deadline() -> None:
    soon = running(State.PLANNED, session=SessionId("a"), starts_at=9_000.0)
    live = running(State.LIVE, session=SessionId("b"), anyone_came=True)
    plan = make_plan([live, soon], 8_000.0, TIMING)
    assert plan.steps == ()
    assert plan.wake_at == 9_000.0 - 180
    assert make_plan([], 8_000.0, TIMING).wake_at is None


def test_a_live_lesson_keeps_its_room_while_the_next_prepares() -> None:
    now = running(State.LIVE, session=SessionId("first"))
    after = running(State.PREPARING, session=SessionId("second"), starts_at=CLOSING)
    room = SiteRoomId("huli")
    assert where_to_be(room, [after, now]) is now
    assert where_to_be(room, [after, replace(now, state=State.ENDING)]) is after
    assert where_to_be(SiteRoomId("elsewhere"), [after, now]) is None


def test_of_two_live_lessons_the_room_belongs_to_the_later() -> None:
    overdue = running(State.LIVE, session=SessionId("first"))
    fresh = running(State.LIVE, session=SessionId("second"), starts_at=CLOSING)
    assert where_to_be(SiteRoomId("huli"), [fresh, overdue]) is fresh


# ---- any sequence of restarts, clock jumps and answers -------------------------

_moves = st.one_of(
    st.tuples(st.just("pass"), st.floats(0, 900)),
    st.tuples(st.just("jump"), st.floats(-4_000, 4_000)),
    st.tuples(st.just("restart"), st.just(0.0)),
    st.tuples(st.just("come"), st.just(0.0)),
    st.tuples(st.just("go"), st.just(0.0)),
    st.tuples(st.just("closed"), st.just(0.0)),
    st.tuples(st.just("recorded"), st.just(0.0)),
)


class Life:
    """One session as database and starter would carry it. A restart loses nothing,
    because the plan keeps nothing: only `said_at` is forgotten."""

    def __init__(self) -> None:
        self.now = BELL - 1_000
        self.one = running(State.PLANNED)
        self.states: list[State] = [State.PLANNED]
        self.said_at: float | None = None

    def act(self) -> None:
        while step := next_step(self.one, self.now, TIMING):
            self.one = replace(self.one, state=step.to, entered_at=self.now)
            self.states.append(step.to)

    def move(self, kind: str, seconds: float) -> None:
        match kind:
            case "pass" | "jump":
                self.now += seconds
            case "restart":
                self.said_at = None
            case "come":
                self.one = replace(self.one, present=ROOMS, anyone_came=True)
            case "go":
                self.one = replace(self.one, present=frozenset())
            case "closed":
                self.one = replace(self.one, room_closed=True)
            case "recorded":
                self.one = replace(self.one, recording_done=True)


@given(st.lists(_moves, max_size=60))
def test_a_session_starts_at_most_once_and_ends_exactly_once(
    moves: list[tuple[str, float]],
) -> None:
    life = Life()
    for kind, seconds in moves:
        life.move(kind, seconds)
        life.act()
    life.now = max(life.now, CLOSING) + TIMING.late_s
    life.act()
    life.now += TIMING.ending_s
    life.act()
    assert life.states.count(State.LIVE) <= 1
    assert len(life.states) == len(set(life.states))
    assert [state for state in life.states if state in FINAL] == [life.states[-1]]


@given(st.lists(_moves, max_size=40))
def test_whoever_sleeps_until_wake_at_misses_nothing(
    moves: list[tuple[str, float]],
) -> None:
    life = Life()
    for kind, seconds in moves:
        life.move(kind, seconds)
        life.act()
        wake_at = make_plan([life.one], life.now, TIMING).wake_at
        if wake_at is None:
            assert life.one.state in FINAL
            continue
        assert wake_at > life.now
        assert next_step(life.one, life.now + (wake_at - life.now) / 2, TIMING) is None
