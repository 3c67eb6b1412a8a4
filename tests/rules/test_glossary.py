"""One word per thing: what the glossary refuses is no part of an identifier."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import ROOT, name, parsed, product

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def refused(glossary: str) -> set[str]:
    """`code` words of the last column of every four-column table headed `not`."""
    found: set[str] = set()
    counts = False
    for line in glossary.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not line.startswith("|"):
            counts = False
        elif cells[3] == "not":
            counts = True
        elif counts:
            words = re.findall(r"`([a-z_]+)`", cells[3])
            found.update(word for word in words if word != "session")
    return found


def identifiers(path: Path) -> Iterator[tuple[int, str]]:
    yield 1, path.stem
    for node in ast.walk(parsed(path)):
        match node:
            case (
                ast.FunctionDef(name=found)
                | ast.AsyncFunctionDef(name=found)
                | ast.ClassDef(name=found)
            ):
                yield node.lineno, found
            case ast.arg(arg=found):
                yield node.lineno, found
            case ast.Name(id=found, ctx=ast.Store()):
                yield node.lineno, found
            case ast.Attribute(attr=found, ctx=ast.Store()):
                yield node.lineno, found


def snake(identifier: str) -> str:
    """`_DownTrack` and `down_track` alike become `_down_track_`."""
    return "_" + "_".join(word.lower() for word in _WORDS.findall(identifier)) + "_"


def refused_words(root: Path, words: set[str]) -> list[str]:
    return [
        f"{name(root, path)}:{line}: {identifier} (the glossary refuses `{word}`)"
        for path in product(root)
        for line, identifier in identifiers(path)
        for word in sorted(words)
        if f"_{word}_" in snake(identifier)
    ]


def test_no_identifier_uses_a_word_that_the_glossary_refuses() -> None:
    words = refused((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert len(words) > 15
    assert refused_words(ROOT, words) == []


def test_the_status_page_uses_the_glossarys_words() -> None:
    from monitoring.cards import ROOM_WORDS

    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for code, words in ROOM_WORDS.items():
        row = next(line for line in glossary.splitlines() if f"| `{code}` |" in line)
        assert words.zh in row
        assert words.en in row


def test_a_refused_word_is_found_however_it_is_written(tmp_path: Path) -> None:
    glossary = "| 中文 | English | what it is | not |\n|---|---|---|---|\n"
    glossary += "| 参与者 | participant | one end | `attendee`, `down_track`, peer |\n"
    (tmp_path / "sfu").mkdir()
    (tmp_path / "sfu" / "room.py").write_text(
        "class DownTrack: ...\n"
        "def add(attendee_id): ...\n"
        "attendees = 1\n"
        "x = Attendee  # only read: somebody else's word\n"
    )
    assert refused(glossary) == {"attendee", "down_track"}
    found = refused_words(tmp_path, refused(glossary))
    assert [line.split()[0] for line in found] == [
        "sfu/room.py:1:",
        "sfu/room.py:2:",
    ]
