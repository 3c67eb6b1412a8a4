"""The story of one lesson: timetable, bell, stage, bell, library."""

import asyncio
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from common.clock import SystemClock
from common.errors import UnavailableError
from common.protocol.signalling import ParticipantState, RoomState
from scheduler.sample import DEMO_MASTER, DEMO_ROOMS, send_sample
from tongke.demo import recording
from tongke.demo.classroom import Classroom
from tongke.demo.console import Console
from tongke.demo.promises import (
    LessonFigures,
    RoomFigures,
    TimetableFigures,
    examine,
)
from tongke.demo.server import LEAD_S, Server
from tongke.demo.table import print_figures, print_promises
from tongke.demo.timetable import DemoTimetable

_STAGE_AT = 0.3
"""Share of the lesson after which a room is called on stage."""
_ON_STAGE_S = 6.0
_STAGE_FPS = 15
"""Of the camera's 25: the first picture waits for a keyframe."""
_START_DEADLINE_S = 60.0
_JOIN_DEADLINE_S = 30.0
_LIBRARY_DEADLINE_S = 60.0


class Story:
    """`await tell()` once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._clock = SystemClock()
        self._folder = Path(tempfile.mkdtemp(prefix="tongke-demo-"))
        self._server = Server(self._folder)
        self._timetable = DemoTimetable(self._server, self._clock.now())
        self._rooms: list[Classroom] = []

    async def tell(self, *, keep: bool, report: Path | None) -> int:
        """Exit status: 0 when every promise was kept."""
        kept = False
        try:
            figures, resource = await self._lesson()
            kept = self._conclude(figures, report)
            self._say_where(resource)
            if keep:
                self._say("按 Ctrl-C 结束", "running until Ctrl-C")
                await asyncio.Event().wait()
        finally:
            await self._close()
            if kept:
                shutil.rmtree(self._folder, ignore_errors=True)
            else:
                self._say("日志保留在", "logs are kept in", str(self._folder))
        return 0 if kept else 1

    async def _lesson(self) -> tuple[LessonFigures, dict[str, Any]]:
        await self._server.start()
        self._say("服务已启动", "the server is up", self._server.base_url)
        await self._load_sample()
        timetable = await self._make_timetable()
        await self._start_rooms()
        lesson = await self._bring_forward()
        await self._teach(lesson)
        bell_to_playable_s, resource = await self._wait_for_library(lesson)
        reports = [(room, await room.finished()) for room in self._rooms]
        rooms = [self._room_figures(room, report) for room, report in reports]
        self._say("在测量录像", "measuring the recording")
        lesson_s = lesson["ends_at"] - lesson["starts_at"]
        tracks = await recording.measure_tracks(self._server, resource, lesson_s)
        figures = LessonFigures(
            timetable=timetable,
            lesson_s=lesson_s,
            recording_s=recording.shortest_of_room(tracks, DEMO_MASTER),
            bell_to_playable_s=bell_to_playable_s,
            stage_seen=all(
                _saw_the_stage(report)
                for room, report in reports
                if room.site_room in DEMO_ROOMS[1:]
            ),
            rooms=rooms,
            tracks=tracks,
        )
        return figures, resource

    async def _load_sample(self) -> None:
        await send_sample(self._server.http)
        self._say("已导入滁州示例数据", "sample district loaded")

    async def _start_rooms(self) -> None:
        """Switches the classrooms on; they stand by until the timetable wakes them."""
        known = {r["id"]: r for r in await self._server.get("/api/v1/site-rooms")}
        for id in (DEMO_MASTER, *DEMO_ROOMS):
            role: Literal["master", "room"] = "master" if id == DEMO_MASTER else "room"
            name = f"{known[id]['school_name']} {known[id]['name']}"
            room = Classroom(id, name, role, self._folder, self._server)
            self._rooms.append(room)
            await room.start()
        async with asyncio.timeout(_START_DEADLINE_S):
            while not await self._all_online():
                self._check_programs()
                await asyncio.sleep(0.2)
        count = len(DEMO_ROOMS)
        self._say(
            f"1 间主讲教室和 {count} 个教学点待机", f"1+{count} classrooms stand by"
        )

    async def _all_online(self) -> bool:
        rooms = await self._server.get("/api/v1/site-rooms")
        online = {room["id"] for room in rooms if room["online"]}
        return online >= {room.site_room for room in self._rooms}

    async def _make_timetable(self) -> TimetableFigures:
        figures = await self._timetable.make()
        self._say(
            f"排出每周 {figures.placed} 节课，展开为 {figures.dated} 节有日期的课",
            f"the solver placed {figures.placed} lessons a week,",
            f"{figures.dated} dated ones",
        )
        return figures

    async def _bring_forward(self) -> dict[str, Any]:
        starts_at = round(self._clock.wall_us() / 1e6) + LEAD_S + 2
        lesson = await self._timetable.bring_forward(starts_at, self._seconds)
        self._say(
            "其中一节提前到现在上", "one of them takes place now", lesson["title"]
        )
        if lesson["starts_at"] > starts_at:
            self._say("课不能跨午夜，零点开始", "not across midnight: it begins then")
        return lesson

    async def _teach(self, lesson: dict[str, Any]) -> None:
        """From the first join to the closing bell."""
        console = await self._open_console(lesson)
        want = len(self._rooms)
        await console.wait_until(
            lambda state: _present(state) == want,
            lesson["starts_at"] - self._now() + _JOIN_DEADLINE_S,
            f"{want} classrooms in the lesson",
        )
        self._say("所有教室已进入课堂", "every classroom is in the lesson")
        await self._until(lesson["starts_at"])
        self._say("上课铃", "the bell: the lesson is live")
        await self._until(lesson["starts_at"] + self._seconds * _STAGE_AT)
        await self._stage(console)
        self._check_programs()
        wait_s = lesson["ends_at"] - self._now() + _JOIN_DEADLINE_S
        async with asyncio.timeout(wait_s):
            await console.ended.wait()
        self._say("下课铃", "the closing bell")
        await console.close()

    async def _open_console(self, lesson: dict[str, Any]) -> Console:
        """The teacher signs in beside the room's own equipment."""
        path = f"/api/v1/sessions/{lesson['session']}/join"
        await self._until(lesson["starts_at"] - LEAD_S + 1)
        joined = await self._server.post(path, {"role": "assistant", "name": "老师"})
        return await Console.join(self._server.http, joined["sfu_url"], joined["token"])

    async def _stage(self, console: Console) -> None:
        guest = DEMO_ROOMS[0]
        assert console.state is not None
        room = next(p for p in console.state.participants if p.site_room == guest)
        await console.set_stage(room, on_stage=True)
        await console.wait_until(
            lambda s: _find(s, room.id).on_stage and not _find(s, room.id).muted,
            5,
            "the room on stage",
        )
        self._say(f"{room.name} 上台", "called on stage")
        await asyncio.sleep(_ON_STAGE_S)
        await console.set_stage(room, on_stage=False)
        await console.wait_until(
            lambda s: not _find(s, room.id).on_stage and _find(s, room.id).muted,
            5,
            "the room off stage",
        )
        self._say(f"{room.name} 下台", "sent back")

    async def _wait_for_library(
        self, lesson: dict[str, Any]
    ) -> tuple[float, dict[str, Any]]:
        """Seconds from the bell until the finished lesson plays, and its entry."""
        session = lesson["session"]
        deadline = lesson["ends_at"] + _LIBRARY_DEADLINE_S
        while self._now() < deadline:
            state = await self._server.get(f"/api/v1/sessions/{session}")
            resource_id = state["resource"]
            if resource_id:
                path = f"/library/v1/resources/{resource_id}"
                playlist = await self._server.get_bytes(f"{path}/master.m3u8")
                resource = await self._server.get(path)
                if playlist.startswith(b"#EXTM3U") and resource["state"] == "ready":
                    seconds = self._now() - lesson["ends_at"]
                    self._say(f"{seconds:.1f} 秒后可在资源库播放", "playable")
                    return seconds, resource
            await asyncio.sleep(0.1)
        raise UnavailableError(
            "not_in_library", zh="录像没有进入资源库", en="no finished recording"
        )

    def _room_figures(self, room: Classroom, report: dict[str, Any]) -> RoomFigures:
        samples = report["audio_samples"] + report["concealed_samples"]
        return RoomFigures(
            name=room.name,
            role=room.role,
            join_ms=report["join_ms"],
            frames=report["frames"],
            fps=report["fps"],
            freezes=report["freezes"],
            freeze_s=report["freeze_s"],
            concealed_ratio=report["concealed_samples"] / max(1, samples),
            glass_to_glass_ms=report["glass_to_glass_ms"]["median"],
            cores=report["cores"] or 0.0,
        )

    def _conclude(self, figures: LessonFigures, report: Path | None) -> bool:
        promises = list(examine(figures))
        print_figures(figures)
        print_promises(promises)
        if report is not None:
            content = {
                "figures": asdict(figures),
                "promises": [asdict(promise) for promise in promises],
            }
            report.write_text(json.dumps(content, ensure_ascii=False, indent=2))
        return all(promise.kept for promise in promises)

    def _say_where(self, resource: dict[str, Any]) -> None:
        base, key = self._server.base_url, self._server.access_key()
        pages = {
            "今日课表 today": f"/#key={key}",
            "资源库 library": f"/library?resource={resource['id']}",
            "老师 teacher": f"/teach?session={resource['session']}",
            "教室大屏 room": f"/room?site_room={DEMO_ROOMS[0]}",
            "状态 status": "/status",
        }
        for name, path in pages.items():
            print(f"  {name}: {base}{path}")

    def _check_programs(self) -> None:
        for room in self._rooms:
            room.check()
        assert self._server.program is not None
        self._server.program.check()

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - self._now()))

    def _now(self) -> float:
        return self._clock.wall_us() / 1e6

    def _say(self, zh: str, en: str, more: str = "") -> None:
        local = self._clock.now().astimezone()
        print(f"{local:%H:%M:%S}  {zh} · {en} {more}".rstrip(), flush=True)

    async def _close(self) -> None:
        await asyncio.gather(*(room.stop() for room in self._rooms))
        await self._server.stop()


def _saw_the_stage(report: dict[str, Any]) -> bool:
    """Whether a teaching point decoded the room on stage for most of that time: its
    slots show the teacher, the screen, and then whoever is on stage."""
    frames = sum(slot["frames"] for slot in report["slots"][2:])
    return bool(frames >= _ON_STAGE_S * _STAGE_FPS)


def _present(state: RoomState) -> int:
    return sum(
        1 for p in state.participants if p.role in ("master", "room") and p.publications
    )


def _find(state: RoomState, id: str) -> ParticipantState:
    return next(p for p in state.participants if p.id == id)
