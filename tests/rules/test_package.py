"""A built package holds everything that a run needs, and runs without the sources."""

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.rules.house import PACKAGES, ROOT, files, name
from tests.support.guard import GUARD_S

# Files beside the code that only those need who change or build it.
NOT_SHIPPED = (
    "*/migrations/script.py.mako",
    "monitoring/rules/tests/*",
    "rtc/Cargo.*",
    "rtc/README.md",
    "rtc/crates/*",
    "web/*.json",
    "web/*.mjs",
    "web/src/*",
    "web/tests/*",
)
# setup.py without its Rust extension: that takes minutes and is built by `make engine`.
_BUILD = "from setuptools import setup; setup(script_name='setup.py')"
ENGINE = ROOT / "rtc" / "_engine.abi3.so"


def build(into: Path) -> set[str]:
    """What setuptools ships, written to `into`; the engine is taken as it was built.

    Nothing is written into the tree.
    """
    arguments = ["build_py", "--quiet", "--build-lib", str(into)]
    build = [sys.executable, "-c", _BUILD, *arguments]
    subprocess.run(build, cwd=ROOT, check=True, timeout=GUARD_S)
    assert ENGINE.is_file(), "the media engine is not built: run `make engine`"
    shutil.copy(ENGINE, into / "rtc")
    return {path.relative_to(into).as_posix() for path in into.rglob("*.*")}


def missing(root: Path, shipped: set[str]) -> list[str]:
    """Files of the packages that a package neither ships nor may leave out."""
    ours = {name(root, path) for path in files(root)}
    return sorted(
        path
        for path in ours - shipped
        if path.startswith(tuple(f"{package}/" for package in (*PACKAGES, "web")))
        and not any(fnmatch(path, pattern) for pattern in NOT_SHIPPED)
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    folder = tmp_path_factory.mktemp("installed")
    return folder, build(folder)


def test_a_package_ships_every_file_of_ours(installed: tuple[Path, set[str]]) -> None:
    _, shipped = installed
    assert missing(ROOT, shipped) == []
    assert {"rtc/py.typed", "rtc/_engine.pyi", "rtc/_engine.abi3.so"} <= shipped
    assert not any(
        fnmatch(path, pattern) for path in shipped for pattern in NOT_SHIPPED
    )


def test_a_package_ships_the_built_pages(installed: tuple[Path, set[str]]) -> None:
    _, shipped = installed
    dist = ROOT / "web" / "dist"
    built = {name(ROOT, path) for path in dist.rglob("*") if path.is_file()}
    assert "web/dist/today.html" in built, "no pages: run `make web`"
    assert built <= shipped


def test_a_file_that_is_not_shipped_is_found(tmp_path: Path) -> None:
    (tmp_path / "sfu").mkdir()
    (tmp_path / "sfu" / "app.py").touch()
    (tmp_path / "sfu" / "table.csv").touch()
    assert missing(tmp_path, {"sfu/app.py"}) == ["sfu/table.csv"]


_RUN = """
import asyncio, sys
from pathlib import Path

from classroom_agent.capture import Placeholder
from classroom_agent.devices import alsa_microphone
from common.clock import SystemClock
from common.config import Config, ServerSection, SfuSection
from scheduler.sample import sample_uploads
from tongke import services
from tongke.house import House
from web.pages import page_routes


async def raise_house():
    config = Config(
        server=ServerSection(data_dir=Path("data"), port=0),
        sfu=SfuSection(bind="127.0.0.1", port=0),
    )
    house = House(config, services.factories(), SystemClock())
    await house.open(page_routes())
    await house.close()


asyncio.run(raise_house())
assert len(sample_uploads()) > 5
for words in ("camera_lost", "screen_lost"):
    Placeholder(words, 640, 360).picture()
assert alsa_microphone._OUR_CONFIG.is_file()
print(*(m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)),
      sep="\\n")
"""


def test_everything_runs_from_the_package_alone(
    installed: tuple[Path, set[str]], tmp_path: Path
) -> None:
    """Server with all its migrations, pages, sample district, pictures of a room."""
    folder, _ = installed
    result = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    loaded = [line for line in result.stdout.splitlines() if line.startswith("/")]
    ours = [line for line in loaded if line.startswith(str(folder))]
    foreign = (str(ROOT / package) + "/" for package in (*PACKAGES, "web"))
    assert len(ours) > 100
    assert [line for line in loaded if line.startswith(tuple(foreign))] == []
