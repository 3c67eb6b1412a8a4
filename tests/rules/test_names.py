"""Every function that a document names exists."""

import ast
import re
from pathlib import Path

from tests.rules.house import PACKAGES, ROOT, files, name, parsed

_DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+)`")
_RUST = re.compile(r"`([\w/]+\.rs)::(\w+)`")
_RUST_HOME = "rtc/crates/core/src"


def unknown_names(root: Path) -> list[str]:
    found = []
    for page in files(root, ".md"):
        text = page.read_text(encoding="utf-8")
        found += [
            f"{name(root, page)}: {dotted}"
            for dotted in _DOTTED.findall(text)
            if not exists(root, dotted.split("."))
        ]
        found += [
            f"{name(root, page)}: {file}::{function}"
            for file, function in _RUST.findall(text)
            if not exists_in_rust(root, file, function)
        ]
    return found


def exists(root: Path, parts: list[str]) -> bool:
    """Walks packages, then the module, then classes: nothing is imported."""
    where = root
    for taken, part in enumerate(parts):
        module = where / f"{part}.py"
        if module.is_file():
            return _defines(parsed(module).body, parts[taken + 1 :])
        if not (where / part).is_dir():
            package = where / "__init__.py"
            return package.is_file() and _defines(parsed(package).body, parts[taken:])
        where = where / part
    return True


def _defines(body: list[ast.stmt], parts: list[str]) -> bool:
    if not parts:
        return True
    for node in body:
        match node:
            case ast.ClassDef(name=found) if found == parts[0]:
                return _defines(node.body, parts[1:])
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found):
                if found == parts[0]:
                    return len(parts) == 1
            case ast.ImportFrom(names=names):
                if parts[0] in {alias.asname or alias.name for alias in names}:
                    return len(parts) == 1
            case (
                ast.Assign(targets=[ast.Name(id=found)])
                | ast.AnnAssign(target=ast.Name(id=found))
            ):
                if found == parts[0]:
                    return len(parts) == 1
    return False


def exists_in_rust(root: Path, file: str, function: str) -> bool:
    source = root / _RUST_HOME / file
    return source.is_file() and bool(
        re.search(rf"\bfn {function}\b", source.read_text(encoding="utf-8"))
    )


def test_every_function_that_a_document_names_exists() -> None:
    flows = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
    assert len(_DOTTED.findall(flows)) > 50
    assert len(_RUST.findall(flows)) > 10
    assert unknown_names(ROOT) == []


def test_a_function_that_was_renamed_is_found(tmp_path: Path) -> None:
    (tmp_path / "sfu").mkdir()
    (tmp_path / "sfu" / "room.py").write_text(
        "LIMIT = 3\nclass Room:\n    async def admit(self): ...\ndef close(): ...\n"
    )
    (tmp_path / "rtc/crates/core/src").mkdir(parents=True)
    (tmp_path / "rtc/crates/core/src/shard.rs").write_text("fn ingest() {}\n")
    (tmp_path / "flows.md").write_text(
        "`sfu.room.Room.admit` `sfu.room.Room` `sfu.room.close` `sfu.room.LIMIT`\n"
        "`sfu.room.Room.leave` `sfu.rooms.close` `sfu.room.open`\n"
        "`shard.rs::ingest` `shard.rs::digest` `none.rs::ingest`\n"
    )
    assert unknown_names(tmp_path) == [
        "flows.md: sfu.room.Room.leave",
        "flows.md: sfu.rooms.close",
        "flows.md: sfu.room.open",
        "flows.md: shard.rs::digest",
        "flows.md: none.rs::ingest",
    ]
