"""When to look at what a room should keep."""

from typing import cast

from aiohttp import web

from common.ids import SiteRoomId
from common.metrics import Registry
from common.protocol.control import AgentReport
from scheduler.agents.connected import (
    RECHECK_OTHER_S,
    RECHECK_S,
    Agent,
    Agents,
    is_agenda_due,
)
from scheduler.agents.metrics import AgentMetrics


def room(keeps: str | None, *, at: float | None = 1.0) -> Agent:
    """Looked at when the clock showed 0; it should keep `v2`."""
    report = AgentReport(state="standby", at=at, agenda=keeps)
    socket = cast(web.WebSocketResponse, None)
    agent = Agent(SiteRoomId("huli"), "湖里", socket, "test", report)
    agent.agenda, agent.agenda_looked_s = "v2", 0.0
    return agent


def test_a_room_that_keeps_what_it_should_is_looked_at_now_and_then() -> None:
    assert not is_agenda_due(room("v2"), RECHECK_S)
    assert is_agenda_due(room("v2"), RECHECK_S + 1)


def test_one_that_keeps_something_else_is_looked_at_soon_but_not_at_each_report() -> (
    None
):
    for other in ("v1", None):
        assert not is_agenda_due(room(other), RECHECK_OTHER_S)
        assert is_agenda_due(room(other), RECHECK_OTHER_S + 1)


def test_a_program_that_keeps_none_is_left_alone() -> None:
    assert not is_agenda_due(room(None, at=None), 1e9)


def test_rooms_with_a_wrong_clock_or_an_old_agenda_are_counted_as_they_are_now() -> (
    None
):
    agents, registry = Agents(), Registry()
    AgentMetrics(registry).watch(agents)

    def counted() -> list[float | None]:
        kinds = ("clock_wrong", "agenda_old")
        return [registry.get_sample_value(f"classroom_agents_{k}") for k in kinds]

    assert counted() == [0, 0]
    here = room("v1")
    here.clock_skew_s = -2.1
    agents.add(here)
    assert counted() == [1, 1]
    here.clock_skew_s, here.report = 1.9, room("v2").report
    assert counted() == [0, 0]
