"""Playlists: holes declared, runs mapped, tracks in step."""

import re

from hypothesis import given
from hypothesis import strategies as st

from recorder.manifest import Manifest, Run
from recorder.playlist import master_playlist, media_playlist
from tests.unit.recorder.facts import add_segment, add_track, end, new_manifest


def text(manifest: Manifest, track: str) -> str:
    return media_playlist(manifest, manifest.tracks[track])


def total_s(playlist: str) -> float:
    return sum(float(v) for v in re.findall(r"#EXTINF:([\d.]+)", playlist))


def test_a_running_lesson_is_an_event_and_a_finished_one_is_vod() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", [(0, 2000), (2000, 4000)])
    running = text(manifest, "cam")
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in running
    assert "#EXT-X-ENDLIST" not in running
    add_segment(manifest, "cam", 3, 4000, 6000)
    finished = text(end(manifest, 6000), "cam")
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in finished
    assert finished.endswith("#EXT-X-ENDLIST\n")
    assert finished.startswith(running.replace("EVENT", "VOD"))


def test_a_hole_is_a_gap_and_its_time_is_kept() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", [(500, 2000), (16_000, 18_000)])
    playlist = text(end(manifest, 20_000), "cam")
    assert playlist.count("#EXT-X-GAP") == 1 + 3 + 1
    assert abs(total_s(playlist) - 20) < 1e-3
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-11-22T02:00:16.000Z" in playlist


def test_a_new_run_breaks_every_track_at_the_same_number() -> None:
    manifest = new_manifest()
    add_track(manifest, "cam", "video", [(0, 2000), (2000, 4000)])
    add_track(manifest, "mic", "audio", [(0, 2000), (2000, 4000)])
    for track, start in (("cam", 9000), ("mic", 8700)):
        codec = manifest.tracks[track].runs[0].codec
        run = Run(track=track, run=2, codec=codec, start_us=start * 1000)
        manifest.apply(run)
        add_segment(manifest, track, 3, start, 11_000, run=2)
    add_track(manifest, "room", "audio", [(0, 11_000)], role="room")
    end(manifest, 12_000)
    for track in manifest.tracks:
        assert text(manifest, track).count("#EXT-X-DISCONTINUITY\n") == 1, track
    room_picture = [(0, 11_000)]
    add_track(manifest, "room-cam", "video", room_picture, role="room")
    lines = text(manifest, "cam").splitlines()
    assert lines[lines.index('#EXT-X-MAP:URI="run-2.mp4"') + 2] == "#EXTINF:2.000000,"


def test_the_teachers_camera_and_sound_are_the_default() -> None:
    manifest = new_manifest()
    add_track(manifest, "a-cam", "video", [(0, 2000)], role="room")
    add_track(manifest, "a-mic", "audio", [(0, 2000)], role="room")
    add_track(manifest, "m-screen", "video", [(0, 2000)], source="screen")
    add_track(manifest, "m-cam", "video", [(0, 2000)])
    add_track(manifest, "m-mic", "audio", [(0, 2000)])
    playlist = master_playlist(manifest)
    assert playlist.endswith('AUDIO="sound"\ntracks/m-cam/index.m3u8\n')
    assert 'CODECS="avc1.42c01f,opus",RESOLUTION=1280x720' in playlist
    first, second = re.findall(r"#EXT-X-MEDIA.*", playlist)
    assert "DEFAULT=YES" in first
    assert "tracks/m-mic/" in first
    assert "DEFAULT=NO" in second
    assert "tracks/m-screen/index.m3u8" in master_playlist(manifest, "m-screen")


def test_sound_alone_is_playable() -> None:
    manifest = new_manifest()
    add_track(manifest, "m-mic", "audio", [(0, 2000)])
    playlist = master_playlist(manifest)
    assert 'CODECS="opus"' in playlist
    assert playlist.endswith("tracks/m-mic/index.m3u8\n")


@given(st.lists(st.integers(0, 3000), min_size=2, max_size=30, unique=True))
def test_a_playlist_is_as_long_as_the_lesson(values: list[int]) -> None:
    edges = [v * 10 for v in sorted(values)]
    spans = list(zip(edges[::2], edges[1::2]))  # noqa: B905
    manifest = new_manifest()
    add_track(manifest, "cam", "video", spans)
    end(manifest, 30_000)
    playlist = text(manifest, "cam")
    # Slits under 60 ms are no gaps: the segment before them counts as longer.
    assert abs(total_s(playlist) - 30) < 0.121
    assert playlist.count(".m4s") == playlist.count("#EXTINF")
