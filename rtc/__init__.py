"""The media engine: Rust on str0m behind a narrow typed face.

`Forwarder` is one shard of an SFU node, `Client` is one full-ICE participant that
takes and gives encoded frames. Python owns what happens per person, lesson and
second; Rust owns what happens per packet. `rtc.aio` connects both to asyncio.
"""

from rtc.build_guard import require_fresh

try:
    from rtc._engine import ENGINE_VERSION
except ImportError as error:
    raise ImportError(
        "媒体引擎尚未编译，请运行 make engine / "
        "the media engine is not built: run `make engine`"
    ) from error

require_fresh(ENGINE_VERSION)

from rtc._engine import (  # noqa: E402 - only after the guard has passed
    Answer,
    AudioLevel,
    BandwidthEstimate,
    Client,
    Closed,
    Connected,
    EngineError,
    Estimate,
    Forwarder,
    Frame,
    IngressStats,
    KeyframeRequested,
    PeerClosed,
    PeerConnected,
    PeerStats,
    RemoteError,
    Section,
    SlotStats,
    UsageError,
)

ForwarderEvent = (
    PeerConnected
    | PeerClosed
    | AudioLevel
    | BandwidthEstimate
    | IngressStats
    | SlotStats
    | PeerStats
)
ClientEvent = Connected | Closed | Frame | Estimate | KeyframeRequested
Layer = tuple[str, str, str | None]
"""(peer, mid, rid or None): where one layer of a publication comes in."""

__all__ = [
    "ENGINE_VERSION",
    "Answer",
    "AudioLevel",
    "BandwidthEstimate",
    "Client",
    "ClientEvent",
    "Closed",
    "Connected",
    "EngineError",
    "Estimate",
    "Forwarder",
    "ForwarderEvent",
    "Frame",
    "IngressStats",
    "KeyframeRequested",
    "Layer",
    "PeerClosed",
    "PeerConnected",
    "PeerStats",
    "RemoteError",
    "Section",
    "SlotStats",
    "UsageError",
]
