"""What was measured in a lesson: to the SFU every few seconds, to a file at the end."""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom_agent.playout import Playout
from common.protocol.signalling import Report

INTERVAL_S = 5.0


@dataclass
class LessonFigures:
    """One lesson of one room, over all its connections."""

    site_room: str
    session: str
    playout: Playout = field(default_factory=Playout)
    joins: list[float] = field(default_factory=list)
    """Milliseconds from each `join` to the first decoded picture or sound after it."""
    connections: int = 0
    end: str = ""
    """Why it ended."""

    def __post_init__(self) -> None:
        self._started_s = time.monotonic()
        self._cpu_started_s = time.process_time()
        self._last = self.playout.totals()
        self._last_main = (self._started_s, 0)

    def next_report(self) -> Report:
        """Since the last call."""
        now, before = self.playout.totals(), self._last
        self._last = now
        interval_s = max(now.at_s - before.at_s, 1e-3)
        slots = self.playout.slots()
        main_frames = slots[0].frames if slots else 0
        fresh_main = max(0, main_frames - self._last_main[1])
        self._last_main = (now.at_s, main_frames)
        return Report(
            interval_s=min(interval_s, 120),
            video_frames=now.video_frames - before.video_frames,
            video_fps=round(fresh_main / interval_s, 2),
            freezes=max(0, now.freezes - before.freezes),
            freeze_s=max(0.0, now.freeze_s - before.freeze_s),
            audio_samples=now.audio_samples - before.audio_samples,
            concealed_samples=now.concealed_samples - before.concealed_samples,
            glass_to_glass_ms=self.playout.take_fresh_delay_ms(),
            join_ms=self.joins[-1] if self.joins else None,
        )

    def summary(self) -> dict[str, Any]:
        """The whole lesson, as written to the report file."""
        totals, slots = self.playout.totals(), self.playout.slots()
        seconds = totals.at_s - self._started_s
        cpu_s = time.process_time() - self._cpu_started_s
        delays = self.playout.delays
        return {
            "site_room": self.site_room,
            "session": self.session,
            "end": self.end,
            "seconds": round(seconds, 3),
            "connections": self.connections,
            "join_ms": round(self.joins[0], 1) if self.joins else None,
            "rejoin_ms": [round(ms, 1) for ms in self.joins[1:]],
            "frames": totals.video_frames,
            "fps": round(slots[0].fps, 2) if slots else 0.0,
            "freezes": totals.freezes,
            "freeze_s": round(totals.freeze_s, 3),
            "audio_samples": totals.audio_samples,
            "concealed_samples": totals.concealed_samples,
            "glass_to_glass_ms": {
                "median": delays.quantile(0.5),
                "p95": delays.quantile(0.95),
                "count": delays.count,
            },
            "cpu_s": round(cpu_s, 3),
            "cores": round(cpu_s / seconds, 3) if seconds > 0 else None,
            "slots": [
                {
                    "mid": slot.mid,
                    "source": slot.source,
                    "frames": slot.frames,
                    "fps": round(slot.fps, 2),
                    "freezes": slot.freezes,
                    "freeze_s": round(slot.freeze_s, 3),
                }
                for slot in slots
            ],
        }


def write(path: Path, lessons: list[dict[str, Any]]) -> None:
    """The last lesson's figures, and all of them under `lessons`. Atomic."""
    latest = lessons[-1] if lessons else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps({**latest, "lessons": lessons}, indent=2))
    part.replace(path)
