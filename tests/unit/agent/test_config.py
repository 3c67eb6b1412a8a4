"""One TOML file per room."""

import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from classroom_agent.config import RoomConfig, load
from common.errors import ParseError

SAMPLE = Path(__file__).parents[3] / "compose" / "room.toml"


def test_the_sample_loads() -> None:
    assert load(SAMPLE).camera.kind == "test_pattern"


def test_the_sample_explains_every_option_with_its_default() -> None:
    lines = [
        line.removeprefix("# ")
        if line.startswith(("# device_token_file", "# alsa_config"))
        else line
        for line in SAMPLE.read_text().splitlines()
    ]
    written = tomllib.loads("\n".join(lines))
    chosen = {
        ("site_room",),
        ("camera", "kind"),
        ("microphone", "kind"),
        ("server", "device_token_file"),
        ("microphone", "alsa_config"),
    }
    defaults = RoomConfig(site_room="x")
    for path, value in _options(defaults):
        assert _at(written, path) is not None, f"{'.'.join(path)} is not explained"
        if path not in chosen:
            again = RoomConfig.model_validate(written)
            assert _attribute(again, path) == value, ".".join(path)


def test_a_typing_error_is_named() -> None:
    with pytest.raises(ParseError, match=r"camera\.fsp"):
        _load('site_room = "a"\n[camera]\nfsp = 25\n')


def test_layers_must_grow() -> None:
    with pytest.raises(ParseError, match="smallest first"):
        _load(
            'site_room = "a"\n[encoding]\ncamera_layers = ['
            '{name="high",width=1280,height=720,max_bps=1000000},'
            '{name="low",width=640,height=360,max_bps=300000}]\n'
        )


def test_a_room_that_could_do_nothing_is_refused() -> None:
    with pytest.raises(ParseError, match="no device and no slot"):
        _load('site_room = "a"\n[playout]\naudio_slots = 0\nvideo_slots = 0\n')


def test_a_missing_file_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(ParseError) as caught:
        load(tmp_path / "none.toml")
    assert "读不懂" in caught.value.zh


def test_the_token_comes_from_its_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("abc\n")
    config = _load(f'site_room = "a"\n[server]\ndevice_token_file = "{key}"\n')
    assert config.server.token() == "abc"
    key.unlink()
    with pytest.raises(ParseError, match="pair the room again"):
        config.server.token()


def _load(text: str) -> RoomConfig:
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        return load(Path(file.name))


def _options(
    section: BaseModel, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            found += _options(value, (*path, name))
        else:
            found.append(((*path, name), value))
    return found


def _at(written: dict[str, Any], path: tuple[str, ...]) -> object:
    value: object = written
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _attribute(config: RoomConfig, path: tuple[str, ...]) -> object:
    value: object = config
    for name in path:
        value = getattr(value, name)
    return value
