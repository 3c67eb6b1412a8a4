"""Names and labels of every metric of the house, read from the house itself."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from common.clock import SystemClock
from common.config import Config, ServerSection, SfuSection
from tests.rules.house import ROOT, files, name
from tongke import services
from tongke.house import House

LABELS = {
    "code", "device", "direction", "kind", "layer", "node", "outcome", "reason",
    "result", "role", "site", "state", "type", "le", "quantile",
}  # fmt: skip
MOST_FAMILIES_WITH_SITE = 10
_BAD_UNIT = re.compile(
    r"_(ms|us|ns|s|sec|minutes|hours|bps|kb|mb|kbps|percent|pct|milliseconds)(_|$)"
)
_METRIC = re.compile(r"\bclassroom_(?!agent\b)[a-z0-9_]+")
_SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_info")


def bad_names(names: Iterable[str]) -> list[str]:
    found = []
    for metric in names:
        if not metric.startswith("classroom_"):
            found.append(f"{metric}: the prefix is classroom_")
        if _BAD_UNIT.search(metric):
            found.append(f"{metric}: base units only (seconds, bytes, ratio)")
    return found


def bad_labels(labels: dict[str, set[str]]) -> list[str]:
    """Family -> its labels."""
    found = [
        f"{family}: label {label} is not in the closed set"
        for family, used in sorted(labels.items())
        for label in sorted(used - LABELS)
    ]
    with_site = sorted(family for family, used in labels.items() if "site" in used)
    if len(with_site) > MOST_FAMILIES_WITH_SITE:
        found.append(f"{len(with_site)} families grow with the district: {with_site}")
    return found


def label_sets(registry: CollectorRegistry) -> dict[str, set[str]]:
    """Declared labels; for families computed at a scrape those of their samples."""
    found: dict[str, set[str]] = {}
    for collector in list(registry._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            found[collector._name] = set(collector._labelnames)
            continue
        for family in collector.collect():
            labels = {label for sample in family.samples for label in sample.labels}
            found[family.name] = labels
    return found


def unknown_metrics(root: Path, families: set[str]) -> list[str]:
    """Metrics that rules, dashboards or documents speak of but no code makes."""
    shown = families | {family + suffix for family in families for suffix in _SUFFIXES}
    return [
        f"{name(root, path)}: {metric}"
        for path in files(root, ".yml", ".json", ".md")
        if name(root, path).startswith(("monitoring/", "docs/", "compose/"))
        for metric in sorted(set(_METRIC.findall(path.read_text(encoding="utf-8"))))
        if metric not in shown
    ]


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[CollectorRegistry]:
    """The one registry of a house with every service running."""
    config = Config(
        server=ServerSection(data_dir=tmp_path, port=0),
        sfu=SfuSection(bind="127.0.0.1", port=0),
    )
    house = House(config, services.factories(), SystemClock())
    await house.open()
    yield house._registry
    await house.close()


async def test_metrics_of_the_running_house_follow_the_rules(
    registry: CollectorRegistry,
) -> None:
    text = generate_latest(registry).decode()
    families = {family.name for family in text_string_to_metric_families(text)}
    assert {"classroom_agent_up", "classroom_sfu_rooms"} <= families
    assert bad_names(families) == []
    assert bad_labels(label_sets(registry)) == []
    assert unknown_metrics(ROOT, families) == []
    assert promtool_complaints(text) == []


async def test_rare_failures_stand_at_zero_before_the_first(
    registry: CollectorRegistry,
) -> None:
    """Prometheus sees no increase in a series that begins at 1."""
    for family, labels in (
        ("classroom_ice_total", {"result": "failed"}),
        ("classroom_session_starts_total", {"outcome": "failed", "reason": "missed"}),
        ("classroom_dtls_failures_total", {}),
        ("classroom_agents_lost_total", {}),
    ):
        assert registry.get_sample_value(family, labels) == 0


def promtool_complaints(text: str) -> list[str]:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: install Debian's package `prometheus`"
    result = subprocess.run(
        [promtool, "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return (result.stdout + result.stderr).splitlines()


def test_bad_names_and_labels_are_found() -> None:
    assert bad_names(["classroom_rtt_ms", "sfu_rooms", "classroom_rooms"]) == [
        "classroom_rtt_ms: base units only (seconds, bytes, ratio)",
        "sfu_rooms: the prefix is classroom_",
    ]
    many = {f"classroom_{n}": {"site"} for n in range(11)}
    found = bad_labels({"classroom_x": {"session"}, **many})
    assert found[0] == "classroom_x: label session is not in the closed set"
    assert found[1].startswith("11 families grow with the district")


def test_a_metric_that_no_code_makes_is_found(tmp_path: Path) -> None:
    rules = tmp_path / "monitoring" / "rules"
    rules.mkdir(parents=True)
    (rules / "a.yml").write_text(
        "expr: rate(classroom_joins_total[5m]) > classroom_ghosts\n"
    )
    assert unknown_metrics(tmp_path, {"classroom_joins"}) == [
        "monitoring/rules/a.yml: classroom_ghosts"
    ]


def test_promtool_sees_a_counter_without_total() -> None:
    text = "# HELP classroom_joins Joins\n# TYPE classroom_joins counter\n"
    complaints = promtool_complaints(text + "classroom_joins 1\n")
    assert any("_total" in complaint for complaint in complaints)
