"""When to look at what a room should keep."""

from typing import cast

from aiohttp import web

from common.ids import SiteRoomId
from common.protocol.control import AgentReport
from scheduler.agents.connected import RECHECK_OTHER_S, RECHECK_S, Agent, is_agenda_due


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
