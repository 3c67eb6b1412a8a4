"""Carries out the plan: the only place where time makes something happen.

A transition is committed first and announced after; what is committed but not yet
announced is announced by whoever comes next, so a kill at any point loses nothing and
starts nothing twice. While a session is live it says so again every few seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from common import log
from common.bus import Bus
from common.clock import Clock
from common.errors import UnavailableError
from common.ids import SessionId
from scheduler.announce import announcements
from scheduler.course import Transition
from scheduler.facts import FactsDesk
from scheduler.lifecycle import Cause, State, follow
from scheduler.metrics import SchedulerMetrics
from scheduler.plan import Plan, Running, Step, Timing, make_plan, repeat_due
from scheduler.session_store import Sessions

_HORIZON = timedelta(hours=1)
# The longest nap: a wall clock that was set is noticed after this at the latest.
_NAP_S = 1.0
# Lessons entered by another process are seen after this at the latest.
_REPLAN_S = 15.0
_RETRY_S = 1.0

Changed = Callable[[Running], None]
_log = log.get("starter")


class Starter:
    """`changed` is called after every transition with the session's new facts; it must
    not wait."""

    def __init__(
        self,
        sessions: Sessions,
        facts: FactsDesk,
        bus: Bus,
        clock: Clock,
        timing: Timing,
        metrics: SchedulerMetrics,
    ) -> None:
        self._sessions = sessions
        self._facts = facts
        self._bus = bus
        self._clock = clock
        self._timing = timing
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._said_at: dict[SessionId, float] = {}
        self.running: Sequence[Running] = ()
        """As of the last step."""
        self.changed: Changed | None = None

    def wake(self) -> None:
        """Something happened that may change the plan."""
        self._woken.set()

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
        plan = await self._plan()
        while plan.steps:
            known = {one.session: one for one in self.running}
            await self._advance([(known[step.session], step) for step in plan.steps])
            plan = await self._plan()
        spoken = await self._announce() and await self._repeat()
        self._forget_finished()
        return self._next_look(plan, spoken)

    async def act(self, session: SessionId, cause: Cause, detail: str = "") -> State:
        """A person's wish: cancel, end early. Returns the new state.

        Raises ConflictError(`wrong_state`), NotFoundError.
        """
        while True:
            running = await self._sessions.one_running(session)
            step = Step(session, cause, follow(running.state, cause), detail)
            if await self._advance([(running, step)]):
                self.wake()
                return step.to

    async def _plan(self) -> Plan:
        now = self._clock.now()
        self.running = await self._sessions.running(now + _HORIZON)
        counts = Counter(one.state for one in self.running)
        self._metrics.states(dict(counts))
        return make_plan(self.running, now.timestamp(), self._timing)

    async def _advance(self, moves: Sequence[tuple[Running, Step]]) -> bool:
        """False: somebody was faster with at least one of them."""
        at = self._clock.now()
        moved = await self._sessions.advance(moves, at)
        for running, step in moves:
            if running.session in moved:
                self._moved(running, step, at)
        return len(moved) == len(moves)

    def _moved(self, running: Running, step: Step, at: datetime) -> None:
        _log.info(
            "- session",
            session=step.session,
            state=str(step.to),
            cause=str(step.cause),
            detail=step.detail,
        )
        self._metrics.moved(
            step.to,
            step.cause,
            at.timestamp() - running.starts_at,
            missing=bool(running.missing),
        )
        self._said_at.pop(step.session, None)
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

    async def _announce(self) -> bool:
        """Tells the bus what it has not heard. False: the bus is away."""
        waiting = await self._sessions.unannounced()
        self._metrics.unannounced.set(len(waiting))
        said: list[Transition] = []
        try:
            for transition in waiting:
                facts = await self._facts.of_session(transition.session)
                for event in announcements(transition, facts, self._now()):
                    await self._bus.publish(event)
                said.append(transition)
                if transition.to_state in (State.LIVE, State.ENDING):
                    self._said_at[transition.session] = self._now()
        except UnavailableError as error:
            _log.warning("bus_away", waiting=len(waiting), error=str(error))
            return False
        finally:
            if said:
                await self._sessions.announced(said, self._clock.now())
        self._metrics.unannounced.set(0)
        return True

    async def _repeat(self) -> bool:
        """Running sessions say so again. False: the bus is away."""
        for one in self.running:
            said_at, now = self._said_at.get(one.session), self._now()
            if one.state not in (State.LIVE, State.ENDING):
                continue
            if not repeat_due(said_at, now, self._timing):
                continue
            try:
                await self._say_again(one, now)
            except UnavailableError as error:
                _log.warning("bus_away", error=str(error))
                return False
            self._said_at[one.session] = now
        return True

    async def _say_again(self, one: Running, now: float) -> None:
        facts = await self._facts.of_session(one.session)
        for transition in reversed(await self._sessions.history(one.session)):
            if transition.to_state is one.state:
                for event in announcements(transition, facts, now, again=True):
                    await self._bus.publish(event)
                return

    def _forget_finished(self) -> None:
        alive = {one.session for one in self.running}
        self._facts.keep_only(alive)
        self._said_at = {s: at for s, at in self._said_at.items() if s in alive}

    def _next_look(self, plan: Plan, spoken: bool) -> float:
        now = self._now()
        looks = [now + (_REPLAN_S if spoken else _RETRY_S)]
        if plan.wake_at is not None:
            looks.append(plan.wake_at)
        looks.extend(at + self._timing.repeat_s for at in self._said_at.values())
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
