"""Which publication goes into which track."""

from typing import Any

from common.protocol.signalling import RoomState, SlotState
from recorder.manifest import Track
from recorder.tap import Tap


class Ledger:
    """A sink that writes down what it is told."""

    def __init__(self) -> None:
        self.watched: list[tuple[str, str]] = []
        self.expected: dict[str, bool] = {}
        self.found: set[str] = set()
        self.frames: list[tuple[str, Any]] = []

    def watch(self, track: Track, publication: str) -> None:
        self.watched.append((track.track, publication))

    def expect(self, track: str, *, expected: bool, found: bool = False) -> None:
        self.expected[track] = expected
        if found:
            self.found.add(track)

    def frame(self, track: str, frame: Any) -> bool:  # noqa: ANN401
        self.frames.append((track, frame))
        return True


def people(*entries: tuple[str, str, str | None]) -> RoomState:
    """(participant, role, site room)."""
    return RoomState.model_validate(
        {
            "version": 1,
            "room": "ses-1",
            "title": "数学",
            "participants": [
                {"id": who, "name": who, "role": role, "site_room": site}
                for who, role, site in entries
            ],
        }
    )


def slot(
    mid: str,
    who: str | None,
    publication: str | None = None,
    source: str = "camera",
    **more: object,
) -> SlotState:
    fields: dict[str, object] = {
        "mid": mid,
        "kind": "audio" if source == "microphone" else "video",
    }
    shown: dict[str, object] = {
        "participant": who,
        "publication": publication,
        "source": source,
    }
    shown |= {"layer": "high", **more}
    return SlotState.model_validate(fields | (shown if who else {}))


def new_tap(ledger: Ledger, **options: bool) -> Tap:
    tap = Tap(ledger, "centre-101", record_rooms=options.get("record_rooms", True))
    tap.room(
        people(
            ("par-m", "master", "centre-101"),
            ("par-r", "room", "sang-jian"),
            ("par-b", "assistant", "centre-101"),
        )
    )
    return tap


def test_a_track_is_named_by_its_place_and_source() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    slots = [
        slot("0", "par-m", "pub-1"),
        slot("1", "par-r", "pub-2", "microphone", reason="muted"),
        slot("2", "par-b", "pub-3"),
        slot("3", None),
    ]
    assert tap.slots(slots) == ["0", "2"]
    assert ledger.expected == {
        "centre-101.camera": True,
        "sang-jian.microphone": False,
        "centre-101-assistant.camera": True,
    }


def test_a_room_that_comes_back_goes_on_in_its_track() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    tap.slots([slot("1", "par-r", "pub-2")])
    tap.slots([slot("1", None)])
    assert ledger.expected == {"sang-jian.camera": False}
    tap.room(people(("par-r2", "room", "sang-jian")))
    tap.slots([slot("4", "par-r2", "pub-9")])
    assert ledger.watched == [
        ("sang-jian.camera", "pub-2"),
        ("sang-jian.camera", "pub-9"),
    ]
    assert ledger.expected == {"sang-jian.camera": True}


def test_two_publications_of_one_place_do_not_mix() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    tap.room(people(("par-1", "room", "sang-jian"), ("par-2", "room", "sang-jian")))
    tap.slots([slot("0", "par-1", "pub-1"), slot("1", "par-2", "pub-2")])
    assert ledger.watched == [
        ("sang-jian.camera", "pub-1"),
        ("sang-jian.camera.par-2", "pub-2"),
    ]


def test_rooms_are_left_out_when_only_the_teacher_is_recorded() -> None:
    ledger = Ledger()
    tap = new_tap(ledger, record_rooms=False)
    tap.slots([slot("0", "par-m", "pub-1"), slot("1", "par-r", "pub-2")])
    assert ledger.watched == [("centre-101.camera", "pub-1")]


def test_what_is_gone_after_a_reconnect_is_expected_no_more() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    tap.slots([slot("0", "par-m", "pub-1"), slot("1", "par-r", "pub-2")])
    tap.away(["old.camera"])
    assert ledger.expected["sang-jian.camera"] is True
    tap.slots([slot("0", "par-m", "pub-1")])
    assert ledger.expected == {
        "centre-101.camera": True,
        "sang-jian.camera": False,
        "old.camera": False,
    }


def test_what_the_room_showed_at_first_sight_is_told_apart() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    tap.away()
    tap.slots([slot("0", "par-m", "pub-1")])
    tap.slots([slot("0", "par-m", "pub-1"), slot("1", "par-r", "pub-2")])
    assert ledger.found == {"centre-101.camera"}


def test_a_screen_that_is_never_shared_makes_no_track() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    waits = slot("1", "par-m", "pub-2", "screen", layer=None, reason="paused")
    tap.slots([slot("0", "par-m", "pub-1"), waits])
    assert ledger.watched == [("centre-101.camera", "pub-1")]
    shared = slot("1", "par-m", "pub-2", "screen")
    assert tap.slots([slot("0", "par-m", "pub-1"), shared]) == ["1"]
    assert ledger.expected["centre-101.screen"] is True


def test_a_paused_picture_is_not_expected_until_it_comes_again() -> None:
    ledger = Ledger()
    tap = new_tap(ledger)
    shared = slot("1", "par-m", "pub-2", "screen")
    assert tap.slots([shared]) == ["1"]
    tap.slots([slot("1", "par-m", "pub-2", "screen", layer=None, reason="paused")])
    assert ledger.expected == {"centre-101.screen": False}
    tap.slots([shared])
    assert ledger.expected == {"centre-101.screen": True}
