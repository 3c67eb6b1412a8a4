"""Dashboards ask Prometheus questions that it understands and can answer.

That each metric exists is held by test_metrics.py, which reads these files too.
"""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.rules.house import ROOT
from tests.rules.test_alerts import promtool
from tests.rules.test_metrics import LABELS

DASHBOARDS = sorted((ROOT / "monitoring" / "dashboards").glob("*.json"))
_COLUMNS = 24
_ASKED = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_GROUPED = re.compile(r"\b(?:by|on|without)\s*\(([^)]*)\)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Prometheus itself adds these at each scrape.
_SCRAPED = {"instance", "job"}


def read(path: Path) -> dict[str, Any]:
    board: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return board


def questions(board: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(panel, expression) with Grafana's own variables filled in."""
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            expr = target["expr"].replace("$__rate_interval", "5m")
            yield panel["title"], re.sub(r"\$\w+", ".*", expr)


def foreign_labels(expr: str) -> set[str]:
    grouped = {g.strip() for found in _GROUPED.findall(expr) for g in found.split(",")}
    return (grouped | set(_ASKED.findall(expr))) - LABELS - _SCRAPED


def overlapping(panels: list[dict[str, Any]]) -> list[str]:
    """Panels that lie on one another or reach over the edge."""
    cells = {}
    for panel in panels:
        at = panel["gridPos"]
        columns = range(at["x"], at["x"] + at["w"])
        rows = range(at["y"], at["y"] + at["h"])
        cells[panel["title"]] = {(x, y) for x in columns for y in rows}
    found = [t for t, cell in cells.items() if any(x >= _COLUMNS for x, _ in cell)]
    pairs = combinations(cells.items(), 2)
    return found + [f"{a} / {b}" for (a, here), (b, there) in pairs if here & there]


def as_rules(expressions: list[str]) -> str:
    """Each expression as a recording rule, which promtool can check (JSON is YAML)."""
    rules = [
        {"record": f"classroom:panel:{number}", "expr": expr}
        for number, expr in enumerate(expressions)
    ]
    return json.dumps({"groups": [{"name": "panels", "rules": rules}]})


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_promtool_understands_every_question(path: Path, tmp_path: Path) -> None:
    asked = [expr for _, expr in questions(read(path))]
    assert len(asked) >= 20
    rules = tmp_path / "panels.yml"
    rules.write_text(as_rules(asked))
    result = promtool("check", "rules", str(rules))
    assert result.returncode == 0, result.stderr
    assert {expr: bad for expr in asked if (bad := foreign_labels(expr))} == {}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_panels_have_chinese_titles_their_own_place_and_the_chosen_source(
    path: Path,
) -> None:
    board = read(path)
    panels = board["panels"]
    assert [p["title"] for p in panels if not _CHINESE.search(p["title"])] == []
    assert len({p["id"] for p in panels}) == len(panels)
    assert len({p["title"] for p in panels}) == len(panels)
    assert overlapping(panels) == []
    shown = [p for p in panels if p["type"] != "row"]
    assert {p["datasource"]["uid"] for p in shown} == {"${datasource}"}
    assert [p["title"] for p in shown if not p["description"]] == []
    variables = {v["name"] for v in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?(?!__)(\w+)", json.dumps(panels)))
    assert used <= variables


def test_there_is_a_dashboard_and_no_two_share_a_place() -> None:
    assert DASHBOARDS
    uids = [read(path)["uid"] for path in DASHBOARDS]
    assert len(set(uids)) == len(uids)


def test_a_broken_question_and_a_foreign_label_are_found(tmp_path: Path) -> None:
    rules = tmp_path / "panels.yml"
    rules.write_text(as_rules(["sum(rate(classroom_rtp_bytes_total[5m])"]))
    assert promtool("check", "rules", str(rules)).returncode != 0
    assert foreign_labels('sum by (le, room) (x{session="1", instance=~".*"})') == {
        "room",
        "session",
    }
    here = {"x": 20, "y": 0, "w": 8, "h": 2}
    assert overlapping(
        [{"title": "a", "gridPos": here}, {"title": "b", "gridPos": here}]
    )
