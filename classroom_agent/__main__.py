"""`python -m classroom_agent ROOM.toml`: the program of one classroom."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from classroom_agent.agent import Agent
from classroom_agent.config import RoomConfig, load
from classroom_agent.lesson import Invitation
from common import log
from common.errors import TongkeError
from common.priority import come_first


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        config = load(options.room)
        log.setup(config.log_level)
        come_first()
        asyncio.run(_run(config, options))
    except TongkeError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="classroom_agent", description="同课：一间教室的程序 / one classroom"
    )
    parser.add_argument("room", type=Path, help="TOML file, see compose/room.toml")
    parser.add_argument("--report", type=Path, help="write what was measured here")
    direct = parser.add_argument_group("without a scheduler")
    direct.add_argument("--sfu", help="ws://host:port/sfu/v1/ws: join at once")
    direct.add_argument("--token", default="", help="join token")
    direct.add_argument("--seconds", type=float, help="leave after this long")
    return parser


async def _run(config: RoomConfig, options: argparse.Namespace) -> None:
    agent = Agent(config, options.report)
    if options.sfu:
        invitation = Invitation("direct", options.sfu, options.token)
        work = asyncio.create_task(agent.take_part(invitation, options.seconds))
    else:
        work = asyncio.create_task(agent.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


if __name__ == "__main__":
    sys.exit(main())
