"""The agenda on the room's disk: safe, private, and never half."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from classroom_agent.agenda import Kept
from classroom_agent.agenda_file import NAME, AgendaFile, AgendaKeeper
from tests.support.guard import GUARD_S
from tests.unit.agent.timetable import agenda, lesson

OLD = Kept(site_room="huli").renewed(agenda(lesson("ses-1", 0, 40)))
NEW = OLD.renewed(agenda(lesson("ses-2", 50, 90), version="v2"))
NOTHING = Kept(site_room="huli")

WRITER = """
import sys
from pathlib import Path
from classroom_agent.agenda_file import AgendaFile
from tests.unit.agent.test_agenda_file import NEW, OLD
file = AgendaFile(Path(sys.argv[1]), "huli")
file.save(OLD)
print("begun", flush=True)
while True:
    file.save(NEW)
    file.save(OLD)
"""


@pytest.fixture
def file(tmp_path: Path) -> AgendaFile:
    return AgendaFile(tmp_path / "state", "huli")


def test_what_was_saved_is_there_after_a_boot(file: AgendaFile) -> None:
    file.save(OLD)
    assert file.load() == OLD
    file.save(NEW)
    assert file.load() == NEW


def test_a_room_that_was_never_told_anything_begins_with_nothing(
    file: AgendaFile,
) -> None:
    assert file.load() == NOTHING


def test_nobody_else_reads_its_tokens(file: AgendaFile, tmp_path: Path) -> None:
    path = tmp_path / "state" / NAME
    path.parent.mkdir()
    path.with_suffix(".part").touch(mode=0o666)
    before = os.umask(0)
    try:
        file.save(OLD)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b'{"site_room":"huli","lessons":[{}]}', b"\x00" * 512, b"[]", b"\xff"],
)
def test_a_damaged_file_is_named_and_passed_over(
    file: AgendaFile,
    tmp_path: Path,
    damage: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.save(OLD)
    (tmp_path / "state" / NAME).write_bytes(damage)
    assert file.load() == NOTHING
    assert "agenda_unreadable" in capsys.readouterr().out
    file.save(NEW)
    assert file.load() == NEW


def test_the_agenda_of_another_room_is_not_gone_by(
    file: AgendaFile, tmp_path: Path
) -> None:
    file.save(OLD)
    moved = AgendaFile(tmp_path / "state", "jiudong")
    assert moved.load() == Kept(site_room="jiudong")


def test_a_full_disk_leaves_the_old_one(
    file: AgendaFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.save(OLD)

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        file.save(NEW)
    assert file.load() == OLD


def test_a_program_killed_in_mid_write_leaves_the_old_one_or_the_new(
    file: AgendaFile, tmp_path: Path
) -> None:
    chance = random.Random(7)
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "state")],
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(timeout=chance.uniform(0.0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert file.load() in (OLD, NEW)


async def test_a_disk_that_was_full_is_written_when_there_is_room_again(
    file: AgendaFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom_agent.agenda_file.SAVE_AGAIN_S", 0.01)
    saves = []
    save = file.save

    def full_at_first(kept: Kept) -> None:
        saves.append(kept)
        if len(saves) == 1:
            raise OSError(28, "No space left on device")
        save(kept)

    monkeypatch.setattr(file, "save", full_at_first)
    saved = asyncio.Event()
    keeper = AgendaKeeper(file, saved.set)
    writing = asyncio.create_task(keeper.run())
    keeper.keep(OLD)
    async with asyncio.timeout(GUARD_S):
        await saved.wait()
    writing.cancel()
    assert keeper.saved == file.load() == OLD
    assert saves == [OLD, OLD]


async def test_of_many_changes_the_last_one_is_kept(file: AgendaFile) -> None:
    keeper = AgendaKeeper(file, lambda: None)
    writing = asyncio.create_task(keeper.run())
    for kept in (OLD, NEW, OLD, NEW):
        keeper.keep(kept)
    async with asyncio.timeout(GUARD_S):
        while keeper.saved is not NEW:
            await asyncio.sleep(0)
    writing.cancel()
    assert file.load() == NEW
