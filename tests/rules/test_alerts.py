"""Alert rules parse, and fire when they should and only then (promtool)."""

import shutil
import subprocess
from pathlib import Path

from tests.rules.house import ROOT

RULES = ROOT / "monitoring" / "rules"


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("promtool")
    assert tool, "promtool is missing: install Debian's package `prometheus`"
    return subprocess.run(
        [tool, *arguments], capture_output=True, text=True, check=False
    )


def test_every_rules_file_parses() -> None:
    rules = sorted(RULES.glob("*.rules.yml"))
    assert rules
    for path in rules:
        result = promtool("check", "rules", str(path))
        assert result.returncode == 0, result.stderr


def test_alerts_fire_when_they_should() -> None:
    tests = sorted((RULES / "tests").glob("*.test.yml"))
    assert tests
    for path in tests:
        result = promtool("test", "rules", str(path))
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_rule_with_a_lost_bracket_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(up == 0\n"
    )
    assert promtool("check", "rules", str(broken)).returncode != 0
