"""The service: one engine, one node, its doors."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aiohttp import web

from common import log
from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.errors import UnavailableError
from common.identity import Signer, ensure_secret
from common.metrics import Registry
from rtc import Forwarder
from sfu.api import rooms_router
from sfu.bus_events import Announcer, listen
from sfu.metrics import SfuMetrics
from sfu.node import Node
from sfu.signalling import Signalling
from sfu.whip import Whip

TICK_S = 1.0
LISTEN_S = 0.25
LAST_WORDS_S = 2.0
_log = log.get("sfu")


class SfuService:
    """`start` first: the routes need the engine."""

    def __init__(
        self, config: Config, bus: Bus, clock: Clock, metrics: Registry
    ) -> None:
        self._config = config
        self._bus = bus
        self._clock = clock
        self._metrics = SfuMetrics(metrics)
        self._announcer = Announcer(bus)
        self._tasks: list[asyncio.Task[None]] = []
        self._node: Node | None = None

    @property
    def node(self) -> Node:
        assert self._node is not None, "start() comes first"
        return self._node

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        section = self._config.sfu
        secret = ensure_secret(self._config.auth.secret, self._config.server.data_dir)
        signer = Signer(secret)
        door = Signalling(self.node, signer, section, self._clock, self._metrics)
        return [
            web.get("/sfu/v1/ws", door.handle),
            *Whip(self.node, signer, self._clock).routes(),
            *rooms_router(self.node, section.node).routes(),
        ]

    async def start(self) -> None:
        """Raises UnavailableError(`media_port_taken`)."""
        forwarder = self._open_engine()
        announce = self._announcer.announce
        self._node = Node(
            self._config.sfu, forwarder, self._clock, announce, self._metrics
        )
        self._metrics.watch(
            self._node.media.counters,
            lambda: self.node.load_ratio,
            self._node.census,
            lambda: len(self.node.rooms),
        )
        self._tasks = [
            asyncio.create_task(_forever("announce", self._announcer.run)),
            asyncio.create_task(_forever("listen", self._listen)),
            asyncio.create_task(_forever("tick", _every(TICK_S, self._node.tick))),
            asyncio.create_task(
                _forever("speaker", _every(LISTEN_S, self._node.listen))
            ),
        ]
        _log.info("media_listening", port=self._node.media.port)

    def _open_engine(self) -> Forwarder:
        section = self._config.sfu
        try:
            return Forwarder(
                bind=section.bind,
                port=section.port,
                advertise=section.advertise,
                tcp=section.tcp,
            )
        except OSError as error:
            raise UnavailableError(
                "media_port_taken",
                zh=f"媒体端口 {section.bind}:{section.port} 打不开，可能被占用；"
                "请在配置里换 sfu.port",
                en=f"cannot bind media port {section.bind}:{section.port}: {error}; "
                "choose another sfu.port",
            ) from error

    async def _listen(self) -> None:
        await listen(self._bus, self.node, self._config.sfu.node)

    async def stop(self) -> None:
        """Goodbye to everyone, the last news to the bus, then the engine."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._node is not None:
            await self._node.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._announcer.flush()

    async def health(self) -> dict[str, bool]:
        return {"bus": await self._bus.ping(), "media": self._node is not None}


def _every(
    seconds: float, step: Callable[[], None]
) -> Callable[[], Coroutine[Any, Any, None]]:
    async def run() -> None:
        while True:
            step()
            await asyncio.sleep(seconds)

    return run


async def _forever(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """The outermost loop of a task: a bug is logged and the work goes on."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("task_failed", task=name)
            await asyncio.sleep(1)
