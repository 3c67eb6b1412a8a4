"""Every dependency has its reason on docs/decisions/0001, and no reason outlives it."""

import json
import re
import tomllib
from pathlib import Path

from tests.rules.house import ROOT

PAGE = "docs/decisions/0001-stack.md"
_OURS = {"tongke-rtc"}


def dependencies(root: Path) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {})
    wanted = [
        *project["dependencies"],
        *(d for extra in extras.values() for d in extra),
    ]
    names = {re.split(r"[\[<>=;~! ]", requirement)[0] for requirement in wanted}
    for manifest in root.glob("rtc/crates/*/Cargo.toml"):
        names |= tomllib.loads(manifest.read_text())["dependencies"].keys()
    package = root / "web" / "package.json"
    if package.is_file():
        web = json.loads(package.read_text())
        names |= web["dependencies"].keys() | web["devDependencies"].keys()
    return names - _OURS


def reasons(page: str) -> set[str]:
    """`code` words in the first column of every table."""
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_dependency_has_its_reason_and_no_other_has() -> None:
    given = reasons((ROOT / PAGE).read_text(encoding="utf-8"))
    assert sorted(dependencies(ROOT) - given) == []
    assert sorted(given - dependencies(ROOT)) == []


def test_a_dependency_without_a_reason_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["aiohttp>=3", "sqlalchemy[asyncio]<3"]\n'
        '[project.optional-dependencies]\ndev = ["uv==1; python_version > 3"]\n'
    )
    assert dependencies(tmp_path) == {"aiohttp", "sqlalchemy", "uv"}
    assert reasons("| `aiohttp`, `lit` | for `x` |\n|---|\n") == {"aiohttp", "lit"}
