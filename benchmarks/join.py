"""Join time: from an agent's `join` to its first decoded picture or sound.

A real server process, a master classroom, and 20 rooms that come one after another,
each a fresh agent process. Says median, p95 and maximum; `REPORT=path` writes JSON.
Target: p95 <= 1.5 s on loopback.
"""

import asyncio
import json
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.machine import describe_machine
from common.identity import JoinGrant
from tongke.demo.classroom import Classroom
from tongke.demo.server import Server

JOINS = 20
TARGET_MS = 1500.0
_ROOM = "bench-join"
_STAY_S = 2.0


async def measure(folder: Path) -> list[float]:
    """One join time a fresh agent, ms."""
    server = Server(folder)
    await server.start()
    master = Classroom("bench-master", "主讲", "master", folder, server)
    await master.start_direct(_grant("bench-master", "master"), seconds=600)
    joins = []
    try:
        for number in range(JOINS):
            name = f"bench-room-{number}"
            room = Classroom(name, name, "room", folder, server)
            await room.start_direct(_grant(name, "room"), seconds=_STAY_S)
            figures = await room.finished()
            joins.append(float(figures["join_ms"]))
    finally:
        await master.stop()
        await server.stop()
    return joins


def _grant(site_room: str, role: str) -> JoinGrant:
    return JoinGrant.model_validate(
        {
            "room": _ROOM,
            "role": role,
            "name": site_room,
            "site_room": site_room,
            "publish": ["camera", "microphone", "screen"],
        }
    )


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongke-bench-") as folder:
        joins = sorted(asyncio.run(measure(Path(folder))))
    p95 = joins[round(0.95 * (len(joins) - 1))]
    figures = {
        "joins": len(joins),
        "median_ms": round(statistics.median(joins), 1),
        "p95_ms": round(p95, 1),
        "max_ms": round(joins[-1], 1),
        "target_p95_ms": TARGET_MS,
        "machine": describe_machine(),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if report := os.environ.get("REPORT"):
        Path(report).write_text(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0 if p95 <= TARGET_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
