"""Ports for servers that must know theirs before they open it."""

import random
import socket

_RANGE = range(12_000, 32_000)
"""Below the ports that Linux gives to outgoing connections (32768 and up): one of those
may be taken between the look and the opening."""
_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def free_port() -> int:
    """One that nothing on this machine holds, neither by TCP nor by UDP."""
    draw = random.SystemRandom()
    while True:
        port = draw.choice(_RANGE)
        if all(_is_free(port, kind) for kind in _KINDS):
            return port


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
