"""The arguments of `tongke timetable` and what each leads to."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

_KEEP = ("locked", "placed_by_person", "all_placed", "far", "unbroken")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    timetable = commands.add_parser(
        "timetable",
        help="排课 make, check, explain, import, export timetables",
        description="给出文件时只用文件，不给文件时操作正在运行的服务器。"
        " With files: on the files alone; without: on the running server.",
    )
    verbs = timetable.add_subparsers(required=True, metavar="VERB")
    solve = _verb(verbs, "solve", "排出每周课表 place the weekly lessons", files=True)
    solve.add_argument("--out", type=Path, help="结果文件 .xlsx/.zip (with files)")
    solve.add_argument("--seconds", type=_seconds(3600), default=60.0)
    solve.add_argument("--keep", choices=_KEEP, default="locked")
    check = _verb(verbs, "check", "检查 name every broken rule", files=True)
    explain = _verb(verbs, "explain", "为什么排不下 rules in conflict", files=True)
    explain.add_argument("--seconds", type=_seconds(600), default=10.0)
    for one in (solve, check, explain):
        one.add_argument("--term", help="学期编号 id of the term")
        one.add_argument("--week", type=int, help="按第几周的作息 whose bells")
        one.add_argument("--edition", help="版本编号 id of the edition (server)")
    bring = _verb(verbs, "import", "把文件导入服务器 files into the server", files=True)
    bring.add_argument("--check", action="store_true", help="只检查不写入 dry run")
    for one in (solve, check, explain, bring):
        one.add_argument(
            "--all", action="store_true", help="列出全部错误 every fault, not only 50"
        )
    take = _verb(verbs, "export", "从服务器导出 from the server", files=False)
    take.add_argument("out", type=Path, help=".xlsx 或 .zip (CSV)")
    take.add_argument(
        "--what", choices=("organisation", "timetable"), default="timetable"
    )


def _seconds(longest: int) -> Callable[[str], float]:
    """As the server takes them: from 1 to `longest`."""

    def read(text: str) -> float:
        try:
            if 1 <= float(text) <= longest:
                return float(text)
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(
            f"请写 1 到 {longest} 之间的秒数 seconds from 1 to {longest}"
        )

    return read


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    words: str,
    *,
    files: bool,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=words)
    if files:
        verb.add_argument(
            "files", type=Path, nargs="*", help="文件或文件夹 files, folders"
        )
    verb.add_argument("--server", help="服务器地址 http://…")
    verb.add_argument("--key", help="登录密钥 key of a timetabler (tongke token)")
    verb.add_argument("--config", type=Path, help="配置文件 TOML file")
    verb.add_argument("--data", type=Path, help="数据目录 data directory")
    verb.set_defaults(run=_run, verb=name, files=[], all=False)
    return verb


def _run(parsed: argparse.Namespace) -> int:
    import aiohttp

    from common.errors import TongkeError
    from scheduler.importer.fault import FaultyImportError
    from tongke.timetable import offline, online
    from tongke.timetable.say import show_all

    on_files: dict[str, Callable[[argparse.Namespace], int]] = {
        "solve": offline.solve_files,
        "check": offline.check_files,
        "explain": offline.explain_files,
    }
    try:
        if parsed.files and parsed.verb in on_files:
            return on_files[parsed.verb](parsed)
        return asyncio.run(online.run(parsed))
    except FaultyImportError as error:
        show_all([str(fault) for fault in error.faults], parsed.all, sys.stderr)
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
    except TongkeError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
    except aiohttp.ClientConnectionError as error:
        print(
            f"连不上服务器（{error}）。请先运行 tongke up，或用 --server 写明地址。\n"
            "The server cannot be reached; run `tongke up` or give --server.",
            file=sys.stderr,
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        print(
            f"与服务器的连接断了，或者那里不是同课服务器（{error}）。\n"
            "The connection broke, or that is not a Tongke server.",
            file=sys.stderr,
        )
    except OSError as error:
        print(
            f"文件不能读写：{error}\nA file cannot be read or written.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("已中断，没有结果 interrupted, without a result", file=sys.stderr)
        return 130
    return 2
