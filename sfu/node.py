"""All rooms of this node: opening, ticking, closing, and who an engine event is for."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from common import log
from common.clock import Clock
from common.config import SfuSection
from common.errors import ConflictError, TongkeError
from common.identity import LEEWAY_S
from common.ids import ParticipantId, RoomId
from common.protocol.events import Event, LessonFacts, RoomClosed, RoomOpened
from common.protocol.signalling import Joined
from rtc import (
    AudioLevel,
    BandwidthEstimate,
    Forwarder,
    IngressStats,
    PeerClosed,
    PeerConnected,
    PeerStats,
    SlotStats,
)
from sfu import policy
from sfu.live import Entrance, LiveRoom, Surroundings
from sfu.media import Media
from sfu.metrics import SfuMetrics
from sfu.seat import Door, Line, Seat
from sfu.upstream import LayerReport

if TYPE_CHECKING:
    from rtc._engine import ForwarderEvent

ENDED_KEPT_S = 24 * 3600.0
"""As long as a join token may live, its room stays known as ended."""
VOUCHED_S = 120.0
"""A word of the timetable keeps a room open for so long; it repeats itself sooner."""
STEEP = 0.9
"""An estimate that falls below this share of the last one is acted on at once."""

_log = log.get("node")


class Node:
    def __init__(
        self,
        config: SfuSection,
        forwarder: Forwarder,
        clock: Clock,
        announce: Callable[[Event], None],
        metrics: SfuMetrics,
    ) -> None:
        self.media = Media(forwarder, self._on_engine_event)
        self._config = config
        self._clock = clock
        self._announce = announce
        self._metrics = metrics
        self._around = Surroundings(
            self.media, clock, announce, config.start_bps, config.vanished_s
        )
        self._rooms: dict[RoomId, LiveRoom] = {}
        self._room_of: dict[ParticipantId, LiveRoom] = {}
        self._ended: dict[RoomId, float] = {}
        self._load = (clock.mono_s(), 0)
        self.load_ratio = 0.0

    @property
    def rooms(self) -> Mapping[RoomId, LiveRoom]:
        return self._rooms

    def census(self) -> Mapping[str, int]:
        """Role -> participants now."""
        return Counter(
            seat.participant.role
            for room in self._rooms.values()
            for seat in room.seats.values()
        )

    # ---- rooms ----------------------------------------------------------------

    def join(self, entrance: Entrance, door: Door | None) -> tuple[LiveRoom, Joined]:
        """Opens the room at the first valid join.

        Raises ConflictError `room_ended`, and what `LiveRoom.join` raises.
        """
        role = entrance.grant.role
        try:
            room = self._open(RoomId(entrance.grant.room))
            joined, who = room.join(entrance, door)
        except TongkeError as error:
            self._metrics.joins.labels(role, error.code).inc()
            raise
        if entrance.until is not None and policy.may_publish(role):
            room.vouch(entrance.until)
        self._room_of[ParticipantId(who)] = room
        self._metrics.joins.labels(role, "ok").inc()
        return room, joined

    def _open(self, room: RoomId) -> LiveRoom:
        if room in self._ended:
            raise ConflictError(
                "room_ended", zh="本课堂已经下课", en="this lesson has ended"
            )
        live = self._rooms.get(room)
        if live is None:
            live = self._rooms[room] = LiveRoom(room, self._around)
            _log.info("room_opened", room=room)
            self._announce(
                RoomOpened(at=self._wall_s(), session=room, node=self._config.node)
            )
        return live

    def prepare(self, facts: LessonFacts) -> None:
        """`session.prepare` and every `session.start`; a room that ended stays so."""
        room = RoomId(facts.session)
        if room in self._ended or facts.ends_at + ENDED_KEPT_S < self._wall_s():
            return
        live = self._open(room)
        live.vouch(max(facts.ends_at, self._wall_s() + VOUCHED_S))
        if live.state.describe(facts.title, facts.ends_at):
            live.settle_soon()

    def set_recording(self, room: RoomId, recording: bool) -> None:
        live = self._rooms.get(room)
        if live is not None and live.state.set_recording(recording):
            live.settle_soon()

    def end(self, room: RoomId) -> None:
        """`session.end`: goodbye to everyone, and nobody comes in again."""
        self._ended[room] = self._clock.mono_s()
        live = self._rooms.get(room)
        if live is not None:
            for who in list(live.seats):
                live.dismiss(who, "lesson_ended", retry=False)
            self._close(live)

    def _close(self, live: LiveRoom) -> None:
        live.close()
        del self._rooms[live.state.id]
        self._room_of = {w: r for w, r in self._room_of.items() if r is not live}
        _log.info("room_closed", room=live.state.id)
        self._announce(
            RoomClosed(at=self._wall_s(), session=live.state.id, node=self._config.node)
        )

    async def close(self) -> None:
        """Everyone is asked to come back; then the engine stops. Idempotent."""
        for live in list(self._rooms.values()):
            for who in list(live.seats):
                live.dismiss(who, "shutdown", retry=True)
            self._close(live)
        await self.media.close()

    # ---- time -----------------------------------------------------------------

    def listen(self) -> None:
        """Four times a second: who has the word."""
        now_s = self._clock.mono_s()
        for live in self._rooms.values():
            live.choose_speaker(now_s)

    def tick(self) -> None:
        """Once a second."""
        now_s = self._clock.mono_s()
        for live in list(self._rooms.values()):
            live.drop_vanished(now_s)
            live.settle()
            if not live.seats and self._is_over(live, now_s):
                self._close(live)
            elif self._is_forsaken(live, now_s):
                _log.warning("room_forsaken", room=live.state.id)
                self.end(live.state.id)
        self._room_of = {w: r for w, r in self._room_of.items() if w in r.seats}
        self._ended = {
            room: at_s
            for room, at_s in self._ended.items()
            if now_s - at_s < ENDED_KEPT_S
        }
        self._measure_load(now_s)

    def _is_over(self, live: LiveRoom, now_s: float) -> bool:
        """Empty for long, and its lesson (if the timetable told of one) is past."""
        due = live.state.ends_at is None or self._wall_s() > live.state.ends_at
        return due and now_s - live.empty_since_s > self._config.empty_room_s

    @staticmethod
    def _is_forsaken(live: LiveRoom, now_s: float) -> bool:
        """All tokens have run out and the timetable, away or not, is silent: whoever
        is still inside would otherwise be so for ever."""
        until_s = live.vouched_until_s
        return until_s is not None and now_s > until_s + LEEWAY_S

    def _measure_load(self, now_s: float) -> None:
        then_s, then_us = self._load
        used_us = self.media.counters()["engine_cpu_us"]
        if now_s > then_s:
            self.load_ratio = (used_us - then_us) / 1_000_000 / (now_s - then_s)
        self._load = (now_s, used_us)

    # ---- the engine's news ----------------------------------------------------

    def _on_engine_event(self, event: "ForwarderEvent") -> None:
        who = ParticipantId(event.peer)
        live = self._room_of.get(who)
        seat = live.seats.get(who) if live else None
        if live is None or seat is None:
            return
        match event:
            case AudioLevel():
                live.speaker.on_level(who, event.level_dbov, self._clock.mono_s())
            case BandwidthEstimate():
                self._on_estimate(live, seat, event)
            case IngressStats():
                self._on_ingress(seat, event)
            case SlotStats():
                self._on_slot(seat, event)
            case PeerStats():
                self._on_line(seat, event)
            case PeerConnected():
                self._metrics.ice.labels(event.transport).inc()
                _log.info("media_up", who=who, address=event.remote_address)
            case PeerClosed():
                self._on_closed(live, who, event)

    def _on_estimate(
        self, live: LiveRoom, seat: Seat, event: BandwidthEstimate
    ) -> None:
        before = seat.downlink.estimate.bps
        seat.downlink.estimate.on_estimate(event.bps, event.source)
        if seat.downlink.estimate.bps < before * STEEP:
            live.settle_soon()

    def _on_ingress(self, seat: Seat, event: IngressStats) -> None:
        report = LayerReport(
            event.mid, event.rid, event.packets, event.lost, event.bitrate_bps
        )
        now_s = self._clock.mono_s()
        for upstream in seat.upstreams:
            came = upstream.on_second(now_s, report)
            if came is not None:
                self._metrics.lost.labels(upstream.publication.kind).inc(came[1])

    @staticmethod
    def _on_slot(seat: Seat, event: SlotStats) -> None:
        seat.downlink.current[event.mid] = event.layer
        if event.lost_ratio is not None:
            seat.downlink.estimate.on_loss(event.bitrate_bps, event.lost_ratio)
            seat.line.slot_loss[event.mid] = event.lost_ratio

    def _on_line(self, seat: Seat, event: PeerStats) -> None:
        now_s = self._clock.mono_s()
        line = seat.line
        rtt_ms = None if event.rtt_us is None else event.rtt_us / 1000
        if rtt_ms is not None:
            self._metrics.rtt.observe(rtt_ms / 1000)
        if line.at_s is not None and now_s > line.at_s:
            sent_bps = (event.tx_bytes - line.sent_bytes) * 8 / (now_s - line.at_s)
            lost_ratio = event.egress_lost_ratio
            if seat.downlink.on_second(sent_bps, rtt_ms, lost_ratio):
                self.media.probe(seat.participant.id, seat.downlink.estimate.bps)
        loss = event.egress_lost_ratio
        if loss is None:
            loss = max(line.slot_loss.values(), default=None)
        seat.line = Line(event.tx_bytes, now_s, rtt_ms, loss)

    def _on_closed(self, live: LiveRoom, who: ParticipantId, event: PeerClosed) -> None:
        _log.info("media_down", who=who, reason=event.reason)
        if event.reason == "ice_timeout":
            self._metrics.ice.labels("failed").inc()
        if event.reason == "dtls_failed":
            self._metrics.dtls_failures.inc()
        if event.reason != "removed":
            live.media_closed(who)

    def _wall_s(self) -> float:
        return self._clock.wall_us() / 1_000_000
