"""Runs the steps of `make check` or `make test` and says how each went.

`REPORT=path` writes the figures as JSON: seconds and outcome of each step, and what
pytest counted. All steps of a check run even when one fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
RUST = ROOT / "rtc"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    folder: Path = ROOT


@dataclass
class Outcome:
    name: str
    seconds: float
    passed: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    """Only of pytest: tests, failures, errors, skipped."""


NPM = (sys.executable, "web/npm.py", "run", "--silent")
PYTEST = (sys.executable, "-m", "pytest")
TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
CHECK = (
    Step("format", (str(BIN / "ruff"), "format", "--check", ".")),
    Step("lint", (str(BIN / "ruff"), "check", ".")),
    Step("types", (str(BIN / "mypy"),)),
    Step("imports", (str(BIN / "lint-imports"), "--no-cache")),
    Step("rust format", ("cargo", "fmt", "--all", "--check"), RUST),
    Step(
        "rust lint",
        ("cargo", "clippy", "-q", "--release", "--all-targets", "--", "-D", "warnings"),
        RUST,
    ),
    Step("web", (*NPM, "check")),
)
TEST = (
    Step("rust", ("cargo", "test", "-q", "--release", "-p", "tongke-rtc"), RUST),
    Step("web", (*NPM, "test")),
    # Most of a test is waiting for a bell or a server. The tests of a file stay
    # together: they share its servers.
    Step("pytest", (*PYTEST, "-m", "not browser and not live", *TWO)),
    # No processes of a browser in those that count their own.
    Step("pytest pages", (*PYTEST, "tests/browser", "-m", "not live", *TWO)),
    # A late frame or a late bell is a failure: what is live has the machine to itself.
    Step("pytest live", (*PYTEST, "-m", "live", "--durations", "15")),
)
STEPS = {"check": CHECK, "test": TEST}


def main(which: str) -> int:
    """Exit status: 0 when every step passed."""
    with tempfile.TemporaryDirectory(prefix="tongke-steps-") as folder:
        outcomes = [_run(step, Path(folder)) for step in STEPS[which]]
    for outcome in outcomes:
        mark = "✔" if outcome.passed else "✘"
        print(f"  {mark} {outcome.name}: {outcome.seconds:.1f} s")
    passed = all(outcome.passed for outcome in outcomes)
    if report := os.environ.get("REPORT"):
        steps = [asdict(outcome) for outcome in outcomes]
        content = json.dumps({"passed": passed, "steps": steps}, indent=2)
        Path(report).write_text(content)
    return 0 if passed else 1


def _run(step: Step, folder: Path) -> Outcome:
    print(f"== {step.name}", flush=True)
    counted = folder / f"{step.name}.xml"
    more = [f"--junit-xml={counted}"] if "pytest" in step.command else []
    started = time.monotonic()
    status = subprocess.run([*step.command, *more], cwd=step.folder).returncode
    seconds = time.monotonic() - started
    return Outcome(step.name, round(seconds, 1), status == 0, _counts(counted))


def _counts(junit: Path) -> dict[str, int]:
    if not junit.exists():
        return {}
    suite = ElementTree.parse(junit).getroot().find("testsuite")
    assert suite is not None
    names = ("tests", "failures", "errors", "skipped")
    return {name: int(suite.get(name, 0)) for name in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
