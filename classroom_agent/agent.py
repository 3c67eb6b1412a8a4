"""The life of one classroom: standby → checking → waiting → in_lesson → standby.

Told by the scheduler's control channel; each lesson is a task of its own, so that a
lost control channel does not touch the lesson and a failed lesson not the agent.
"""

import asyncio
import time
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from classroom_agent import report, selfcheck
from classroom_agent.config import RoomConfig
from classroom_agent.control import ControlChannel
from classroom_agent.devices.clock_face import BEIJING
from classroom_agent.display import RoomDisplay
from classroom_agent.lesson import Invitation, Lesson, LessonState
from classroom_agent.room_media import RoomMedia
from common import log
from common.protocol.control import (
    AgentReport,
    AgentState,
    CheckResult,
    ControlMessage,
    End,
    Hello,
    NextLesson,
    Prepare,
    Start,
)

_log = log.get("classroom_agent")

REPORT_INTERVAL_S = 10.0


class Agent:
    """`report_path`: where the figures of the lessons are written after each one."""

    def __init__(self, config: RoomConfig, report_path: Path | None = None) -> None:
        self._config = config
        self._report_path = report_path
        self._summaries: list[dict[str, Any]] = []
        self._state: AgentState = "standby"
        self._checks: list[CheckResult] = []
        self._invitation: Invitation | None = None
        """The lesson that is wanted, running or about to."""
        self._lesson: Lesson | None = None
        self._lesson_task: asyncio.Task[None] | None = None
        self._live = False
        self._changed = asyncio.Event()
        self._process = psutil.Process()
        self._display = RoomDisplay(config)
        self._control = ControlChannel(
            config.server.url, config.server.token(), self._hello, self._on_command
        )

    async def run(self) -> None:
        """Until cancelled; then leaves the lesson politely."""
        await self._display.start()
        control = asyncio.create_task(self._control.run())
        try:
            while True:
                await self._report()
                self._changed.clear()
                try:
                    async with asyncio.timeout(REPORT_INTERVAL_S):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        finally:
            await self._end_lesson("shutdown")
            control.cancel()
            await asyncio.gather(control, return_exceptions=True)
            await self._display.stop()

    async def take_part(self, invitation: Invitation, seconds: float | None) -> None:
        """One lesson without a scheduler: benchmarks, tests, trying a room out."""
        task = asyncio.create_task(self._attend(invitation, checked=True))
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if self._lesson is not None:
                self._lesson.stop("left")
            await task

    def _on_command(self, command: ControlMessage) -> None:
        if isinstance(command, Prepare):
            self._prepare(command)
        elif isinstance(command, NextLesson):
            self._display.next_lesson = _next_line(command)
        elif self._invitation is None or command.session != self._invitation.session:
            return
        elif isinstance(command, Start):
            self._live = True
            if self._state in ("waiting", "check_failed"):
                self._enter("in_lesson")
        elif isinstance(command, End):
            self._invitation = None
            if self._lesson is not None:
                self._lesson.stop(command.reason)

    def _prepare(self, command: Prepare) -> None:
        invitation = Invitation(
            command.session, command.sfu_url, command.token, command.ends_at
        )
        known, self._invitation = self._invitation, invitation
        if known is not None and known.session == command.session:
            if self._lesson is not None:
                self._lesson.renew(invitation)
            if self._lesson_task is not None and not self._lesson_task.done():
                return
        elif self._lesson is not None:
            self._lesson.stop("replaced")
        self._live = False
        late = time.time() >= command.starts_at
        self._lesson_task = asyncio.create_task(
            self._life_of_lesson(command.session, late, after=self._lesson_task)
        )

    async def _life_of_lesson(
        self, session: str, late: bool, after: asyncio.Task[None] | None
    ) -> None:
        if after is not None:
            await asyncio.gather(after, return_exceptions=True)
        invitation = self._invitation
        if invitation is None or invitation.session != session:
            return  # Ended or replaced while the last lesson was closing.
        try:
            await self._attend(invitation, checked=late)
        except Exception:
            # The outermost loop of a lesson: the agent lives on for the next one.
            _log.exception("lesson_failed", session=session)
            self._enter("standby")

    async def _attend(self, invitation: Invitation, checked: bool) -> None:
        """`checked`: skip the self-check, because the lesson is already running."""
        media = RoomMedia(self._config)
        loop = asyncio.get_running_loop()
        self._lesson = lesson = Lesson(
            self._config, invitation, media.publications(loop), self._on_lesson_state
        )
        media.start()
        try:
            if not checked:
                self._enter("checking")
                self._checks = await selfcheck.run(self._config, media)
            failed = any(not check.ok for check in self._checks)
            self._enter("check_failed" if failed else "waiting")
            reason = await lesson.run()
        finally:
            media.stop()
            self._lesson = None
            self._note_summary(lesson)
            self._enter("standby")
        if reason.startswith("refused"):
            await self._control.ask_again()

    def _on_lesson_state(self, state: LessonState) -> None:
        if state == "reconnecting":
            self._enter("reconnecting")
        elif state == "joined":
            self._enter("in_lesson" if self._live else self._ready_state())

    def _ready_state(self) -> AgentState:
        failed = any(not check.ok for check in self._checks)
        return "check_failed" if failed else "waiting"

    def _enter(self, state: AgentState) -> None:
        if state == "standby":
            self._checks = []
        if state != self._state:
            _log.info("agent_state", state=state, site_room=self._config.site_room)
            self._state = state
        self._changed.set()

    async def _report(self) -> None:
        session = self._lesson.invitation.session if self._lesson else None
        free = psutil.disk_usage(str(self._config.state_dir.absolute().anchor)).free
        message = AgentReport(
            state=self._state,
            session=session,
            checks=self._checks,
            cpu_ratio=self._process.cpu_percent() / 100,
            disk_free_bytes=free,
        )
        self._display.state = message.model_dump()
        await self._control.report(message)

    def _hello(self) -> Hello:
        session = self._lesson.invitation.session if self._lesson else None
        return Hello(
            site_room=self._config.site_room,
            software=_software(),
            joined_session=session,
        )

    async def _end_lesson(self, reason: str) -> None:
        if self._lesson is not None:
            self._lesson.stop(reason)
        if self._lesson_task is not None:
            await asyncio.gather(self._lesson_task, return_exceptions=True)

    def _note_summary(self, lesson: Lesson) -> None:
        self._summaries.append(lesson.summary())
        if self._report_path is not None:
            report.write(self._report_path, self._summaries)


def _next_line(command: NextLesson) -> str:
    if command.title is None or command.starts_at is None:
        return ""
    at = datetime.fromtimestamp(command.starts_at, BEIJING)
    return f"下一节 {at:%H:%M} {command.title}"


def _software() -> str:
    try:
        return f"tongke {version('tongke')}"
    except PackageNotFoundError:
        return "tongke"
