"""Nothing of one machine, one registry or one workplace is in the tree."""

import re
from pathlib import Path

from tests.rules.house import ROOT, files, name

TEXT = {
    ".py", ".rs", ".ts", ".mjs", ".js", ".css", ".html", ".md", ".toml", ".json",
    ".yml", ".yaml", ".lock", ".cfg", ".ini", ".sh", ".txt", ".csv", ".conf", ".mako",
    ".pyi", "",
}  # fmt: skip
LOCKS = {"requirements.lock", "package-lock.json", "Cargo.lock"}
# The one registry that cargo writes into every lock file, for everybody alike.
_CARGO_REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
_PATTERNS = {
    "a person's folder": re.compile(r"(?<![\w.$}])/(?:home|Users|root)/[\w.-]+"),
    "a folder of one machine": re.compile(r"(?<![\w.])[A-Z]:\\\\?Users\b"),
    "a package index": re.compile(
        r"--(?:extra-)?index-url|^\s*registry\s*=\s*\"?http|_INDEX_URL\s*=",
        re.MULTILINE,
    ),
    "a number of an issue": re.compile(r"\bissues?\s+#?\d+\b", re.IGNORECASE),
}


def private(root: Path) -> list[str]:
    """Findings as `file: what: the text`."""
    found = []
    for path in files(root):
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        found += [
            f"{name(root, path)}: {what}: {match[0]}"
            for what, pattern in _PATTERNS.items()
            for match in pattern.finditer(text)
        ]
        if str(root) in text:
            found.append(f"{name(root, path)}: this checkout's own folder: {root}")
        if path.name in LOCKS:
            addresses = re.findall(r"\w*\+?https?://[^\s\"']+", text)
            found += [
                f"{name(root, path)}: address in a lock: {address}"
                for address in addresses
                if address != _CARGO_REGISTRY and not _is_about(path, address)
            ]
    return found


def _is_about(path: Path, address: str) -> bool:
    """npm writes where to give money for a package; it fetches nothing from there."""
    funding = re.findall(r'"url": "([^"]+)"', path.read_text(encoding="utf-8"))
    return path.name == "package-lock.json" and address in funding


def test_nothing_private_is_in_the_tree() -> None:
    assert private(ROOT) == []


def test_private_things_are_found(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text(
        "--index-url https://mirror.example/simple\naiohttp==3.14.5\n"
    )
    (tmp_path / "notes.md").write_text(
        f"built in {tmp_path}/build, see /home/li/notes and issue 12\n"
        "hls.js#7827 is elsewhere\n"
    )
    (tmp_path / "Cargo.lock").write_text(f'source = "{_CARGO_REGISTRY}"\n')
    kinds = sorted(line.split(": ")[1] for line in private(tmp_path))
    assert kinds == [
        "a number of an issue",
        "a package index",
        "a person's folder",
        "address in a lock",
        "this checkout's own folder",
    ]
