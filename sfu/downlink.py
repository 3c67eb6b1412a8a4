"""One participant as a receiver: its line, its slots, what each should show. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.ids import ParticipantId, PublicationId
from common.protocol.signalling import SlotState
from sfu import policy
from sfu.allocation import UP_MARGIN, Allocator, Candidate, in_words
from sfu.estimate import DownlinkEstimate
from sfu.flow import SOUND_BPS, PublicationFlow
from sfu.model import Participant, Slot
from sfu.policy import Wanted
from sfu.probing import Prober

Reason = Literal["bandwidth", "publisher_gone", "muted", "paused"]


@dataclass(frozen=True, slots=True)
class Scene:
    """The room at one moment; `version` grows when anything but the flows changes."""

    now_s: float
    version: int
    people: Mapping[ParticipantId, Participant]
    flows: Mapping[PublicationId, PublicationFlow]


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """`wished` is what the line allows, `layer` what to point at now."""

    slot: Slot
    state: SlotState
    entry: Wanted | None = None
    wished: int | None = None
    layer: int | None = None


class Downlink:
    """Asked again after every change and every second; remembers its choices."""

    def __init__(self, estimates_bandwidth: bool, start_bps: int) -> None:
        self.estimate = DownlinkEstimate(estimates_bandwidth, start_bps)
        self.current: dict[str, int | None] = {}
        """Mid -> layer the engine says it is sending."""
        self.plans: list[SlotPlan] = []
        self.desired_bps = 0
        self.degraded: str | None = None
        self._allocator = Allocator()
        self._prober = Prober()
        self._wanted_at_version = -1
        self._wanted: dict[str, list[Wanted]] = {}

    def on_second(
        self, sent_bps: float, rtt_ms: float | None, lost_ratio: float | None
    ) -> bool:
        """A second has passed, see `PeerStats`: whether to probe this line now."""
        self.estimate.on_second(sent_bps, rtt_ms)
        if self.degraded is None:
            self._prober.content()
            return False
        if self.desired_bps <= self.estimate.bps * UP_MARGIN:
            return False
        return self._prober.short(self.estimate.is_clear(lost_ratio))

    def plan(self, viewer: Participant, scene: Scene) -> list[SlotState]:
        """What each slot shows, in the order offered."""
        if scene.version != self._wanted_at_version:
            self._wanted_at_version = scene.version
            self._wanted = {
                kind: policy.wanted(viewer, scene.people.values(), kind)
                for kind in ("audio", "video")
            }
        assigned = self._assign(viewer)
        self._forget_moved(assigned)
        layers = self._layers(viewer, scene, assigned)
        self.plans = [
            self._plan_slot(scene, slot, assigned.get(slot.mid), layers)
            for slot in viewer.slots
        ]
        return [plan.state for plan in self.plans]

    def _assign(self, viewer: Participant) -> dict[str, Wanted]:
        showing = {
            plan.slot.mid: plan.entry.publication.id
            for plan in self.plans
            if plan.entry is not None
        }
        place = policy.assign
        if viewer.role == "recorder":
            place = policy.assign_to_recorder
        assigned: dict[str, Wanted] = {}
        for kind, entries in self._wanted.items():
            slots = [slot for slot in viewer.slots if slot.kind == kind]
            mids = {slot.mid for slot in slots}
            held = {mid: shown for mid, shown in showing.items() if mid in mids}
            assigned |= place(slots, held, entries)
        return assigned

    def _forget_moved(self, assigned: Mapping[str, Wanted]) -> None:
        for plan in self.plans:
            entry = assigned.get(plan.slot.mid)
            before = plan.entry.publication.id if plan.entry else None
            if (entry.publication.id if entry else None) != before:
                self.current.pop(plan.slot.mid, None)

    def _layers(
        self, viewer: Participant, scene: Scene, assigned: Mapping[str, Wanted]
    ) -> Mapping[str, int | None]:
        candidates = [
            _candidate(mid, entry, scene)
            for mid, entry in assigned.items()
            if entry.publication.kind == "video" and not _is_paused(scene, entry)
        ]
        if viewer.role == "recorder":
            # Sits beside the node: a recording is not made smaller.
            return {c.mid: c.best for c in candidates}
        audible = [
            entry
            for entry in assigned.values()
            if entry.publication.kind == "audio"
            and not scene.people[entry.publication.owner].muted
        ]
        allocation = self._allocator.decide(
            scene.now_s, self.estimate.bps, SOUND_BPS * len(audible), candidates
        )
        self.desired_bps = allocation.desired_bps
        self.degraded = in_words(allocation.given_up)
        return allocation.layers

    def _plan_slot(
        self,
        scene: Scene,
        slot: Slot,
        entry: Wanted | None,
        layers: Mapping[str, int | None],
    ) -> SlotPlan:
        if entry is None:
            return SlotPlan(slot, SlotState(mid=slot.mid, kind=slot.kind))
        flow = scene.flows[entry.publication.id]
        wished = 0 if slot.kind == "audio" else layers.get(slot.mid)
        if _is_paused(scene, entry):
            wished = None
        layer = wished
        if slot.kind == "video" and wished is not None:
            current = self.current.get(slot.mid)
            layer = flow.reachable(scene.now_s, wished, current)
        publication = entry.publication
        state = SlotState(
            mid=slot.mid,
            kind=slot.kind,
            participant=publication.owner,
            publication=publication.id,
            source=publication.source,
            layer=None if layer is None else publication.layers[layer].name,
            reason=_reason(scene, entry, layer),
        )
        return SlotPlan(slot, state, entry, wished, layer)


def _reason(scene: Scene, entry: Wanted, layer: int | None) -> Reason | None:
    publication = entry.publication
    if _is_paused(scene, entry):
        return "paused"
    if publication.kind == "audio":
        return "muted" if scene.people[publication.owner].muted else None
    if layer is None:
        return "bandwidth"
    gone = scene.flows[publication.id].gone(scene.now_s)
    return "publisher_gone" if gone else None


def _is_paused(scene: Scene, entry: Wanted) -> bool:
    publication = entry.publication
    return publication.id in scene.people[publication.owner].paused


def _candidate(mid: str, entry: Wanted, scene: Scene) -> Candidate:
    costs_bps = scene.flows[entry.publication.id].costs_bps(scene.now_s)
    return Candidate(
        mid=mid,
        publication=entry.publication.id,
        priority=entry.priority,
        costs_bps=costs_bps,
        best=len(costs_bps) - 1 if entry.large else 0,
    )
