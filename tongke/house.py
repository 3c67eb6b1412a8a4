"""The house: services, bus and one HTTP port, put together and taken down in order.

`tongke up` raises all of it in one process; `tongke sfu` and its siblings raise one
service with the same code. Order of closing: see docs/closing.md.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Protocol

from aiohttp import web

from common import http, log
from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.errors import UnavailableError
from common.identity import Signer, ensure_secret
from common.metrics import Registry, metrics_route
from common.valkey import ValkeyChild
from tongke.data_dir import DataDirLock

_log = log.get("tongke")


class Service(Protocol):
    """What each service package offers the roof (docs/contracts.md)."""

    def routes(self) -> Sequence[web.AbstractRouteDef]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def health(self) -> dict[str, bool]: ...


ServiceFactory = Callable[[Config, Bus, Clock, Registry], Service]


class House:
    def __init__(
        self, config: Config, factories: Mapping[str, ServiceFactory], clock: Clock
    ) -> None:
        self._config = config
        self._factories = factories
        self._clock = clock
        self._registry = Registry()
        self._services: dict[str, Service] = {}
        self._closing = AsyncExitStack()
        self.port = 0

    async def open(self, pages: Sequence[web.AbstractRouteDef] = ()) -> None:
        """Raises TongkeError; what was opened before the failure is closed again."""
        try:
            await self._open(pages)
        except BaseException:
            await self.close()
            raise

    async def _open(self, pages: Sequence[web.AbstractRouteDef]) -> None:
        lock = DataDirLock(self._config.server.data_dir, self._factories)
        self._closing.callback(lock.release)
        bus = Bus(await self._bus_url())
        self._closing.push_async_callback(bus.close)
        await bus.connect()
        app = self._application()
        for name, factory in self._factories.items():
            service = factory(self._config, bus, self._clock, self._registry)
            self._services[name] = service
            self._closing.push_async_callback(service.stop)
            await service.start()
            app.add_routes(service.routes())
        app.add_routes([web.get("/healthz", self._healthz)])
        app.add_routes([metrics_route(self._registry), *pages])
        app.on_shutdown.append(self._stop_services)
        await self._listen(app)

    async def _bus_url(self) -> str:
        if self._config.bus_url:
            return self._config.bus_url
        child = ValkeyChild(self._config.server.data_dir / "bus")
        self._closing.push_async_callback(child.stop)
        await child.start()
        return child.url

    def _application(self) -> web.Application:
        auth = self._config.auth
        secret = ensure_secret(auth.secret, self._config.server.data_dir)
        return http.application(Signer(secret), self._clock)

    async def _stop_services(self, _app: web.Application) -> None:
        """While the port is still open, so that everybody hears why it ends."""
        for service in reversed(self._services.values()):
            await service.stop()

    async def _listen(self, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
        self._closing.push_async_callback(runner.cleanup)
        await runner.setup()
        server = self._config.server
        site = web.TCPSite(runner, server.host, server.port)
        try:
            await site.start()
        except OSError as error:
            raise UnavailableError(
                "port_taken",
                zh=f"端口 {server.host}:{server.port} 打不开，可能被占用；"
                "请在配置里换 server.port",
                en=f"cannot listen on {server.host}:{server.port}: {error}; "
                "choose another server.port",
            ) from error
        self.port = runner.addresses[0][1]
        _log.info("listening", address=self._config.public_url)

    async def _healthz(self, _request: web.Request) -> web.Response:
        """200 when everything we depend on answers, else 503; names what is away."""
        checks = {
            name: await service.health() for name, service in self._services.items()
        }
        healthy = all(all(parts.values()) for parts in checks.values())
        return web.json_response(
            {"healthy": healthy, "services": checks}, status=200 if healthy else 503
        )

    async def close(self) -> None:
        """Closes in the reverse order of opening. Idempotent."""
        await self._closing.aclose()
