"""Objects in a local directory."""

import os
from pathlib import Path

import pytest

from common.errors import ConflictError, NotFoundError, UnavailableError
from common.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(f"file://{tmp_path}/store")


async def test_what_was_put_can_be_read_whole_and_in_part(objects: Objects) -> None:
    await objects.put("a/b.bin", b"0123456789")
    assert await objects.get("a/b.bin") == b"0123456789"
    assert await objects.get_range("a/b.bin", 3, 4) == b"3456"
    assert await objects.size("a/b.bin") == 10


async def test_put_new_never_replaces(objects: Objects) -> None:
    await objects.put_new("a", b"one")
    with pytest.raises(ConflictError, match="object_exists"):
        await objects.put_new("a", b"two")
    assert await objects.get("a") == b"one"


async def test_a_missing_object_is_named(objects: Objects) -> None:
    with pytest.raises(NotFoundError, match="no object nowhere"):
        await objects.get("nowhere")
    with pytest.raises(NotFoundError):
        await objects.size("nowhere")
    with pytest.raises(NotFoundError):
        await objects.get_range("nowhere", 0, 1)


async def test_list_gives_the_paths_below_a_prefix(objects: Objects) -> None:
    for path in ("x/1", "x/y/2", "z/3"):
        await objects.put(path, b"")
    assert {path async for path in objects.list("x")} == {"x/1", "x/y/2"}


async def test_delete_is_idempotent(objects: Objects) -> None:
    await objects.put("a", b"1")
    await objects.delete("a")
    await objects.delete("a")
    with pytest.raises(NotFoundError):
        await objects.get("a")


async def test_a_file_is_put_whole(objects: Objects, tmp_path: Path) -> None:
    source = tmp_path / "f"
    source.write_bytes(b"x" * 100_000)
    await objects.put_file("f", source)
    assert await objects.size("f") == 100_000


async def test_a_store_whose_folder_became_a_file_says_it_is_unwritable(
    tmp_path: Path,
) -> None:
    objects = Objects(f"file://{tmp_path}/store")
    (tmp_path / "store" / "a").write_text("in the way")
    with pytest.raises(UnavailableError, match="store_unwritable"):
        await objects.put("a/b", b"1")


async def test_a_put_is_safe_at_a_power_cut_when_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's own word on what was synced; a power cut itself is not tried."""
    synced: list[str] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    root = tmp_path / "store"
    objects = Objects(f"file://{root}")
    await objects.put("rec-1/cam/1.m4s", b"media")
    way = [root / "rec-1/cam/1.m4s", root / "rec-1/cam", root / "rec-1", root]
    assert synced == [str(place) for place in way]
    synced.clear()
    source = tmp_path / "f"
    source.write_bytes(b"x")
    await objects.put_file("rec-1/whole.mp4", source)
    assert synced == [str(root / "rec-1/whole.mp4"), str(root / "rec-1"), str(root)]
