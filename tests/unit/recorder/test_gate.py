"""Before the bell: nothing is written, and the lesson begins without a lag."""

from dataclasses import dataclass
from typing import Any

import pytest

from recorder.gate import Gate
from recorder.tap import Tap
from tests.unit.recorder.test_tap import Ledger, people, slot

BELL_US = 1_000_000_000


@dataclass(frozen=True)
class Picture:
    arrival_us: int
    keyframe: bool = False
    contiguous: bool = True
    kind: str = "video"


def feed(gate: Gate, track: str, *frames: Any) -> list[bool]:  # noqa: ANN401
    return [gate.frame(track, frame) for frame in frames]


def pictures(start_us: int, count: int, *, keyframe: bool = True) -> list[Picture]:
    return [
        Picture(start_us + index * 40_000, keyframe and not index)
        for index in range(count)
    ]


def sounds(start_us: int, count: int) -> list[Picture]:
    return [
        Picture(start_us + index * 20_000, keyframe=True, kind="audio")
        for index in range(count)
    ]


def test_nothing_passes_the_gate_before_the_bell() -> None:
    gate, ledger = Gate(), Ledger()
    tap = Tap(gate, "centre-101", record_rooms=True)
    tap.room(people(("par-m", "master", "centre-101")))
    tap.slots([slot("0", "par-m", "pub-1")])
    feed(gate, "centre-101.camera", Picture(0))
    assert ledger.frames == []
    gate.open(ledger, BELL_US)
    assert ledger.watched == [("centre-101.camera", "pub-1")]
    assert ledger.found == {"centre-101.camera"}
    assert feed(gate, "centre-101.camera", Picture(1)) == [True]


def test_the_lesson_begins_with_a_picture_and_a_sound_at_its_bell() -> None:
    gate, ledger = Gate(), Ledger()
    feed(gate, "cam", *pictures(BELL_US - 1_600_000, 20))
    newest = pictures(BELL_US - 800_000, 22)
    feed(gate, "cam", *newest)
    heard = sounds(BELL_US - 4_000_000, 205)
    feed(gate, "mic", *heard)
    gate.open(ledger, BELL_US)
    assert [f for name, f in ledger.frames if name == "cam"] == newest
    kept = [f.arrival_us - BELL_US for name, f in ledger.frames if name == "mic"]
    assert kept == [0, 20_000, 40_000, 60_000, 80_000]


def test_a_picture_that_cannot_be_decoded_is_not_kept() -> None:
    gate, ledger = Gate(), Ledger()
    lost = Picture(BELL_US - 100_000, contiguous=False)
    wanted = feed(gate, "cam", *pictures(BELL_US - 900_000, 20), lost)
    assert wanted == [False] * 20 + [True]
    gate.open(ledger, BELL_US)
    assert ledger.frames == []


@pytest.mark.parametrize("seconds", [5, 60])
def test_a_browser_that_sends_no_keyframes_is_asked_once_in_a_while(
    seconds: int,
) -> None:
    gate, ledger = Gate(), Ledger()
    asked = feed(gate, "cam", *pictures(0, seconds * 25))
    assert 1 <= sum(asked) <= seconds - 3
    gate.open(ledger, BELL_US)
    assert len(ledger.frames) <= 12 * 25 + 1
