"""The deployment of one server holds together, as far as files can tell."""

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
import yaml

from common.config import Config, load
from tests.rules.house import ROOT, files
from tests.rules.test_alerts import promtool

COMPOSE = ROOT / "compose"
CONFIGS = sorted((COMPOSE / "config").glob("*.toml"))
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
# `name:tag` or `owner/name:tag`: no host of a registry, no floating tag.
_IMAGE = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?:[\w.-]*\d[\w.-]*")


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (COMPOSE / "docker-compose.yml").read_text(encoding="utf-8")
    )
    return loaded


def mounts(services: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(service, source with defaults filled in, target)."""
    for name, service in services.items():
        for mount in service.get("volumes", ()):
            plain = _VARIABLE.sub(lambda match: match[2] or "", mount)
            source, target, *_ = plain.split(":")
            yield name, source, target


def lost_mounts(services: dict[str, Any], volumes: set[str], base: Path) -> list[str]:
    """Mounted files that do not exist, and volumes that are not declared."""
    return [
        f"{name}: {source}"
        for name, source, _ in mounts(services)
        if not (
            (base / source).exists() if source.startswith(".") else source in volumes
        )
    ]


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """(instruction, arguments), with continued lines joined."""
    lines = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", lines)
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(word, rest) for word, rest in pairs]


def dockerfile() -> list[tuple[str, str]]:
    return instructions((COMPOSE / "Dockerfile").read_text(encoding="utf-8"))


def published(service: dict[str, Any]) -> set[int]:
    """Ports of the host. Raises AssertionError for one that is open to everybody."""
    found = set()
    for port in service.get("ports", ()):
        address, outside, _ = port.split(":")
        assert address == "127.0.0.1", f"{port} is open to everybody"
        found.add(int(outside))
    return found


def test_every_mounted_file_exists_and_every_volume_is_declared() -> None:
    whole = compose()
    assert lost_mounts(whole["services"], set(whole["volumes"]), COMPOSE) == []
    used = {source for _, source, _ in mounts(whole["services"])}
    assert set(whole["volumes"]) <= used


def test_a_lost_mount_is_found(tmp_path: Path) -> None:
    (tmp_path / "here.toml").touch()
    service = {
        "volumes": ["${F:-./here.toml}:/a:ro", "./gone:/b", "disk:/c", "none:/d"]
    }
    assert lost_mounts({"one": service}, {"disk"}, tmp_path) == [
        "one: ./gone",
        "one: none",
    ]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_a_mounted_configuration_loads_and_agrees_on_ports(path: Path) -> None:
    config, plain = load(path), Config()
    services, image = compose()["services"], dict(dockerfile())
    exposed = set(image["EXPOSE"].split())
    http, media = config.server.port, config.sfu.port
    assert exposed == {f"{http}/tcp", f"{media}/udp", f"{media}/tcp"}
    assert (http, media) == (plain.server.port, plain.sfu.port)
    assert f"127.0.0.1:{http}/healthz" in image["HEALTHCHECK"]
    caddy = (COMPOSE / "config" / "Caddyfile").read_text(encoding="utf-8")
    assert f"reverse_proxy 127.0.0.1:{http}\n" in caddy
    volumes = {target for name, _, target in mounts(services) if name == "tongke"}
    assert str(config.server.data_dir) in volumes
    assert image["VOLUME"] == str(config.server.data_dir)
    assert config.server.host == "0.0.0.0"


def test_the_server_finds_its_stores() -> None:
    config = load(COMPOSE / "config" / "stores.toml")
    services = compose()["services"]
    bus, database = urlparse(config.bus.url), urlparse(config.database.url)
    objects, given = urlparse(config.objects.url), services["tongke"]["environment"]
    endpoint = urlparse(given["AWS_ENDPOINT"])
    for url, service in (
        (bus, "valkey"),
        (database, "postgres"),
        (endpoint, "objects"),
    ):
        assert url.hostname == "127.0.0.1"
        assert url.port in published(services[service])
        assert services[service]["profiles"] == ["stores"]
        assert services["tongke"]["depends_on"][service]["required"] is False
        assert "healthcheck" in services[service]
    postgres, store = (services[s]["environment"] for s in ("postgres", "objects"))
    assert (database.username, database.path) == (
        postgres["POSTGRES_USER"],
        "/" + postgres["POSTGRES_DB"],
    )
    assert given["PGPASSWORD"] == postgres["POSTGRES_PASSWORD"]
    assert objects.hostname == store["S3_BUCKET"]
    assert store.items() >= {
        (key, given[key]) for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    }


def test_without_a_choice_nothing_but_the_server_runs_on_the_embedded_stores() -> None:
    services = compose()["services"]
    assert [n for n, s in services.items() if "profiles" not in s] == ["tongke"]
    sources = {t: s for n, s, t in mounts(services) if n == "tongke"}
    _, command = next(i for i in dockerfile() if i[0] == "CMD")
    mounted = next(t for t in sources if t in command)
    config = load(COMPOSE / sources[mounted])
    assert (config.bus.url, config.database.url, config.objects.url) == ("", "", "")


def test_every_variable_is_explained() -> None:
    text = (COMPOSE / "docker-compose.yml").read_text(encoding="utf-8")
    example = (COMPOSE / "example.env").read_text(encoding="utf-8")
    explained = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    used = {name for name, _ in _VARIABLE.findall(text)}
    assert used == explained.keys() - {"COMPOSE_PROFILES"}
    assert (COMPOSE / explained["TONGKE_CONFIG"]).is_file()
    profiles = {
        p for s in compose()["services"].values() for p in s.get("profiles", ())
    }
    page = (COMPOSE / "README.md").read_text(encoding="utf-8")
    assert profiles == set(re.findall(r"^\| `(\w+)` \| [^|]+ \| `", page, re.MULTILINE))


def test_images_have_a_version_and_no_registry() -> None:
    images = {s["image"] for s in compose()["services"].values() if "build" not in s}
    images |= {words.split()[0] for word, words in dockerfile() if word == "FROM"}
    assert len(images) > 5
    assert [image for image in images if not _IMAGE.fullmatch(image)] == []
    assert not _IMAGE.fullmatch("registry.example.com/a/b:1")
    assert not _IMAGE.fullmatch("postgres:latest")


def test_the_image_is_built_from_files_that_are_sent() -> None:
    """What is copied exists, and nothing that the build reads is left out."""
    service = compose()["services"]["tongke"]
    assert (COMPOSE / service["build"]["context"] / service["build"]["dockerfile"]) == (
        COMPOSE / ".." / "compose" / "Dockerfile"
    )
    copied = [shlex.split(words) for word, words in dockerfile() if word == "COPY"]
    for *sources, _ in copied:
        here = [s for s in sources if not sources[0].startswith("--from")]
        assert [s for s in here if not (ROOT / s).exists()] == []
    left_out = [
        line
        for line in (COMPOSE / "Dockerfile.dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    needed = [path.relative_to(ROOT).as_posix() for path in files(ROOT)]
    needed = [
        path
        for path in needed
        if not path.startswith(("docs/", "tests/", "benchmarks/"))
        and any(fnmatch(path, out) or path.startswith(out + "/") for out in left_out)
    ]
    assert needed == []


def test_the_engine_is_built_with_a_compiler_that_is_new_enough() -> None:
    wanted = re.search(
        r'rust-version = "1\.(\d+)"', (ROOT / "rtc/Cargo.toml").read_text()
    )
    given = next(w for i, w in dockerfile() if i == "FROM" and w.startswith("rust:"))
    version = re.match(r"rust:1\.(\d+)-", given)
    assert wanted
    assert version
    assert int(version[1]) >= int(wanted[1])


def test_prometheus_scrapes_the_server_and_grafana_finds_prometheus() -> None:
    path = COMPOSE / "config" / "prometheus.yml"
    result = promtool("check", "config", "--syntax-only", str(path))
    assert result.returncode == 0, result.stderr
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    targets = settings["scrape_configs"][0]["static_configs"][0]["targets"]
    assert targets == [f"127.0.0.1:{Config().server.port}"]
    services = compose()["services"]
    inside = {(n, t): s for n, s, t in mounts(services)}
    rules = Path(settings["rule_files"][0])
    assert list((COMPOSE / inside["prometheus", str(rules.parent)]).glob(rules.name))
    source = yaml.safe_load((COMPOSE / "grafana/datasources.yml").read_text())
    listens = "--web.listen-address=" + urlparse(source["datasources"][0]["url"]).netloc
    assert listens in services["prometheus"]["command"]
    boards = yaml.safe_load((COMPOSE / "grafana/dashboards.yml").read_text())
    folder = boards["providers"][0]["options"]["path"]
    assert list((COMPOSE / inside["grafana", folder]).glob("*.json"))
