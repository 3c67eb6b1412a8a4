"""Running the house as a program, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from common import config as configuration
from common import log
from common.clock import SystemClock
from common.config import Config
from common.errors import TongkeError, UnavailableError
from common.identity import AccessGrant, Signer, ensure_secret
from common.priority import come_first
from tongke import services
from tongke.house import House


def load_config(path: Path | None, data_dir: Path | None, port: int | None) -> Config:
    """The file, then what the command line says."""
    config = configuration.load(path)
    changes: dict[str, object] = {}
    if data_dir is not None:
        changes["data_dir"] = data_dir
    if port is not None:
        changes["port"] = port
    server = config.server.model_copy(update=changes)
    return config.model_copy(update={"server": server})


def run(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs a coroutine on uvloop where there is one; our errors become a sentence."""
    try:
        if sys.platform == "win32":
            return asyncio.run(main())
        import uvloop

        return uvloop.run(main())
    except TongkeError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
        return 2


async def serve(config: Config, names: Sequence[str]) -> int:
    log.setup(config.server.log_level, json=config.server.log_json)
    if set(names) != set(services.NAMES) and not config.bus_url:
        raise UnavailableError(
            "bus_needed",
            zh="单独运行一个服务时，请在配置里写明 bus.url，各服务靠它相互联系",
            en="a service that runs alone needs bus.url in the configuration",
        )
    come_first()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    house = House(config, services.factories(names), SystemClock())
    await house.open(_pages(names))
    print(addresses(config, house.port), flush=True)
    await stop.wait()
    await house.close()
    return 0


def _pages(names: Sequence[str]) -> Sequence[web.AbstractRouteDef]:
    if "scheduler" not in names:
        return ()
    from web.pages import page_routes

    return page_routes()


def addresses(config: Config, port: int) -> str:
    """Where to go, with a key that signs an operator in."""
    clock = SystemClock()
    signer = Signer(ensure_secret(config.auth.secret, config.server.data_dir))
    key = signer.access(
        AccessGrant(name="operator", roles=["operator"]),
        config.auth.access_hours * 3600,
        clock.wall_us() / 1_000_000,
    )
    base = config.server.public_url or f"http://{config.server.host}:{port}"
    return f"同课已启动 Tongke is up: {base}/#key={key}"
