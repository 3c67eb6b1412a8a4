"""Tells the bus what the sessions did, at least once, and repeats what is running.

Any process may speak for any other: all that is said is in the database, so a kill
between commit and publish loses nothing.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from common import log
from common.bus import Bus
from common.clock import Clock
from common.errors import UnavailableError
from common.ids import SessionId
from scheduler.sessions.actions import skipped_by
from scheduler.sessions.announce import announcements
from scheduler.sessions.facts import FactsDesk
from scheduler.sessions.lifecycle import Cause, State
from scheduler.sessions.metrics import SessionMetrics
from scheduler.sessions.plan import Running, Timing, repeat_due
from scheduler.sessions.session import Transition
from scheduler.sessions.session_store import Sessions

# A bus that hangs may not hold up the next bell; the rest is said at the next look.
_PATIENCE_S = 5.0
_REPEATED = (State.LIVE, State.ENDING)

_log = log.get("announcer")


@dataclass
class Announcer:
    sessions: Sessions
    facts: FactsDesk
    bus: Bus
    clock: Clock
    timing: Timing
    metrics: SessionMetrics
    _said_at: dict[SessionId, float] = field(default_factory=dict)

    async def announce(self, running: Sequence[Running]) -> bool:
        """All that the bus has not heard, and the repetitions that are due. False:
        the bus is away."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._say_new(await self.sessions.unannounced())
                await self._repeat(running)
        except (UnavailableError, TimeoutError) as error:
            _log.warning("bus_away", error=str(error))
            return False
        return True

    async def announce_one(self, session: SessionId) -> bool:
        """What one session did, from a process that does not lead."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                waiting = await self.sessions.unannounced()
                await self._say_new([t for t in waiting if t.session == session])
        except (UnavailableError, TimeoutError) as error:
            _log.warning("bus_away", error=str(error))
            return False
        return True

    async def _say_new(self, waiting: Sequence[Transition]) -> None:
        self.metrics.unannounced.set(len(waiting))
        said: list[Transition] = []
        try:
            for transition in waiting:
                said.append(await self._say(transition))
        finally:
            if said:
                await self.sessions.announced(said, self.clock.now())
        self.metrics.unannounced.set(0)

    async def _say(self, transition: Transition) -> Transition:
        facts = await self.facts.of_session(transition.session)
        now, began_at = self._now(), await self._began_at(transition)
        for event in announcements(transition, facts, now, began_at=began_at):
            await self.bus.publish(event)
        skipped = skipped_by(transition, facts, now)
        for action in skipped:
            _log.warning("x action", session=transition.session, skipped=str(action))
            self.metrics.skipped.labels(action).inc()
        if transition.to_state in _REPEATED:
            self._said_at[transition.session] = now
        return transition.model_copy(update={"skipped": " ".join(skipped)})

    async def _began_at(self, transition: Transition) -> float | None:
        if transition.cause is not Cause.EXTENDED:
            return None
        for earlier in await self.sessions.history(transition.session):
            if earlier.to_state is State.LIVE:
                return earlier.at.timestamp()
        return None

    # ---- repeating ------------------------------------------------------------------

    async def _repeat(self, running: Sequence[Running]) -> None:
        for one in running:
            said_at, now = self._said_at.get(one.session), self._now()
            if one.state in _REPEATED and repeat_due(said_at, now, self.timing):
                await self._say_again(one, now)
                self._said_at[one.session] = now

    async def _say_again(self, one: Running, now: float) -> None:
        facts = await self.facts.of_session(one.session)
        facts = facts.model_copy(update={"ends_at": one.ends_at})
        for transition in await self.sessions.history(one.session):
            if transition.to_state is one.state:
                for event in announcements(transition, facts, now, again=True):
                    await self.bus.publish(event)
                return

    def next_at(self) -> float | None:
        """When something is to be repeated, Unix seconds."""
        return min(
            (at + self.timing.repeat_s for at in self._said_at.values()), default=None
        )

    def forget(self, session: SessionId) -> None:
        """It moved on: what was said of it is old."""
        self._said_at.pop(session, None)

    def keep_only(self, sessions: Iterable[SessionId]) -> None:
        alive = set(sessions)
        self._said_at = {s: at for s, at in self._said_at.items() if s in alive}

    def _now(self) -> float:
        return self.clock.wall_us() / 1_000_000
