"""Which frame belongs to which track."""

from common.protocol.signalling import (
    ParticipantState,
    PublicationState,
    RoomState,
    SlotState,
)
from recorder.manifest import Track
from recorder.tap import Tap
from rtc import Frame


class Recorded:
    """A recording that only remembers what it was told."""

    def __init__(self) -> None:
        self.watched: list[str] = []
        self.expected: dict[str, bool] = {}

    def watch(self, track: Track, publication: str) -> None:
        self.watched.append(track.track)

    def expect(self, track: str, *, expected: bool) -> None:
        self.expected[track] = expected

    def frame(self, track: str, frame: Frame) -> bool:
        return False


CAMERA = PublicationState(
    id="pub-1", source="camera", kind="video", layers=["low"], muted=False
)
TEACHER = ParticipantState(
    id="par-1", name="王老师", role="master", site_room="m-1", publications=[CAMERA]
)
SHOWN = SlotState(
    mid="4",
    kind="video",
    participant="par-1",
    publication="pub-1",
    source="camera",
    layer="low",
)


def state(*people: ParticipantState) -> RoomState:
    return RoomState(version=1, room="r", title="t", participants=list(people))


def test_a_slot_of_somebody_known_is_recorded_at_once() -> None:
    recorded = Recorded()
    tap = Tap(recorded, "m-1", record_rooms=True)
    assert tap.room(state(TEACHER)) == []
    assert tap.slots([SHOWN]) == ["4"]
    assert recorded.watched == ["m-1.camera"]


def test_a_slot_that_comes_before_its_person_is_recorded_when_the_person_is_known() -> (
    None
):
    recorded = Recorded()
    tap = Tap(recorded, "m-1", record_rooms=True)
    assert tap.slots([SHOWN]) == []
    assert tap.room(state(TEACHER)) == ["4"]
    assert recorded.watched == ["m-1.camera"]
    assert recorded.expected == {"m-1.camera": True}


def test_a_slot_given_to_nobody_is_expected_no_more() -> None:
    recorded = Recorded()
    tap = Tap(recorded, "m-1", record_rooms=True)
    tap.room(state(TEACHER))
    tap.slots([SHOWN])
    tap.slots([SlotState(mid="4", kind="video")])
    assert recorded.expected == {"m-1.camera": False}


def test_a_place_that_comes_back_goes_on_in_its_track() -> None:
    recorded = Recorded()
    tap = Tap(recorded, "m-1", record_rooms=True)
    tap.room(state(TEACHER))
    tap.slots([SHOWN])
    again = TEACHER.model_copy(update={"id": "par-2"})
    tap.room(state(again))
    tap.slots(
        [SHOWN.model_copy(update={"participant": "par-2", "publication": "pub-2"})]
    )
    assert recorded.watched == ["m-1.camera", "m-1.camera"]
