"""The sound of everybody, made after class."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from common.clock import SystemClock
from common.objects import Objects
from recorder.library.mixes import Mixes
from recorder.manifest import MIX, Manifest, figures
from recorder.playlist import master_playlist, media_playlist
from recorder.storage import object_path
from tests.support import marked
from tests.unit.recorder.shelves import Piece, shelve

TWO_VOICES = {
    "master.camera": [Piece(0, 9)],
    "master.microphone": [Piece(0, 4)],
    "room-a.microphone": [Piece(6, 3)],
}


class Bench:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.objects = Objects(f"file://{place}/objects")
        self.published: list[str] = []
        self.mixes = Mixes(
            self.objects,
            f"file://{place}/objects",
            place / "work",
            place,
            asyncio.Semaphore(1),
            SystemClock(),
            self.published.append,
        )

    async def manifest(self) -> Manifest:
        data = await self.objects.get(object_path("rec-1", "manifest.json"))
        return Manifest.model_validate_json(data)

    async def media(self, manifest: Manifest) -> Path:
        """The derived track as a player puts it together."""
        text = media_playlist(manifest, manifest.derived[MIX])
        names = re.findall(r'URI="([^"]+)"', text)
        names += [line for line in text.splitlines() if line.endswith(".m4s")]
        path = self.place / "mix.mp4"
        parts = [await self.objects.get(object_path("rec-1", MIX, n)) for n in names]
        path.write_bytes(b"".join(parts))
        return path


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    await bench.mixes.close()


async def test_everybody_is_heard_in_the_default_sound(bench: Bench) -> None:
    before = await shelve(bench.objects, TWO_VOICES, 9)
    (default,) = re.findall(r"#EXT-X-MEDIA.*DEFAULT=YES.*", master_playlist(before))
    assert "tracks/master.microphone/" in default
    await bench.mixes.want("rec-1")
    await bench.mixes.settled()
    after = await bench.manifest()
    assert bench.published == ["rec-1"]
    (default,) = re.findall(r"#EXT-X-MEDIA.*DEFAULT=YES.*", master_playlist(after))
    assert "tracks/mix/" in default
    with av.open(str(await bench.media(after))) as container:
        heard = marked.beeps(container.decode(audio=0))
    # An Opus decoder hears nothing of its first packet.
    assert heard == pytest.approx([0, 1, 2, 3, 6, 7, 8], abs=0.04)
    assert heard[1:] == pytest.approx([1, 2, 3, 6, 7, 8], abs=0.01)


async def test_it_is_derived_and_never_counted(bench: Bench) -> None:
    before = await shelve(bench.objects, TWO_VOICES, 9)
    await bench.mixes.want("rec-1")
    await bench.mixes.settled()
    after = await bench.manifest()
    assert after.model_copy(update={"derived": {}}) == before
    told = [figures(after, track).track for track in after.tracks.values()]
    assert MIX not in told
    assert list(bench.place.glob("*.mix")) == []


async def test_its_segments_end_where_a_picture_begins_anew(bench: Bench) -> None:
    tracks = {**TWO_VOICES, "master.camera": [Piece(0, 3), Piece(3, 6, width=640)]}
    await shelve(bench.objects, tracks, 9)
    await bench.mixes.want("rec-1")
    await bench.mixes.settled()
    after = await bench.manifest()
    starts = [s.start_us for s in after.derived[MIX].segments]
    assert starts == pytest.approx([0, 3_000_000], abs=20_000)
    lines = media_playlist(after, after.derived[MIX]).splitlines()
    assert lines.count("#EXT-X-DISCONTINUITY") == 1
    assert lines.index("#EXT-X-DISCONTINUITY") > lines.index("000001-r1.m4s")


async def test_what_was_left_at_a_stop_is_made_at_the_next_start(bench: Bench) -> None:
    await shelve(bench.objects, TWO_VOICES, 9)
    await bench.mixes.want("rec-1")
    await bench.mixes.close()
    assert (await bench.manifest()).derived == {}
    again = Bench(bench.place)
    again.mixes.resume()
    await again.mixes.settled()
    assert MIX in (await again.manifest()).derived


async def test_one_voice_needs_no_mix(bench: Bench) -> None:
    tracks = {"master.camera": [Piece(0, 2)], "master.microphone": [Piece(0, 2)]}
    before = await shelve(bench.objects, tracks, 2)
    await bench.mixes.want("rec-1")
    await bench.mixes.settled()
    assert await bench.manifest() == before
