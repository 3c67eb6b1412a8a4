"""A recorder in a process of its own, to be stopped or killed.

Arguments: configuration file, URL of the bus. Prints the port of its library once it
is ready.
"""

import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web

from common import http, log
from common.bus import Bus
from common.clock import SystemClock
from common.config import load
from common.identity import Signer
from common.metrics import Registry, metrics_route
from recorder.app import RecorderService


async def main(config_path: str, bus_url: str) -> None:
    log.setup("info")
    config, clock, registry = load(Path(config_path)), SystemClock(), Registry()
    bus = Bus(bus_url)
    await bus.connect()
    service = RecorderService(config, bus, clock, registry)
    await service.start()
    app = http.application(Signer(config.auth.secret), clock)
    app.add_routes([*service.routes(), metrics_route(registry)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    await told_to_stop.wait()
    await runner.cleanup()
    await service.stop()
    await bus.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
