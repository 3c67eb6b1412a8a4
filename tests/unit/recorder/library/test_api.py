"""`/library/v1` over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import pytest
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate

from common import http
from common.clock import SystemClock
from common.identity import AccessGrant, AccessRole, Signer
from common.objects import Objects
from recorder.library.api import Library
from recorder.library.downloads import Downloads
from recorder.library.mixes import Mixes
from recorder.library.model import entry_of
from recorder.library.shelf import Shelf
from recorder.library.store import LibraryStore, Outcome
from recorder.manifest import Manifest, completeness, figures
from tests.support import marked
from tests.unit.recorder.facts import ORIGIN_US, lesson_facts
from tests.unit.recorder.shelves import Piece, shelve

SECRET = "a secret that is only used by these tests"
ONE = "/library/v1/resources/res-1"


@dataclass
class Desk:
    client: TestClient  # type: ignore[type-arg]
    library: Library
    downloads: Downloads
    mixes: Mixes
    manifest: Manifest

    def sign_in(self, *roles: AccessRole) -> None:
        now_s = SystemClock().wall_us() / 1e6
        grant = AccessGrant(name="张老师", roles=list(roles))
        token = Signer(SECRET).access(grant, 3600, now_s)
        self.client.session.headers["Authorization"] = f"Bearer {token}"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The store itself is tested on both engines."""
    return f"sqlite+aiosqlite:///{tmp_path}/library.db"


@pytest.fixture
async def desk(library: LibraryStore, tmp_path: Path) -> AsyncIterator[Desk]:
    objects = Objects(f"file://{tmp_path}/objects")
    tracks = {
        "master.camera": [Piece(0, 4), Piece(6, 2)],
        "master.microphone": [Piece(0, 8)],
        "room-a.microphone": [Piece(2, 2)],
    }
    manifest = await shelve(objects, tracks, 8)
    await library.begin(entry_of(lesson_facts(), "res-1", "rec-1", ORIGIN_US / 1e6))
    told = [figures(manifest, track) for track in manifest.tracks.values()]
    await library.finish("res-1", Outcome(8, completeness(told), told))
    url, work = f"file://{tmp_path}/objects", tmp_path / "work"
    turn, clock, shelf = asyncio.Semaphore(1), SystemClock(), Shelf(objects, {})
    downloads = Downloads(objects, url, work, turn)
    mixes = Mixes(objects, url, work, tmp_path, turn, clock, shelf.forget)
    zone = ZoneInfo("Asia/Shanghai")
    api = Library(library, shelf, downloads, clock, zone)
    app = http.application(Signer(SECRET), clock)
    app.add_routes(api.router().routes())
    async with TestClient(TestServer(app)) as client:
        desk = Desk(client, api, downloads, mixes, manifest)
        desk.sign_in("teacher")
        yield desk
    await downloads.close()
    await mixes.close()


async def test_its_own_description_is_valid_openapi(desk: Desk) -> None:
    async with desk.client.get("/library/v1/openapi.json") as answer:
        document = await answer.json()
    validate(document)
    assert "/library/v1/resources/{id}/master.m3u8" in document["paths"]


async def test_a_lesson_is_found_by_words_facets_and_day(desk: Desk) -> None:
    queries = {
        "q=加减": 1,
        "q=减加": 0,
        "subject=数学&grade=五年级": 1,
        "from=2026-11-22&to=2026-11-22": 1,
        "to=2026-11-21": 0,
        "from=&to=&q=": 1,
        "state=ready": 1,
    }
    for query, count in queries.items():
        async with desk.client.get(f"/library/v1/resources?{query}") as answer:
            assert (await answer.json())["total"] == count, query
    async with desk.client.get("/library/v1/resources?page=0") as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == "bad_query"


async def test_a_stranger_is_asked_to_sign_in(desk: Desk) -> None:
    del desk.client.session.headers["Authorization"]
    for path in ("", "/master.m3u8", "/tracks/master.camera/run-1.mp4"):
        async with desk.client.get(ONE + path) as answer:
            assert answer.status == 401


async def test_a_librarian_corrects_and_a_teacher_does_not(desk: Desk) -> None:
    change = {"title": "异分母分数加减法"}
    async with desk.client.patch(ONE, json=change) as answer:
        assert answer.status == 403
    desk.sign_in("librarian")
    async with desk.client.patch(ONE, json=change) as answer:
        assert (await answer.json())["title"] == "异分母分数加减法"
    async with desk.client.get(ONE + "/changes") as answer:
        (line,) = await answer.json()
    assert (line["who"], line["old"]) == ("张老师", "分数的加减法")
    async with desk.client.patch(ONE, json={"bytes": 1}) as answer:
        assert answer.status == 400


async def test_a_segment_is_served_whole_or_in_part(desk: Desk) -> None:
    path = ONE + "/tracks/master.camera/000001-r1.m4s"
    async with desk.client.get(path) as answer:
        whole = await answer.read()
    segment = desk.manifest.tracks["master.camera"].segments[0]
    assert len(whole) == segment.bytes
    ranges = {"bytes=10-19": whole[10:20], "bytes=-5": whole[-5:], "bytes=0-": whole}
    for asked, expected in ranges.items():
        async with desk.client.get(path, headers={"Range": asked}) as answer:
            assert await answer.read() == expected, asked
    headers = {"Range": "bytes=10-19"}
    async with desk.client.get(path, headers=headers) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    headers = {"Range": f"bytes={len(whole)}-"}
    async with desk.client.get(path, headers=headers) as answer:
        assert answer.status == 416


@pytest.mark.parametrize(
    "path",
    [
        "/tracks/no-such/run-1.mp4",
        "/tracks/master.camera/000999-r1.m4s",
        "/tracks/master.camera/gap.m4s",
        "/tracks/master.camera/..%2Fmanifest.json",
        "/tracks/..%2F..%2Frec-1/run-1.mp4",
        "/download.mp4?video=no-such",
        "/master.m3u8?video=no-such%22%0A",
    ],
)
async def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    async with desk.client.get(ONE + path) as answer:
        assert answer.status == 404


async def play(desk: Desk) -> tuple[list[float], list[float]]:
    """When FFmpeg sees flashes and hears beeps."""
    url = str(desk.client.make_url(ONE + "/master.m3u8"))
    token = desk.client.session.headers["Authorization"]

    def decode() -> tuple[list[float], list[float]]:
        options = {"headers": f"Authorization: {token}\r\n"}
        with av.open(url, options=options) as container:
            seen = marked.flashes(container.decode(video=0))
        with av.open(url, options=options) as container:
            heard = marked.beeps(container.decode(audio=0))
        return seen, heard

    return await asyncio.to_thread(decode)


async def test_ffmpeg_plays_it_over_http(desk: Desk) -> None:
    seen, heard = await play(desk)
    assert [round(s) for s in seen] == [0, 1, 2, 3, 6, 7]
    offsets = marked.offsets_ms(seen, heard)
    assert len(offsets) == 6
    assert max(map(abs, offsets)) <= 40


async def test_the_download_has_a_chinese_name_and_takes_ranges(desk: Desk) -> None:
    async with desk.client.get(ONE + "/download.mp4") as answer:
        assert answer.status == 202
        assert (await answer.json())["state"] == "preparing"
    await desk.downloads.settled()
    async with desk.client.get(ONE + "/download.mp4") as answer:
        whole = await answer.read()
        name = answer.headers["Content-Disposition"]
    assert whole[4:8] == b"ftyp"
    assert "filename=\"lesson.mp4\"; filename*=UTF-8''%E6%95%B0%E5%AD%A6" in name
    headers = {"Range": "bytes=4-7"}
    async with desk.client.get(ONE + "/download.mp4", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (206, b"ftyp")


async def test_gaps_are_told_with_their_reasons(desk: Desk) -> None:
    async with desk.client.get(ONE + "/gaps") as answer:
        told = {line["track"]: line["gaps"] for line in await answer.json()}
    assert told["master.camera"] == [
        {"start_us": 4_000_000, "end_us": 6_000_000, "reason": "no_media"}
    ]
    assert told["master.microphone"] == []


async def test_the_mix_plays_as_soon_as_it_is_there(desk: Desk) -> None:
    _, before = await play(desk)
    await desk.mixes.want("rec-1")
    await desk.mixes.settled()
    seen, heard = await play(desk)
    assert [round(h) for h in before] == list(range(8))
    # The pupils' beeps are the teacher's, only louder.
    assert [round(h) for h in heard] == list(range(8))
    assert max(map(abs, marked.offsets_ms(seen, heard))) <= 40
    async with desk.client.get(ONE + "/master.m3u8") as answer:
        assert "tracks/mix/index.m3u8" in await answer.text()
    async with desk.client.get(ONE + "/tracks/mix/index.m3u8") as answer:
        assert "#EXT-X-ENDLIST" in await answer.text()
    async with desk.client.get(ONE + "/gaps") as answer:
        assert "mix" not in {line["track"] for line in await answer.json()}
