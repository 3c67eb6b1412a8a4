"""The state of one room: who is here, on stage, muted, with a hand up. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.errors import ConflictError, DeniedError, NotFoundError
from common.ids import ParticipantId, PublicationId, RoomId
from common.protocol.signalling import ParticipantState, PublicationState, RoomState
from sfu import policy
from sfu.model import Participant

MAX_PARTICIPANTS = 400
MAY_RETURN_S = 120.0
"""Who was cut off and is back within this time finds its place as it left it."""


@dataclass(frozen=True, slots=True)
class _Place:
    left_s: float
    on_stage: bool
    own_muted: bool
    closed: bool
    hand_raised_at: float | None


class Room:
    """Every method that changes something raises `version` and says True."""

    def __init__(self, room: RoomId) -> None:
        self.id = room
        self.version = 0
        self.title = str(room)
        self.ends_at: float | None = None
        self.recording = False
        self.dominant_speaker: ParticipantId | None = None
        self._participants: dict[ParticipantId, Participant] = {}
        self._kept_places: dict[str, _Place] = {}

    def __contains__(self, participant: ParticipantId) -> bool:
        return participant in self._participants

    def __len__(self) -> int:
        return len(self._participants)

    @property
    def people(self) -> Mapping[ParticipantId, Participant]:
        """In the order they joined."""
        return self._participants

    def get(self, participant: ParticipantId) -> Participant:
        """Raises NotFoundError: `no_such_participant`."""
        found = self._participants.get(participant)
        if found is None:
            raise NotFoundError(
                "no_such_participant",
                zh="该成员已不在课堂中",
                en="that participant is not in the room",
            )
        return found

    def _seen(self, participant: ParticipantId) -> Participant:
        """As `get`; who is unseen does not exist for the others."""
        who = self._participants.get(participant)
        return self.get(
            ParticipantId("") if who and policy.is_unseen(who.role) else participant
        )

    # ---- coming and going -----------------------------------------------------

    def replaced_by(self, newcomer: Participant) -> list[Participant]:
        """Who must go when `newcomer` comes back under the same identity.

        Raises ConflictError: `second_master`, `room_full`.
        """
        replaced = [
            p
            for p in self._participants.values()
            if p.identity is not None and p.identity == newcomer.identity
        ]
        if newcomer.role == "master" and any(
            p.role == "master" and p not in replaced
            for p in self._participants.values()
        ):
            raise ConflictError(
                "second_master",
                zh="本课堂已有主讲教室在线，不能再有第二个主讲",
                en="this room has a master already; a second one cannot join",
            )
        if len(self) - len(replaced) >= MAX_PARTICIPANTS:
            raise ConflictError(
                "room_full", zh="课堂人数已满，请稍后再试", en="the room is full"
            )
        return replaced

    def admit(self, newcomer: Participant, now_s: float) -> None:
        """After `replaced_by` was asked and the replaced were removed.

        A room that was on stage when its line broke comes back on stage.
        """
        newcomer.closed = policy.starts_closed(newcomer.role)
        place = self._kept_places.pop(newcomer.identity or "", None)
        if place is not None and now_s - place.left_s <= MAY_RETURN_S:
            newcomer.on_stage = place.on_stage
            newcomer.own_muted = place.own_muted
            newcomer.closed = place.closed
            newcomer.hand_raised_at = place.hand_raised_at
        self._participants[newcomer.id] = newcomer
        self._changed()

    def remove(
        self, participant: ParticipantId, now_s: float, *, may_return: bool
    ) -> bool:
        """`may_return`: it did not go of its own will."""
        who = self._participants.pop(participant, None)
        if who is None:
            return False
        if may_return and who.identity is not None:
            self._kept_places[who.identity] = _Place(
                now_s, who.on_stage, who.own_muted, who.closed, who.hand_raised_at
            )
        if self.dominant_speaker == participant:
            self.dominant_speaker = None
        return self._changed()

    # ---- what people do -------------------------------------------------------

    def set_stage(self, by: Participant, target: ParticipantId, on_stage: bool) -> bool:
        """On stage the sound is open, the picture large and the hand down."""
        _need_control(by)
        who = self._seen(target)
        if not policy.may_be_on_stage(who.role):
            raise ConflictError(
                "not_stageable",
                zh="只有教学点可以上台",
                en="only rooms can be called on stage",
            )
        if who.on_stage == on_stage:
            return False
        who.on_stage = on_stage
        who.closed = not on_stage and policy.starts_closed(who.role)
        if on_stage:
            who.hand_raised_at = None
            if who.is_device:
                who.own_muted = False
        return self._changed()

    def set_muted(self, by: Participant, target: ParticipantId, muted: bool) -> bool:
        """One's own switch, or the teacher's.

        A person is never unmuted against their own switch; a classroom is a device
        in a school and the teacher may open it.
        """
        who = by if by.id == target else self._seen(target)
        before = who.muted
        if who is by:
            _switch_own_sound(who, muted)
        else:
            _need_control(by)
            who.closed = muted
            if not muted and who.is_device:
                who.own_muted = False
        return who.muted != before and self._changed()

    def set_paused(
        self, who: Participant, publication: PublicationId, paused: bool
    ) -> bool:
        """Raises NotFoundError: `no_such_publication`, also for somebody else's."""
        if all(own.id != publication for own in who.publications):
            raise NotFoundError(
                "no_such_publication",
                zh="没有这路音视频，或不是自己发布的",
                en="no such publication of one's own",
            )
        if paused == (publication in who.paused):
            return False
        who.paused ^= {publication}
        return self._changed()

    def raise_hand(self, who: Participant, raised: bool, at: float) -> bool:
        """`at`: Unix seconds; a hand that is up already keeps its place."""
        if not policy.may_raise_hand(who.role):
            raise DeniedError(
                "no_hand", zh="当前身份不能举手", en="this role cannot raise a hand"
            )
        if raised == (who.hand_raised_at is not None):
            return False
        who.hand_raised_at = at if raised else None
        return self._changed()

    def lower_hand(self, by: Participant, target: ParticipantId) -> bool:
        _need_control(by)
        who = self._seen(target)
        if who.hand_raised_at is None:
            return False
        who.hand_raised_at = None
        return self._changed()

    # ---- what the system learns -----------------------------------------------

    def describe(self, title: str, ends_at: float | None) -> bool:
        if (self.title, self.ends_at) == (title, ends_at):
            return False
        self.title, self.ends_at = title, ends_at
        return self._changed()

    def set_recording(self, recording: bool) -> bool:
        if self.recording == recording:
            return False
        self.recording = recording
        return self._changed()

    def set_dominant_speaker(self, who: ParticipantId | None) -> bool:
        if self.dominant_speaker == who:
            return False
        self.dominant_speaker = who
        return self._changed()

    # ---- what one participant sees --------------------------------------------

    def view(self, viewer: Participant) -> RoomState:
        return self._view(
            p for p in self._participants.values() if policy.sees(viewer, p)
        )

    def whole_view(self) -> RoomState:
        """For operators: everybody."""
        return self._view(self._participants.values())

    def _view(self, people: Iterable[Participant]) -> RoomState:
        return RoomState(
            version=self.version,
            room=self.id,
            title=self.title,
            ends_at=self.ends_at,
            recording=self.recording,
            dominant_speaker=self.dominant_speaker,
            participants=[_state(p) for p in people],
        )

    def _changed(self) -> bool:
        self.version += 1
        return True


def _need_control(by: Participant) -> None:
    if not by.control:
        raise DeniedError(
            "needs_control",
            zh="只有主讲教师可以这样操作",
            en="only the teacher may do this",
        )


def _switch_own_sound(who: Participant, muted: bool) -> None:
    who.own_muted = muted
    if muted or not who.closed:
        return
    if not who.control:
        raise DeniedError(
            "muted_by_teacher",
            zh="老师已静音，请先举手，等老师打开声音",
            en="muted by the teacher: raise a hand and wait to be opened",
        )
    who.closed = False


def _state(participant: Participant) -> ParticipantState:
    return ParticipantState(
        id=participant.id,
        name=participant.name,
        role=participant.role,
        site_room=participant.site_room,
        on_stage=participant.on_stage,
        muted=participant.muted,
        hand_raised_at=participant.hand_raised_at,
        publications=[
            PublicationState(
                id=publication.id,
                source=publication.source,
                kind=publication.kind,
                layers=[layer.name for layer in publication.layers],
                muted=publication.kind == "audio" and participant.muted,
                paused=publication.id in participant.paused,
            )
            for publication in participant.publications
        ],
    )
