"""The sound of everybody, mixed after class: seconds, and CPU, per hour of lesson.

A finished recording with the teacher's and three rooms' sound all the way through, in a
local store, mixed as the recorder does it: by a child process at low priority, into
Opus segments. `MINUTES` (default 10) is the lesson's length, `REPORT=path` writes JSON.
"""

import asyncio
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe_machine
from common.clock import SystemClock
from common.objects import Objects
from recorder.library.mixes import Mixes
from recorder.manifest import MIX, Manifest
from recorder.storage import object_path
from tests.unit.recorder.shelves import Piece, shelve

MINUTES = int(os.environ.get("MINUTES", "10"))
PLACES = ("master", "room-a", "room-b", "room-c")


async def measure(folder: Path) -> dict[str, float]:
    url, seconds = f"file://{folder}/objects", MINUTES * 60
    objects = Objects(url)
    whole = [Piece(0, seconds)]
    tracks = {f"{place}.microphone": whole for place in PLACES}
    await shelve(objects, tracks, seconds)
    turn, work = asyncio.Semaphore(1), folder / "work"
    mixes = Mixes(objects, url, work, folder, turn, SystemClock(), lambda name: None)
    began_s = time.monotonic()
    await mixes.want("rec-1")
    await mixes.settled()
    took_s = time.monotonic() - began_s
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = children.ru_utime + children.ru_stime
    data = await objects.get(object_path("rec-1", "manifest.json"))
    mixed = Manifest.model_validate_json(data).derived[MIX]
    return {
        "tracks": len(tracks),
        "lesson_s": seconds,
        "took_s": round(took_s, 2),
        "per_hour_s": round(took_s * 3600 / seconds, 1),
        "cpu_per_hour_s": round(cpu_s * 3600 / seconds, 1),
        "mixed_bps": round(sum(s.bytes for s in mixed.segments) * 8 / seconds),
    }


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongke-bench-") as folder:
        figures = asyncio.run(measure(Path(folder)))
    said = {**figures, "machine": describe_machine()}
    print(json.dumps(said, indent=2, ensure_ascii=False))
    if report := os.environ.get("REPORT"):
        Path(report).write_text(json.dumps(said, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
