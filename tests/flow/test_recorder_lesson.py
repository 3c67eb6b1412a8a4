"""A lesson recorded by the real recorder from the real SFU, killed and resumed."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import av
import pytest

from common.protocol.events import SessionEnd
from common.protocol.signalling import SetStage
from tests.flow.recorder_house import (
    Scene,
    check_sync,
    download,
    live,
    open_media,
    open_scene,
    play,
    ring_bell,
)
from tests.support.guard import GUARD_S

pytestmark = pytest.mark.slow


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as scene:
        yield scene


def peek(url: str, headers: dict[str, str]) -> list[float]:
    """The first pictures of a lesson that is still running."""
    with open_media(url, {**headers}, live_start_index="0") as container:
        return [frame.time for frame in islice(container.decode(video=0), 60)]


async def test_a_lesson_is_recorded_played_found_and_downloaded(scene: Scene) -> None:
    async with live(scene):
        began = await scene.house.ear.event("recording.state", state="recording")
        await asyncio.sleep(8)
        playing = await scene.get("/live/ses-1")
        assert playing["resource"] == began.resource
        live_url = scene.url(f"/resources/{began.resource}/master.m3u8")
        times = await asyncio.to_thread(peek, live_url, scene.headers("observer"))
        assert times[0] < 1
        assert len(times) > 50
    finished, took_s = await ring_bell(scene)
    assert took_s <= 10
    lesson_s = time.time() - took_s - scene.facts.starts_at
    assert began.at - scene.facts.starts_at < 1
    tracks = {track.track: track for track in finished.tracks}
    assert set(tracks) == {"centre-101.camera", "centre-101.microphone"}
    for track in tracks.values():
        assert track.completeness >= 0.99, track
        assert abs(track.duration_s - lesson_s) <= 0.5, (track, lesson_s)
        # From the bell on, not from when it was convenient.
        assert track.expected_s == pytest.approx(lesson_s, abs=0.2)
        start_lag_s = track.expected_s - track.duration_s
        print(f"{track.track}: recorded {start_lag_s:.3f} s less than the lesson")
        assert start_lag_s <= 0.1
    found = await scene.get("/resources?q=分数")
    assert [item["id"] for item in found["items"]] == [finished.resource]

    url = scene.url(f"/resources/{finished.resource}/master.m3u8")
    seen, heard = await asyncio.to_thread(play, url, scene.headers("observer"))
    assert len(seen) >= 6
    # The bell may cut the first beep in two.
    check_sync("playlist", seen, heard, torn=1)

    path = await download(scene, finished.resource)
    with av.open(str(path)) as container:
        codecs = {stream.codec_context.name for stream in container.streams}
        assert codecs == {"h264", "aac"}
        assert container.duration is not None
        assert abs(container.duration / 1e6 - lesson_s) <= 1
    # The first picture stands from the start of the file: its mark is early.
    seen, heard = await asyncio.to_thread(play, str(path), {})
    check_sync("download", seen, heard, torn=1)


async def test_a_killed_recorder_goes_on_into_the_same_recording(scene: Scene) -> None:
    async with live(scene):
        began = await scene.house.ear.event("recording.state", state="recording")
        await asyncio.sleep(6)
        killed = time.time()
        await scene.kill_recorder()
        await asyncio.sleep(1.5)
        await scene.start_recorder()
        restarted = time.time()
        await asyncio.sleep(6)
    finished, _ = await ring_bell(scene)
    assert finished.resource == began.resource
    origin_s = (await scene.get(f"/resources/{finished.resource}"))["starts_at"]
    told = await scene.get(f"/resources/{finished.resource}/gaps")
    assert len(told) == 2
    for track in told:
        assert [gap["reason"] for gap in track["gaps"]] == ["recorder_down"], track
        gap = track["gaps"][0]
        start_s = origin_s + gap["start_us"] / 1e6
        end_s = origin_s + gap["end_us"] / 1e6
        print(
            f"{track['track']}: lost before the kill {killed - start_s:.2f} s, "
            f"after the restart {end_s - restarted:.2f} s"
        )
        assert killed - start_s <= 1
        assert end_s - restarted <= 2
    url = scene.url(f"/resources/{finished.resource}")
    headers = scene.headers("observer")
    media = f"{url}/tracks/centre-101.camera/index.m3u8"
    async with scene.house.session.get(media, headers=headers) as answer:
        text = await answer.text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.count("#EXT-X-GAP") >= 1
    seen, heard = await asyncio.to_thread(play, f"{url}/master.m3u8", headers)
    check_sync("resumed", seen, heard, torn=1)
    path = await download(scene, finished.resource)
    seen, heard = await asyncio.to_thread(play, str(path), {})
    check_sync("download", seen, heard, torn=2)


async def test_a_recorder_that_is_stopped_and_missed_the_bell_still_finishes(
    scene: Scene,
) -> None:
    async with live(scene):
        began = await scene.house.ear.event("recording.state", state="recording")
        await asyncio.sleep(4)
        stopped = time.time()
        await scene.stop_recorder()
    end = SessionEnd(at=stopped, session="ses-1", reason="bell")
    await scene.bus.publish(end)
    await scene.start_recorder()
    finished = await scene.house.ear.event("recording.state", state="finished")
    assert finished.resource == began.resource
    for track in finished.tracks:
        assert track.lost_s < 0.5, track
        assert track.duration_s > 3


async def test_a_room_is_expected_only_while_it_is_heard(scene: Scene) -> None:
    async with live(scene):
        await scene.house.ear.event("recording.state", state="recording")
        room = await scene.house.room("sang-jian")
        master = scene.house.peers[0]
        await asyncio.sleep(3)
        await master.say(SetStage(participant=room.id, on_stage=True))
        await asyncio.sleep(4)
        await master.say(SetStage(participant=room.id, on_stage=False))
        await asyncio.sleep(3)
    finished, _ = await ring_bell(scene)
    tracks = {track.track: track for track in finished.tracks}
    assert len(tracks) == 4
    for name, track in tracks.items():
        # The room comes in mid-lesson and sends a keyframe only every two seconds.
        whole = 0.85 if name == "sang-jian.camera" else 0.99
        assert track.completeness >= whole, tracks
    heard, seen = tracks["sang-jian.microphone"], tracks["sang-jian.camera"]
    assert heard.expected_s == pytest.approx(4, abs=1)
    assert heard.duration_s == pytest.approx(4, abs=1)
    assert seen.expected_s > 7
    url = scene.url(f"/resources/{finished.resource}/master.m3u8")
    headers = scene.headers("observer")
    for query in ("", "?video=sang-jian.camera"):
        times, _ = await asyncio.to_thread(play, url + query, headers)
        assert times or query
    async with scene.house.session.get(url, headers=headers) as answer:
        text = await answer.text()
    assert "tracks/sang-jian.microphone/index.m3u8" in text
    async with asyncio.timeout(GUARD_S):
        # The room is heard by who only presses play, a little later.
        while "tracks/mix/index.m3u8" not in text:
            await asyncio.sleep(0.2)
            async with scene.house.session.get(url, headers=headers) as answer:
                text = await answer.text()
    _, heard_by_all = await asyncio.to_thread(play, url, headers)
    assert heard_by_all
    entry = await scene.get(f"/resources/{finished.resource}")
    assert {track["track"] for track in entry["tracks"]} == set(tracks)


async def test_a_recorder_that_comes_in_mid_lesson_declares_what_it_missed(
    scene: Scene,
) -> None:
    late_s = 7.0
    async with live(scene, late_s):
        began = await scene.house.ear.event("recording.state", state="recording")
        bell = scene.facts.starts_at
        missed_s = began.at - bell
        assert missed_s >= late_s
        await asyncio.sleep(5)
    finished, took_s = await ring_bell(scene)
    lesson_s = time.time() - took_s - bell
    entry = await scene.get(f"/resources/{finished.resource}")
    assert entry["starts_at"] == pytest.approx(bell, abs=0.001)
    assert entry["duration_s"] == pytest.approx(lesson_s, abs=0.5)
    assert entry["completeness"] == pytest.approx(1 - missed_s / lesson_s, abs=0.15)
    told = await scene.get(f"/resources/{finished.resource}/gaps")
    assert len(told) == 2
    for track in told:
        (gap,) = track["gaps"]
        assert (gap["start_us"], gap["reason"]) == (0, "recorder_down")
        assert gap["end_us"] / 1e6 == pytest.approx(missed_s, abs=2)
        url = scene.url(f"/resources/{finished.resource}/tracks/{track['track']}")
        headers = scene.headers("observer")
        async with scene.house.session.get(
            f"{url}/index.m3u8", headers=headers
        ) as answer:
            text = await answer.text()
        first = text.index("#EXTINF")
        assert "#EXT-X-GAP" in text[:first]
        lengths = re.findall(r"#EXTINF:([\d.]+)", text)
        assert sum(map(float, lengths)) == pytest.approx(lesson_s, abs=0.5)
