"""Carries out the plan: the only place where time makes something happen.

Of several processes one leads (`scheduler.leading.lease`) and lets time act; every
write of it carries the fencing number. The others look on, tell the rooms that are
connected to them, and carry out what a person asks. A transition is committed first and
announced after; what is committed but not yet announced is announced by whoever
comes next, so a kill at any point loses nothing and starts nothing twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from common import log
from common.errors import ConflictError, NotFoundError
from common.ids import SessionId
from scheduler.leading.lease import Lease
from scheduler.leading.steady import SteadyClock
from scheduler.sessions.announcer import Announcer
from scheduler.sessions.lifecycle import FINAL, Cause, State, follow
from scheduler.sessions.metrics import SessionMetrics
from scheduler.sessions.plan import (
    Plan,
    Running,
    Step,
    Timing,
    make_plan,
    shift_of,
    with_bell_moved,
)
from scheduler.sessions.session_store import Sessions
from scheduler.words import Words

_HORIZON = timedelta(hours=1)
# The longest nap: a wall clock that was set is noticed after this at the latest.
_NAP_S = 1.0
# What other processes did, and lessons entered there, are seen after this or sooner.
_REPLAN_S = 2.0
_RETRY_S = 1.0

Changed = Callable[[Running], None]
_log = log.get("starter")


class Starter:
    """`changed` is called after every transition with the session's new facts; it must
    not wait."""

    def __init__(
        self,
        sessions: Sessions,
        announcer: Announcer,
        lease: Lease,
        clock: SteadyClock,
        timing: Timing,
        metrics: SessionMetrics,
    ) -> None:
        self._sessions = sessions
        self._announcer = announcer
        self._lease = lease
        self._clock = clock
        self._timing = timing
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._shifts: dict[SessionId, float] = {}
        """How far closing bells moved, because the clock was set in mid-lesson."""
        self.running: Sequence[Running] = ()
        """As of the last look."""
        self.changed: Changed | None = None
        clock.moved = self._clock_moved
        lease.changed = self.wake

    def wake(self) -> None:
        """Something happened that may change the plan."""
        self._woken.set()

    def knows(self, session: str, state: str) -> bool:
        return any(
            one.session == session and one.state == state for one in self.running
        )

    async def run(self) -> None:
        """For ever. A database or bus that is away is waited for."""
        while True:
            try:
                wake_at = await self.step()
            except Exception:  # the outermost loop of the starter's task
                _log.exception("step_failed")
                wake_at = self._now() + _RETRY_S
            await self._sleep_until(wake_at)

    async def step(self) -> float:
        """Does all that is due; returns when to look again (Unix seconds)."""
        self._woken.clear()
        plan = await self._look()
        if (fence := self._lease.fence) is None:
            return self._now() + _REPLAN_S
        try:
            while plan.steps:
                known = {one.session: one for one in self.running}
                moves = [(known[step.session], step) for step in plan.steps]
                await self._advance(moves, fence)
                plan = await self._look()
        except ConflictError as error:
            _log.warning("x fenced", reason=error.code, fence=fence)
            self._lease.lost()
            return self._now()
        spoken = await self._announcer.announce(self.running)
        self._announcer.keep_only(one.session for one in self.running)
        return self._next_look(plan, spoken)

    async def act(self, session: SessionId, cause: Cause, detail: str = "") -> State:
        """A person's wish: cancel, end early. Returns the new state.

        Any process may do it, leader or not: what a person wants now is no matter of
        clocks, and the compare-and-set on the session's row refuses whatever was
        decided on an older state. Raises ConflictError(`wrong_state`), NotFoundError.
        """
        while True:
            running = await self._sessions.one_running(session)
            step = Step(session, cause, follow(running.state, cause), detail)
            if await self._advance([(running, step)]):
                await self._say_at_once(session)
                return step.to

    async def acted(self, step: Step) -> None:
        """A person's wish is in the database, with more than this step: everybody is
        to know at once."""
        self._count(step)
        await self._say_at_once(step.session)

    async def _say_at_once(self, session: SessionId) -> None:
        if self._lease.fence is None:
            await self._announcer.announce_one(session)
        self.wake()

    def warnings(self) -> list[Words]:
        """What is wrong with time itself, for people."""
        found = []
        if self._clock.trouble == "stopped":
            found.append(
                Words(
                    "服务器的时钟停住了：课表暂按内部计时运行，请检查系统时间",
                    "the server's clock stands still: the timetable runs by its own"
                    " timer; check the system time",
                )
            )
        elif self._clock.trouble == "jumped":
            off_s = round(self._clock.disagreement_s)
            found.append(
                Words(
                    f"服务器的时钟突然变了 {off_s} 秒：请检查系统时间；"
                    "一分钟后仍走得正常就按新时间",
                    f"the server's clock jumped by {off_s} s: check the system time;"
                    " if it ticks evenly for a minute it is followed",
                )
            )
        return found

    # ---- looking --------------------------------------------------------------------

    async def _look(self) -> Plan:
        now = self._clock.now()
        found = await self._sessions.running(now + _HORIZON)
        await self._notice([self._with_shift(one, now) for one in found])
        counts = Counter(one.state for one in self.running if self._lease.fence)
        self._metrics.states(dict(counts))
        self._metrics.clock(self._clock)
        return make_plan(self.running, now.timestamp(), self._timing)

    def _with_shift(self, one: Running, now: datetime) -> Running:
        shift = self._shifts.get(one.session, 0.0)
        seen = with_bell_moved(one, now.timestamp(), shift)
        if seen.ends_at != one.ends_at:
            self._shifts[one.session] = seen.ends_at - one.ends_at
        return seen

    async def _notice(self, fresh: Sequence[Running]) -> None:
        """Tells of what others did since the last look. What we did ourselves while
        it was being read is newer."""
        known = {one.session: one for one in self.running}
        self.running = [_newer(known.get(one.session), one) for one in fresh]
        for one in self.running:
            old = known.pop(one.session, None)
            if old is None and one.state is State.PLANNED:
                continue
            if old is None or old.version != one.version:
                self._tell(one)
        for gone in known.values():
            self._shifts.pop(gone.session, None)
            if gone.state not in FINAL:
                await self._notice_end(gone)

    async def _notice_end(self, gone: Running) -> None:
        try:
            session = await self._sessions.get(gone.session)
        except NotFoundError:
            return  # A planned lesson that was taken off the timetable.
        self._tell(replace(gone, state=session.state, version=session.version))

    def _tell(self, one: Running) -> None:
        self._announcer.facts.forget(one.session)
        if self.changed is not None:
            self.changed(one)

    def _clock_moved(self, shift_s: float) -> None:
        self._metrics.clock_set.inc()
        for one in self.running:
            if shift := shift_of(one, shift_s):
                self._shifts[one.session] = self._shifts.get(one.session, 0.0) + shift

    # ---- moving on ------------------------------------------------------------------

    async def _advance(
        self, moves: Sequence[tuple[Running, Step]], fence: int | None = None
    ) -> bool:
        """False: somebody was faster with at least one of them."""
        at = self._clock.now()
        moved = await self._sessions.advance(moves, at, fence)
        for running, step in moves:
            if running.session in moved:
                self._moved(running, step, at)
        return len(moved) == len(moves)

    def _count(self, step: Step, delay_s: float = 0.0) -> None:
        _log.info(
            "- session",
            session=step.session,
            state=str(step.to),
            cause=str(step.cause),
            detail=step.detail,
        )
        missing = "missing" in step.detail
        self._metrics.moved(step.to, step.cause, delay_s, missing=missing)

    def _moved(self, running: Running, step: Step, at: datetime) -> None:
        self._count(step, at.timestamp() - running.starts_at)
        self._announcer.forget(step.session)
        fresh = replace(
            running,
            state=step.to,
            version=running.version + 1,
            entered_at=at.timestamp(),
        )
        others = [one for one in self.running if one.session != fresh.session]
        self.running = [*others, fresh]
        if self.changed is not None:
            self.changed(fresh)

    # ---- waiting --------------------------------------------------------------------

    def _next_look(self, plan: Plan, spoken: bool) -> float:
        now = self._now()
        looks = [now + (_REPLAN_S if spoken else _RETRY_S)]
        looks += [at for at in (plan.wake_at, self._announcer.next_at()) if at]
        return min(looks)

    async def _sleep_until(self, wake_at: float) -> None:
        while not self._woken.is_set():
            remaining = wake_at - self._now()
            if remaining <= 0:
                return
            try:
                async with asyncio.timeout(min(remaining, _NAP_S)):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _now(self) -> float:
        return self._clock.wall_us() / 1_000_000


def _newer(known: Running | None, read: Running) -> Running:
    return known if known is not None and known.version > read.version else read
