"""What the benchmark says of files, good and bad."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from benchmarks.xhstt.__main__ import main
from benchmarks.xhstt.bench import Agreement, Measured, measure
from benchmarks.xhstt.instance import Cost
from benchmarks.xhstt.published import LICENCES, NO_LICENCE
from benchmarks.xhstt.reader import read_file
from common.errors import ParseError
from tests.unit.xhstt.texts import archive, constraint, event, groups, meet, people

LESSONS = [event("x", 2, "c1", "c2", "t1"), event("y", 1, "c1", "t2")]
RULES = [
    constraint("AssignTime", groups("all"), required=True),
    constraint("AvoidClashes", people("c1", "c2"), required=True),
]
CLASHING = [meet("x", 2, "a1"), meet("y", 1, "a2")]


def folder_with(place: Path, **files: bytes) -> Path:
    for name, data in files.items():
        (place / f"{name}.xml").write_bytes(data)
    return place


def test_an_instance_is_judged_solved_and_set_beside_the_best(tmp_path: Path) -> None:
    text = archive(LESSONS, RULES, CLASHING, report=Cost(1, 0))
    [measured] = measure(folder_with(tmp_path, small=text), 10.0)
    assert isinstance(measured, Measured)
    assert measured.agreement == Agreement(1, 1, ())
    assert measured.several_classes == 1
    assert measured.ours == Cost(0, 0)
    assert measured.best is not None
    assert measured.best.cost == Cost(1, 0)


def test_a_published_cost_that_is_not_ours_is_named(tmp_path: Path) -> None:
    text = archive(LESSONS, RULES, CLASHING, report=Cost(0, 7))
    [measured] = measure(folder_with(tmp_path, small=text), 10.0)
    assert isinstance(measured, Measured)
    assert measured.agreement.exact == 0
    assert "hand: published" in measured.agreement.different[0]


def test_a_file_that_is_not_xhstt_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a=b"<html/>", b=archive(LESSONS, RULES))
    bad, good = measure(folder, 10.0)
    assert isinstance(bad, ParseError)
    assert isinstance(good, Measured)


def test_our_solution_is_written_with_its_cost(tmp_path: Path) -> None:
    source = folder_with(tmp_path, small=archive(LESSONS, RULES)) / "small.xml"
    list(measure(source, 10.0, out=tmp_path / "out"))
    written = read_file(tmp_path / "out" / "small.xml")
    assert written.solutions[0].reported == Cost(0, 0)


def test_the_licence_is_that_of_the_very_file(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    text = archive(LESSONS, RULES, CLASHING)
    folder_with(tmp_path, known=text, other=text + b"<!-- changed -->")
    known = hashlib.sha256(text).hexdigest()
    monkeypatch.setitem(LICENCES, known, "MIT, example.org")
    assert run(monkeypatch, str(tmp_path), "--seconds", "0") == 0
    said = capsys.readouterr().out
    assert said.count("small (MIT, example.org): ") == 1
    assert said.count(f"small ({NO_LICENCE}): ") == 1


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["xhstt", *words])
    return main()


def test_without_files_it_says_that_it_was_not_run_and_where_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 0
    said = capsys.readouterr().out
    assert "not run" in said
    assert "utwente.nl" in said
    assert "ok" not in said.split()


def test_figures_are_written_as_json_and_a_disagreement_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    text = archive(LESSONS, RULES, CLASHING, report=Cost(0, 7))
    folder_with(tmp_path, small=text)
    report = tmp_path / "report.json"
    monkeypatch.setenv("REPORT", str(report))
    assert run(monkeypatch, str(tmp_path), "--seconds", "10") == 1
    [figure] = json.loads(report.read_text())["figures"]
    assert figure["ours"] == {"hard": 0, "soft": 0}
    assert "MISS small" in capsys.readouterr().out


def test_no_seconds_is_the_judge_alone(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    folder_with(tmp_path, small=archive(LESSONS, RULES, CLASHING, report=Cost(1, 0)))
    assert run(monkeypatch, str(tmp_path), "--seconds", "0") == 0
    assert "judge 1/1 published costs exact; judged only" in capsys.readouterr().out
