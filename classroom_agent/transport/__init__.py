"""The only door to aiortc: one peer connection to the SFU, in our own words."""

from classroom_agent.transport.peer import (
    MediaPeer,
    PeerState,
    Sender,
    Sinks,
    TurnServer,
)
from classroom_agent.transport.sender import Feedback

__all__ = ["Feedback", "MediaPeer", "PeerState", "Sender", "Sinks", "TurnServer"]
