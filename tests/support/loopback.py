"""Lets aiortc peers meet on the loopback interface.

aioice leaves 127.0.0.1 out of its host candidates; a test machine may have no other
address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


def _only_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1"] if use_ipv4 else []


@contextmanager
def loopback_ice() -> Iterator[None]:
    """Within it every aiortc connection gathers 127.0.0.1 and nothing else."""
    with patch("aioice.ice.get_host_addresses", _only_loopback):
        yield
