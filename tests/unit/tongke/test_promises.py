"""What the demo promises: each promise can be broken."""

from dataclasses import replace

import pytest

from tongke.demo.promises import (
    LessonFigures,
    RecordedTrack,
    RoomFigures,
    TimetableFigures,
    examine,
)

ROOM = RoomFigures(
    name="中心小学",
    role="master",
    join_ms=400,
    frames=600,
    fps=25,
    freezes=0,
    freeze_s=0,
    concealed_ratio=0,
    glass_to_glass_ms=120,
    cores=0.5,
)
TRACK = RecordedTrack(
    name="中心小学 camera",
    site_room="m-1",
    kind="video",
    duration_s=25,
    expected_s=25,
    completeness=1,
    av_offset_ms=10,
)
TIMETABLE = TimetableFigures(wanted=69, placed=69, broken_rules=0, dated=600)
GOOD = LessonFigures(
    timetable=TIMETABLE,
    lesson_s=25,
    recording_s=25.2,
    bell_to_playable_s=2,
    stage_seen=True,
    rooms=[ROOM],
    tracks=[TRACK, replace(TRACK, kind="audio")],
)


def broken(figures: LessonFigures) -> list[str]:
    return [promise.what for promise in examine(figures) if not promise.kept]


def test_a_good_lesson_breaks_no_promise() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("figures", "what"),
    [
        (replace(GOOD, timetable=replace(TIMETABLE, placed=68)), "has a place"),
        (replace(GOOD, timetable=replace(TIMETABLE, broken_rules=1)), "no rule"),
        (replace(GOOD, timetable=replace(TIMETABLE, dated=0)), "dated lessons"),
        (replace(GOOD, rooms=[replace(ROOM, join_ms=1501)]), "join to first picture"),
        (replace(GOOD, rooms=[replace(ROOM, join_ms=None)]), "join to first picture"),
        (replace(GOOD, rooms=[replace(ROOM, glass_to_glass_ms=251)]), "glass to glass"),
        (replace(GOOD, rooms=[replace(ROOM, glass_to_glass_ms=-1)]), "glass to glass"),
        (replace(GOOD, rooms=[replace(ROOM, cores=1.01)]), "agent"),
        (replace(GOOD, recording_s=26.1), "recording within"),
        (replace(GOOD, bell_to_playable_s=10.1), "bell to playable"),
        (replace(GOOD, bell_to_playable_s=None), "bell to playable"),
        (replace(GOOD, stage_seen=False), "on stage"),
        (replace(GOOD, tracks=[TRACK]), "picture and sound recorded"),
        (
            replace(GOOD, tracks=[replace(TRACK, completeness=0.98), TRACK]),
            "complete to",
        ),
        (
            replace(GOOD, tracks=[replace(TRACK, av_offset_ms=-41), TRACK]),
            "sound and picture",
        ),
    ],
)
def test_each_promise_can_be_broken(figures: LessonFigures, what: str) -> None:
    assert [name for name in broken(figures) if what in name] != []
    assert len(broken(figures)) == 1
