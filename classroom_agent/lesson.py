"""One lesson of one room: join, publish, follow the SFU, come back after any loss.

The room never gives up before the lesson is over: a lost server, line or SFU node is
answered with a new connection after a growing pause (`retry`).
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from classroom_agent import report, retry
from classroom_agent.config import RoomConfig
from classroom_agent.publish import Publication
from classroom_agent.report import LessonFigures
from classroom_agent.signalling import SfuLink
from classroom_agent.transport import MediaPeer, Sinks, TurnServer
from common import log
from common.errors import DeniedError, RemoteError, TongkeError, UnavailableError
from common.protocol.signalling import (
    Bye,
    Demand,
    ErrorMessage,
    Joined,
    Leave,
    RoomState,
    SfuMessage,
    Slots,
)

_log = log.get("classroom_agent")

MEDIA_TIMEOUT_S = 10.0
"""Signalling is there but no media after this: start again."""
CLOSE_TIMEOUT_S = 5.0
OVERRUN_S = 1800.0
"""拖堂: an unreachable server is given up this long after the planned end."""

LessonState = Literal["waiting", "joined", "reconnecting"]


@dataclass(frozen=True, slots=True)
class Invitation:
    session: str
    sfu_url: str
    token: str
    ends_at: float | None = None
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one connection ended."""

    reason: str
    retry: bool


class Lesson:
    """`now_s`: Unix seconds of the clock that `ends_at` means."""

    def __init__(
        self,
        config: RoomConfig,
        invitation: Invitation,
        publications: Sequence[Publication],
        on_state: Callable[[LessonState], None],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.invitation = invitation
        self.figures = LessonFigures(config.site_room, invitation.session)
        self._config = config
        self._publications = publications
        self._on_state = on_state
        self._now_s = now_s
        self.is_joined = False
        self._in_company = False
        self._stopping = asyncio.Event()
        self._stop_reason = ""

    @property
    def in_company(self) -> bool:
        """In the room, and those are there without whom there is no lesson: the master
        classroom, or for it some other one."""
        return self._in_company

    def renew(self, invitation: Invitation) -> None:
        """A fresh token or another SFU address, for the next connection."""
        self.invitation = invitation

    def stop(self, reason: str) -> None:
        """Leaves politely; `run` then returns `reason`."""
        self._stop_reason = reason
        self._stopping.set()

    def summary(self) -> dict[str, Any]:
        """What was measured, and how much was encoded: source -> layer -> pictures."""
        encoded = {
            publication.source: publication.encoded_frames()
            for publication in self._publications
        }
        return {**self.figures.summary(), "encoded": encoded}

    async def run(self) -> str:
        """Returns why it ended: the SFU's `bye` reason, `refused`, `overrun`, or what
        `stop` was given."""
        for publication in self._publications:
            publication.start()
        try:
            self.figures.end = await self._until_over()
            return self.figures.end
        finally:
            for publication in self._publications:
                publication.stop()

    async def _until_over(self) -> str:
        attempt = 0
        while True:
            await self._pause(retry.delay_s(attempt, random.random()))
            if self._stopping.is_set():
                return self._stop_reason
            began_s = time.monotonic()
            outcome = await self._take_part()
            if self._stopping.is_set():
                return self._stop_reason
            if not outcome.retry:
                _log.info("lesson_over", reason=outcome.reason)
                return outcome.reason
            if self._is_overrun():
                return "overrun"
            held = time.monotonic() - began_s >= retry.STEADY_S
            attempt = 0 if held else attempt + 1
            _log.warning("reconnecting", reason=outcome.reason, attempt=attempt)
            self._on_state("reconnecting")

    async def _take_part(self) -> _Outcome:
        """One connection, from the WebSocket to its end."""
        try:
            link = await SfuLink.connect(self.invitation.sfu_url)
        except UnavailableError as error:
            return _Outcome(error.en, retry=True)
        peer = self._make_peer()
        try:
            joined, join_s = await self._join(link, peer)
            self.figures.connections += 1
            self.is_joined = True
            self._look_around(joined.participant, joined.state)
            self._on_state("joined")
            return await self._while_connected(link, peer, joined, join_s)
        except DeniedError as error:
            _log.error("join_refused", code=error.code, why=error.en)
            # One of our two clocks is off; the door opens in a moment.
            early = error.code == "token_too_early"
            return _Outcome(f"refused: {error.code}", retry=early)
        except TongkeError as error:
            if error.code == "room_ended":
                return _Outcome("lesson_ended", retry=False)
            return _Outcome(f"{error.code}: {error.en}", retry=True)
        finally:
            self.is_joined = self._in_company = False
            for publication in self._publications:
                publication.detach()
            self.figures.playout.on_disconnect()
            if self._stopping.is_set():
                with suppress(UnavailableError):
                    await link.send(Leave())
            await _close(peer, link)

    def _make_peer(self) -> MediaPeer:
        network, playout = self._config.network, self.figures.playout
        turn = None
        if network.turn_url:
            turn = TurnServer(
                network.turn_url, network.turn_user, network.turn_password
            )
        sinks = Sinks(on_video=playout.on_video, on_audio=playout.on_audio)
        peer = MediaPeer(sinks, turn, network.loopback)
        for publication in self._publications:
            publication.attach(peer)
        peer.receive("audio", self._config.playout.audio_slots)
        peer.receive("video", self._config.playout.video_slots)
        return peer

    async def _join(self, link: SfuLink, peer: MediaPeer) -> tuple[Joined, float]:
        offer = await peer.offer()
        self.figures.playout.on_join()
        join_s = time.monotonic()
        joined = await link.join(
            self.invitation.token,
            self._config.name,
            offer,
            [publication.offer() for publication in self._publications],
        )
        if joined.answer is None:
            raise RemoteError("no_answer", zh="服务器没有应答", en="no SDP answer")
        self.figures.playout.on_slots(joined.slots)
        await peer.accept(joined.answer)
        return joined, join_s

    async def _while_connected(
        self, link: SfuLink, peer: MediaPeer, joined: Joined, join_s: float
    ) -> _Outcome:
        ends = [
            asyncio.create_task(self._follow(link, joined)),
            asyncio.create_task(self._watch_media(peer)),
            asyncio.create_task(self._until_stopped()),
        ]
        helpers = [
            asyncio.create_task(self._send_reports(link)),
            asyncio.create_task(self._note_join(join_s, _shows_any(joined))),
        ]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in (*ends, *helpers):
                task.cancel()
            await asyncio.gather(*ends, *helpers, return_exceptions=True)

    async def _follow(self, link: SfuLink, joined: Joined) -> _Outcome:
        by_id = self._by_id(joined)
        async for message in link.messages():
            if isinstance(message, Bye):
                return _Outcome(message.reason, retry=message.retry)
            if isinstance(message, ErrorMessage) and message.fatal:
                return _Outcome(f"{message.code}: {message.en}", retry=True)
            if isinstance(message, RoomState):
                self._look_around(joined.participant, message)
            self._obey(message, by_id)
        return _Outcome("signalling lost", retry=True)

    def _obey(self, message: SfuMessage, by_id: dict[str, Publication]) -> None:
        _log.debug("<", message=message)
        if isinstance(message, Slots):
            self.figures.playout.on_slots(message.slots)
        elif isinstance(message, Demand):
            publication = by_id.get(message.publication)
            if publication is not None:
                publication.on_demand(message.layers, message.max_bps)
        elif isinstance(message, ErrorMessage):
            _log.warning("sfu_says", code=message.code, why=message.en)

    def _look_around(self, us: str, room: RoomState) -> None:
        # Who sends nothing is a screen or a console: nobody to stay for.
        roles = {
            one.role for one in room.participants if one.id != us and one.publications
        }
        ours = {one.role for one in room.participants if one.id == us}
        self._in_company = ("room" if "master" in ours else "master") in roles

    async def _watch_media(self, peer: MediaPeer) -> _Outcome:
        if not await peer.wait_connected(MEDIA_TIMEOUT_S):
            return _Outcome("no media connection", retry=True)
        await peer.wait_lost()
        return _Outcome("media lost", retry=True)

    async def _until_stopped(self) -> _Outcome:
        await self._stopping.wait()
        return _Outcome(self._stop_reason, retry=False)

    async def _send_reports(self, link: SfuLink) -> None:
        while True:
            await asyncio.sleep(report.INTERVAL_S)
            await link.send(self.figures.next_report())

    async def _note_join(self, join_s: float, shown_at_join: bool) -> None:
        """The first to come waits for the others, not for the system: then the clock
        starts when the SFU says that there is something in a slot."""
        playout = self.figures.playout
        await playout.first_frame.wait()
        now_s, began_s = time.monotonic(), join_s
        if playout.shown_since_s is not None and not shown_at_join:
            began_s = playout.shown_since_s
        self.figures.joins.append((now_s - began_s) * 1000)

    def _by_id(self, joined: Joined) -> dict[str, Publication]:
        """Publication id, as the SFU names it, -> our publication."""
        by_id = {}
        for publication in self._publications:
            lowest_mid = publication.offer().layers[0].mid
            if lowest_mid in joined.publications:
                by_id[joined.publications[lowest_mid]] = publication
        return by_id

    def _is_overrun(self) -> bool:
        ends_at = self.invitation.ends_at
        return ends_at is not None and self._now_s() > ends_at + OVERRUN_S

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


async def _close(peer: MediaPeer, link: SfuLink) -> None:
    """Media first, so that the SFU still hears why. Nothing may hold the next try up:
    closing in the middle of a handshake is aiortc's least trodden path."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await peer.close()
    except TimeoutError:
        _log.warning("peer_close_timeout")
    await link.close()


def _shows_any(joined: Joined) -> bool:
    return any(slot.publication is not None for slot in joined.slots)
