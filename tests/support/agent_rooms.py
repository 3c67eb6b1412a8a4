"""Rooms of test-pattern agents in this process, against a real SFU."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from classroom_agent.config import (
    EncodingSection,
    Layer,
    Microphone,
    NetworkSection,
    RoomConfig,
    ScreenDevice,
    VideoDevice,
)
from classroom_agent.lesson import Invitation, Lesson, LessonState
from classroom_agent.room_media import RoomMedia


def small_room(site_room: str, state_dir: Path, *, screen: bool = False) -> RoomConfig:
    """Small pictures: several rooms share the test machine's two cores."""
    return RoomConfig(
        site_room=site_room,
        state_dir=state_dir,
        min_free_bytes=0,
        camera=VideoDevice(kind="test_pattern", width=640, height=360),
        screen=ScreenDevice(
            kind="test_pattern" if screen else "none", width=640, height=360
        ),
        microphone=Microphone(kind="test_tone"),
        encoding=EncodingSection(
            preset="ultrafast",
            camera_layers=[
                Layer(name="low", width=320, height=180, max_bps=200_000),
                Layer(name="high", width=640, height=360, max_bps=600_000),
            ],
        ),
        network=NetworkSection(loopback=True),
    )


@dataclass
class AttendingRoom:
    lesson: Lesson
    media: RoomMedia
    task: asyncio.Task[str]
    states: list[LessonState]

    @property
    def frames(self) -> int:
        return self.lesson.figures.playout.totals().video_frames

    @property
    def sound(self) -> int:
        return self.lesson.figures.playout.totals().audio_samples


@asynccontextmanager
async def attending(
    config: RoomConfig,
    url: str,
    token: str,
    media: RoomMedia | None = None,
    ends_at: float | None = None,
) -> AsyncIterator[AttendingRoom]:
    media = media or RoomMedia(config)
    states: list[LessonState] = []
    invitation = Invitation("ses-1", url, token, ends_at)
    publications = media.publications(asyncio.get_running_loop())
    lesson = Lesson(config, invitation, publications, states.append)
    media.start()
    task = asyncio.create_task(lesson.run())
    try:
        yield AttendingRoom(lesson, media, task, states)
    finally:
        lesson.stop("left")
        await asyncio.gather(task, return_exceptions=True)
        media.stop()
