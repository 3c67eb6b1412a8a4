"""Typed face of the Rust media engine (crate `rtc/crates/python`).

Two faces of one crate. Neither ever calls into Python from its own thread: events
wait in a bounded queue, an eventfd becomes readable, and the asyncio loop takes
them in batches (`loop.add_reader(engine.fileno(), ...)` then `engine.drain()`).
`rtc.aio` holds that loop glue. All times named `*_us` are microseconds; wall times
are microseconds since the Unix epoch.
"""

from collections.abc import Sequence
from typing import Literal, final

ENGINE_VERSION: str
"""Version of the crate plus a hash of its sources, see `rtc/build_guard.py`."""

Kind = Literal["audio", "video"]

class EngineError(Exception):
    """Base of everything the engine raises. `code` is stable."""

    code: str

class RemoteError(EngineError):
    """The far side sent something unusable (an SDP without our codecs, ...)."""

class UsageError(EngineError):
    """The caller asked for something that does not exist (an unknown peer, ...)."""

@final
class Section:
    """One m-section of an accepted offer, seen from the participant."""

    mid: str
    kind: Kind
    direction: Literal["publish", "receive", "both", "inactive"]
    """`publish`: the participant sends media here; `receive`: it is a slot."""
    codec: str | None
    """`H264`, `VP8`, `opus`: the codec that would be forwarded first."""
    rids: list[str]

@final
class Answer:
    sdp: str
    sections: list[Section]
    estimates_bandwidth: bool
    """False when the peer offers no transport-cc (aiortc): only REMB/RR count."""

@final
class PeerConnected:
    peer: str
    remote_address: str
    transport: Literal["udp", "tcp"]

@final
class PeerClosed:
    peer: str
    reason: Literal["ice_timeout", "dtls_failed", "engine_fault", "removed", "closed"]

@final
class AudioLevel:
    """Loudest level of the last 250 ms of one published audio section."""

    peer: str
    mid: str
    level_dbov: float
    """RFC 6464: 0 is the loudest, -127 is silence."""

@final
class BandwidthEstimate:
    """What can be sent to this peer."""

    peer: str
    bps: int
    source: Literal["twcc", "remb"]

@final
class IngressStats:
    """One received layer, once a second. Counts are totals since its start."""

    peer: str
    mid: str
    rid: str | None
    packets: int
    bytes: int
    lost: int
    nacks_sent: int
    keyframes: int
    keyframe_requests: int
    bitrate_bps: int
    jitter_us: int

@final
class SlotStats:
    """One slot of a receiving participant, once a second. Counts are totals since
    its start."""

    peer: str
    mid: str
    layer: int | None
    """Layer being sent now (`current`), an index into the connected layers."""
    packets: int
    bytes: int
    bitrate_bps: int
    nacks_received: int
    keyframe_requests: int
    lost_ratio: float | None
    """From receiver reports, 0..1: of what was sent, so holes that the publisher's
    line made do not count. None without a new report."""

@final
class PeerStats:
    peer: str
    rtt_us: int | None
    rx_bytes: int
    tx_bytes: int
    egress_lost_ratio: float | None

ForwarderEvent = (
    PeerConnected
    | PeerClosed
    | AudioLevel
    | BandwidthEstimate
    | IngressStats
    | SlotStats
    | PeerStats
)

Layer = tuple[str, str, str | None]
"""(peer, mid, rid or None): where one layer of a publication comes in."""

@final
class Forwarder:
    """One shard of an SFU node: one engine thread, one UDP port, ICE-lite.

    ICE-TCP (RFC 6544, passive) listens on the same port number.
    """

    def __new__(
        cls,
        *,
        bind: str = "0.0.0.0",
        port: int = 0,
        advertise: Sequence[str] = (),
        tcp: bool = True,
    ) -> Forwarder:
        """`advertise`: addresses put into candidates; empty = every address of the
        machine, loopback included. Raises OSError when the port is taken."""
    @property
    def port(self) -> int: ...
    @property
    def addresses(self) -> list[str]: ...
    def fileno(self) -> int: ...
    def drain(self, limit: int = 1024) -> list[ForwarderEvent]: ...
    def accept(self, peer: str, offer: str) -> Answer:
        """Makes the peer and answers its offer; it is never renegotiated.

        Raises RemoteError(code=`bad_sdp` | `no_codec` | `no_fingerprint`),
        UsageError(code=`peer_exists`)."""
    def remove(self, peer: str) -> None:
        """Idempotent."""
    def connect_slot(
        self, peer: str, mid: str, layers: Sequence[Layer], layer: int | None = 0
    ) -> None:
        """Points a slot at a publication (its layers, lowest first). The switch
        happens at a keyframe, sequence numbers and timestamps go on without a hole.
        Empty `layers` silences the slot. Audio has exactly one layer.
        Raises UsageError(code=`no_such_peer` | `no_such_section`)."""
    def select_layer(self, peer: str, mid: str, layer: int | None) -> None:
        """Target layer of a slot; None pauses it. Takes effect at a keyframe."""
    def set_forwarding(self, peer: str, mid: str, enabled: bool) -> None:
        """Hard mute: packets of this published section are dropped at ingress."""
    def request_keyframe(self, peer: str, mid: str, rid: str | None = None) -> None:
        """Asks the publisher (PLI), at most once per 500 ms and layer."""
    def set_desired_bitrate(self, peer: str, bps: int) -> None:
        """What the allocator would like to send; lets the estimator probe."""
    def restart_estimate(self, peer: str, bps: int) -> None:
        """Forgets what was learned of the peer's line and begins at `bps`: the
        estimator probes at three and six times of that at once. A probe is 15 ms long
        and at least five packets. Raises UsageError(code=`no_such_peer`)."""
    def cap_ingress(self, peer: str, mid: str, bps: int) -> None:
        """REMB to a publisher: its ceiling for this section."""
    def counters(self) -> dict[str, int]:
        """Since start: packets_in, packets_out, bytes_in, bytes_out (datagrams of any
        kind), packets_forwarded (media packets written to slots), nacks_in,
        retransmits_out, plis_in, plis_out, peers, engine_cpu_us, events_lost, and
        one `dropped_<reason>` per reason a datagram or packet was dropped."""
    def close(self) -> None:
        """Joins the engine thread. Idempotent."""

@final
class Connected:
    transport: Literal["udp", "tcp"]

@final
class Closed:
    reason: str

@final
class Frame:
    """One encoded frame: an H.264 access unit (Annex B), a VP8 frame, or one Opus
    packet."""

    mid: str
    kind: Kind
    codec: str
    data: bytes
    rtp_time: int
    """RTP ticks, extended to 64 bits, monotonic per slot."""
    clock_rate: int
    capture_us: int | None
    """Moment of capture on the Forwarder's wall clock, which never steps while it
    runs; from the abs-capture-time extension that it stamps on each packet. None
    until the publisher's first sender report."""
    arrival_us: int
    keyframe: bool
    contiguous: bool
    """False when at least one frame before this one was lost."""

@final
class Estimate:
    bps: int

@final
class KeyframeRequested:
    mid: str
    rid: str | None

ClientEvent = Connected | Closed | Frame | Estimate | KeyframeRequested

@final
class Client:
    """One full-ICE participant that takes and gives encoded frames.

    Used by the recorder and by load tests. All clients of a process share one
    engine thread.
    """

    def __new__(
        cls,
        *,
        send: Sequence[tuple[Kind, str]] = (),
        receive_audio: int = 0,
        receive_video: int = 0,
        bind: str = "0.0.0.0",
        tcp_only: bool = False,
        discard_media: bool = False,
    ) -> Client:
        """`send`: one (kind, codec) per published section, codec `H264`, `VP8` or
        `opus`. `discard_media`: count received frames instead of handing them over
        (load tests)."""
    def offer(self) -> str: ...
    @property
    def send_mids(self) -> list[str]: ...
    @property
    def receive_mids(self) -> list[tuple[str, Kind]]: ...
    def accept(self, answer: str) -> None:
        """Raises RemoteError(code=`bad_sdp`)."""
    def fileno(self) -> int: ...
    def drain(self, limit: int = 1024) -> list[ClientEvent]: ...
    def send_frame(self, mid: str, data: bytes, capture_us: int) -> None:
        """`data` as in `Frame`. Frames before the connection is up are dropped."""
    def request_keyframe(self, mid: str) -> None: ...
    def counters(self) -> dict[str, int]:
        """packets_in, packets_out, bytes_in, bytes_out, frames_in, frames_lost,
        nacks_out, engine_cpu_us (of the shared thread)."""
    def close(self) -> None: ...
