"""The pure core under any order of crashes, takeovers, frozen leaders and clocks that
jump or stop. The worst is assumed of the lease: whoever once led may believe at any
time that it still does, with whatever it saw long ago."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from common.clock import ManualClock
from common.ids import SessionId, SiteRoomId
from scheduler.leading.steady import SteadyClock
from scheduler.sessions.lifecycle import FINAL, Cause, State, follow
from scheduler.sessions.plan import (
    Running,
    Step,
    Timing,
    make_plan,
    shift_of,
    with_bell_moved,
)

TIMING = Timing(lead_s=180, late_s=600, ending_s=30, repeat_s=10)
ROOMS = frozenset(SiteRoomId(name) for name in ("master", "huli"))
BEGIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BELL = BEGIN.timestamp() + 3600
LESSON_S = 2400.0
NAMES = ("a", "b")


@dataclass
class Rows:
    """What the database holds, and the two checks of its writing transaction."""

    sessions: dict[SessionId, Running]
    fence: int = 0
    entered: list[tuple[SessionId, State]] = field(default_factory=list)
    fenced: int = 0

    def advance(self, seen: Running, step: Step, at: float, fence: int | None) -> bool:
        if fence is not None and fence != self.fence:
            self.fenced += 1
            return False
        row = self.sessions[seen.session]
        if (row.state, row.version) != (seen.state, seen.version):
            return False
        self.sessions[row.session] = replace(
            row, state=step.to, version=row.version + 1, entered_at=at
        )
        if step.cause is not Cause.EXTENDED:
            self.entered.append((row.session, step.to))
        return True

    def edit(self, **facts: object) -> None:
        """News of rooms and recorders: no transition."""
        self.sessions = {
            id: replace(row, **facts)  # type: ignore[arg-type]
            for id, row in self.sessions.items()
        }


class Process:
    """As the starter carries the core: a watched clock, a look, a fencing number."""

    def __init__(self, rows: Rows, wall: ManualClock) -> None:
        self.rows = rows
        self.wall = wall
        self.crash()

    def crash(self) -> None:
        self.clock = SteadyClock(self.wall)
        self.clock.moved = self._moved
        self.fence: int | None = None
        self.seen: list[Running] = []
        self.shifts: dict[SessionId, float] = {}

    def _moved(self, shift_s: float) -> None:
        for one in self.seen:
            if shift := shift_of(one, shift_s):
                self.shifts[one.session] = self.shifts.get(one.session, 0) + shift

    def now(self) -> float:
        return self.clock.now().timestamp()

    def lead(self) -> None:
        self.rows.fence += 1
        self.fence = self.rows.fence

    def look(self) -> None:
        now = self.now()
        self.seen = [
            with_bell_moved(row, now, self.shifts.get(row.session, 0))
            for row in self.rows.sessions.values()
        ]

    def act(self) -> bool:
        """One round on what was seen, however old. True: something was due."""
        now = self.now()
        steps = make_plan(self.seen, now, TIMING).steps
        known = {one.session: one for one in self.seen}
        if self.fence is not None:
            for step in steps:
                self.rows.advance(known[step.session], step, now, self.fence)
        return bool(steps)


class District:
    """Two lessons back to back in one room, two processes, one true time."""

    def __init__(self) -> None:
        starts = {"first": BELL, "second": BELL + LESSON_S}
        self.rows = Rows(
            {
                SessionId(name): Running(
                    SessionId(name), State.PLANNED, at, at + LESSON_S, 0.0, ROOMS
                )
                for name, at in starts.items()
            }
        )
        self.true = ManualClock(BEGIN)
        self.processes = {n: Process(self.rows, ManualClock(BEGIN)) for n in NAMES}

    def pass_time(self, seconds: float, stopped: str = "") -> None:
        self.true.advance(seconds)
        for name, process in self.processes.items():
            if name == stopped:
                process.wall.stand_still(seconds)
            else:
                process.wall.advance(seconds)
            process.now()

    def person(self, kind: str) -> None:
        """Through any process, without a lease."""
        cause = {"extend": Cause.EXTENDED, "end": Cause.TEACHER}[kind]
        for row in list(self.rows.sessions.values()):
            if row.state is State.LIVE:
                step = Step(row.session, cause, follow(row.state, cause))
                at = self.true.now().timestamp()
                if self.rows.advance(row, step, at, None) and kind == "extend":
                    moved = self.rows.sessions[row.session]
                    self.rows.sessions[row.session] = replace(
                        moved, ends_at=moved.ends_at + 300
                    )

    def move(self, kind: str, name: str, seconds: float) -> None:
        process = self.processes[name]
        match kind:
            case "pass":
                self.pass_time(seconds)
            case "stop":
                self.pass_time(seconds, stopped=name)
            case "jump":
                process.wall.jump((seconds - 450) * 40)
                process.now()
            case "crash" | "lead" | "look" | "act":
                getattr(process, kind)()
            case "come":
                self.rows.edit(present=ROOMS, anyone_came=True)
            case "closed":
                self.rows.edit(room_closed=True, recording_done=True)
            case _:
                self.person(kind)

    def settle(self) -> None:
        """All is well again: one process, a clock that is right, all the time that is
        needed."""
        process = Process(self.rows, self.true)
        process.lead()
        for _ in range(2 * int(LESSON_S) // 30 + 300):
            process.look()
            while process.act():
                process.look()
            self.true.advance(30)
            process.now()


_KINDS = (
    *("pass", "pass", "stop", "jump", "crash", "lead", "look", "look", "act", "act"),
    *("come", "closed", "extend", "end"),
)
_moves = st.tuples(
    st.sampled_from(_KINDS),
    st.sampled_from(NAMES),
    st.floats(0, 900),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_moves, max_size=80))
def test_nothing_starts_twice_and_nothing_is_left_running(
    moves: list[tuple[str, str, float]],
) -> None:
    district = District()
    for kind, name, seconds in moves:
        district.move(kind, name, seconds)
        entered = district.rows.entered
        assert len(entered) == len(set(entered))
    district.settle()
    assert len(district.rows.entered) == len(set(district.rows.entered))
    for row in district.rows.sessions.values():
        assert row.state in FINAL


@settings(max_examples=100, deadline=None)
@given(st.lists(_moves, max_size=60))
def test_who_was_overtaken_writes_nothing(moves: list[tuple[str, str, float]]) -> None:
    district = District()
    for kind, name, seconds in moves:
        process = district.processes[name]
        overtaken = process.fence is not None and process.fence < district.rows.fence
        before = dict(district.rows.sessions)
        district.move(kind, name, seconds)
        if kind == "act" and (overtaken or process.fence is None):
            assert district.rows.sessions == before


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, LESSON_S - 60),
    st.sampled_from(["jump", "stop", "crash", "slew"]),
    st.integers(-30_000, 30_000),
)
def test_a_live_lesson_lasts_about_as_long_as_it_was_meant_to(
    after_s: float, kind: str, jump_s: int
) -> None:
    """Whatever one mishap befalls the clock of the one leader in mid-lesson."""
    district = District()
    one = SessionId("first")
    leader = district.processes["a"]
    leader.lead()
    district.rows.edit(anyone_came=True)
    lived_s, mishap = 0.0, False
    district.pass_time(3600 - TIMING.lead_s)
    for _ in range(4 * 3600):
        leader.look()
        while leader.act():
            leader.look()
        state = district.rows.sessions[one].state
        lived_s += state is State.LIVE
        if state in (State.ENDING, *FINAL):
            break
        if lived_s > after_s and not mishap:
            mishap = True
            if kind == "crash":
                leader.crash()
                leader.lead()
            elif kind == "jump":
                leader.wall.jump(jump_s)
        if kind == "slew":
            leader.wall.jump(0.0005)
        district.pass_time(1, stopped="a" if mishap and kind == "stop" else "")
    # A correction of up to a quarter of an hour is followed, a larger one is not.
    assert LESSON_S - 905 <= lived_s <= LESSON_S + 905
    if kind != "jump" or abs(jump_s) > 900 + 2:
        assert abs(lived_s - LESSON_S) < 5
