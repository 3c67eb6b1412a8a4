"""The server's configuration file."""

import re
from pathlib import Path

import pytest

from common import config
from common.config import Config, Section
from common.errors import ParseError

SAMPLE = Path("compose/tongke.toml")


def test_the_sample_is_the_default() -> None:
    assert config.load(SAMPLE) == Config()


def test_the_sample_explains_every_option() -> None:
    text = SAMPLE.read_text()
    for name, field in Config.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, Section)
        section = text.split(f"[{name}]")[1].split("\n[")[0]
        for option in kind.model_fields:
            explained = rf"(^#.*\n)+(# )?{option} = "
            assert re.search(explained, section, re.MULTILINE), f"{name}.{option}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[sfu]\nprot = 1", "sfu.prot"),
        ("[server]\nport = 99999", "server.port"),
        ("[server", "config.toml"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ParseError) as caught:
        config.load(path)
    assert named in caught.value.zh


def test_the_bus_of_the_environment_is_used_when_the_file_names_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://h:1/0")
    assert Config().bus_url == "redis://h:1/0"


def test_addresses_follow_the_public_url() -> None:
    server = Config().server.model_copy(update={"public_url": "https://ke.cn/"})
    public = Config().model_copy(update={"server": server})
    assert public.sfu_url == "wss://ke.cn/sfu/v1/ws"
