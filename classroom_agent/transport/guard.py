"""Faults of aioice 0.13 and aiortc 1.16 that one stray datagram can trigger, mended.

Measured on those versions: an empty datagram from any address ends a session for
ever (`data[0]` in RTCDtlsTransport._recv_next), because StunProtocol hands every
non-STUN datagram from ANY source to DTLS; a forged DTLS alert before the handshake
fails it; an RTP packet with a broken header extension raises struct.error and ends
the transport's task. Here they are dropped and counted.
"""

import struct
from collections import Counter
from typing import Any, cast

import aioice.ice
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
from aioice import stun
from aiortc.rtcdtlstransport import RTCDtlsTransport

from classroom_agent.transport.receiver import light_decoder

HISTORY_PACKETS = 1024
"""Packets kept for retransmission, and asked for again. aiortc's 128 are less than
one keyframe of a 1080p screen. A power of two, for it indexes by remainder."""

dropped: Counter[str] = Counter()
"""Datagrams dropped by reason: `empty`, `stranger`, `bad_stun`, `bad_rtp`."""

_loopback = False


def allow_loopback() -> None:
    """Candidates on 127.0.0.1 too, which aioice never offers: for one machine only."""
    global _loopback
    _loopback = True


def install() -> None:
    """Idempotent."""
    if aioice.ice.StunProtocol.datagram_received is _datagram_received:
        return
    aioice.ice.StunProtocol.datagram_received = _datagram_received  # type: ignore[method-assign]
    aioice.ice.get_host_addresses = _host_addresses
    RTCDtlsTransport._handle_rtp_data = _handle_rtp_data  # type: ignore[method-assign]
    vars(aiortc.rtcrtpsender)["RTP_HISTORY_SIZE"] = HISTORY_PACKETS
    vars(aiortc.rtcrtpreceiver)["RTP_HISTORY_SIZE"] = HISTORY_PACKETS // 2
    vars(aiortc.rtcrtpreceiver)["get_decoder"] = light_decoder


_original_datagram_received = aioice.ice.StunProtocol.datagram_received
_original_host_addresses = aioice.ice.get_host_addresses
_original_handle_rtp_data = RTCDtlsTransport._handle_rtp_data


def _datagram_received(
    self: aioice.ice.StunProtocol, data: bytes | str, addr: tuple[Any, ...]
) -> None:
    # asyncio hands bytes over, whatever the annotation allows.
    data = cast(bytes, data)
    if not data:
        dropped["empty"] += 1
        return
    # RFC 7983: STUN begins with 0..3. Everything else must come from the far side.
    if data[0] > 3 and not _is_known(self, (addr[0], addr[1])):
        dropped["stranger"] += 1
        return
    try:
        _original_datagram_received(self, data, addr)
    except (struct.error, stun.TransactionError):
        dropped["bad_stun"] += 1


def _is_known(protocol: aioice.ice.StunProtocol, address: tuple[str, int]) -> bool:
    connection = protocol.receiver
    pairs = (*connection._nominated.values(), *connection._check_list)
    return any(pair.remote_addr == address for pair in pairs)


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    addresses = _original_host_addresses(use_ipv4, use_ipv6)
    return [*addresses, "127.0.0.1"] if _loopback and use_ipv4 else addresses


async def _handle_rtp_data(
    self: RTCDtlsTransport, data: bytes, arrival_time_ms: int
) -> None:
    try:
        await _original_handle_rtp_data(self, data, arrival_time_ms)
    except (struct.error, UnicodeDecodeError, IndexError):
        dropped["bad_rtp"] += 1
