"""The tree under the rules: which files are ours."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "tongke",
    "sfu",
    "classroom_agent",
    "scheduler",
    "recorder",
    "monitoring",
    "rtc",
    "common",
)
_SKIPPED = {".git", ".venv", "node_modules", "target", "dist", "__pycache__", "data"}


@cache
def files(root: Path, *suffixes: str) -> tuple[Path, ...]:
    """Our own files below `root`, built and ignored ones left out, sorted.

    In a git checkout what git would track, elsewhere everything.
    """
    found = _tracked(root) if (root / ".git").exists() else _walked(root)
    return tuple(
        sorted(
            path
            for path in found
            if path.is_file() and (not suffixes or path.suffix in suffixes)
        )
    )


def _tracked(root: Path) -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name:
            yield root / name


def _walked(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        if _SKIPPED.isdisjoint(path.relative_to(root).parts):
            yield path


def name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def product(root: Path) -> Iterator[Path]:
    """Python files of the product: the packages, without tests."""
    for path in files(root, ".py"):
        if path.relative_to(root).parts[0] in PACKAGES:
            yield path


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
