"""What was expected, what is there, what is lost and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.protocol.base import parse_message
from recorder import manifest as m
from recorder.manifest import Expect, Gap, Hole, Outage, Span
from tests.unit.recorder.facts import add_segment, add_track, end, new_manifest

Spans = list[tuple[int, int]]


def seconds(spans: Spans) -> Spans:
    return [(start * 1000, stop * 1000) for start, stop in spans]


def test_a_whole_lesson_is_complete() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", seconds([(0, 2), (2, 4), (4, 6)]))
    end(manifest, 6_000)
    figures = m.figures(manifest, manifest.tracks["cam"])
    assert (figures.duration_s, figures.expected_s) == (6, 6)
    assert (figures.lost_s, figures.completeness) == (0, 1)


def test_the_seconds_the_recorder_was_down_are_a_declared_gap() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", seconds([(0, 2), (2, 4)]))
    outage = Outage(start_us=4_500_000, end_us=7_000_000, reason="recorder_down")
    manifest.apply(outage)
    add_segment(manifest, "cam", 3, 7_200, 10_000, run=2)
    end(manifest, 10_000)
    found = m.gaps(manifest.tracks["cam"], manifest.outages, manifest.end_us)
    assert found == [Gap(start_us=4_000_000, end_us=7_200_000, reason="recorder_down")]
    figures = m.figures(manifest, manifest.tracks["cam"])
    assert figures.completeness == pytest.approx(1 - 3.2 / 10)
    assert figures.duration_s == 10


def test_a_muted_room_is_not_expected_and_loses_nothing() -> None:
    manifest = new_manifest()
    add_track(manifest, "mic", "audio", seconds([(0, 2), (8, 10)]), role="room")
    manifest.apply(Expect(track="mic", at_us=2_000_000, expected=False))
    manifest.apply(Expect(track="mic", at_us=8_000_000, expected=True))
    end(manifest, 10_000)
    figures = m.figures(manifest, manifest.tracks["mic"])
    assert (figures.expected_s, figures.completeness) == (4, 1)


def test_what_was_there_at_the_bell_is_expected_from_the_bell_on() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", [(800, 10_000)])
    end(manifest, 10_000)
    figures = m.figures(manifest, manifest.tracks["cam"])
    assert (figures.expected_s, figures.lost_s) == (10, 0.8)


def test_what_begins_in_mid_lesson_has_a_second_to_come() -> None:
    manifest = new_manifest()
    for name, first in (("soon", 4_800), ("late", 5_400)):
        add_track(manifest, name, "video", [(first, 10_000)], expected_from=4_000)
    end(manifest, 10_000)
    told = {n: m.figures(manifest, t) for n, t in manifest.tracks.items()}
    assert (told["soon"].expected_s, told["soon"].lost_s) == (5.2, 0)
    assert (told["late"].expected_s, told["late"].lost_s) == (5, 0.4)


def test_what_never_came_is_lost_for_want_of_media() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", [])
    end(manifest, 10_000)
    found = m.gaps(manifest.tracks["cam"], [], manifest.end_us)
    assert [gap.reason for gap in found] == ["no_media"]
    assert m.figures(manifest, manifest.tracks["cam"]).completeness == 0


def test_a_held_picture_counts_as_lost() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", seconds([(0, 10)]))
    hole = Hole(track="cam", start_us=3_000_000, end_us=4_000_000, reason="network")
    manifest.apply(hole)
    manifest.apply(hole)
    end(manifest, 10_000)
    assert m.figures(manifest, manifest.tracks["cam"]).lost_s == 1


edges = st.lists(st.integers(0, 600), min_size=0, max_size=20, unique=True)


def pairs(values: list[int]) -> Spans:
    ordered = sorted(values)
    return [(a * 100, b * 100) for a, b in zip(ordered[::2], ordered[1::2])]  # noqa: B905


@given(edges)
def test_recorded_and_lost_always_add_up_to_expected(values: list[int]) -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", pairs(values))
    end(manifest, 60_000)
    track = manifest.tracks["cam"]
    expected = m.expected_spans(track, manifest.end_us)
    missing = m.subtract(expected, m.covered_spans(track))
    there = m.subtract(expected, missing)
    total = sum(s.end_us - s.start_us for s in expected)
    assert sum(s.end_us - s.start_us for s in (*missing, *there)) == total
    assert 0 <= m.figures(manifest, track).completeness <= 1


@given(edges, edges)
def test_what_is_cut_out_is_gone_and_nothing_else(a: list[int], b: list[int]) -> None:
    spans = [Span(*pair) for pair in pairs(a)]
    taken = [Span(*pair) for pair in pairs(b)]
    left = m.subtract(spans, taken)
    for at in range(50, 60_000, 700):
        inside = any(s.start_us <= at < s.end_us for s in spans)
        cut = any(s.start_us <= at < s.end_us for s in taken)
        assert any(s.start_us <= at < s.end_us for s in left) == (inside and not cut)


def test_the_journal_makes_the_same_manifest_again() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", seconds([(0, 2), (2, 4)]))
    end(manifest, 4_000)
    track = manifest.tracks["cam"]
    assert manifest.ended is not None
    entries: list[m.Record] = [manifest.started, track.info, *track.expects]
    entries += [*track.runs, *track.segments, *track.segments, manifest.ended]
    lines = [entry.to_json() for entry in entries]
    again = m.fold(parse_message(m.record, line) for line in lines)
    assert again == manifest
