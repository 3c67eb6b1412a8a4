"""What operators and observers may ask the node over HTTP."""

from pydantic import BaseModel

from common.http import Call, Nothing, Router
from common.protocol.signalling import RoomState
from sfu.live import LiveRoom
from sfu.node import Node


class RoomSummary(BaseModel):
    """One open room with everybody in it, the unseen too."""

    node: str
    state: RoomState
    lines: dict[str, "LineSummary"]
    """By participant."""


class LineSummary(BaseModel):
    estimate_bps: int | None = None
    rtt_ms: float | None = None
    loss_ratio: float | None = None
    degraded: str | None = None


def rooms_router(node: Node, name: str) -> Router:
    router = Router("/sfu/v1", "Tongke SFU")

    @router.get("/rooms", returns=list[RoomSummary], roles=("operator", "observer"))
    async def list_rooms(_call: Call[Nothing, Nothing]) -> list[RoomSummary]:
        """Rooms open on this node."""
        return [_summary(name, live) for live in node.rooms.values()]

    return router


def _summary(name: str, live: LiveRoom) -> RoomSummary:
    return RoomSummary(
        node=name,
        state=live.state.whole_view(),
        lines={
            who: LineSummary(
                estimate_bps=seat.downlink.estimate.bps if seat.has_media else None,
                rtt_ms=seat.line.rtt_ms,
                loss_ratio=seat.line.loss_ratio,
                degraded=seat.downlink.degraded,
            )
            for who, seat in live.seats.items()
        },
    )
