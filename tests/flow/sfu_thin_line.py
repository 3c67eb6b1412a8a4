"""A thin line to the node: a UDP relay with a narrow way down."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

QUEUE_S = 0.25
"""What does not fit into this much of the line's time is dropped, as a router does."""


class ThinLine:
    """`rate_bps` of the way down may be changed at any time; up is free."""

    def __init__(self, rate_bps: float) -> None:
        self.rate_bps = rate_bps
        self.dropped = 0
        self.port = 0
        self._free_at_s = 0.0
        self._client: tuple[str, int] | None = None
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None

    async def open(self, node_port: int) -> None:
        loop = asyncio.get_running_loop()
        line = self

        class Near(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                line._client = addr
                if line._far is not None:
                    line._far.sendto(data)

        class Far(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                line._down(data)

        self._near, _ = await loop.create_datagram_endpoint(
            Near, local_addr=("127.0.0.1", 0)
        )
        self._far, _ = await loop.create_datagram_endpoint(
            Far, remote_addr=("127.0.0.1", node_port)
        )
        self.port = self._near.get_extra_info("sockname")[1]

    def _down(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        start_s = max(loop.time(), self._free_at_s)
        if start_s - loop.time() > QUEUE_S:
            self.dropped += 1
            return
        self._free_at_s = start_s + len(data) * 8 / self.rate_bps
        loop.call_at(self._free_at_s, self._deliver, data)

    def _deliver(self, data: bytes) -> None:
        if self._near is not None and self._client is not None:
            self._near.sendto(data, self._client)

    def through(self, answer: str) -> str:
        """The node's answer as somebody behind this line would see it."""
        lines = [x for x in answer.splitlines() if " tcp " not in x]
        moved = [
            re.sub(r"(127\.0\.0\.1) \d+ typ", rf"\1 {self.port} typ", line)
            for line in lines
        ]
        return "\r\n".join(moved) + "\r\n"

    def close(self) -> None:
        for transport in (self._near, self._far):
            if transport is not None:
                transport.close()
        self._near = self._far = None


@asynccontextmanager
async def thin_line(node_port: int, rate_bps: float) -> AsyncIterator[ThinLine]:
    line = ThinLine(rate_bps)
    await line.open(node_port)
    try:
        yield line
    finally:
        line.close()
