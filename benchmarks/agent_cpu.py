"""CPU time of one classroom agent at a teaching point.

A real server process, a master classroom with camera 720p and screen, and the room
that is measured: it publishes its camera (720p + 360p) and microphone and takes in
the master's camera, screen and sound. Twice: off stage, as the SFU asks for it (only
the small layer), and with both layers encoded all the time.
CPU is user + system time of the whole agent process. `REPORT=path` writes JSON.
Target: <= 1 core.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from classroom_agent.__main__ import main as agent_main
from classroom_agent.publish import VideoPublication
from common.clock import SystemClock
from common.identity import JoinGrant
from common.protocol.signalling import LayerName
from tongke.demo.classroom import Classroom
from tongke.demo.server import Server

SECONDS = float(os.environ.get("SECONDS", "30"))
TARGET_CORES = 1.0
_SESSION = "bench-agent-cpu"
_ROOM, _DEAF = "bench-room", "bench-room-deaf"
_DEAF_FLAG = "--deaf-agent"


async def measure(folder: Path) -> dict[str, dict[str, Any]]:
    server = Server(folder)
    await server.start()
    master = Classroom("bench-master", "主讲", "master", folder, server)
    await master.start_direct(_grant("bench-master", "master"), seconds=600)
    try:
        off_stage = await _room(folder, server)
        both_layers = await _room_with_both_layers(folder, server)
    finally:
        await master.stop()
        await server.stop()
    return {"off_stage": off_stage, "both_layers": both_layers}


async def _room(folder: Path, server: Server) -> dict[str, Any]:
    room = Classroom(_ROOM, "教学点", "room", folder, server)
    await room.start_direct(_grant(_ROOM, "room"), SECONDS)
    await asyncio.sleep(SECONDS)
    figures = await room.finished()
    await room.stop()
    return _wanted(figures)


def _wanted(figures: dict[str, Any]) -> dict[str, Any]:
    wanted = ("cores", "cpu_s", "seconds", "encoded", "freezes", "concealed_samples")
    slots = {slot["source"]: slot["fps"] for slot in figures["slots"] if slot["frames"]}
    return {name: figures[name] for name in wanted} | {"playout_fps": slots}


async def _room_with_both_layers(folder: Path, server: Server) -> dict[str, Any]:
    """The same program, deaf to the SFU's word that nobody looks at a layer."""
    room = Classroom(_DEAF, "教学点", "room", folder, server)
    report = folder / "deaf.json"
    now_s = SystemClock().wall_us() / 1e6
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.agent_cpu", _DEAF_FLAG, str(folder / f"{_DEAF}.toml")),
        *("--sfu", server.sfu_url, "--seconds", str(SECONDS)),
        *("--token", server.signer.join(_grant(_DEAF, "room"), 3600, now_s)),
        *("--report", str(report)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
    await room.stop()
    return _wanted(json.loads(report.read_text()))


def _deaf_agent(argv: list[str]) -> int:
    def on_demand(
        self: VideoPublication, layers: object, max_bps: Mapping[LayerName, int]
    ) -> None:
        for layer in self._layers:
            layer.demand(True, max_bps.get(layer.name))

    VideoPublication.on_demand = on_demand  # type: ignore[method-assign]
    return agent_main(argv)


def _grant(site_room: str, role: str) -> JoinGrant:
    return JoinGrant.model_validate(
        {
            "room": _SESSION,
            "role": role,
            "name": site_room,
            "site_room": site_room,
            "publish": ["camera", "microphone", "screen"],
        }
    )


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongke-bench-") as folder:
        cases = asyncio.run(measure(Path(folder)))
    figures = {
        **cases,
        "target_cores": TARGET_CORES,
        "machine": describe_machine(),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if report := os.environ.get("REPORT"):
        Path(report).write_text(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0 if max(case["cores"] for case in cases.values()) <= TARGET_CORES else 1


if __name__ == "__main__":
    if sys.argv[1:2] == [_DEAF_FLAG]:
        raise SystemExit(_deaf_agent(sys.argv[2:]))
    raise SystemExit(main())
