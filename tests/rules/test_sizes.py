"""Files and functions that have grown too long to read."""

import ast
from pathlib import Path

from tests.rules.house import ROOT, files, name, parsed

PYTHON_FILE_LINES = 500
TEST_FILE_LINES = 600
RUST_FILE_LINES = 600
FUNCTION_LINES = 60

# path -> why it may be longer.
LONGER_FILES: dict[str, str] = {}
# path::function -> why it may be longer.
LONGER_FUNCTIONS: dict[str, str] = {}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def limit(file: str) -> int:
    if file.endswith(".rs"):
        return RUST_FILE_LINES
    return TEST_FILE_LINES if file.startswith("tests/") else PYTHON_FILE_LINES


def long_files(root: Path) -> list[str]:
    sizes = {name(root, path): lines(path) for path in files(root, ".py", ".rs")}
    return [
        f"{file} has {size} lines, {limit(file)} is the limit"
        for file, size in sizes.items()
        if size > limit(file) and file not in LONGER_FILES
    ]


def functions(root: Path) -> list[tuple[int, str]]:
    """(lines, path::function), longest first; decorators and docstring count."""
    return sorted(
        (
            ((node.end_lineno or node.lineno) - node.lineno + 1, f"{file}::{node.name}")
            for path in files(root, ".py")
            for file in [name(root, path)]
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ),
        reverse=True,
    )


def long_functions(root: Path) -> list[str]:
    return [
        f"{function} has {size} lines, {FUNCTION_LINES} is the limit"
        for size, function in functions(root)
        if size > FUNCTION_LINES and function not in LONGER_FUNCTIONS
    ]


def test_no_file_is_too_long() -> None:
    sizes = sorted(
        ((lines(path), name(ROOT, path)) for path in files(ROOT, ".py", ".rs")),
        reverse=True,
    )
    print(
        "\nlargest files:", *(f"{size:5} {file}" for size, file in sizes[:10]), sep="\n"
    )
    assert long_files(ROOT) == []


def test_no_function_is_too_long() -> None:
    largest = functions(ROOT)[:10]
    print(
        "\nlargest functions:",
        *(f"{size:4} {where}" for size, where in largest),
        sep="\n",
    )
    assert long_functions(ROOT) == []


def test_every_exception_still_needs_one() -> None:
    sizes = {name(ROOT, path): lines(path) for path in files(ROOT, ".py", ".rs")}
    assert [f for f in LONGER_FILES if sizes.get(f, 0) <= limit(f)] == []
    spans = {where: size for size, where in functions(ROOT)}
    assert [f for f in LONGER_FUNCTIONS if spans.get(f, 0) <= FUNCTION_LINES] == []


def test_a_long_file_and_a_long_function_are_found(tmp_path: Path) -> None:
    body = "    x = 1\n" * FUNCTION_LINES
    (tmp_path / "wordy.py").write_text(f"def talk():\n{body}")
    (tmp_path / "endless.rs").write_text("//\n" * (RUST_FILE_LINES + 1))
    (tmp_path / "fine.py").write_text("def say():\n" + "    x = 1\n" * 59)
    assert long_functions(tmp_path) == ["wordy.py::talk has 61 lines, 60 is the limit"]
    assert long_files(tmp_path) == ["endless.rs has 601 lines, 600 is the limit"]
