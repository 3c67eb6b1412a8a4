"""`tongke timetable` with arguments that cannot be right: a sentence, at once."""

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import scheduler
from tests.support.guard import GUARD_S
from tongke.__main__ import main

SAMPLE = str(Path(scheduler.__file__).parent / "sample")
TERM = ("--term", "2026-autumn")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it says; argparse leaves by SystemExit, we by a number."""
    try:
        code = main(["timetable", *arguments])
    except SystemExit as error:
        code = int(str(error.code))
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["nan", "0", "-5", "3601", "inf", "long"])
def test_a_time_that_is_none_is_refused(
    seconds: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.xlsx"
    more = (*TERM, "--out", str(out), "--seconds", seconds)
    assert "1 到 3600" in refused(capsys, "solve", SAMPLE, *more)
    assert not out.exists()


@pytest.mark.parametrize("week", ["0", "23", "99", "-1"])
def test_a_week_outside_the_term_is_refused(
    week: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "check", SAMPLE, *TERM, "--week", week)
    assert "第 1 周到第 22 周" in said


def test_a_result_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "plan.xlsx"
    folder.mkdir()
    for out in (folder, tmp_path / "nowhere" / "plan.xlsx"):
        said = refused(capsys, "solve", SAMPLE, *TERM, "--out", str(out))
        assert "不能写入" in said


def test_a_file_that_is_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = tmp_path / "lost.xlsx"
    assert str(lost) in refused(capsys, "check", str(lost), *TERM)
    key = ("--key", "k", "--server", "http://127.0.0.1:1")
    assert "要导入的文件" in refused(capsys, "import", str(tmp_path), *key)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--server", "nonsense"), "不是服务器地址"),
        (("--server", "http://127.0.0.1:1/app"), "不是服务器地址"),
        (("--server", "http://127.0.0.1:1", "--key", "钥匙"), "登录密钥"),
        (("--server", "http://127.0.0.1:1"), "连不上服务器"),
    ],
    ids=["address", "path", "key", "away"],
)
def test_a_server_that_cannot_be_asked_is_named(
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = ("--data", str(tmp_path), *arguments)
    assert words in refused(capsys, "check", *TERM, *more)


def test_a_terminal_without_chinese_still_shows_the_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert main(["timetable", "check", "/nowhere/plan.xlsx"]) == 2
    terminal.seek(0)
    assert "there is no file /nowhere/plan.xlsx" in terminal.read()


def test_ctrl_c_ends_the_search_at_once_with_the_best(tmp_path: Path) -> None:
    out = tmp_path / "plan.xlsx"
    order = ("solve", SAMPLE, *TERM, "--out", str(out), "--seconds", "600")
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", "tongke", "timetable", *order],
        cwd=Path(scheduler.__file__).parents[1],
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert any(b"improving" in line for line in child.stdout)
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=GUARD_S)
        assert child.returncode == 0
        assert "所有课都有了时间" in said.decode()
        assert out.exists()
    finally:
        child.kill()
        child.wait()
