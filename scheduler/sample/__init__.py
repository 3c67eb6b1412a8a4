"""A district to try things with: Chuzhou 滁州 and its teaching points of 2019.

The teaching points are the named ones of the city's published plan for 2018-2022
(附件1); centre schools, teachers, bells and courses are examples. The files are in
the formats that anybody may import, and come in through the same door.
"""

from pathlib import Path
from typing import Any

import aiohttp

from common.ids import CourseId, SiteRoomId
from scheduler.catalogue.calendar import TermId
from scheduler.importer.tables import Upload

FOLDER = Path(__file__).parent
_DOORS = ("organisation", "timetable")
"""Of the HTTP import, in the order in which rows refer to each other."""
DEMO_TERM = TermId("2026-autumn")
DEMO_COURSE = CourseId("music-3")
"""三年级音乐, one master room and three teaching points."""
DEMO_MASTER = SiteRoomId("dingyuan-master-1")
DEMO_ROOMS = (
    SiteRoomId("nianjiagang-huli-room"),
    SiteRoomId("nianjiagang-feixi-room"),
    SiteRoomId("qingluo-baigang-room"),
)


def sample_uploads() -> list[Upload]:
    return [upload for door in _DOORS for upload in _uploads(door)]


def _uploads(door: str) -> list[Upload]:
    files = [*FOLDER.glob(f"{door}.toml"), *sorted(FOLDER.glob(f"{door}/*.csv"))]
    return [Upload(file.name, file.read_bytes()) for file in files]


async def send_sample(http: aiohttp.ClientSession) -> None:
    """Adds or replaces the sample rows. `http` has the address of a running server and
    a timetabler's or operator's key. Raises aiohttp.ClientResponseError."""
    for door in _DOORS:
        form = aiohttp.FormData()
        for upload in _uploads(door):
            form.add_field("file", upload.data, filename=upload.name)
        async with http.post(f"/api/v1/import/{door}", data=form) as answer:
            answer.raise_for_status()


def demo_lesson(starts_at: float, ends_at: float) -> dict[str, Any]:
    """Body of `POST /api/v1/lessons`: the 1+3 music lesson, times in Unix seconds."""
    return {
        "course": DEMO_COURSE,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "chapter": "第三单元 小小音乐家",
        "class_hour": 1,
    }
