"""The classroom agents that are connected now. Pure bookkeeping and its words."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiohttp import web

from common.ids import SiteRoomId
from common.protocol.control import AgentReport, CheckResult, NextLesson

RECHECK_S = 600.0
"""The days go by, and another process may have changed the timetable."""
RECHECK_OTHER_S = 60.0
_SKEW_LIMIT_S = 2.0


@dataclass
class Agent:
    """One control channel."""

    room: SiteRoomId
    name: str
    """The room's name when it connected, for those who know no timetable."""
    socket: web.WebSocketResponse
    software: str
    report: AgentReport
    told_next: NextLesson | None = None
    """What its idle screen shows."""
    told_until: float | None = None
    """When its lesson ends, as it was last told; an overrun moves it."""
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while commands are sent, so that they arrive in the order of events."""
    agenda: str | None = None
    """Version that it should keep, as of the last look; None: not looked yet."""
    agenda_looked_s: float = float("-inf")
    """Monotonic."""
    clock_skew_s: float | None = None
    """Its clock minus ours, as its last report arrived."""


@dataclass
class Agents:
    """At most one channel per room: the newest."""

    _by_room: dict[SiteRoomId, Agent] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_room)

    def __iter__(self) -> Iterator[Agent]:
        return iter(list(self._by_room.values()))

    def get(self, room: SiteRoomId) -> Agent | None:
        return self._by_room.get(room)

    def add(self, agent: Agent) -> Agent | None:
        """Returns the channel that it replaces."""
        older = self._by_room.get(agent.room)
        self._by_room[agent.room] = agent
        return older

    def remove(self, agent: Agent) -> bool:
        """False when a newer channel of the room has taken its place."""
        if self._by_room.get(agent.room) is not agent:
            return False
        del self._by_room[agent.room]
        return True


def is_agenda_due(agent: Agent, mono_s: float) -> bool:
    """Whether to look at what the room should keep. A room that ended a lesson has
    crossed it out, and one whose disk was full may have room again."""
    if agent.report.at is None:
        return False  # A program too old to keep one.
    keeps_it = agent.report.agenda == agent.agenda
    pause_s = RECHECK_S if keeps_it else RECHECK_OTHER_S
    return mono_s - agent.agenda_looked_s > pause_s


def has_wrong_clock(agent: Agent) -> bool:
    """As the room's own check of itself judges it."""
    return agent.clock_skew_s is not None and abs(agent.clock_skew_s) > _SKEW_LIMIT_S


def has_old_agenda(agent: Agent) -> bool:
    """It was given another one, and keeps what it had, or nothing."""
    return agent.agenda is not None and agent.report.agenda != agent.agenda


def is_news(before: AgentReport, after: AgentReport) -> bool:
    """Whether others should hear of it; a sign of life alone is none."""
    return (
        before.state != after.state
        or before.session != after.session
        or _verdicts(before.checks) != _verdicts(after.checks)
    )


def _verdicts(checks: list[CheckResult]) -> dict[str, bool]:
    return {check.name: check.ok for check in checks}
