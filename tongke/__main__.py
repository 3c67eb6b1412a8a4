"""The `tongke` command."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tongke import services


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no Chinese still shows what stands beside it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parsed = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    return run(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tongke", description="同课：1+N 同步课堂 · the 1+N synchronous classroom"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    server = argparse.ArgumentParser(add_help=False)
    server.add_argument("--config", type=Path, help="配置文件 TOML file")
    server.add_argument("--data", type=Path, help="数据目录 data directory")
    server.add_argument("--port", type=int, help="HTTP 端口 port")

    up = commands.add_parser("up", parents=[server], help="一条命令运行全部服务")
    up.set_defaults(run=_serve, names=services.NAMES)
    for name in services.NAMES:
        one = commands.add_parser(name, parents=[server], help=f"只运行 {name}")
        one.set_defaults(run=_serve, names=(name,))

    agent = commands.add_parser("agent", help="教室终端 one classroom's agent")
    agent.add_argument("rest", nargs=argparse.REMAINDER)
    agent.set_defaults(run=_agent)

    demo = commands.add_parser("demo", help="完整演示一节 1+3 课 a whole 1+3 lesson")
    demo.add_argument("--keep", action="store_true", help="结束后保持运行 stay up")
    demo.add_argument("--report", type=Path, help="把测得的数写成 JSON")
    demo.add_argument("--seconds", type=float, default=25, help="上课秒数")
    demo.set_defaults(run=_demo)

    token = commands.add_parser("token", parents=[server], help="生成登录密钥")
    token.add_argument("name", help="姓名 name")
    token.add_argument("roles", nargs="+", help="teacher librarian operator ...")
    token.add_argument("--teacher", help="他是哪位教师 who he is: id or name")
    token.add_argument("--school", help="他是哪所学校的 whose school: id or name")
    token.set_defaults(run=_token)

    from tongke.timetable import command

    command.add_to(commands)

    doctor = commands.add_parser("doctor", parents=[server], help="检查这台机器")
    doctor.set_defaults(run=_doctor)
    return parser


def _serve(parsed: argparse.Namespace) -> int:
    from tongke import up

    return up.run(
        lambda: up.serve(
            up.load_config(parsed.config, parsed.data, parsed.port), parsed.names
        )
    )


def _agent(parsed: argparse.Namespace) -> int:
    from classroom_agent.__main__ import main as agent_main

    return agent_main(parsed.rest)


def _demo(parsed: argparse.Namespace) -> int:
    from tongke.demo import run_demo

    return run_demo(parsed.keep, parsed.report, parsed.seconds)


def _token(parsed: argparse.Namespace) -> int:
    from tongke import token

    return token.make(
        parsed.config,
        parsed.data,
        parsed.name,
        parsed.roles,
        parsed.teacher,
        parsed.school,
    )


def _doctor(parsed: argparse.Namespace) -> int:
    from tongke import doctor

    return doctor.run(parsed.config, parsed.data, parsed.port)


if __name__ == "__main__":
    sys.exit(main())
