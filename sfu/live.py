"""One live room: what people do and what the engine reports, turned into what
everybody gets.

A change marks the room; shortly after, all is settled at once: slots and layers are
planned, the engine is brought there, publishers and participants are told. So a whole
district that joins at the bell costs a few rounds, not one round per join.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from common import log
from common.clock import Clock
from common.errors import ParseError
from common.identity import JoinGrant
from common.ids import ParticipantId, PublicationId, RoomId
from common.protocol.events import (
    Event,
    HandChanged,
    ParticipantJoined,
    ParticipantLeft,
    QualityReported,
    StageChanged,
)
from common.protocol.signalling import Bye, Joined, PublicationOffer, Report, Slots
from sfu import entry, policy
from sfu.downlink import Downlink, Scene
from sfu.media import Media
from sfu.model import Participant
from sfu.room import Room
from sfu.seat import Door, Seat
from sfu.speaker import DominantSpeaker
from sfu.upstream import Upstream

SETTLE_S = 0.03
ByeReason = Literal["lesson_ended", "removed", "replaced", "shutdown", "media_lost"]
_log = log.get("room")


@dataclass(frozen=True, slots=True)
class Entrance:
    """What somebody brings to the door. `publications` None: see the SDP (WHIP)."""

    grant: JoinGrant
    name: str = ""
    offer: str | None = None
    publications: Sequence[PublicationOffer] | None = ()
    until: float | None = None
    """When the token ends, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a live room needs of its node."""

    media: Media
    clock: Clock
    announce: Callable[[Event], None]
    start_bps: int
    vanished_s: float


class LiveRoom:
    def __init__(self, room: RoomId, around: Surroundings) -> None:
        self.state = Room(room)
        self.seats: dict[ParticipantId, Seat] = {}
        self.empty_since_s = around.clock.mono_s()
        self.vouched_until_s: float | None = None
        """Somebody may be here until then; see `vouch`."""
        self.speaker = DominantSpeaker()
        self._around = around
        self._media = around.media
        self._clock = around.clock
        self._settling: asyncio.TimerHandle | None = None

    # ---- coming and going -----------------------------------------------------

    def join(self, entrance: Entrance, door: Door | None) -> tuple[Joined, str]:
        """The first message for the newcomer, and its id.

        Raises ConflictError `second_master`, `room_full`; RemoteError `bad_sdp`,
        `no_codec`, `no_fingerprint`; ParseError `bad_publication`; DeniedError
        `publish_not_allowed`. After an error nothing is left behind.
        """
        who = entry.newcomer(entrance.grant, entrance.name)
        replaced = self.state.replaced_by(who)
        seat, answer = self._make_seat(who, entrance, door)
        for old in replaced:
            self.dismiss(old.id, "replaced", retry=False)
        now_s = self._clock.mono_s()
        self.state.admit(who, now_s)
        self.seats[who.id] = seat
        self._apply_sound(who)
        self._plan(seat, self._scene(now_s))
        self._announce_joined(who)
        self.settle_soon()
        seat.told_version = self.state.version
        joined = Joined(
            participant=who.id,
            answer=answer,
            control=who.control,
            publications={p.layers[0].mid: p.id for p in who.publications},
            state=self.state.view(who),
            slots=seat.told_slots,
        )
        return joined, who.id

    def _make_seat(
        self, who: Participant, entrance: Entrance, door: Door | None
    ) -> tuple[Seat, str | None]:
        if entrance.offer is None:
            if entrance.publications:
                raise ParseError(
                    "bad_publication",
                    zh="没有 SDP 不能发布音视频",
                    en="publications need an offer",
                )
            downlink = Downlink(False, self._around.start_bps)
            return Seat(who, door, downlink, [], has_media=False), None
        answer = self._media.accept(who.id, entrance.offer)
        try:
            entry.require_codec(answer.sections)
            offers = entrance.publications
            if offers is None:
                offers = entry.from_sdp(answer.sections, entrance.grant.publish)
            who.publications = entry.publications(
                offers, answer.sections, entrance.grant, who.id
            )
        except BaseException:
            self._media.remove(who.id)
            raise
        who.paused = entry.paused(offers, who.publications)
        who.slots = entry.slots(answer.sections)
        estimates = answer.estimates_bandwidth
        now_s = self._clock.mono_s()
        upstreams = [Upstream(p, now_s, estimates) for p in who.publications]
        downlink = Downlink(estimates, self._around.start_bps)
        return Seat(who, door, downlink, upstreams, has_media=True), answer.sdp

    def vouch(self, until: float) -> None:
        """A token, or the timetable, speaks for the room. `until`: Unix seconds, kept
        as monotonic time, so that a clock that is set ends no lesson."""
        until_s = self._clock.mono_s() + until - self._wall_s()
        self.vouched_until_s = max(until_s, self.vouched_until_s or until_s)

    def dismiss(self, who: ParticipantId, reason: ByeReason, *, retry: bool) -> None:
        """The node ends a participation."""
        seat = self.seats.get(who)
        if seat is not None and seat.door is not None:
            seat.door.finish(Bye(reason=reason, retry=retry))
        self.leave(who, reason)

    def leave(self, who: ParticipantId, reason: str) -> None:
        """Idempotent. Only who says `left` itself gives up its place."""
        seat = self.seats.pop(who, None)
        if seat is None:
            return
        now_s = self._clock.mono_s()
        self._media.remove(who)
        self.state.remove(who, now_s, may_return=reason != "left")
        if not self.seats:
            self.empty_since_s = now_s
        participant = seat.participant
        _log.info("participant_left", room=self.state.id, who=who, reason=reason)
        self._around.announce(
            ParticipantLeft(
                at=self._wall_s(),
                session=self.state.id,
                participant=who,
                site_room=participant.site_room,
                reason=reason,
            )
        )
        self.settle_soon()

    def lose_door(self, who: ParticipantId, door: Door) -> None:
        """The socket broke without a goodbye: the pictures go on for a while, so
        that a participant that comes back at once was never away."""
        seat = self.seats.get(who)
        if seat is None or seat.door is not door:
            return
        seat.door = None
        seat.door_lost_s = self._clock.mono_s()
        if not seat.has_media:
            self.leave(who, "media_lost")

    def media_closed(self, who: ParticipantId) -> None:
        """ICE or DTLS gave up, or the engine did."""
        self.dismiss(who, "media_lost", retry=True)

    def drop_vanished(self, now_s: float) -> None:
        for who, seat in list(self.seats.items()):
            lost_s = seat.door_lost_s
            if lost_s is not None and now_s - lost_s > self._around.vanished_s:
                self.leave(who, "media_lost")

    # ---- what people do -------------------------------------------------------

    def set_stage(self, by: ParticipantId, target: ParticipantId, on: bool) -> None:
        actor = self.state.get(by)
        if not self.state.set_stage(actor, target, on):
            return
        who = self.state.get(target)
        self._apply_sound(who)
        _log.info("stage_changed", room=self.state.id, who=target, on_stage=on, by=by)
        self._around.announce(
            StageChanged(
                at=self._wall_s(),
                session=self.state.id,
                participant=target,
                site_room=who.site_room,
                on_stage=on,
                by=actor.name or by,
            )
        )
        self.settle_soon()

    def set_muted(self, by: ParticipantId, target: ParticipantId, muted: bool) -> None:
        if self.state.set_muted(self.state.get(by), target, muted):
            self._apply_sound(self.state.get(target))
            self.settle_soon()

    def set_paused(
        self, who: ParticipantId, publication: PublicationId, paused: bool
    ) -> None:
        if self.state.set_paused(self.state.get(who), publication, paused):
            self.settle_soon()

    def raise_hand(self, who: ParticipantId, raised: bool) -> None:
        if self.state.raise_hand(self.state.get(who), raised, self._wall_s()):
            self._announce_hand(who, raised)

    def lower_hand(self, by: ParticipantId, target: ParticipantId) -> None:
        if self.state.lower_hand(self.state.get(by), target):
            self._announce_hand(target, False)

    def choose_speaker(self, now_s: float) -> None:
        audible = {
            who
            for who, p in self.state.people.items()
            if not p.muted and policy.may_publish(p.role)
        }
        if self.state.set_dominant_speaker(self.speaker.decide(audible, now_s)):
            self.settle_soon()

    def report(self, who: ParticipantId, report: Report) -> None:
        seat = self.seats[who]
        self._around.announce(
            QualityReported(
                at=self._wall_s(),
                session=self.state.id,
                participant=who,
                site_room=seat.participant.site_room,
                role=seat.participant.role,
                report=report,
                estimate_bps=seat.downlink.estimate.bps if seat.has_media else None,
                rtt_ms=seat.line.rtt_ms,
                loss_ratio=seat.line.loss_ratio,
                degraded=seat.downlink.degraded,
            )
        )

    def _announce_hand(self, who: ParticipantId, raised: bool) -> None:
        self._around.announce(
            HandChanged(
                at=self._wall_s(),
                session=self.state.id,
                participant=who,
                site_room=self.state.get(who).site_room,
                raised=raised,
            )
        )
        self.settle_soon()

    def _announce_joined(self, who: Participant) -> None:
        _log.info("participant_joined", room=self.state.id, who=who.id, role=who.role)
        self._around.announce(
            ParticipantJoined(
                at=self._wall_s(),
                session=self.state.id,
                participant=who.id,
                role=who.role,
                name=who.name,
                site_room=who.site_room,
            )
        )

    # ---- settling -------------------------------------------------------------

    def settle_soon(self) -> None:
        if self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(SETTLE_S, self.settle)

    def settle(self) -> None:
        """Plans, applies and tells everything. Also called once a second, because
        lines and layers change without anybody doing anything."""
        self.close()
        # People first: a slot is understood only by who knows whom it shows.
        self._tell_state()
        now_s = self._clock.mono_s()
        scene = self._scene(now_s)
        for seat in self.seats.values():
            before = seat.told_slots
            self._plan(seat, scene)
            if seat.told_slots != before:
                seat.say(Slots(slots=seat.told_slots))
        self._ask_publishers(now_s)

    def close(self) -> None:
        """Forgets a settling that was due."""
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def _scene(self, now_s: float) -> Scene:
        flows = {
            PublicationId(upstream.publication.id): upstream.flow
            for seat in self.seats.values()
            for upstream in seat.upstreams
        }
        return Scene(now_s, self.state.version, self.state.people, flows)

    def _plan(self, seat: Seat, scene: Scene) -> None:
        if not seat.has_media:
            return
        who = seat.participant.id
        seat.told_slots = seat.downlink.plan(seat.participant, scene)
        for plan in seat.downlink.plans:
            shown = plan.entry.publication if plan.entry else None
            self._media.show(who, plan.slot.mid, shown, plan.layer)
        # Never less than where lines begin: an estimator that is asked for little
        # finds little, and the stage would then have no room.
        desired_bps = max(seat.downlink.desired_bps, self._around.start_bps)
        self._media.desire(who, desired_bps)

    def _ask_publishers(self, now_s: float) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for seat in self.seats.values():
            for plan in seat.downlink.plans:
                if plan.entry is not None:
                    current = seat.downlink.current.get(plan.slot.mid)
                    layers = {plan.wished, plan.layer, current} - {None}
                    wanted[plan.entry.publication.id] |= layers  # type: ignore[arg-type]
        for seat in self.seats.values():
            for upstream in seat.upstreams:
                publication = upstream.publication.id
                paused = publication in seat.participant.paused
                demand = upstream.ask(now_s, wanted[publication], paused=paused)
                if demand is not None:
                    seat.say(demand)
                for mid, bps in upstream.ceilings():
                    self._media.cap(seat.participant.id, mid, bps)

    def _tell_state(self) -> None:
        """Most see the same: written once."""
        version, common = self.state.version, ""
        for seat in self.seats.values():
            if seat.told_version == version or seat.door is None:
                continue
            seat.told_version = version
            if policy.is_unseen(seat.participant.role):
                seat.door.send(self.state.view(seat.participant))
                continue
            common = common or self.state.view(seat.participant).to_json()
            seat.door.send_text(common)

    def _apply_sound(self, who: Participant) -> None:
        for publication in who.publications:
            if publication.kind == "audio":
                mid = publication.layers[0].mid
                self._media.set_open(who.id, mid, not who.muted)

    def _wall_s(self) -> float:
        return self._clock.wall_us() / 1_000_000
