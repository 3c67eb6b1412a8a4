"""A thin line to the node: a UDP relay that is narrow down, up, or both ways."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

QUEUE_S = 0.25
FREE_BPS = 1e9


class Way:
    """One direction. What does not fit into `queue_s` of its time is dropped, as a
    router does; `loss` of the rest is lost by a seeded die, as radio does."""

    def __init__(self, rate_bps: float, queue_s: float, loss: float, seed: int) -> None:
        self.rate_bps = rate_bps
        self.queue_s = queue_s
        self.loss = loss
        self.dropped = 0
        self._die = random.Random(seed)
        self._free_at_s = 0.0

    def carry(self, data: bytes, deliver: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        start_s = max(loop.time(), self._free_at_s)
        full = start_s - loop.time() > self.queue_s
        if full or self._die.random() < self.loss:
            self.dropped += 1
            return
        self._free_at_s = start_s + len(data) * 8 / self.rate_bps
        loop.call_at(self._free_at_s, deliver, data)


class ThinLine:
    """Rates, queues and losses of `up` and `down` may be changed at any time."""

    def __init__(self, down: Way, up: Way) -> None:
        self.down = down
        self.up = up
        self.port = 0
        self._client: tuple[str, int] | None = None
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None

    async def open(self, node_port: int) -> None:
        loop = asyncio.get_running_loop()
        line = self

        class Near(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                line._client = addr
                line.up.carry(data, line._to_node)

        class Far(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                line.down.carry(data, line._to_client)

        self._near, _ = await loop.create_datagram_endpoint(
            Near, local_addr=("127.0.0.1", 0)
        )
        self._far, _ = await loop.create_datagram_endpoint(
            Far, remote_addr=("127.0.0.1", node_port)
        )
        self.port = self._near.get_extra_info("sockname")[1]

    def _to_node(self, data: bytes) -> None:
        if self._far is not None:
            self._far.sendto(data)

    def _to_client(self, data: bytes) -> None:
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
async def thin_line(
    node_port: int,
    *,
    down_bps: float = FREE_BPS,
    up_bps: float = FREE_BPS,
    queue_s: float = QUEUE_S,
    seed: int = 1,
) -> AsyncIterator[ThinLine]:
    line = ThinLine(
        Way(down_bps, queue_s, 0.0, seed), Way(up_bps, queue_s, 0.0, seed + 1)
    )
    await line.open(node_port)
    try:
        yield line
    finally:
        line.close()
