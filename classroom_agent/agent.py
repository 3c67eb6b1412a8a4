"""The life of one classroom: standby → checking → waiting → in_lesson → standby.

`attendance` says where the room should be, by the scheduler's word or its own agenda;
this carries it out. Each lesson is a task of its own, so that a lost control channel
does not touch the lesson and a failed lesson not the agent.
"""

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from classroom_agent import report, selfcheck
from classroom_agent.agenda_file import AgendaFile, AgendaKeeper
from classroom_agent.attendance import Attendance, Wish
from classroom_agent.config import RoomConfig
from classroom_agent.control import ControlChannel
from classroom_agent.display import RoomDisplay
from classroom_agent.lesson import Invitation, Lesson, LessonState
from classroom_agent.local_room import LocalRoom
from classroom_agent.room_media import RoomMedia
from classroom_agent.screen import Screen
from classroom_agent.server_clock import RoomClock, ServerClock
from common import log
from common.clock import Clock
from common.protocol.control import (
    AgentReport,
    AgentState,
    CheckResult,
    ControlMessage,
    Hello,
    RoomLesson,
    ServerTime,
)

_log = log.get("classroom_agent")

REPORT_INTERVAL_S = 10.0
NAP_S = 1.0
"""The longest time without a look at the clock, which somebody may have set."""


class Agent:
    """`report_path`: where the figures of the lessons are written after each one."""

    def __init__(
        self,
        config: RoomConfig,
        report_path: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._config = config
        self._report_path = report_path
        self._summaries: list[dict[str, Any]] = []
        self._state: AgentState = "standby"
        self._checks: list[CheckResult] = []
        self._invitation: Invitation | None = None
        """The lesson that is wanted, running or about to."""
        self._lesson: Lesson | None = None
        self._lesson_task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._process = psutil.Process()
        file = AgendaFile(config.state_dir, config.site_room)
        self._keeper = AgendaKeeper(file, self._changed.set)
        kept = self._keeper.saved
        self._clock = ServerClock(clock or RoomClock(), kept.clock_skew_s)
        self._attendance = Attendance(kept, self._clock.mono_s())
        self._wish = Wish(None, began=False, alone=False, look_in_s=None, reason="")
        self._entered_alone = False
        """The scheduler was away when the room went into its lesson."""
        self._display = RoomDisplay(config, self._clock.now_s)
        self._control = ControlChannel(
            config.server.url,
            config.server.token(),
            self._hello,
            self._on_command,
            self._on_lost,
        )

    async def run(self) -> None:
        """Until cancelled; then leaves the lesson politely."""
        await self._display.start()
        tasks = [
            asyncio.create_task(self._control.run()),
            asyncio.create_task(self._keeper.run()),
        ]
        try:
            await self._live()
        finally:
            await self._end_lesson("shutdown")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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

    async def _live(self) -> None:
        reported_s = float("-inf")
        while True:
            self._follow_wish()
            mono_s = self._clock.mono_s()
            due = mono_s - reported_s >= REPORT_INTERVAL_S
            if due or self._changed.is_set():
                self._changed.clear()
                reported_s = mono_s
                await self._report()
            look_in_s = self._wish.look_in_s
            nap_s = NAP_S if look_in_s is None else min(NAP_S, look_in_s)
            try:
                async with asyncio.timeout(nap_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    # ---- what is heard --------------------------------------------------------

    def _on_command(self, command: ControlMessage) -> None:
        if isinstance(command, ServerTime):
            self._clock.hear(command.at, command.echo)
            skew_s = self._clock.skew_s()
            if skew_s is not None:
                self._attendance.compared(skew_s, self._clock.now_s())
        self._attendance.hear(command)
        if not isinstance(command, ServerTime):
            self._changed.set()
        self._keeper.keep(self._attendance.kept)

    def _on_lost(self) -> None:
        self._attendance.lost(self._clock.mono_s())
        self._changed.set()

    # ---- where to be ----------------------------------------------------------

    def _follow_wish(self) -> None:
        before, lesson = self._wish, self._lesson
        self._wish = wish = self._attendance.wish(
            self._clock.now_s(),
            self._clock.mono_s(),
            in_company=lesson is not None and lesson.in_company,
        )
        if wish.alone != before.alone:
            _log.warning("goes_by_its_agenda" if wish.alone else "scheduler_is_back")
            self._changed.set()
        if wish.lesson is not None:
            self._enter_lesson(wish.lesson)
        elif self._invitation is not None:
            self._invitation = None
            if lesson is not None:
                lesson.stop(wish.reason)
        if wish.began and self._state in ("waiting", "check_failed"):
            self._enter("in_lesson")

    def _enter_lesson(self, wanted: RoomLesson) -> None:
        invitation = Invitation(
            wanted.session, wanted.sfu_url, wanted.token, wanted.ends_at
        )
        known, self._invitation = self._invitation, invitation
        if known == invitation:
            return
        if known is not None and known.session == wanted.session:
            running = self._lesson
            if running and running.invitation.session == wanted.session:
                running.renew(invitation)
            return
        if self._lesson is not None:
            self._lesson.stop("replaced")
        self._entered_alone = self._wish.alone
        late = self._clock.now_s() >= wanted.starts_at
        self._lesson_task = asyncio.create_task(
            self._life_of_lesson(wanted.session, late, after=self._lesson_task)
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
            reason = await self._attend(invitation, checked=late)
        except Exception:
            # The outermost loop of a lesson: the agent lives on for the next one.
            _log.exception("lesson_failed", session=session)
            self._enter("standby")
            reason = "failed"
        await self._lesson_ended(session, reason)

    async def _lesson_ended(self, session: str, reason: str) -> None:
        """It ended by itself, unless we do not want it any more."""
        if self._invitation is None or self._invitation.session != session:
            return
        self._invitation = None
        if reason == "lesson_ended":
            self._attendance.closed(session)
            self._keeper.keep(self._attendance.kept)
        else:
            failed = reason == "failed"
            self._attendance.gave_up(session, self._clock.mono_s(), failed=failed)
        self._changed.set()
        if reason.startswith("refused"):
            await self._control.ask_again()

    async def _attend(self, invitation: Invitation, checked: bool) -> str:
        """`checked`: skip the self-check, because the lesson is already running.
        Returns why it ended."""
        media = RoomMedia(self._config)
        publications = media.publications(asyncio.get_running_loop())
        self._lesson = lesson = Lesson(
            self._config,
            invitation,
            publications,
            self._on_lesson_state,
            self._clock.now_s,
        )
        media.start()
        try:
            if not checked:
                await self._check(media, invitation)
            self._enter(self._ready_state())
            return await lesson.run()
        finally:
            media.stop()
            self._lesson = None
            self._note_summary(lesson)
            self._enter("standby")

    async def _check(self, media: RoomMedia, invitation: Invitation) -> None:
        self._enter("checking")
        # While the scheduler is away the way to the media room is what matters.
        door = http_url(invitation.sfu_url) if self._wish.alone else ""
        self._checks = await selfcheck.run(
            self._config, media, server_url=door, skew_s=self._clock.skew_s()
        )

    def _on_lesson_state(self, state: LessonState) -> None:
        if state == "reconnecting":
            self._enter("reconnecting")
        elif state == "joined":
            self._enter("in_lesson" if self._wish.began else self._ready_state())

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

    # ---- what is told ---------------------------------------------------------

    async def _report(self) -> None:
        session = self._lesson.invitation.session if self._lesson else None
        free = psutil.disk_usage(str(self._config.state_dir.absolute().anchor)).free
        message = AgentReport(
            state=self._state,
            session=session,
            checks=self._checks_to_tell(),
            cpu_ratio=self._process.cpu_percent() / 100,
            disk_free_bytes=free,
            at=self._clock.ask(),
            agenda=self._keeper.saved.version,
            agenda_at=self._keeper.saved.told_at,
        )
        self._show(message)
        await self._control.report(message)

    def _show(self, message: AgentReport) -> None:
        kept, wish, now = self._attendance.kept, self._wish, self._clock.now_s()
        wrong = self._attendance.is_clock_wrong(now)
        screen = Screen.of(kept, wish, self._state, now, clock_wrong=wrong)
        room = LocalRoom.of(
            self._config,
            kept,
            wish,
            now,
            entered_alone=self._entered_alone,
            is_joined=self._lesson is not None and self._lesson.is_joined,
        )
        self._display.show(screen, room, message.model_dump())

    def _checks_to_tell(self) -> list[CheckResult]:
        """A wrong clock is told all day: it spoils the lessons of days without us."""
        skew_s = self._clock.skew_s()
        if skew_s is None or any(check.name == "clock" for check in self._checks):
            return self._checks
        clock = selfcheck.judge_skew(skew_s)
        return self._checks if clock.ok else [*self._checks, clock]

    def _hello(self) -> Hello:
        session = self._lesson.invitation.session if self._lesson else None
        return Hello(
            site_room=self._config.site_room,
            software=_software(),
            joined_session=session,
            agenda=self._keeper.saved.version,
        )

    async def _end_lesson(self, reason: str) -> None:
        self._invitation = None
        if self._lesson is not None:
            self._lesson.stop(reason)
        if self._lesson_task is not None:
            await asyncio.gather(self._lesson_task, return_exceptions=True)

    def _note_summary(self, lesson: Lesson) -> None:
        self._summaries.append(lesson.summary())
        if self._report_path is not None:
            report.write(self._report_path, self._summaries)


def http_url(ws_url: str) -> str:
    """The server of a WebSocket address, for plain requests."""
    parts = urlsplit(ws_url)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def _software() -> str:
    try:
        return f"tongke {version('tongke')}"
    except PackageNotFoundError:
        return "tongke"
